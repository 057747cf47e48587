import { readdir, readFile } from "node:fs/promises";
import { expect, inject, test } from "vitest";
import { generate } from "../scripts/openapi.mjs";

const source = (path: string) => readFile(new URL(`../src/${path}`, import.meta.url), "utf8");
const served = async () => (await fetch(`${inject("baseUrl")}/openapi.json`)).json() as Promise<{ paths: Record<string, Record<string, unknown>> }>;

test("the types are those of the server; otherwise run: npm run generate -- <address of the server>", async () => {
  expect((await source("openapi.ts")) === (await generate(await served()))).toBe(true);
});

test("every operation has a method", async () => {
  const names = (await readdir(new URL("../src/resources", import.meta.url))).map((name) => source(`resources/${name}`));
  const resources = (await Promise.all(names)).join();
  const operations = Object.entries((await served()).paths).flatMap(([path, item]) => Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`));
  expect(operations.length).toBeGreaterThan(50);
  expect(operations.filter((name) => !resources.includes(`"${name}"`))).toEqual([]);
});
