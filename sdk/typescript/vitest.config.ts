import { defineConfig } from "vitest/config";
import { installed } from "./test/setup.js";

export default defineConfig({
  // Tests import what was packed and installed, not the sources.
  resolve: { alias: { "@humandispatch/sdk": `${installed}/dist/esm/index.js` } },
  test: {
    globalSetup: "./test/setup.ts",
    include: ["test/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
