// Builds the front end where there is none, or an older one than its sources: after an update nothing old is served.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { runStep, say } from "./steps.ts";

const builtAt = statSync("dist/web/index.html", { throwIfNoEntry: false })?.mtimeMs ?? 0;

const sources = readdirSync("web", { recursive: true, encoding: "utf8" })
  .filter((path) => !path.includes("generated"))
  .map((path) => join("web", path));

if ([...sources, "schema.graphql"].some((path) => statSync(path).mtimeMs > builtAt)) {
  say("Building the front end: it is new, or has changed");
  const built =
    (await runStep({ name: "types", command: "graphql-codegen", args: ["--silent", "--config", "codegen.ts"] })) &&
    (await runStep({ name: "build", command: "vite", args: ["build", "--logLevel", "warn"] }));
  if (!built) process.exit(1);
}
