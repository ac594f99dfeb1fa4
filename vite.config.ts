import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  root: "web",
  plugins: [react()],
  // The policy of the site allows fonts and images of its own files only: nothing is inlined as data.
  build: { outDir: "../dist/web", emptyOutDir: true, assetsInlineLimit: 0 },
  server: { proxy: { "/graphql": { target: "http://127.0.0.1:4000", ws: true } } },
});
