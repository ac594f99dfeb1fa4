// Generated code is not committed: the Prisma client comes from prisma/schema, typed operations from schema.graphql, and
// the front end from both, so that the first start has nothing left to build.
// Runs under any Node that npm runs. An installation without development packages builds neither web nor SDK.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** Runs an installed command; npm puts node_modules/.bin first in PATH. */
const run = (command, ...args) =>
  spawnSync(command, args, {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, PRISMA_HIDE_UPDATE_MESSAGE: "1" },
  }).status ?? 1;

const steps = [["prisma", "generate"]];
// A container installs packages before the sources are there; its build generates later.
if (["node_modules/@graphql-codegen/cli", "codegen.ts", "schema.graphql", "web"].every((path) => existsSync(path)))
  steps.push(["graphql-codegen", "--silent", "--config", "codegen.ts"], ["vite", "build", "--logLevel", "warn"]);
// What follows a step that failed is not tried; what failed has said why.
process.exit(steps.every(([command, ...args]) => run(command, ...args) === 0) ? 0 : 1);
