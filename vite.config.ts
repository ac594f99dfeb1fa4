import react from "@vitejs/plugin-react";
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

export default defineConfig({
  root: "web",
  plugins: [react(), operations],
  // The policy of the site allows fonts and images of its own files only: nothing is inlined as data.
  build: { outDir: "../dist/web", emptyOutDir: true, assetsInlineLimit: 0 },
  server: { proxy: { "/graphql": { target: "http://127.0.0.1:4000", ws: true } } },
});
