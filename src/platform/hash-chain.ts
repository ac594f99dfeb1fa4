import { sha256 } from "@noble/hashes/sha2.js";

const utf8 = new TextEncoder();

/** The hash before a stream's first event: SHA-256 of `agon:` and the stream's name. */
export function genesisHash(stream: string): Uint8Array {
  return sha256(utf8.encode(`agon:${stream}`));
}

/** The hash of an event: SHA-256 of the hash before it and the UTF-8 bytes of its canonical text. */
export function chainHash(previous: Uint8Array, text: string): Uint8Array {
  return sha256.create().update(previous).update(utf8.encode(text)).digest();
}
