import { fileURLToPath } from "node:url";
import { configDefaults, defineConfig } from "vitest/config";
import LongestFirst from "./tests/harness/order.ts";

// graphql has a development build that Vite would pick for test files while Pothos gets the other one.
const graphql = {
  find: /^graphql$/,
  replacement: fileURLToPath(new URL("./node_modules/graphql/index.mjs", import.meta.url)),
};

/** Pure functions: they hold nothing that one file could leave to the next. */
const PURE = [
  ...["src/**/rules/**/*.test.ts", "src/**/rules.test.ts", "src/platform/*.test.ts", "web/**/*.test.ts"],
  "tests/tidy.test.ts",
];

export default defineConfig({
  resolve: { alias: [graphql] },
  test: {
    // What hangs is ended; a machine that is busy is waited for.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    reporters: ["default"],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: "arena",
          include: ["src/**/*.test.ts", "tests/**/*.test.ts", "contracts/*.test.ts"],
          exclude: [...configDefaults.exclude, ...PURE],
          globalSetup: ["tests/harness/global-setup.ts"],
        },
      },
      // A worker for many files: starting one costs more than most of them take.
      { extends: true, test: { name: "rules", include: PURE, isolate: false } },
    ],
  },
});
