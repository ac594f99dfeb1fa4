// The whole proof of a change: checks, web build, then every test.
import { resolve } from "node:path";
import { runStep, type Step } from "./steps.ts";

/** The programs of agents that fight in code battles, as they were tried; AGENTS_DIR names a folder that has them already. */
const AGENTS = [
  "@anthropic-ai/claude-code@2.1.329",
  "@openai/codex@0.169.0",
  "@google/gemini-cli@0.61.0",
  "opencode-ai@1.18.33",
];
const agents = process.env["AGENTS_DIR"] || resolve("node_modules/.cache/agents");

const installAgents: Step = {
  name: "agents",
  command: "npm",
  args: ["install", "--prefix", agents, "--no-save", "--no-audit", "--no-fund", "--loglevel", "error", ...AGENTS],
};

const steps: Step[] = [
  { name: "what tests need beyond npm", command: "node", args: ["tools/system-packages.ts"] },
  { name: "Quake servers", command: "node", args: ["tools/setup-quake.ts"] },
  ...(process.env["AGENTS_DIR"] ? [] : [installAgents]),
  { name: "front end's types", command: "graphql-codegen", args: ["--config", "codegen.ts"] },
  { name: "checks", command: "node", args: ["tools/check.ts"] },
  { name: "web build", command: "node", args: ["tools/ensure-web.ts"] },
  {
    name: "tests",
    command: "vitest",
    // Game servers, browsers and kills on a busy machine: what fails is tried once more, and named as tried again.
    args: ["run", "--retry=1"],
    // Hundreds of processes load the same modules: each is compiled once.
    env: { NODE_COMPILE_CACHE: resolve("node_modules/.cache/compiled"), AGENTS_DIR: agents },
  },
];

for (const step of steps) if (!(await runStep(step))) process.exit(1);
