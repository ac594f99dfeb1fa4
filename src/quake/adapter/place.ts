import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** By what the servers of this folder are known over restarts of their node: a file among theirs, made at the first start. */
export function placeOf(root: string): string {
  mkdirSync(root, { recursive: true });
  const file = join(root, "place");
  const kept = textOf(file);
  if (kept !== null && UUID.test(kept)) return kept;
  const place = randomUUID();
  writeFileSync(file, place);
  return place;
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return null;
  }
}
