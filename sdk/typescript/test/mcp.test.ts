import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { describe, expect, inject, test } from "vitest";
import { bridge } from "../src/mcp/bridge.js";
import { project } from "./setup.js";
import { connect, place, podcast, talent } from "./world.js";
import { speech } from "./wav.js";

const environment = () => ({ PATH: process.env.PATH!, HUMANDISPATCH_API_URL: inject("baseUrl"), HUMANDISPATCH_API_KEY: inject("apiKey") });

const transports: [string, () => Transport][] = [
  ["humandispatch mcp", () => new StdioClientTransport({ command: inject("binary"), args: ["mcp"], env: environment() })],
  [
    "/mcp",
    () => new StreamableHTTPClientTransport(new URL(`${inject("baseUrl")}/mcp`), { requestInit: { headers: { Authorization: `Bearer ${inject("apiKey")}` } } }) as Transport,
  ],
  ["npx @humandispatch/sdk mcp", () => new StdioClientTransport({ command: "npx", args: ["--no-install", "@humandispatch/sdk", "mcp"], cwd: project, env: environment() })],
];

describe.each(transports)("the official client over %s", (_, transport) => {
  test("uses every tool", async () => {
    const client = new Client({ name: "test", version: "1" });
    await client.connect(transport());
    try {
      const used = new Set<string>();
      const call = async (name: string, args: Record<string, unknown> = {}): Promise<any> => {
        used.add(name);
        const result = await client.callTool({ name, arguments: args });
        if (result.isError) throw new Error(`${name}: ${JSON.stringify(result.structuredContent ?? result.content)}`);
        return result.structuredContent;
      };
      const { tools } = await client.listTools();
      const hd = connect();
      await hd.sandbox.fund({ currency: "CAD", amount: 600 });

      const book = async () => {
        const task = await call("create_task", { ...podcast() });
        const person = await talent(hd);
        const found = await call("search_talent", { task_type: "PODCAST_ON_SITE_CAPTURE", ...place, limit: 100 });
        expect(found.data.length).toBeGreaterThan(0);
        while ((await call("get_task", { task_id: task.id })).status === "screening") await new Promise((resolve) => setTimeout(resolve, 20));
        await call("request_quotes", { task_id: task.id, talent_ids: [person.id] });
        const [invitation] = (await person.client.quoteRequests.list()).data;
        await person.client.quoteRequests.quote(invitation!.id, { amount: 200 });
        const quotes = await call("get_quotes", { task_id: task.id });
        await call("accept_quote", { quote_id: quotes.data[0].id });
        return call("create_booking", { quote_id: quotes.data[0].id });
      };

      await call("get_templates");
      await call("list_tasks", { limit: 1 });
      await call("cancel_booking", { booking_id: (await book()).id, reason: "Not needed" });

      const booking = await book();
      const work = { work_order_id: booking.work_order_id };
      await call("get_booking", { booking_id: booking.id });
      await call("submit_checkin", { booking_id: booking.id, ...place, accuracy_m: 10 });
      const submit = async (labels: Record<string, string>[]) => {
        const files = [];
        for (const label of labels) {
          const content = speech(Math.floor(Math.random() * 1e9));
          const file = await call("presign_file", { filename: "track.wav", content_type: "audio/wav", bytes: content.length });
          const put = await fetch(file.upload_url, { method: file.method, headers: file.headers, body: content });
          expect(put.ok).toBe(true);
          files.push({ file_id: file.file_id, kind: "audio", labels: label });
        }
        await call("register_deliverables", { ...work, files });
        return (await call("get_qa", { ...work, wait_seconds: 50 })).qa;
      };
      expect((await submit([{ speaker: "Ana" }, { mix: "true" }])).overallPass).toBe(false);
      await call("request_changes", { ...work, message: "Ben's track is missing" });
      expect((await submit([{ speaker: "Ana" }, { speaker: "Ben" }, { mix: "true" }])).overallPass).toBe(true);
      expect((await call("get_work_order", work)).status).toBe("qa_passed");
      expect((await call("accept_work", work)).status).toBe("accepted");
      expect((await call("get_events", { limit: 5 })).data).toHaveLength(5);

      const disputed = await client.callTool({ name: "open_dispute", arguments: { ...work, reason: "Too late: it is accepted" } });
      expect(disputed.isError).toBe(true);
      expect(JSON.stringify(disputed.content)).toContain("INVALID_STATE");
      used.add("open_dispute");
      expect(tools.map((tool) => tool.name).sort()).toEqual([...used].sort());
      expect((await client.listPrompts()).prompts.length).toBeGreaterThan(0);
      expect((await client.listResources()).resources.length).toBeGreaterThan(0);
    } finally {
      await client.close();
    }
  });
});

