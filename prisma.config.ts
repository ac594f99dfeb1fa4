import { fileURLToPath } from "node:url";
import { defineConfig } from "prisma/config";

// The CLI must not download an engine: the shim runs the WebAssembly one (docs/decisions/0002-schema-engine.md).
process.env["PRISMA_SCHEMA_ENGINE_BINARY"] ??= fileURLToPath(new URL("./tools/schema-engine.mjs", import.meta.url));

export default defineConfig({
  schema: "prisma/schema",
  migrations: { path: "prisma/migrations" },
  datasource: { url: process.env["DATABASE_URL"] ?? "postgresql://invalid" },
});
