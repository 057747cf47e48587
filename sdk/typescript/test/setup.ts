// Before the tests: the package is built, packed and installed from the packed
// file, and a server is started with everything it needs.
import { execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";

const run = promisify(execFile);
const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** A project that depends on the packed file. */
export const project = join(root, ".packed");
/** The package in it. */
export const installed = join(project, "node_modules/@humandispatch/sdk");

declare module "vitest" {
  interface ProvidedContext {
    baseUrl: string;
    apiKey: string;
    /** The humandispatch binary. */
    binary: string;
  }
}

export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const dir = await mkdtemp(join(tmpdir(), "humandispatch-sdk-"));
  const [binary] = await Promise.all([build(dir), pack()]);
  const server = await start(binary, dir);
  provide("binary", binary);
  provide("baseUrl", server.baseUrl);
  provide("apiKey", server.apiKey);
  return async () => {
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  };
}

/** HUMANDISPATCH_BIN, or the binary built from the sources around this package. */
async function build(dir: string): Promise<string> {
  if (process.env.HUMANDISPATCH_BIN) return process.env.HUMANDISPATCH_BIN;
  const binary = join(dir, "humandispatch");
  await run("go", ["build", "-o", binary, "./cmd/humandispatch"], { cwd: join(root, "../.."), env: { ...process.env, CGO_ENABLED: "0" } });
  return binary;
}

async function pack(): Promise<void> {
  await rm(project, { recursive: true, force: true });
  await mkdir(project);
  await writeFile(join(project, "package.json"), '{ "private": true, "type": "module" }\n');
  await run("npm", ["run", "build"], { cwd: root });
  await run("npm", ["pack", "--pack-destination", project], { cwd: root });
  const [file] = (await readdir(project)).filter((name) => name.endsWith(".tgz"));
  await run("npm", ["install", `./${file}`, "--offline", "--no-audit", "--no-fund"], { cwd: project });
}

/** A server of its own: private Postgres, API and workers in one process. */
async function start(binary: string, dir: string) {
  const child = spawn(
    binary,
    ["dev", "--listen", "127.0.0.1:0", "--dir", join(dir, "dev"), "--requests-per-minute", "100000", "--money-requests-per-minute", "100000", "--address-requests-per-minute", "100000"],
    { stdio: ["ignore", "pipe", "pipe"], cwd: dir },
  );
  let log = "";
  child.stderr.on("data", (chunk) => (log += chunk));
  const ended = new Promise<never>((_, reject) =>
    child.once("exit", (code) => reject(new Error(`humandispatch dev ended with status ${code} before it was ready:\n${log}`))),
  );
  const ready = new Promise<{ baseUrl: string; apiKey: string }>((resolve) => {
    let out = "";
    child.stdout.on("data", (chunk) => {
      out += chunk;
      const baseUrl = /API\s+(\S+)/.exec(out)?.[1];
      const apiKey = /test key\s+(\S+)/.exec(out)?.[1];
      if (baseUrl && apiKey) resolve({ baseUrl, apiKey });
    });
  });
  const { baseUrl, apiKey } = await Promise.race([ready, ended]);
  ended.catch(() => {}); // from here on it ends when told to
  while (!(await fetch(`${baseUrl}/readyz`).catch(() => undefined))?.ok) await new Promise((resolve) => setTimeout(resolve, 50));
  return {
    baseUrl,
    apiKey,
    stop: () =>
      new Promise<void>((resolve) => {
        child.once("exit", () => resolve());
        child.kill("SIGTERM");
      }),
  };
}
