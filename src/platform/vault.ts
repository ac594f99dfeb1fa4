import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";

/** Keeps secrets of people in the database: sealed there, opened only where they are used. */
export type Vault = { seal(text: string, about: string): Buffer; open(sealed: Uint8Array, about: string): string };

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** AES-256-GCM (NIST SP 800-38D) under a key that follows from the server's secret; `about` binds a seal to the row it is of. */
export function openVault(secret: string): Vault {
  const key = createHmac("sha256", secret).update("agon vault key 1").digest();
  return {
    seal: (text, about) => {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(about));
      const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
    },
    open: (sealed, about) => {
      const bytes = Buffer.from(sealed);
      const cipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, NONCE_BYTES));
      cipher.setAAD(Buffer.from(about)).setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      const text = Buffer.concat([cipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), cipher.final()]);
      return text.toString("utf8");
    },
  };
}
