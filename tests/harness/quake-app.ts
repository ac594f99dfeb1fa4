import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { App } from "../../src/app.ts";
import { startTestApp } from "./app.ts";
import { quakeNode } from "./quake-arena.ts";

/** A server that plays Quake, with its files in a folder of its own. `pace` are AGON_QUAKE_… variables. */
export async function startQuakeApp(
  servers: number,
  limits: Record<string, number> = {},
  pace: Record<string, string> = {},
): Promise<App> {
  const dataDir = mkdtempSync(join(tmpdir(), "agon-quake-app-"));
  const app = await startTestApp(limits, {}, { ...quakeNode(servers, dataDir), ...pace });
  return {
    ...app,
    stop: async () => {
      await app.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
