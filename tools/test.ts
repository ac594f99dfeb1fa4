// The whole proof of a change: checks, web build, then every test.
import { resolve } from "node:path";
import { runStep, type Step } from "./steps.ts";

const steps: Step[] = [
  { name: "what tests need beyond npm", command: "node", args: ["tools/system-packages.ts"] },
  { name: "Quake servers", command: "node", args: ["tools/setup-quake.ts"] },
  { name: "front end's types", command: "graphql-codegen", args: ["--config", "codegen.ts"] },
  { name: "checks", command: "node", args: ["tools/check.ts"] },
  { name: "web build", command: "vite", args: ["build", "--logLevel", "warn"] },
  {
    name: "tests",
    command: "vitest",
    args: ["run"],
    // Hundreds of processes load the same modules: each is compiled once.
    env: { NODE_COMPILE_CACHE: resolve("node_modules/.cache/compiled") },
  },
];

for (const step of steps) if (!(await runStep(step))) process.exit(1);
