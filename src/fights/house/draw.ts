import { createHmac } from "node:crypto";

/** A number in [0, 1) that only the contest's seed decides: HMAC-SHA-256(seed, house|bot|round|exchange). */
export function houseDraw(seed: Uint8Array, botId: string, round: number, exchange: number): number {
  const digest = createHmac("sha256", seed).update(`house|${botId}|${round}|${exchange}`).digest();
  return digest.readUIntBE(0, 6) / 2 ** 48;
}

/** The nonce of a house bot's commitment, 32 hexadecimal digits: HMAC-SHA-256(seed, nonce|bot|round|exchange), its first half. */
export function houseNonce(seed: Uint8Array, botId: string, round: number, exchange: number): string {
  return createHmac("sha256", seed).update(`nonce|${botId}|${round}|${exchange}`).digest("hex").slice(0, 32);
}
