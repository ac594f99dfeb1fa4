import { readFile, readlink } from "node:fs/promises";
import { pid as ownPid } from "node:process";
import { isLeftover, type Owner } from "../rules/sandbox.ts";

/** This process, as it signs what it makes. */
export async function ownerHere(): Promise<Owner> {
  const [boot, pidNamespace, started] = await Promise.all([
    readFile("/proc/sys/kernel/random/boot_id", "utf8"),
    readlink("/proc/self/ns/pid"),
    startedAt(ownPid),
  ]);
  return { boot: boot.trim(), pidNamespace, pid: ownPid, startedAt: started ?? "" };
}

/** Whether what a record says to have made something is dead, as far as it can be seen from here. */
export async function isOfTheDead(record: string): Promise<boolean> {
  const owner = JSON.parse(record) as Owner;
  return isLeftover(owner, await ownerHere(), await startedAt(owner.pid));
}

/** When a process started, in ticks since the boot; null when there is none. Numbers of processes are used again, this is not. */
async function startedAt(pid: number): Promise<string | null> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  return text?.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? null;
}
