import { createHash } from "node:crypto";

/** Whole numbers below a limit that follow from a seed: a failing run is repeated with the same one. */
export function dice(seed: string): (limit: number) => number {
  let drawn = 0;
  return (limit) => createHash("sha256").update(`${seed} ${drawn++}`).digest().readUInt32BE() % limit;
}
