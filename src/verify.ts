import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { replayFight } from "./fights/rules/replay.ts";
import type { FightEvent } from "./fights/rules/fight-events.ts";
import { canonicalJson, type JsonObject } from "./platform/canonical-json.ts";
import { chainHash, genesisHash } from "./platform/hash-chain.ts";

export const REPLAY_FORMAT = "agon-replay-1";

/** A contest's whole record, as it is downloaded; docs/replay-format.md says it byte by byte. */
export type Replay = {
  format: typeof REPLAY_FORMAT;
  contest: JsonObject & { id: string; rules: string; seedHash: string; seed: string };
  stream: string;
  /** The canonical text of each event: the first has number 1. */
  events: string[];
  finalHash: string;
  signature: { algorithm: "Ed25519"; publicKey: string; value: string };
};

export const CHECKS = ["FORMAT", "CHAIN", "SIGNATURE", "SEED", "RULES"] as const;
export type Check = { name: (typeof CHECKS)[number]; ok: boolean; detail: string };

/** The very text that the server signs. */
export function signedText(contest: JsonObject, finalHash: string): string {
  return `${REPLAY_FORMAT}\n${canonicalJson(contest)}\n${finalHash}`;
}

/** The hash after the last event of a stream, in hex. */
export function finalHashOf(stream: string, events: readonly string[]): string {
  return bytesToHex(events.reduce((hash, text) => chainHash(hash, text), genesisHash(stream)));
}

/**
 * Checks a downloaded replay offline: form, hash chain, the server's signature, the seed against what was published before
 * the contest, and every exchange by the rules. `publicKey` (hex) is the key that you trust; without it the replay's own is
 * used, which proves only that the file is whole.
 */
export function verifyReplay(replay: unknown, publicKey?: string): Check[] {
  if (!isReplay(replay))
    return [{ name: "FORMAT", ok: false, detail: `This is not a replay of the form ${REPLAY_FORMAT}.` }];
  return [
    { name: "FORMAT", ok: true, detail: `${replay.events.length} events of ${replay.contest.id}` },
    chain(replay),
    signature(replay, publicKey),
    seed(replay),
    rules(replay),
  ];
}

/** Whether all checks of a replay passed. */
export const isProven = (checks: readonly Check[]): boolean =>
  checks.length === CHECKS.length && checks.every(({ ok }) => ok);

function isReplay(value: unknown): value is Replay {
  const replay = value as Replay | null;
  const hex = (text: unknown, bytes: number) =>
    typeof text === "string" && new RegExp(`^[0-9a-f]{${bytes * 2}}$`).test(text);
  return (
    replay?.format === REPLAY_FORMAT &&
    typeof replay.stream === "string" &&
    Array.isArray(replay.events) &&
    replay.events.every((text) => typeof text === "string") &&
    hex(replay.finalHash, 32) &&
    hex(replay.contest?.seedHash, 32) &&
    hex(replay.contest.seed, 32) &&
    hex(replay.signature?.publicKey, 32) &&
    hex(replay.signature.value, 64)
  );
}

function chain({ stream, events, finalHash }: Replay): Check {
  const computed = finalHashOf(stream, events);
  const ok = computed === finalHash;
  return {
    name: "CHAIN",
    ok,
    detail: ok ? `ends in ${finalHash}` : `the events give ${computed}, the replay says ${finalHash}`,
  };
}

function signature({ contest, finalHash, signature: given }: Replay, trusted?: string): Check {
  if (trusted !== undefined && trusted !== given.publicKey)
    return { name: "SIGNATURE", ok: false, detail: `signed by ${given.publicKey}, not by the key that you trust` };
  const text = utf8ToBytes(signedText(contest, finalHash));
  const ok = ed25519.verify(hexToBytes(given.value), text, hexToBytes(given.publicKey));
  return {
    name: "SIGNATURE",
    ok,
    detail: ok ? `by ${given.publicKey}` : "the signature is not of this header and hash",
  };
}

function seed({ contest }: Replay): Check {
  const ok = bytesToHex(sha256(hexToBytes(contest.seed))) === contest.seedHash;
  return {
    name: "SEED",
    ok,
    detail: ok ? "is the one committed to before the contest" : "is not the one that was committed to",
  };
}

function rules({ contest, stream, events }: Replay): Check {
  try {
    const secrets = { fightId: stream.replace(/^fight:/, ""), seed: hexToBytes(contest.seed) };
    const mismatch = replayFight(
      events.map((text) => JSON.parse(text) as FightEvent),
      secrets,
    );
    const detail = mismatch
      ? `event ${mismatch.index + 1}: ${mismatch.reason}`
      : `every exchange is by ${contest.rules}`;
    return { name: "RULES", ok: mismatch === null, detail };
  } catch (error) {
    return { name: "RULES", ok: false, detail: `the events cannot be read: ${String(error)}` };
  }
}
