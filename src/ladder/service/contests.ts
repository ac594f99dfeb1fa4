import { createHash } from "node:crypto";
import type { Tx } from "../../platform/database.ts";
import { enqueue } from "../../platform/jobs.ts";
import type { Platform } from "../../platform/platform.ts";
import { contestCompleted, type Pairing } from "../events.ts";
import type { ContestOrigin, LadderKind } from "../rules/ladders.ts";
import { rate, type RatingChange } from "../rules/rating.ts";
import {
  announceRow,
  beginContest,
  closeContest,
  ensureRatings,
  lockRatings,
  seatRows,
  unrateRow,
  waitAgain,
  writeContests,
} from "../store/contests.ts";
import { counted, scoreOf, type Standing } from "./standing.ts";

/**
 * A contest about to be written: LIVE at once, or `announced` until `startContest`. The seed stays secret until the end; its SHA-256
 * is public from the start.
 */
export type OpenContest = Omit<Pairing, "stakes"> & {
  id: string;
  announced?: boolean;
  seed: Buffer;
  characters: readonly (string | null)[];
};

/**
 * Writes contests with their participants, the bots' presence in them, and the queue entries that they use up, all in
 * one statement. Throws the unique violation `live_participation_pkey` when a bot is in another contest of the ladder.
 */
export async function openContests(tx: Tx, contests: readonly OpenContest[], at: Date): Promise<void> {
  const given = contests.map(({ id, announced, ladder, origin, rated, seed, botIds, characters, entryIds }) => ({
    id,
    status: announced ? "ANNOUNCED" : "LIVE",
    ladder,
    origin,
    rated,
    seed: seed.toString("hex"),
    seed_hash: createHash("sha256").update(seed).digest("hex"),
    bots: botIds.map((botId, side) => ({ side, bot_id: botId, character: characters[side] ?? null })),
    entries: entryIds,
  }));
  await tx.query(writeContests, [JSON.stringify(given), at]);
}

/** A contest whose participants are not known yet. */
export type AnnounceContest = { id: string; ladder: LadderKind; origin: ContestOrigin; hidden: boolean; seed: Buffer };

/** Writes an announced contest without participants in the caller's transaction. */
export async function announceContest(tx: Tx, contest: AnnounceContest, at: Date): Promise<void> {
  const { id, ladder, origin, hidden, seed } = contest;
  await tx.query(announceRow, [id, ladder, origin, hidden, createHash("sha256").update(seed).digest(), seed, at]);
}

/**
 * Gives an announced contest its participants, by side. Throws the unique violation `live_participation_pkey` when a
 * bot is in another contest of the ladder.
 */
export async function seatContest(
  tx: Tx,
  { contestId, botIds, rated }: { contestId: string; botIds: readonly string[]; rated: boolean },
): Promise<void> {
  await tx.query(seatRows, [contestId, botIds, rated]);
}

/** An announced contest that shall not count after all: of its game more is known than when its participants were seated. */
export async function unrateContest(tx: Tx, contestId: string): Promise<void> {
  await tx.query(unrateRow, [contestId]);
}

/** Begins an announced contest in the caller's transaction: it is live, and so are the queue entries that it used up. */
export async function startContest(tx: Tx, contestId: string, at: Date): Promise<void> {
  await tx.query(beginContest, [contestId, at]);
}

/**
 * Gives bots of a contest that ends without a result their places in the queue back, before it is finished: they wait
 * since they first joined. Whoever may not play any more stays out.
 */
export async function requeue(tx: Tx, { hub }: Platform, contestId: string, botIds: readonly string[]): Promise<void> {
  const back = await tx.query(waitAgain, [contestId, botIds]);
  for (const ladder of new Set(back.map((entry) => entry.ladder))) tx.afterCommit(() => hub.touch(`queue:${ladder}`));
}

/** A contest's end: who came where (1 is best, equal is a draw), and whether it counts in ratings and in records. */
export type FinishContest = {
  contestId: string;
  ladder: LadderKind;
  rated: boolean;
  recorded: boolean;
  status: "COMPLETED" | "VOIDED" | "CANCELLED";
  voidReason?: string;
  placements: readonly Placement[];
};
/** `quality` in thousandths where the game has a score besides the result, such as a code battle's. */
export type Placement = { botId: string; placement: number; quality?: number };

/** A participant's Elo before and after; equal where the contest is not rated, null where the bot has no rating. */
export type EloChange = { botId: string; placement: number; eloBefore: number | null; eloAfter: number | null };

/**
 * Ends a contest in the caller's transaction: placements, Elo and skill (rows locked in bot order), history, season,
 * records, and everybody free again. A contest that has ended already is left alone and gives null.
 */
export async function finishContest(tx: Tx, { clock }: Platform, finish: FinishContest): Promise<EloChange[] | null> {
  const completed = finish.status === "COMPLETED";
  const standings =
    completed && (finish.rated || finish.recorded) ? await lockStandings(tx, finish) : new Map<string, Standing>();
  const changes = finish.rated ? ratingChanges(finish.placements, standings) : null;
  const results = completed ? finish.placements.map((placed) => resultOf(placed, finish, standings, changes)) : [];
  const closed = await tx.query(closeContest, [
    finish.contestId,
    JSON.stringify(results),
    finish.status,
    clock.now(),
    changes !== null,
    finish.voidReason ?? null,
  ]);
  if (closed.length === 0) return null;
  if (completed) await enqueue(tx, [contestCompleted(finish.contestId, finish.placements)]);
  return finish.placements.map(({ botId, placement }) => {
    const row = standings.get(botId);
    const change = changes?.get(botId);
    return { botId, placement, eloBefore: row?.elo ?? null, eloAfter: change?.eloAfter ?? row?.elo ?? null };
  });
}

async function lockStandings(
  tx: Tx,
  { ladder, placements }: Pick<FinishContest, "ladder" | "placements">,
): Promise<Map<string, Standing>> {
  const botIds = placements.map(({ botId }) => botId);
  // One flight: the second statement sees what the first has made.
  const [, rows] = await Promise.all([
    tx.query(ensureRatings, [ladder, botIds]),
    tx.query(lockRatings, [ladder, botIds]),
  ]);
  return new Map(rows.map((row) => [row.bot_id, row]));
}

/** What a rated contest does; null when one of its bots has no rating, because house bots are unrated everywhere. */
function ratingChanges(
  placements: readonly Placement[],
  standings: ReadonlyMap<string, Standing>,
): Map<string, RatingChange> | null {
  const rated = placements.flatMap(({ botId, placement }) => {
    const row = standings.get(botId);
    return row ? [{ botId, elo: row.elo, mu: row.mu, sigma: row.sigma, placement }] : [];
  });
  if (rated.length < placements.length) return null;
  return new Map(rate(rated).map((change) => [change.botId, change]));
}

function resultOf(
  { botId, placement }: Placement,
  { placements }: FinishContest,
  standings: ReadonlyMap<string, Standing>,
  changes: ReadonlyMap<string, RatingChange> | null,
) {
  const row = standings.get(botId);
  if (!row) return { bot_id: botId, placement };
  const firsts = placements.filter((other) => other.placement === 1).length;
  return { ...counted(row, scoreOf(placement, firsts), changes?.get(botId) ?? null), placement };
}
