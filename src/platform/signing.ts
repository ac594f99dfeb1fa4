import { ed25519 } from "@noble/curves/ed25519.js";
import { createHmac } from "node:crypto";

/** Signs what people verify offline. The key follows from AGON_SECRET: all nodes sign alike, and restarts change nothing. */
export type Signer = { publicKey: string; sign(message: string): string };

/** Derives the replay-signing key (Ed25519, RFC 8032) from the server's secret; keys and signatures are in hex. */
export function openSigner(secret: string): Signer {
  const key = createHmac("sha256", secret).update("agon replay signing key 1").digest();
  return {
    publicKey: Buffer.from(ed25519.getPublicKey(key)).toString("hex"),
    sign: (message) => Buffer.from(ed25519.sign(Buffer.from(message, "utf8"), key)).toString("hex"),
  };
}
