// What is written for readers is run: the README's blocks, one after another, and the API's quick start.
import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import ts from "typescript";
import { expect, inject, test } from "vitest";
import { proxy } from "./proxy.js";
import { project } from "./setup.js";
import { booked, connect, place, recordings } from "./world.js";

const run = promisify(execFile);
const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
const blocks = (language: string) => [...readme.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"))].map((match) => match[1]!);
const root = fileURLToPath(new URL("..", import.meta.url));

/** The types and then the behaviour of a program, in a project that has the package installed. */
async function execute(name: string, program: string, declarations: string, env: Record<string, string>): Promise<string> {
  const dir = join(project, name);
  await mkdir(dir, { recursive: true });
  const file = join(dir, "program.ts");
  await writeFile(file, program);
  await writeFile(join(dir, "globals.d.ts"), declarations);
  const checked = ts.createProgram([file, join(dir, "globals.d.ts")], {
    noEmit: true, strict: true, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext,
    lib: ["lib.es2022.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"], types: ["node"], typeRoots: [join(root, "node_modules/@types")],
  });
  expect(ts.getPreEmitDiagnostics(checked).map((d) => ts.flattenDiagnosticMessageText(d.messageText, "\n"))).toEqual([]);
  const { outputText } = ts.transpileModule(program, { compilerOptions: { module: ts.ModuleKind.ES2022, target: ts.ScriptTarget.ES2022 } });
  await writeFile(join(dir, "program.mjs"), outputText);
  const preload = join(dir, "globals.mjs");
  const wav = ts.transpileModule(await readFile(join(root, "test/wav.ts"), "utf8"), { compilerOptions: { module: ts.ModuleKind.ES2022, target: ts.ScriptTarget.ES2022 } }).outputText;
  await writeFile(preload, `${wav}\nglobalThis.speech = (seed) => speech(seed + Math.floor(Math.random() * 1e9));\nglobalThis.workOrderId = process.env.WORK_ORDER_ID;\n`);
  const { stdout } = await run(process.execPath, ["--import", preload, "program.mjs"], { cwd: dir, env: { PATH: process.env.PATH!, ...env } });
  return stdout;
}

test("the README's blocks are a program that type-checks and runs", async () => {
  const program = blocks("ts").join("\n");
  const out = await execute("readme", program, "declare function speech(seed: number): Uint8Array;\n", {
    HUMANDISPATCH_API_URL: inject("baseUrl"),
    HUMANDISPATCH_API_KEY: inject("apiKey"),
  });
  expect(out).toContain("PODCAST_ON_SITE_CAPTURE");
  expect(out).toContain("work_order.accepted");
  expect(out).toContain("NOT_FOUND req_");
});

test("the README's MCP configuration starts a server", async () => {
  const { mcpServers } = JSON.parse(blocks("json")[0]!) as { mcpServers: { humandispatch: { command: string; args: string[]; env: Record<string, string> } } };
  const { command, args, env } = mcpServers.humandispatch;
  expect(Object.keys(env)).toEqual(["HUMANDISPATCH_API_URL", "HUMANDISPATCH_API_KEY"]);
  const client = new Client({ name: "test", version: "1" });
  await client.connect(new StdioClientTransport({ command, args, cwd: project, env: { PATH: process.env.PATH!, HUMANDISPATCH_API_URL: inject("baseUrl"), HUMANDISPATCH_API_KEY: inject("apiKey") } }));
  expect((await client.callTool({ name: "get_templates", arguments: {} })).isError ?? false).toBe(false);
  await client.close();
});

/** As it is printed in the API's documentation, but for the line breaks. */
const quickStart = `import { HumanDispatch } from "@humandispatch/sdk";
const hd = new HumanDispatch({ apiKey: "sk_live_..." });
// 1. Discover templates
const { templates } = await hd.templates.list();
// 2. Create a task
const task = await hd.tasks.create({
task_type: "PRODUCT_PHOTO_ECOMM",
title: "Spring PDP shots — 10 SKUs",
location: { mode: "onsite", address: "Toronto, ON" },
schedule: { start_at: "2026-04-22T10:00:00-04:00", duration_hours: 6 },
budget: { currency: "CAD", pricing_model: "fixed", max_total: 3000 },
deliverables: [{ kind: "photo", count: 30, format: "jpg" }],
task_spec: { product_count: 10, background: "white", angles: ["front", "45deg", "detail"] },
});
// 3. Accept work when QA passes
const qa = await hd.workOrders.getQA(workOrderId);
if (qa.qa.overallPass) {
await hd.workOrders.accept(workOrderId);
}
`;

test("the API's quick start runs unchanged", async () => {
  const hd = connect();
  const { person, booking } = await booked(hd);
  await person.client.bookings.checkin(booking.id, { ...place, accuracy_m: 10 });
  await person.client.workOrders.registerDeliverables(booking.work_order_id, await recordings(person.client));
  await hd.workOrders.getQA(booking.work_order_id, { wait_seconds: 50 });

  // The key in the text stands for a real one: it is put in on the way.
  await using between = await proxy(inject("baseUrl"), () => "pass", (headers) => {
    expect(headers.authorization).toBe("Bearer sk_live_...");
    headers.authorization = `Bearer ${inject("apiKey")}`;
  });
  await execute("quickstart", quickStart, "declare const workOrderId: string;\n", { HUMANDISPATCH_API_URL: between.url, WORK_ORDER_ID: booking.work_order_id });
  expect(between.seen.map((s) => `${s.method} ${s.path}`)).toEqual([
    "GET /v1/templates",
    "POST /v1/tasks",
    `GET /v1/work_orders/${booking.work_order_id}/qa`,
    `POST /v1/work_orders/${booking.work_order_id}/accept`,
  ]);
  expect((await hd.workOrders.get(booking.work_order_id)).status).toBe("accepted");
});
