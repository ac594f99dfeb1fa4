// The first start builds the front end; later ones find it built.
import { existsSync } from "node:fs";
import { runStep, say } from "./steps.ts";

if (!existsSync("dist/web/index.html")) {
  say("Building the front end, once");
  const built =
    (await runStep({ name: "types", command: "graphql-codegen", args: ["--silent", "--config", "codegen.ts"] })) &&
    (await runStep({ name: "build", command: "vite", args: ["build", "--logLevel", "warn"] }));
  if (!built) process.exit(1);
}
