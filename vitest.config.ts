import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// graphql has a development build that Vite would pick for test files while Pothos gets the other one.
const graphql = {
  find: /^graphql$/,
  replacement: fileURLToPath(new URL("./node_modules/graphql/index.mjs", import.meta.url)),
};

export default defineConfig({
  resolve: { alias: [graphql] },
  test: {
    include: ["src/**/*.test.ts", "tests/**/*.test.ts", "web/**/*.test.ts", "contracts/*.test.ts"],
    exclude: ["**/node_modules/**"],
    globalSetup: ["tests/harness/global-setup.ts"],
    // What hangs is ended; a machine that is busy is waited for.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    reporters: ["default"],
  },
});
