import { readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
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

/** A process of this machine; numbers are used again, but not with the same beginning (in ticks since the boot). */
type Process = { pid: number; parent: number; startedAt: string; line: string };

function processes(): Process[] {
  return names("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const text = readFileSync(`/proc/${name}/stat`, "utf8");
      const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
      const line = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ");
      if (fields[0] === "Z") return []; // it has ended, and waits for its parent to hear of it
      return [{ pid: Number(name), parent: Number(fields[1]), startedAt: fields[19] ?? "", line }];
    } catch {
      return []; // it has ended meanwhile
    }
  });
}

/** All that a process has started, and what these have started. */
export function familyOf(pid: number): Process[] {
  const all = processes();
  const found: Process[] = [];
  for (let parents = [pid]; parents.length > 0; ) {
    const children = all.filter(({ parent }) => parents.includes(parent));
    found.push(...children);
    parents = children.map((child) => child.pid);
  }
  return found;
}

/** The processes whose command line has one of some words in it. */
export const processesNaming = (words: readonly string[]): Process[] =>
  processes().filter(({ line }) => words.some((word) => line.includes(word)));

/** Those of some processes that still run. */
export function stillRunning(family: readonly Process[]): string[] {
  const now = new Set(processes().map(({ pid, startedAt }) => `${pid} ${startedAt}`));
  return family.filter(({ pid, startedAt }) => now.has(`${pid} ${startedAt}`)).map(({ line }) => line);
}

/** The folders of sockets that a process has made. */
export const socketFoldersOf = (pid: number) =>
  names(tmpdir()).filter((name) => name.startsWith(`agon-models-${pid}-`));

/** The sandboxes of a list of which there still is something, and which no other process has taken since. */
export const tracesLeft = async (ids: readonly string[], traces: (id: string) => Promise<string[]>) =>
  (await Promise.all(ids.map(async (id) => (names(SLOTS).includes(id) ? [] : traces(id))))).flat();
