import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

/** What no call has touched for so long is used by none: each ends within minutes. */
const UNTOUCHED_MIN_MS = 3_600_000;

type Mirror = { path: string; bytes: number; usedAtMs: number };

/**
 * Takes away what killed calls left in a store, and the mirrors that were used longest ago until the rest is within
 * `mibMax`. Nothing of the last hour is touched.
 */
export async function boundStore(folder: string, mibMax: number, nowMs: number): Promise<void> {
  const before = nowMs - UNTOUCHED_MIN_MS;
  const mirrors: Mirror[] = [];
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    if (!name.endsWith(".git")) await removeOlder(path, before);
    else mirrors.push(await measure(path, before));
  }
  let bytes = mirrors.reduce((sum, mirror) => sum + mirror.bytes, 0);
  for (const mirror of mirrors.toSorted((a, b) => a.usedAtMs - b.usedAtMs)) {
    if (bytes <= mibMax * 1_048_576 || mirror.usedAtMs > before) return;
    await rm(mirror.path, { recursive: true, force: true });
    bytes -= mirror.bytes;
  }
}

/** The size of a mirror without what a killed fetch or checkout left in it. */
async function measure(path: string, before: number): Promise<Mirror> {
  const { mtimeMs } = await stat(path);
  let bytes = 0;
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const isRest = /^(bundle-|tmp_)/.test(entry.name) && (await removeOlder(file, before));
    if (!isRest) bytes += (await stat(file).catch(() => ({ size: 0 }))).size;
  }
  return { path, bytes, usedAtMs: mtimeMs };
}

async function removeOlder(path: string, before: number): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  if (!found || found.mtimeMs > before) return false;
  await rm(path, { recursive: true, force: true });
  return true;
}
