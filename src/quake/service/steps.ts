import { lockPool } from "../../ladder/events.ts";
import type { ContestOrigin, LadderKind } from "../../ladder/rules/ladders.ts";
import { finishContest, requeue, startContest } from "../../ladder/service/contests.ts";
import type { Tx } from "../../platform/database.ts";
import { enqueue } from "../../platform/jobs.ts";
import type { Lease } from "../../platform/leases.ts";
import type { Platform } from "../../platform/platform.ts";
import type { Row } from "../../platform/statement.ts";
import { append, type Append } from "../../platform/streams.ts";
import { MATCHES_TOPIC, matchEnded } from "../events.ts";
import type { MatchPhase, MatchVoidReason } from "../rules/match.ts";
import type { MatchEvent, MatchKill, MatchResult, MatchScored } from "../rules/match-events.ts";
import type { Result } from "../rules/score.ts";
import { totalOf } from "../rules/aim.ts";
import { tallyOf } from "../rules/tally.ts";
import {
  forgetLease,
  killsOf,
  lockHeldMatch,
  releaseMatch,
  rosterOf,
  writeKills,
  writeStep,
  type lockMatch,
} from "../store.ts";
import { addAims, addAwards, addTallies, writeResults } from "../store/results.ts";

/** A match as it was locked. */
export type LockedMatch = Omit<Row<typeof lockMatch>, "phase" | "ladder" | "origin"> & {
  phase: MatchPhase;
  ladder: LadderKind;
  origin: ContestOrigin;
};

/** The name of a match's stream. */
export const matchStream = (matchId: string) => `match:${matchId}`;
/** The lease of whoever runs a match. */
export const matchLease = (matchId: string) => `match:${matchId}`;

/** Whoever runs a match has lost it to another, or it was ended: nothing was written. */
export class MatchLost extends Error {
  override readonly name = "MatchLost";
}

/** A match as locked rows show it. */
export const lockedOf = (row: Row<typeof lockMatch>) => row as LockedMatch;

/** Locks a match for the holder of its lease, for the rest of the transaction. */
export async function lockHeld(tx: Tx, matchId: string, { name, fence }: Lease): Promise<LockedMatch> {
  const [row] = await tx.query(lockHeldMatch, [matchId, name, fence]);
  if (!row || isOver(row.phase)) throw new MatchLost(`match ${matchId} is run by another, or is over`);
  return lockedOf(row);
}

const isOver = (phase: string) => phase === "COMPLETED" || phase === "VOIDED";

/** What a match tells at once, what that changes, and what others' streams hear of it. */
type Change = {
  phase?: MatchPhase;
  endsAt?: Date;
  /** One more that was begun, or one less that does not count. */
  attempts?: -1 | 0 | 1;
  events: readonly MatchEvent[];
  others?: readonly Append[];
};

/** Writes events of a match with what they change. */
export async function write(
  tx: Tx,
  platform: Platform,
  matchId: string,
  { phase, endsAt, attempts = 0, events, others = [] }: Change,
): Promise<void> {
  const at = platform.clock.now();
  const appends = [{ stream: matchStream(matchId), chained: true, events }, ...others];
  await tx.query(writeStep, [matchId, phase ?? null, endsAt ?? null, attempts, events.length]);
  await append(tx, platform.hub.publish, appends, at);
  if (phase) tx.afterCommit(() => platform.hub.touch(MATCHES_TOPIC));
}

/** A match is live: bets close, and its bots play. */
export async function begin(tx: Tx, platform: Platform, match: LockedMatch, lastsMs: number): Promise<void> {
  const at = platform.clock.now();
  const endsAt = new Date(at.getTime() + lastsMs);
  await startContest(tx, match.id, at);
  const pool = await lockPool.call(tx, platform, match.id);
  const started = { type: "MatchStarted", endsAt: endsAt.toISOString() } as const;
  await write(tx, platform, match.id, { phase: "LIVE", endsAt, events: [started], others: pool });
  tx.afterCommit(() => ["contests", `queue:${match.ladder}`].forEach((topic) => platform.hub.touch(topic)));
}

/** Deaths and scores of a live match, in the order in which they came. */
export async function count(
  tx: Tx,
  platform: Platform,
  { id }: LockedMatch,
  told: readonly (MatchKill | MatchScored)[],
): Promise<void> {
  const kills = told.flatMap((event) => (event.type === "MatchKill" ? [event] : []));
  const rows = kills.map(({ number, killerBotId, victimBotId, means, suicide, atMs }) => ({
    number,
    killer_id: killerBotId,
    victim_id: victimBotId,
    means,
    suicide,
    at_ms: atMs,
  }));
  const scores = Object.fromEntries(
    told.flatMap((event) => (event.type === "MatchScored" ? [[event.botId, event.score]] : [])),
  );
  await tx.query(writeKills, [id, JSON.stringify(rows), JSON.stringify(scores), platform.clock.now()]);
  await write(tx, platform, id, { events: told });
}

