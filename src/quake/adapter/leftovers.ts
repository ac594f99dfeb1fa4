import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { kill, pid as ownPid } from "node:process";
import type { Logger } from "../../platform/logging.ts";

/** Numbers of processes are used again; with the time of its start one is named for good. */
const FOLDER_NAME = /^(\d+)-(\d+)$/;
/** Where /proc tells when a process began, counted from the name's closing bracket. */
const START_FIELD = 20;

/**
 * A folder for the servers of this process. Servers that earlier processes left behind, because they were killed, are ended
 * with their folders; those of processes that live are let alone. What is ours is known by the folder in its command.
 */
export function claimFolder(root: string, log: Logger): { folder: string; ended: number } {
  mkdirSync(root, { recursive: true });
  let ended = 0;
  for (const name of readdirSync(root)) {
    const [, pid, start] = FOLDER_NAME.exec(name) ?? [];
    if (pid === undefined || startOf(Number(pid)) === start) continue;
    ended += endServersIn(join(root, name), log);
    rmSync(join(root, name), { recursive: true, force: true });
  }
  const folder = join(root, `${ownPid}-${startOf(ownPid) ?? "0"}`);
  mkdirSync(folder, { recursive: true });
  return { folder, ended };
}

/** When a process began, in ticks since the machine did; null when there is none. */
function startOf(pid: number): string | null {
  const stat = textOf(`/proc/${pid}/stat`);
  return stat === null ? null : (stat.slice(stat.lastIndexOf(")") + 2).split(" ")[START_FIELD - 1] ?? null);
}

function endServersIn(folder: string, log: Logger): number {
  const ours = readdirSync("/proc").filter((name) => {
    const command = /^\d+$/.test(name) ? textOf(`/proc/${name}/cmdline`)?.split("\0") : undefined;
    const home = command?.[command.indexOf("fs_homepath") + 1];
    return command?.includes("fs_homepath") && home?.startsWith(`${folder}/`);
  });
  return ours.filter((pid) => endServer(Number(pid), log)).length;
}

/** Whether this has ended it: it may have ended by itself meanwhile, or be somebody else's. */
export function endServer(pid: number, log: Logger): boolean {
  try {
    return kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH")
      log.error({ err: error, pid }, "a Quake server that a killed process left behind cannot be ended");
    return false;
  }
}

/** Processes end while one looks at them. */
function textOf(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}
