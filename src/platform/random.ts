import { randomBytes, randomInt } from "node:crypto";
import { v7 } from "uuid";

/** The only source of chance and ids; tests bind a seeded one. */
export type Random = {
  /** `length` unpredictable bytes. */
  bytes(length: number): Buffer;
  /** A UUIDv7 for an instant: keys of rows sort by time, and those of one process and millisecond as they were made. */
  id(at: Date): string;
};

/** The least UUIDv7 of an instant (RFC 9562, 5.7: the first 48 bits are milliseconds). */
export function firstIdAt(at: Date): string {
  const ms = at.getTime().toString(16).padStart(12, "0");
  return `${ms.slice(0, 8)}-${ms.slice(8)}-7000-8000-000000000000`;
}

/** Ids that were made in one millisecond count on from a random number: they sort as they were made. */
function openIds(): Random["id"] {
  let [lastMs, seq] = [Number.NaN, 0];
  return (at) => {
    const msecs = at.getTime();
    seq = msecs === lastMs ? seq + 1 : randomInt(SEQ_FIRST_MAX);
    lastMs = msecs;
    return v7({ msecs, seq });
  };
}

/** Of the 32 bits of the sequence half are left to count on in. */
const SEQ_FIRST_MAX = 2 ** 31;

/** The operating system's randomness. */
export const systemRandom: Random = { bytes: (length) => randomBytes(length), id: openIds() };
