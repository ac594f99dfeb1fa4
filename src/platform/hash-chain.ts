import { createHash } from "node:crypto";

/** The hash before a stream's first event: SHA-256 of `agon:` and the stream's name. */
export function genesisHash(stream: string): Buffer {
  return createHash("sha256").update(`agon:${stream}`).digest();
}

/** The hash of an event: SHA-256 of the hash before it and the UTF-8 bytes of its canonical text. */
export function chainHash(previous: Uint8Array, text: string): Buffer {
  return createHash("sha256").update(previous).update(text, "utf8").digest();
}
