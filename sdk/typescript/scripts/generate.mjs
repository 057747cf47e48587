// Writes src/openapi.ts: npm run generate -- <file or server address>
// Without an argument: the server at HUMANDISPATCH_API_URL, or at the address
// that `humandispatch dev` listens on.
import { readFile, writeFile } from "node:fs/promises";
import { generate } from "./openapi.mjs";

const source = process.argv[2] ?? process.env.HUMANDISPATCH_API_URL ?? "http://127.0.0.1:8080";

async function read() {
  if (!/^https?:/.test(source)) return readFile(source, "utf8");
  const answer = await fetch(source.endsWith(".json") ? source : `${source.replace(/\/+$/, "")}/openapi.json`);
  if (!answer.ok) throw new Error(`${answer.url} answered ${answer.status}: expected an OpenAPI document`);
  return answer.text();
}

await writeFile(new URL("../src/openapi.ts", import.meta.url), await generate(JSON.parse(await read())));
