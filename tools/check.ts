// Everything that must hold before a commit: types, lint, format, import rules, dead code, schema drift, tidiness.
import { runStep, say, type Step } from "./steps.ts";

const steps: Step[] = [
  { name: "types of the server", command: "tsc", args: ["-p", "."] },
  { name: "types of the web", command: "tsc", args: ["-p", "web", "--noEmit"] },
  { name: "lint", command: "oxlint", args: ["src", "web/src", "tests", "tools", "examples", "bench", "contracts"] },
  { name: "format", command: "biome", args: ["format", "."] },
  {
    name: "import rules",
    command: "depcruise",
    args: ["--config", ".dependency-cruiser.mjs", "src", "web/src", "tests"],
  },
  { name: "dead code", command: "knip", args: [] },
  { name: "Dockerfile", command: "dockerfile-utils", args: ["lint", "Dockerfile"] },
  { name: "compose file", command: "dclint", args: ["--max-warnings", "0", "compose.yaml"] },
  { name: "schema drift", command: "node", args: ["src/print-schema.ts", "--check"] },
  // Of the project without a database: it takes a second.
  { name: "tidiness", command: "vitest", args: ["run", "--project", "rules", "--reporter=dot", "tests/tidy.test.ts"] },
];

const failed: string[] = [];
for (const step of steps) {
  say(`— ${step.name}`);
  if (!(await runStep(step))) failed.push(step.name);
}
say(failed.length === 0 ? `${steps.length} checks passed` : `failed: ${failed.join(", ")}`);
process.exit(failed.length === 0 ? 0 : 1);
