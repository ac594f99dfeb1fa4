import react from "@vitejs/plugin-react";
import { minifyIntrospectionQuery } from "@urql/introspection";
import { buildSchema, introspectionFromSchema } from "graphql";
import { readFileSync } from "node:fs";
import { defineConfig, type Plugin } from "vite";

/** The server knows the front end's operations by the SHA-256 that codegen gave them. */
const operations: Plugin = {
  name: "persisted-operations",
  generateBundle() {
    const source = readFileSync("web/src/generated/persisted-documents.json", "utf8").replaceAll('"sha256:', '"');
    this.emitFile({ type: "asset", fileName: "operations.json", source });
  },
};

/** `virtual:schema`: the types of schema.graphql, as far as the normalised cache needs them. */
const schemaForCache: Plugin = {
  name: "schema-for-cache",
  resolveId: (id) => (id === "virtual:schema" ? "\0virtual:schema" : null),
  load(id) {
    if (id !== "\0virtual:schema") return null;
    this.addWatchFile("schema.graphql");
    const schema = introspectionFromSchema(buildSchema(readFileSync("schema.graphql", "utf8")));
    return `export default ${JSON.stringify(minifyIntrospectionQuery(schema))}`;
  },
};

export default defineConfig({
  root: "web",
  plugins: [react(), operations, schemaForCache],
  // The policy of the site allows fonts and images of its own files only: nothing is inlined as data.
  // What a visitor loads first is held to 200 KiB, gzipped, by a test.
  build: { outDir: "../dist/web", emptyOutDir: true, assetsInlineLimit: 0, chunkSizeWarningLimit: 1_000 },
  server: {
    proxy: {
      "/graphql": { target: "http://127.0.0.1:4000", ws: true },
      "/quake/maps": "http://127.0.0.1:4000",
      "^/matches/[^/]+/replay$": "http://127.0.0.1:4000",
    },
  },
});