describe("the bridge", () => {
  /** A server whose answer to each message is what `answer` says, and the bridge to it. */
  async function over(answer: (message: { id?: number; method: string }, n: number) => { status?: number; type?: string; body?: string } | "hang", lines: unknown[]) {
    const seen: { message: { id?: number; method: string }; headers: NodeJS.Dict<string | string[]> }[] = [];
    const server = createServer(async (req, res) => {
      let text = "";
      for await (const chunk of req) text += chunk;
      const message = JSON.parse(text);
      const one = answer(message, seen.push({ message, headers: req.headers }) - 1);
      if (one !== "hang") res.writeHead(one.status ?? 200, { "content-type": one.type ?? "application/json" }).end(one.body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const input = new PassThrough();
    const output = new PassThrough();
    for (const line of lines) input.write(typeof line === "string" ? `${line}\n` : `${JSON.stringify(line)}\n`);
    input.end();
    await bridge({ apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, apiKey: "sk_test_x", input, output, retryDelay: 1 });
    server.closeAllConnections();
    server.close();
    const written = String(output.read() ?? "").split("\n").filter(Boolean).map((line) => JSON.parse(line));
    return { seen, written };
  }
  const call = (id: number) => ({ jsonrpc: "2.0", id, method: "tools/call", params: { name: "get_qa" } });

  test("says the version that was settled, and the newest revision's headers", async () => {
    const { seen } = await over(
      ({ id }) => ({ body: JSON.stringify({ jsonrpc: "2.0", id, result: { protocolVersion: "2025-11-25" } }) }),
      [
        { jsonrpc: "2.0", id: 1, method: "initialize" },
        { jsonrpc: "2.0", id: 2, method: "tools/list" },
        { ...call(3), params: { name: "get_qa", _meta: { "io.modelcontextprotocol/protocolVersion": "2026-07-28" } } },
      ],
    );
    const headers = Object.fromEntries(seen.map((s) => [s.message.id, s.headers]));
    expect(headers[1]!.authorization).toBe("Bearer sk_test_x");
    expect([1, 2, 3].map((id) => headers[id]!["mcp-protocol-version"])).toEqual([undefined, "2025-11-25", "2026-07-28"]);
    expect(headers[3]).toMatchObject({ "mcp-method": "tools/call", "mcp-name": "get_qa" });
  });

  test("passes on every message of a stream", async () => {
    const progress = { jsonrpc: "2.0", method: "notifications/progress", params: { progress: 1 } };
    const result = { jsonrpc: "2.0", id: 1, result: { text: "é" } };
    const body = `: hello\nevent: message\ndata: ${JSON.stringify(progress)}\n\r\ndata: ${JSON.stringify(result).slice(0, 1)}\ndata: ${JSON.stringify(result).slice(1)}\n\n`;
    expect((await over(() => ({ type: "text/event-stream", body }), [call(1)])).written).toEqual([progress, result]);
  });

  test("answers a refusal, a lost answer and nonsense with an error that says what it was", async () => {
    const body = JSON.stringify({ error: { code: "UNAUTHENTICATED", message: "Send a key" } });
    expect((await over(() => ({ status: 401, body }), [call(1)])).written).toMatchObject([{ id: 1, error: { message: "UNAUTHENTICATED: Send a key" } }]);
    expect((await over(() => ({ type: "text/event-stream", body: "" }), [call(1)])).written).toMatchObject([{ id: 1, error: { code: -32603 } }]);
    expect((await over(() => ({}), ["nonsense"])).written).toMatchObject([{ id: null, error: { code: -32700 } }]);
  });

  test("asks again when something in between fails, and says nothing to notifications", async () => {
    const { seen, written } = await over(({ id }, n) => (n < 2 ? { status: 502 } : { body: JSON.stringify({ jsonrpc: "2.0", id, result: {} }) }), [call(7)]);
    expect(seen).toHaveLength(3);
    expect(written).toMatchObject([{ id: 7, result: {} }]);
    expect((await over(() => ({ status: 202 }), [{ jsonrpc: "2.0", method: "notifications/initialized" }])).written).toEqual([]);
  });

  test("a cancelled request is ended and not answered", async () => {
    const cancel = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } };
    expect((await over(({ method }) => (method === "tools/call" ? "hang" : { status: 202 }), [call(1), cancel])).written).toEqual([]);
  });

  test("says which environment variable is wrong", async () => {
    const streams = { input: new PassThrough(), output: new PassThrough() };
    await expect(bridge({ apiUrl: "example.com", apiKey: "sk_x", ...streams })).rejects.toThrow("HUMANDISPATCH_API_URL");
    await expect(bridge({ apiUrl: "https://example.com", apiKey: "", ...streams })).rejects.toThrow("HUMANDISPATCH_API_KEY");
  });
});

test("the source runs as a program, too", async () => {
  // What `bun run src/mcp/server.ts` runs, by the TypeScript runner that the tests have.
  const runner = fileURLToPath(new URL("../node_modules/.bin/vite-node", import.meta.url));
  const server = fileURLToPath(new URL("../src/mcp/server.ts", import.meta.url));
  const client = new Client({ name: "test", version: "1" });
  await client.connect(new StdioClientTransport({ command: runner, args: [server], env: environment() }));
  expect((await client.listTools()).tools.length).toBeGreaterThanOrEqual(13);
  await client.close();
});
