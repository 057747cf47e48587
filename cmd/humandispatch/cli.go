package main

import "github.com/alecthomas/kong"

// cli is the command tree.
type cli struct {
	Version kong.VersionFlag `help:"Print the version and end."`

	Serve   serveCmd   `cmd:"" group:"run" help:"Run the API."`
	Work    workCmd    `cmd:"" group:"run" help:"Run workers."`
	Dev     devCmd     `cmd:"" group:"run" help:"Run API and workers in one process, with a private Postgres when none is given."`
	Demo    demoCmd    `cmd:"" group:"run" help:"Play three jobs from template to payout against processes of its own, and leave nothing running."`
	Migrate migrateCmd `cmd:"" group:"run" help:"Bring the database schema to this version."`

	Probe  probeCmd  `cmd:"" group:"files" help:"Print what is in media files, one JSON object a line."`
	Check  checkCmd  `cmd:"" group:"files" help:"Judge a submission on disk as the server would: status 0 passed, 1 not passed, 2 bad input."`
	Screen screenCmd `cmd:"" group:"files" help:"Screen task bodies against the policy rules."`

	MCP     mcpCmd     `cmd:"" name:"mcp" group:"run" help:"Serve the tools of an agent over standard input and output (Model Context Protocol)."`
	Receipt receiptCmd `cmd:"" group:"files" help:"Signed receipts."`

	Queues queuesCmd `cmd:"" group:"operate" help:"Look at the job queues, pause and resume them, retry failed jobs."`
	Admin  adminCmd  `cmd:"" group:"operate" help:"Accounts, keys and money."`
}
