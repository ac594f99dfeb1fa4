import { createHmac, randomBytes } from "node:crypto";
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

/** Randomness that repeats for a secret: HMAC-SHA-256 in counter mode, for fixed-clock tests and simulations. */
export function seededRandom(seed: string): Random {
  let counter = 0;
  const block = () => createHmac("sha256", seed).update(String(counter++)).digest();
  const bytes = (length: number): Buffer => {
    const blocks: Buffer[] = [];
    while (blocks.length * 32 < length) blocks.push(block());
    return Buffer.concat(blocks).subarray(0, length);
  };
  return { bytes, id: (at) => v7({ msecs: at.getTime(), random: bytes(16) }) };
}
