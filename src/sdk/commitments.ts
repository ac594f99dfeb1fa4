import { createHash, randomBytes } from "node:crypto";
import type { FightAction } from "./generated/operations.ts";

/** One exchange of a fight for one bot; the ids are the API's own. */
export type Turn = { fightId: string; botId: string; round: number; exchange: number };

/** What a bot keeps to itself between its commitment and its reveal. */
export type Secret = { action: FightAction; nonce: string };

const NONCE_BYTES = 16;

/** An action with a fresh nonce of 128 bits, 32 hexadecimal digits. */
export const sealed = (action: FightAction): Secret => ({ action, nonce: randomBytes(NONCE_BYTES).toString("hex") });

/** The hash to commit with: SHA-256 in hex of `pit1|fightId|round|exchange|botId|ACTION|nonce`. */
export function commitmentOf({ fightId, botId, round, exchange }: Turn, { action, nonce }: Secret): string {
  const text = ["pit1", fightId, round, exchange, botId, action, nonce].join("|");
  return createHash("sha256").update(text).digest("hex");
}
