import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { replayFight } from "./fights/rules/replay.ts";
import type { FightEvent } from "./fights/rules/fight-events.ts";
import { canonicalJson, type JsonObject } from "./platform/canonical-json.ts";
import { chainHash, genesisHash } from "./platform/hash-chain.ts";
import { encodeNodeId } from "./platform/node-id.ts";
import type { MatchEvent } from "./quake/rules/match-events.ts";
import { checkRecord, type RecordHeader } from "./quake/rules/record.ts";
import type { Placed } from "./quake/rules/score.ts";

export const REPLAY_FORMAT = "agon-replay-1";
export const MATCH_FORMAT = "agon-match-1";
type Format = typeof REPLAY_FORMAT | typeof MATCH_FORMAT;

type Signed<Form extends Format, Contest> = {
  format: Form;
  contest: JsonObject & Contest;
  stream: string;
  /** The canonical text of each event: the first has number 1. */
  events: string[];
  finalHash: string;
  signature: { algorithm: "Ed25519"; publicKey: string; value: string };
};

/** A fight's whole record, as it is downloaded; docs/replay-format.md says it byte by byte. */
export type Replay = Signed<typeof REPLAY_FORMAT, { id: string; rules: string; seedHash: string; seed: string }>;
/** The same of a Quake match. */
export type MatchRecord = Signed<typeof MATCH_FORMAT, RecordHeader>;

export const CHECKS = ["FORMAT", "CHAIN", "SIGNATURE", "SEED", "RULES", "FRAMES"] as const;
export type Check = { name: (typeof CHECKS)[number]; ok: boolean; detail: string };
/** FRAMES is of what a match looked like, and only for whom has that. */
const CHECKS_MIN = CHECKS.length - 1;

/** The very text that the server signs. */
export function signedText(format: Format, contest: JsonObject, finalHash: string): string {
  return `${format}\n${canonicalJson(contest)}\n${finalHash}`;
}

/** The hash after the last event of a stream, in hex. */
export function finalHashOf(stream: string, events: readonly string[]): string {
  return bytesToHex(events.reduce((hash, text) => chainHash(hash, text), genesisHash(stream)));
}

/**
 * Checks the downloaded record of a fight or a match offline: form, hash chain, the server's signature, the seed against
 * what was published before the contest, and every exchange, or every death and score, by the rules. `publicKey` (hex) is
 * the key that you trust; without it the record's own is used, which proves only that the file is whole. `frames` is what a
 * match looked like, as it is downloaded and unpacked: with it, that is checked too.
 */
export function verifyReplay(record: unknown, publicKey?: string, frames?: Uint8Array): Check[] {
  if (!isReplay(record) && !isMatchRecord(record))
    return [
      { name: "FORMAT", ok: false, detail: `This is no record of the form ${REPLAY_FORMAT} or ${MATCH_FORMAT}.` },
    ];
  const checks = [
    { name: "FORMAT", ok: true, detail: `${record.events.length} events of ${record.contest.id}` } as const,
    chain(record),
    signature(record, publicKey),
    seed(record),
    record.format === REPLAY_FORMAT ? fightRules(record) : matchRules(record),
  ];
  return frames && record.format === MATCH_FORMAT ? [...checks, framesOf(record, frames)] : checks;
}

/** Whether all checks of a record passed. */
export const isProven = (checks: readonly Check[]): boolean =>
  checks.length >= CHECKS_MIN && checks.every(({ ok }) => ok);

const isHex = (text: unknown, bytes: number): boolean =>
  typeof text === "string" && new RegExp(`^[0-9a-f]{${bytes * 2}}$`).test(text);
const isListOf = <One>(value: unknown, is: (one: One) => boolean): boolean =>
  Array.isArray(value) && value.every((one) => one !== null && is(one as One));

function isSigned(value: unknown, format: Format): boolean {
  const record = value as Replay | MatchRecord | null;
  return (
    record?.format === format &&
    typeof record.stream === "string" &&
    isListOf(record.events, (text) => typeof text === "string") &&
    isHex(record.finalHash, 32) &&
    isHex(record.contest?.seedHash, 32) &&
    isHex(record.contest.seed, 32) &&
    isHex(record.signature?.publicKey, 32) &&
    isHex(record.signature.value, 64)
  );
}

const isReplay = (value: unknown): value is Replay => isSigned(value, REPLAY_FORMAT);

function isMatchRecord(value: unknown): value is MatchRecord {
  if (!isSigned(value, MATCH_FORMAT)) return false;
  const { participants, results, framesSha256 } = (value as MatchRecord).contest;
  return (
    isListOf<RecordHeader["participants"][number]>(participants, ({ botId }) => typeof botId === "string") &&
    (results === null || isListOf<Placed>(results, ({ botId }) => typeof botId === "string")) &&
    (framesSha256 === null || isHex(framesSha256, 32))
  );
}

function chain({ stream, events, finalHash }: Signed<Format, object>): Check {
  const computed = finalHashOf(stream, events);
  const ok = computed === finalHash;
  return {
    name: "CHAIN",
    ok,
    detail: ok ? `ends in ${finalHash}` : `the events give ${computed}, the replay says ${finalHash}`,
  };
}

function signature({ format, contest, finalHash, signature: given }: Replay | MatchRecord, trusted?: string): Check {
  if (trusted !== undefined && trusted !== given.publicKey)
    return { name: "SIGNATURE", ok: false, detail: `signed by ${given.publicKey}, not by the key that you trust` };
  const text = utf8ToBytes(signedText(format, contest, finalHash));
  const ok = ed25519.verify(hexToBytes(given.value), text, hexToBytes(given.publicKey));
  return {
    name: "SIGNATURE",
    ok,
    detail: ok ? `by ${given.publicKey}` : "the signature is not of this header and hash",
  };
}

function seed({ contest }: Replay | MatchRecord): Check {
  const ok = bytesToHex(sha256(hexToBytes(contest.seed))) === contest.seedHash;
  return {
    name: "SEED",
    ok,
    detail: ok ? "is the one committed to before the contest" : "is not the one that was committed to",
  };
}

function fightRules({ contest, stream, events }: Replay): Check {
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

function matchRules({ contest, stream, events }: MatchRecord): Check {
  if (encodeNodeId("QuakeMatch", stream.replace(/^match:/, "")) !== contest.id)
    return { name: "RULES", ok: false, detail: `${stream} is another match's stream` };
  try {
    const misfit = checkRecord(
      contest,
      events.map((text) => JSON.parse(text) as MatchEvent),
    );
    if (!misfit) return { name: "RULES", ok: true, detail: "deaths and scores give the result" };
    const where = misfit.index < events.length ? `event ${misfit.index + 1}` : "header";
    return { name: "RULES", ok: false, detail: `${where}: ${misfit.reason}` };
  } catch (error) {
    return { name: "RULES", ok: false, detail: `the events cannot be read: ${String(error)}` };
  }
}

function framesOf({ contest: { framesSha256 } }: MatchRecord, frames: Uint8Array): Check {
  const computed = bytesToHex(sha256(frames));
  if (computed === framesSha256) return { name: "FRAMES", ok: true, detail: `are those of ${computed}` };
  return {
    name: "FRAMES",
    ok: false,
    detail: `have ${computed}, the record says ${framesSha256 ?? "that there are none"}`,
  };
}
