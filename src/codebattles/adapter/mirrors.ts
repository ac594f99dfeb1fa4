import { readdir, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";

/** What no call has touched for so long is used by none: each ends within minutes, and battles touch what they use each minute. */
const UNTOUCHED_MIN_MS = 600_000;
const TOUCH_MS = 60_000;
const MIB = 1_048_576;

export type Kept = { path: string; bytes: number; usedAtMs: number };

/**
 * Takes away what killed calls left in a store of mirrors, and the mirrors that were used longest ago until the rest is
 * within `mibMax`. Nothing of the last ten minutes is touched. Gives the mirrors that stay.
 */
export async function boundMirrors(folder: string, mibMax: number, nowMs: number): Promise<Kept[]> {
  const before = nowMs - UNTOUCHED_MIN_MS;
  const mirrors: Kept[] = [];
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    if (!name.endsWith(".git")) await removeOlder(path, before);
    else mirrors.push(await measure(path, before));
  }
  return bound(mirrors, mibMax, before);
}

/** The same for what set-ups left: files, of which those that are not whole go when their set-up must have ended. */
export async function boundLayers(folder: string, mibMax: number, nowMs: number): Promise<void> {
  const layers: Kept[] = [];
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    const isGone = await removeOlder(path, nowMs - (name.endsWith(".part") ? PART_MAX_MS : UNUSED_MAX_MS));
    const found = isGone ? null : await stat(path).catch(() => null);
    if (found) layers.push({ path, bytes: found.size, usedAtMs: found.mtimeMs });
  }
  await bound(layers, mibMax, nowMs - UNTOUCHED_MIN_MS);
}
/** Longer than any set-up takes, and how long a layer is kept that no battle uses. */
const PART_MAX_MS = 900_000;
const UNUSED_MAX_MS = 86_400_000;

/** Keeps what a battle uses from being taken away, until it is stopped. */
export function keepUsed(paths: readonly string[]): { stop(): void } {
  const touch = () => {
    const now = new Date();
    for (const path of paths) utimes(path, now, now).catch(() => undefined); // what is gone is missed where it is used
  };
  touch();
  const timer = setInterval(touch, TOUCH_MS);
  return { stop: () => clearInterval(timer) };
}

/** What lies under a folder, in whole MiB. */
export async function mibOf(folder: string): Promise<number> {
  return Math.ceil((await bytesUnder(folder, () => Promise.resolve(false))) / MIB);
}

async function bound(kept: readonly Kept[], mibMax: number, before: number): Promise<Kept[]> {
  const left = kept.toSorted((a, b) => a.usedAtMs - b.usedAtMs);
  let bytes = left.reduce((sum, each) => sum + each.bytes, 0);
  while (bytes > mibMax * MIB && left[0] && left[0].usedAtMs <= before) {
    await rm(left[0].path, { recursive: true, force: true });
    bytes -= left.shift()?.bytes ?? 0;
  }
  return left;
}

/** The size of a mirror without what a killed fetch or checkout left in it. */
async function measure(path: string, before: number): Promise<Kept> {
  const { mtimeMs } = await stat(path);
  const isRest = async (name: string, file: string) =>
    /^(bundle-|tmp_)/.test(name) && (await removeOlder(file, before));
  return { path, bytes: await bytesUnder(path, isRest), usedAtMs: mtimeMs };
}

async function bytesUnder(folder: string, isLeftOut: (name: string, file: string) => Promise<boolean>) {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    if (!(await isLeftOut(entry.name, file))) bytes += (await stat(file).catch(() => ({ size: 0 }))).size;
  }
  return bytes;
}

async function removeOlder(path: string, before: number): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  if (!found || found.mtimeMs > before) return false;
  await rm(path, { recursive: true, force: true });
  return true;
}
