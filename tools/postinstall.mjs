// Generated code is not committed: the Prisma client comes from prisma/schema, typed operations from schema.graphql.
// Runs under any Node that npm runs. An installation without development packages builds neither web nor SDK.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** Runs an installed command; npm puts node_modules/.bin first in PATH. */
const run = (command, ...args) =>
  spawnSync(command, args, {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, PRISMA_HIDE_UPDATE_MESSAGE: "1" },
  }).status ?? 1;

const status = run("prisma", "generate");
// A container installs packages before the sources are there; its build generates later.
const codegen = ["node_modules/@graphql-codegen/cli", "codegen.ts", "schema.graphql"].every((file) => existsSync(file));
process.exit(status || (codegen ? run("graphql-codegen", "--silent", "--config", "codegen.ts") : 0));
