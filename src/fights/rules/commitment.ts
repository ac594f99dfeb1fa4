import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { encodeNodeId } from "../../platform/node-id.ts";
import { both, type CommandOf, type FightState } from "./fight-state.ts";
import { type Action, DEFAULT_ACTION } from "./pit-rules-1.ts";

type Committed = { fightId: string; round: number; exchange: number; botId: string; action: Action; nonce: string };

/** A nonce: 32 to 128 lower-case hexadecimal digits, which is 128 bits and more. */
export const isNonce = (text: string): boolean => /^[0-9a-f]{32,128}$/.test(text);

/** What a bot commits to, in hex: SHA-256 of `pit1|fightId|round|exchange|botId|ACTION|nonce`, the ids as the API writes them. */
export function commitmentOf({ fightId, round, exchange, botId, action, nonce }: Committed): string {
  const parts = ["pit1", encodeNodeId("Fight", fightId), round, exchange, encodeNodeId("Bot", botId), action, nonce];
  return bytesToHex(sha256(utf8ToBytes(parts.join("|"))));
}

/** What a silent side of a sealed fight may play: all three are free, so that no one has to pay for what it did not choose. */
const SEALED_DEFAULTS = ["BLOCK_HIGH", "BLOCK_LOW", "RECOVER"] as const satisfies readonly Action[];

/** The default of a sealed side: the first 4 bytes of HMAC-SHA-256(seed, `default|botId|round|exchange`), big-endian, modulo 3. */
export function sealedDefault(seed: Uint8Array, botId: string, round: number, exchange: number): Action {
  const label = `default|${encodeNodeId("Bot", botId)}|${round}|${exchange}`;
  const drawn = hmac(sha256, seed, utf8ToBytes(label));
  const number = new DataView(drawn.buffer, drawn.byteOffset).getUint32(0);
  return SEALED_DEFAULTS[number % SEALED_DEFAULTS.length] ?? DEFAULT_ACTION;
}

/** The command that lets time pass: with what silent sides play, drawn from the contest's seed where the fight is sealed. */
export function timePasses({ sealed, fighters, round, exchange }: FightState, seed: Uint8Array): CommandOf<"DEADLINE"> {
  const defaultOf = (side: 0 | 1) =>
    sealed ? sealedDefault(seed, fighters[side].botId, round, exchange) : DEFAULT_ACTION;
  return { type: "DEADLINE", defaults: both(defaultOf) };
}
