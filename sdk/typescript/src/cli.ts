#!/usr/bin/env node
const usage = `usage: npx @humandispatch/sdk mcp

Serves MCP on standard input and output, for an agent that starts it.

  HUMANDISPATCH_API_KEY   an API key, sk_live_… or sk_test_…
  HUMANDISPATCH_API_URL   the API; https://api.humandispatch.io unless set
`;

const [command, ...rest] = process.argv.slice(2);
if (command === "mcp" && rest.length === 0) {
  await import("./mcp/server.js");
} else if (command === "--help" || command === "-h") {
  process.stdout.write(usage);
} else {
  process.stderr.write(usage);
  process.exitCode = 2;
}
