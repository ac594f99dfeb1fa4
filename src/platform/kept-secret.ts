import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StartError } from "./start-error.ts";

export const SECRET_LENGTH_MIN = 32;
const SECRET_BYTES = 32;

/**
 * The secret of a folder of data: the one that is kept there, or a new one. What is kept and is no whole secret is refused
 * with a StartError, never replaced: tokens, replays' signatures and the local chain's accounts hang on the one before.
 */
export function secretIn(folder: string): string {
  const file = join(folder, "secret");
  const kept = read(file) ?? make(folder, file);
  if (kept.length >= SECRET_LENGTH_MIN) return kept;
  throw new StartError(
    `SECRET_BROKEN: ${file} holds ${kept.length} characters, a secret has ${SECRET_LENGTH_MIN} at least. Put back the file that belongs to this folder's data; when that is lost or there is no data yet, delete ${file}, and a new secret is made, under which repositories' tokens must be entered again.`,
  );
}

function read(file: string): string | null {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** It is whole before it has its name, and a name that is taken stays: of two that begin at once both read the same one. */
function make(folder: string, file: string): string {
  mkdirSync(folder, { recursive: true });
  const unnamed = join(folder, `secret.${randomBytes(6).toString("hex")}.new`);
  try {
    writeFileSync(unnamed, randomBytes(SECRET_BYTES).toString("hex"), { flag: "wx", mode: 0o600, flush: true });
    nameOnce(unnamed, file);
  } finally {
    rmSync(unnamed, { force: true });
  }
  syncFolder(folder);
  return readFileSync(file, "utf8").trim();
}

function nameOnce(unnamed: string, file: string): void {
  try {
    linkSync(unnamed, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/** A name is on the disk when its folder is. */
function syncFolder(folder: string): void {
  const opened = openSync(folder, "r");
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}
