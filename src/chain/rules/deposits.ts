import { available, move, platformAccount, type Account, type Posting } from "../../ledger/rules.ts";
import { amountOf, type Amount } from "../../platform/money.ts";

/** Block heights are numbers: 2^53 blocks of two seconds are 570 million years. Hashes and addresses are in lower case. */
export type BlockId = { number: number; hash: string };

/** How far from the newest block a deposit must be to be credited. */
export type CreditTag = { kind: "finalized" } | { kind: "safe" } | { kind: "latest"; minus: number };

const LATEST_MINUS_MAX = 10_000;

/** Reads `finalized`, `safe` or `latest-N`, where N is at most 10,000 blocks; null when it is none of them. */
export function parseCreditTag(text: string): CreditTag | null {
  if (text === "finalized" || text === "safe") return { kind: text };
  const digits = /^latest-(\d{1,5})$/.exec(text)?.[1];
  const minus = Number(digits);
  return digits !== undefined && minus <= LATEST_MINUS_MAX ? { kind: "latest", minus } : null;
}

/** What one endpoint says of its newest blocks; a tag that it does not know is null. */
export type Heads = { latest: number; safe: number | null; finalized: number | null };

/** The newest block whose deposits may be credited; null while the endpoint cannot say. Never past its newest block. */
export function creditHeight(tag: CreditTag, heads: Heads): number | null {
  const height = tag.kind === "latest" ? heads.latest - tag.minus : heads[tag.kind];
  return height === null || height < 0 ? null : Math.min(height, heads.latest);
}

/** The most blocks that one question covers. */
export const CHUNK_BLOCKS_MAX = 2_000;

/** The next chunk: half of one that the endpoint refused, twice one that it answered, from 1 to 2,000 blocks. */
export function nextChunk(blocks: number, outcome: "answered" | "refused"): number {
  return outcome === "refused" ? Math.max(1, Math.floor(blocks / 2)) : Math.min(CHUNK_BLOCKS_MAX, blocks * 2);
}

/** The next blocks to ask about, both ends included; null when there are none up to the head. */
export function nextRange(
  cursor: BlockId | null,
  firstBlock: number,
  head: number,
  chunkBlocks: number,
): { from: number; to: number } | null {
  const from = cursor ? cursor.number + 1 : firstBlock;
  return from > head ? null : { from, to: Math.min(head, from + chunkBlocks - 1) };
}

/** Blocks that are read again with the next ones: an endpoint behind a balancer may have been asked that had no logs of them yet. */
const REREAD_BLOCKS = 30;

/** A range with the blocks before it that are read again, not longer than a chunk. */
export function withPast(
  { from, to }: { from: number; to: number },
  firstBlock: number,
  chunkBlocks: number,
): { from: number; to: number } {
  const start = from - Math.min(REREAD_BLOCKS, Math.floor(chunkBlocks / 2), from - firstBlock);
  return { from: start, to: Math.min(to, start + chunkBlocks - 1) };
}

export const CURSOR_STATES = ["CONTINUES", "REPLACED", "ENDPOINT_BEHIND"] as const;
export type CursorState = (typeof CURSOR_STATES)[number];

/**
 * What became of the last block that was read. `found` is the hash that the endpoint has at the cursor's height now. An
 * endpoint whose head is below the cursor knows nothing of it: that is no reorganisation.
 */
export function stateOfCursor(cursor: BlockId, head: number, found: string | null): CursorState {
  if (head < cursor.number || found === null) return "ENDPOINT_BEHIND";
  return found === cursor.hash ? "CONTINUES" : "REPLACED";
}

export type Transfer = { token: string; from: string; to: string; amount: bigint };
/** What deposits go to, the present address and earlier ones; `own` are the other wallets of the house, such as the hot one. */
export type Watched = { token: string; masters: readonly string[]; own: readonly string[] };

export const NO_DEPOSIT = ["OTHER_TOKEN", "OTHER_RECEIVER", "NOTHING", "MINT", "OWN_MOVE"] as const;
export type NoDeposit = (typeof NO_DEPOSIT)[number];

const NOBODY = `0x${"0".repeat(40)}`;

