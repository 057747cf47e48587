import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { VERSION } from "@humandispatch/sdk";
import { build } from "esbuild";
import { expect, inject, test } from "vitest";
import { installed, project } from "./setup.js";

const run = promisify(execFile);
const env = () => ({ PATH: process.env.PATH!, HUMANDISPATCH_API_URL: inject("baseUrl"), HUMANDISPATCH_API_KEY: inject("apiKey") });

test("what is packed is what is needed, and nothing is needed beside it", async () => {
  const manifest = JSON.parse(await readFile(`${installed}/package.json`, "utf8"));
  expect(manifest.version).toBe(VERSION);
  expect(manifest.dependencies).toBeUndefined();
  expect((await readdir(installed)).sort()).toEqual(["README.md", "dist", "package.json", "src"]);
  expect((await readdir(`${project}/node_modules`)).filter((name) => !name.startsWith("."))).toEqual(["@humandispatch"]);
});

test.each([
  ["import", 'import { HumanDispatch } from "@humandispatch/sdk";', "module"],
  ["require", 'const { HumanDispatch } = require("@humandispatch/sdk");', "commonjs"],
])("%s works", async (_, line, type) => {
  const program = `${line} new HumanDispatch().templates.list().then(({ templates }) => console.log(templates.length));`;
  const { stdout } = await run(process.execPath, [`--input-type=${type}`, "-e", program], { cwd: project, env: env() });
  expect(stdout).toBe("10\n");
});

test("nothing of Node is in what a browser gets", async () => {
  const { outputFiles } = await build({ entryPoints: [`${installed}/dist/esm/index.js`], bundle: true, write: false, platform: "browser", format: "esm", minify: true });
  const code = outputFiles[0]!.text;
  expect(code).not.toMatch(/node:|require\(/);
  expect(code.length).toBeLessThan(40_000);
});

test("the command says how it is used, and what is missing", async () => {
  const cli = (args: string[], environment: NodeJS.ProcessEnv) => run("npx", ["--no-install", "@humandispatch/sdk", ...args], { cwd: project, env: environment });
  expect((await cli(["--help"], env())).stdout).toContain("npx @humandispatch/sdk mcp");
  await expect(cli(["nonsense"], env())).rejects.toMatchObject({ code: 2 });
  await expect(cli(["mcp"], { PATH: process.env.PATH })).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining("HUMANDISPATCH_API_KEY") });
});

test("the lock file names no registry", async () => {
  expect(await readFile(new URL("../package-lock.json", import.meta.url), "utf8")).not.toMatch(/"resolved"/);
});