/** What was counted on the way is not what the round's end says. */
export class MiscountedMatch extends Error {
  override readonly name = "MiscountedMatch";
}

/**
 * Ends a match with its results: ratings, records and statistics move with it, once. The event that tells it holds the
 * SHA-256 of what the match looked like, so that its chain covers that, too.
 */
export async function complete(
  tx: Tx,
  platform: Platform,
  match: LockedMatch,
  results: readonly Result[],
  framesSha256: string | null,
) {
  const agreed = await tx.query(writeResults, [match.id, JSON.stringify(results.map(rowOf))]);
  if (agreed.length !== results.length || agreed.some(({ agrees }) => !agrees))
    throw new MiscountedMatch(`match ${match.id}: what was counted is not what the round's end says`);
  const changes = await finishContest(tx, platform, {
    contestId: match.id,
    ladder: match.ladder,
    rated: match.rated,
    recorded: match.origin !== "PRACTICE_QUEUE",
    status: "COMPLETED",
    placements: results.map(({ botId, placement }) => ({ botId, placement })),
  });
  if (match.origin !== "PRACTICE_QUEUE") await tally(tx, match.id, 1);
  const changeOf = (botId: string) => changes?.find((change) => change.botId === botId);
  const rated = results.map(
    (result): MatchResult => ({
      ...result,
      ratingBefore: changeOf(result.botId)?.eloBefore ?? null,
      ratingAfter: match.rated ? (changeOf(result.botId)?.eloAfter ?? null) : null,
    }),
  );
  const seed = match.seed.toString("hex");
  const ended = { type: "MatchCompleted", results: rated, seed, framesSha256 } as const;
  await end(tx, platform, match, "COMPLETED", ended);
}

/** Counts a match's deaths, shots and awards into its bots' records, or with -1 takes them out again. */
export async function tally(tx: Tx, matchId: string, sign: 1 | -1): Promise<void> {
  const tallies = tallyOf(await tx.query(killsOf, [matchId]));
  const rows = tallies.map(({ botId, ...counted }) => ({ bot_id: botId, ...counted }));
  await tx.query(addTallies, [JSON.stringify(rows), sign]);
  await tx.query(addAims, [matchId, sign]);
  await tx.query(addAwards, [matchId, sign]);
}

function rowOf({ botId, score, kills, deaths, aim, awards }: Result) {
  const { shots, hits } = aim ? totalOf(aim) : { shots: null, hits: null };
  return { bot_id: botId, score, kills, deaths, ...awards, shots, hits, aim: aim ?? [] };
}

/** Who is in a match as it is stored, but for those who did not come. */
export async function rosterBut(tx: Tx, matchId: string, absent: readonly string[]): Promise<string[]> {
  const roster = await tx.query(rosterOf, [matchId]);
  return roster.map(({ bot_id }) => bot_id).filter((botId) => !absent.includes(botId));
}

/** Ends a match without a result; those named wait again, since they first joined. */
export async function makeVoid(
  tx: Tx,
  platform: Platform,
  match: LockedMatch,
  reason: MatchVoidReason,
  requeued: readonly string[],
): Promise<void> {
  await requeue(tx, platform, match.id, requeued);
  await finishContest(tx, platform, {
    contestId: match.id,
    ladder: match.ladder,
    rated: false,
    recorded: false,
    status: "VOIDED",
    voidReason: reason,
    placements: [],
  });
  const seed = match.seed.toString("hex");
  await end(tx, platform, match, "VOIDED", { type: "MatchVoided", reason, requeuedBotIds: [...requeued], seed });
}

/**
 * Gives up a match that was not live yet: another node begins it anew. -1 attempts of a node that could not begin, which
 * counts as none: it brought nobody down.
 */
export async function handBack(tx: Tx, platform: Platform, { id }: LockedMatch, attempts: -1 | 0 = 0): Promise<void> {
  await tx.query(releaseMatch, [id]);
  await write(tx, platform, id, { phase: "ANNOUNCED", attempts, events: [{ type: "MatchPostponed" }] });
}

async function end(
  tx: Tx,
  platform: Platform,
  { id, ladder }: LockedMatch,
  phase: "COMPLETED" | "VOIDED",
  event: MatchEvent,
): Promise<void> {
  const roster = await tx.query(rosterOf, [id]);
  await enqueue(tx, [matchEnded(id)]);
  const news = roster.map(({ bot_id }) => ({
    stream: `bot:${bot_id}`,
    events: [{ type: "ContestEnded", contestId: id }],
  }));
  await write(tx, platform, id, { phase, events: [event], others: news });
  await tx.query(forgetLease, [id]);
  tx.afterCommit(() =>
    ["contests", `ladder:${ladder}`, `queue:${ladder}`].forEach((topic) => platform.hub.touch(topic)),
  );
}
