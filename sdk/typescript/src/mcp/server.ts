// The MCP server as a program: `bun run src/mcp/server.ts`, or `npx @humandispatch/sdk mcp`.
// Standard output belongs to the protocol; everything else goes to standard error.
import { bridge } from "./bridge.js";

try {
  await bridge({
    apiUrl: process.env.HUMANDISPATCH_API_URL || "https://api.humandispatch.io",
    apiKey: process.env.HUMANDISPATCH_API_KEY ?? "",
    input: process.stdin,
    output: process.stdout,
  });
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
