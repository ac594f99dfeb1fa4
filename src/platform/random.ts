import { randomBytes } from "node:crypto";
import { v7 } from "uuid";

/** The only source of chance and ids; tests bind a seeded one. */
export type Random = {
  /** `length` unpredictable bytes. */
  bytes(length: number): Buffer;
  /** A UUIDv7 for an instant: keys of rows sort by time. */
  id(at: Date): string;
};

/** The least UUIDv7 of an instant (RFC 9562, 5.7: the first 48 bits are milliseconds). */
export function firstIdAt(at: Date): string {
  const ms = at.getTime().toString(16).padStart(12, "0");
  return `${ms.slice(0, 8)}-${ms.slice(8)}-7000-8000-000000000000`;
}

/** The operating system's randomness. */
export const systemRandom: Random = {
  bytes: (length) => randomBytes(length),
  id: (at) => v7({ msecs: at.getTime() }),
};
