import { randomBytes } from "node:crypto";
import { v7 } from "uuid";

/** The only source of chance and ids; tests bind a seeded one. */
export type Random = {
  /** `length` unpredictable bytes. */
  bytes(length: number): Buffer;
  /** A UUIDv7 for an instant: keys of rows sort by time. */
  id(at: Date): string;
};

/** The operating system's randomness. */
export const systemRandom: Random = {
  bytes: (length) => randomBytes(length),
  id: (at) => v7({ msecs: at.getTime() }),
};
