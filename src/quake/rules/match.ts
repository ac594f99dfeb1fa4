import { MAPS, safeName, type MapName } from "./commands.ts";
import type { VoidReason } from "./round.ts";

/** How a match stands; the last two are ends. */
export const MATCH_PHASES = ["ANNOUNCED", "JOINING", "COUNTDOWN", "LIVE", "COMPLETED", "VOIDED"] as const;
export type MatchPhase = (typeof MATCH_PHASES)[number];

/** Why a match has no result: what ended its round, the death of the node that ran it, or an operator. */
export type MatchVoidReason = VoidReason | "NODE_LOST" | "NO_NODE" | "OPERATOR";

/** How often nodes begin a match before it is given up: one that brings them down does not go around for ever. */
export const ATTEMPTS_MAX = 3;
/** How long a match waits while no node has a server for it before it is given up. */
const ALONE_MAX_MS = 10 * 60_000;
/** How long it waits at all: behind others, or for a server that is there and plays none. */
const WAIT_MAX_MS = 3_600_000;

/** A match that nobody runs, since when it could have begun and for how long of that nobody had a server. */
export type Abandoned = { phase: MatchPhase; attempts: number; waitedMs: number; aloneMs: number };

/**
 * What becomes of a match that nobody runs any more: until it is live another node begins it anew; what was played by
 * then cannot be gone on with, as its server died with its node.
 */
export function mend({ phase, attempts, waitedMs, aloneMs }: Abandoned): "RESUME" | "WAIT" | { void: MatchVoidReason } {
  switch (phase) {
    case "ANNOUNCED":
      return aloneMs >= ALONE_MAX_MS || waitedMs >= WAIT_MAX_MS ? { void: "NO_NODE" } : "WAIT";
    case "JOINING":
    case "COUNTDOWN":
      return attempts >= ATTEMPTS_MAX ? { void: "NODE_LOST" } : "RESUME";
    case "LIVE":
      return { void: "NODE_LOST" };
    case "COMPLETED":
    case "VOIDED":
      return "WAIT";
  }
}

/** The map of a match follows from its seed: nobody chooses it. */
export function mapOf(seed: Uint8Array): MapName {
  return MAPS[(seed[0] ?? 0) % MAPS.length] ?? MAPS[0];
}

/** By what a server knows a bot: 32 hexadecimal digits, the same in every match. */
export const guidOf = (botId: string): string => botId.replaceAll("-", "").toUpperCase();

const NAME_LENGTH_MAX = 20;

/** What a bot is called on a server: its own name where that can do no harm there, and else what is left of it. */
export function playerName(name: string): string {
  if (safeName(name).ok) return name;
  const plain = name.replaceAll(/[^A-Za-z0-9._-]/g, "").replace(/^[^A-Za-z0-9]+/, "");
  return `x${plain}`.slice(0, NAME_LENGTH_MAX);
}
