import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { geteuid, pid } from "node:process";
import { isOfTheDead, ownerHere } from "./owner.ts";

const PREFIX = "agon-models-";
const OWNER = "owner";
/** Longer than a folder is without its owner's name while it is made. */
const UNSIGNED_MAX_MS = 60_000;

let made: Promise<string> | null = null;

/** Where the sockets of this process's proxies are: a folder of its own, which nobody else can enter or guess. */
export const socketFolder = (): Promise<string> => (made ??= make());

async function make(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `${PREFIX}${pid}-`));
  await writeFile(join(folder, OWNER), JSON.stringify(await ownerHere()), { mode: 0o600 });
  return folder;
}

/** Takes away such folders of this user whose processes are dead. */
export async function reapSockets(): Promise<void> {
  for (const name of (await readdir(tmpdir())).filter((each) => each.startsWith(PREFIX))) {
    const folder = join(tmpdir(), name);
    const found = await stat(folder).catch(() => null);
    if (!found?.isDirectory() || found.uid !== geteuid?.()) continue;
    const owner = await readFile(join(folder, OWNER), "utf8").catch(() => null);
    const isDead = owner ? await isOfTheDead(owner) : Date.now() - found.mtimeMs > UNSIGNED_MAX_MS;
    if (isDead) await rm(folder, { recursive: true, force: true });
  }
}