/** Why a transfer is no deposit, or null when it is one. */
export function refuseDeposit({ token, from, to, amount }: Transfer, watched: Watched): NoDeposit | null {
  if (token !== watched.token) return "OTHER_TOKEN";
  if (!watched.masters.includes(to)) return "OTHER_RECEIVER";
  if (amount <= 0n) return "NOTHING";
  if (from === NOBODY) return "MINT";
  if (watched.masters.includes(from) || watched.own.includes(from)) return "OWN_MOVE";
  return null;
}

/** The most deposits that one transaction credits, unless one block has more. */
const CREDITED_AT_ONCE_MAX = 100;

/** Where a range of blocks is to end so that what it credits fits one short transaction. `heights` are those of its deposits. */
export function cutRange(to: number, heights: readonly number[]): number {
  return heights.toSorted((a, b) => a - b)[CREDITED_AT_ONCE_MAX - 1] ?? to;
}

/** Which account a deposit belongs to: its sender's owner's; play money is funded by `funder`; else nobody's yet. */
export function creditedTo(from: string, owner: string | null, funder: string | null): Account {
  if (from === funder) return platformAccount("house:faucet");
  return owner === null ? platformAccount("chain:unattributed") : available(owner);
}

/** What credits a deposit: the chain holds it for the account. */
export const creditPostings = (account: Account, amount: Amount): Posting[] =>
  move(platformAccount("chain:custody"), account, amount);

/** What takes a credited deposit back: from the account what it has left, the rest is lost. `left` is null where nothing bounds it. */
export function reversalPostings(account: Account, amount: Amount, left: Amount | null): Posting[] {
  const taken = left === null || left > amount ? amount : left;
  const postings = [
    { ...account, amount: 0n - taken },
    { ...platformAccount("chain:loss"), amount: 0n - (amount - taken) },
    { ...platformAccount("chain:custody"), amount },
  ];
  return postings.filter((posting) => posting.amount !== 0n);
}

/** What a user has to spend, what of it rests on deposits that are not final, and what contests gave it lately, below 0 when they took. */
export type Rests = { has: bigint; notFinal: bigint; won: bigint };

/** What may leave of what is available: what is not final and what was just won may not. */
export const withdrawableOf = ({ has, notFinal, won }: Rests): Amount => {
  const free = has - notFinal - (won > 0n ? won : 0n);
  return amountOf(free > 0n ? free : 0n);
};

/** Why an amount that a user has may not leave yet, or null. */
export function refuseRest(amount: bigint, rests: Rests): "FUNDS_NOT_FINAL" | "WINNINGS_TOO_NEW" | null {
  if (amount > rests.has || amount <= withdrawableOf(rests)) return null;
  return amount > withdrawableOf({ ...rests, won: 0n }) ? "FUNDS_NOT_FINAL" : "WINNINGS_TOO_NEW";
}

/** PENDING is seen and may vanish; ORPHANED vanished before it was credited, REVERSED after. */
export const OBSERVATION_STATES = ["PENDING", "CREDITED", "ORPHANED", "REVERSED"] as const;
export type ObservationState = (typeof OBSERVATION_STATES)[number];

/** How many blocks there are from a deposit's own on; null when its block vanished. `latest` is the newest that was seen. */
export const confirmationsOf = (state: ObservationState, height: number, latest: number | null): number | null =>
  state === "ORPHANED" || state === "REVERSED" ? null : Math.max(0, (latest ?? height) - height + 1);

/** What is to be done about an observation when the chain is looked at again. */
export type Judgement = "WAIT" | "CREDIT" | "ORPHAN" | "REVERSE" | "NOTHING";

const GONE = { PENDING: "ORPHAN", CREDITED: "REVERSE", ORPHANED: "NOTHING" } as const;

/**
 * Judges one observation by the block that the chain has at its height now, asked of the same endpoint that said how high
 * the credit head is. A block above that endpoint's newest one is unknown to it, not gone. The same transaction in another block
 * is another observation; an orphan counts again when the chain comes back to its block. What was reversed stays so: the
 * alarm that it raised is an operator's to answer.
 */
export function judgeObservation(
  { state, block }: { state: ObservationState; block: BlockId },
  found: string | null,
  { credit, latest }: { credit: number | null; latest: number },
): Judgement {
  if (state === "REVERSED") return "NOTHING";
  if (block.number > latest || found === null) return "WAIT";
  if (found !== block.hash) return GONE[state];
  if (state === "CREDITED") return "NOTHING";
  return credit !== null && block.number <= credit ? "CREDIT" : "WAIT";
}
