import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pid } from "node:process";
import { DatabaseSync } from "node:sqlite";

/** A folder that this process has for itself until it lets go or ends. */
export type OwnedFolder = { release(): void };
/** Another process has it; its number is null where it could not be read. */
export type ForeignFolder = { pid: number | null; since: string | null };

const SQLITE_BUSY = 5;

/**
 * Takes a folder for this process alone, or says who has it. The lock is the kernel's, on a file of SQLite: it ends with
 * the process, however that ends, so that nobody has to guess from a number of a process whether its owner still lives.
 */
export function ownFolder(folder: string): OwnedFolder | ForeignFolder {
  mkdirSync(folder, { recursive: true });
  const owner = join(folder, "owner.json");
  const lock = new DatabaseSync(join(folder, "owner.lock"));
  try {
    lock.exec("PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    lock.close();
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error;
    return readOwner(owner);
  }
  writeFileSync(owner, JSON.stringify({ pid, since: new Date().toISOString() }));
  const release = () => {
    rmSync(owner, { force: true });
    lock.close();
  };
  return { release };
}

/** Who wrote itself down; whoever has just taken the folder may not have done so yet. */
function readOwner(file: string): ForeignFolder {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as { pid: number; since: string };
  } catch {
    return { pid: null, since: null };
  }
}
