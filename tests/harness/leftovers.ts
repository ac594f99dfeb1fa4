import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { SLOTS } from "../../src/codebattles/adapter/slots.ts";

/** The sandboxes that a process has, or has left behind: their records, without which no mount, group or workspace is. */
export function leftBy(pid: number): string[] {
  return names(SLOTS).filter((slot) => {
    try {
      return (JSON.parse(readFileSync(join(SLOTS, slot, "owner"), "utf8")) as { pid: number }).pid === pid;
    } catch {
      return false; // it has gone meanwhile, or is being made
    }
  });
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
