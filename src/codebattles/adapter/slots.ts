import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, rename, rm, stat, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { SANDBOX_UID_FIRST, SANDBOXES_MAX } from "../rules/sandbox.ts";
import { isOfTheDead, ownerHere } from "./owner.ts";
import { SandboxError } from "./sandbox.ts";

const run = promisify(execFile);

/** A user number that one sandbox of this machine has, and the folder that says so. */
export type Slot = { uid: number; folder: string; workspace: string };

/** One place for the whole machine, as user numbers and control groups are: whoever makes sandboxes sees who has which. */
export const SLOTS = "/var/lib/agon/sandboxes";

/** How long a folder may lack its owner's record: the time between two system calls, generously. */
const UNSIGNED_MAX_MS = 10_000;

const slotOf = (root: string, uid: number): Slot => {
  const folder = join(root, String(uid));
  return { uid, folder, workspace: join(folder, "workspace") };
};

/** The name of a slot's control group. */
export const groupOf = ({ uid }: Slot) => `agon-${uid}`;

/** Takes a free user number: whoever makes its folder has it (mkdir fails for everybody else). */
export async function claimSlot(root: string): Promise<Slot> {
  await mkdir(root, { recursive: true, mode: 0o711 });
  for (let number = 0; number < SANDBOXES_MAX; number++) {
    const slot = slotOf(root, SANDBOX_UID_FIRST + number);
    const claimed = await mkdir(slot.folder, { mode: 0o711 }).then(
      () => true,
      (error: unknown) => {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
        return false;
      },
    );
    if (!claimed) continue;
    await sign(join(slot.folder, "owner"));
    return slot;
  }
  throw new SandboxError(`all ${SANDBOXES_MAX} sandboxes of ${root} are in use`);
}

/** Written beside and moved into place, so that a record is there wholly or not at all. */
async function sign(file: string): Promise<void> {
  await writeFile(`${file}.new`, JSON.stringify(await ownerHere()));
  await rename(`${file}.new`, file);
}

/** The slots that dead processes left, each taken over by this process alone. */
export async function takeLeftovers(root: string): Promise<Slot[]> {
  const names = await readdir(root).catch(() => []);
  const slots = names.filter((name) => /^\d+$/.test(name)).map((name) => slotOf(root, Number(name)));
  const taken: Slot[] = [];
  for (const slot of slots)
    if ((await isLeft(join(slot.folder, "owner"), slot.folder)) && (await takeOver(slot))) taken.push(slot);
  return taken;
}

/** Of several that reap at once one makes this file; if it dies in the middle, the file is a leftover itself. */
async function takeOver(slot: Slot): Promise<boolean> {
  const mark = join(slot.folder, "reaper");
  if (await isLeft(mark, mark)) await unlink(mark).catch(() => null);
  return writeFile(mark, JSON.stringify(await ownerHere()), { flag: "wx" }).then(
    () => true,
    () => false,
  );
}

async function isLeft(record: string, since: string): Promise<boolean> {
  const text = await readFile(record, "utf8").catch(() => null);
  if (text === null || text === "") {
    const made = await stat(since).catch(() => null);
    return made !== null && Date.now() - made.mtimeMs > UNSIGNED_MAX_MS;
  }
  return isOfTheDead(text);
}

/** Gives a user number back; the last step of taking a sandbox away. */
export async function releaseSlot(slot: Slot): Promise<void> {
  await unmountAll(slot.folder);
  await rm(slot.folder, { recursive: true, force: true, maxRetries: 3 });
}

/** Nothing under a slot is deleted through a mount. */
async function unmountAll(folder: string): Promise<void> {
  const mounted = (await readFile("/proc/self/mountinfo", "utf8"))
    .split("\n")
    .flatMap((line) => line.split(" ")[4] ?? [])
    .filter((path) => path.startsWith(`${folder}/`))
    .toReversed();
  for (const path of mounted) await run("umount", [path]).catch(() => run("umount", ["--lazy", path]));
}
