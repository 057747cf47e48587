package main

import "github.com/alecthomas/kong"

// cli is the command tree.
type cli struct {
	Version kong.VersionFlag `help:"Print the version and end."`

	Serve   serveCmd   `cmd:"" group:"run" help:"Run the API."`
	Work    workCmd    `cmd:"" group:"run" help:"Run workers."`
	Dev     devCmd     `cmd:"" group:"run" help:"Run API and workers in one process, with a private Postgres when none is given."`
	Migrate migrateCmd `cmd:"" group:"run" help:"Bring the database schema to this version."`

	Queues queuesCmd `cmd:"" group:"operate" help:"Look at the job queues, pause and resume them, retry failed jobs."`
	Admin  adminCmd  `cmd:"" group:"operate" help:"Accounts, keys and money."`
}
