import { finishContest, startContest, unrateContest, type EloChange } from "../../ladder/service/contests.ts";
import type { Tx } from "../../platform/database.ts";
import type { Platform } from "../../platform/platform.ts";
import type { Row } from "../../platform/statement.ts";
import { append, type Append } from "../../platform/streams.ts";
import { battleStream, type BattleEvent } from "../events.ts";
import {
  decide,
  isOver,
  isWorking,
  type BattleCommand,
  type BattleRefusal,
  type BattleState,
} from "../rules/battle.ts";
import type { Report } from "../rules/judging.ts";
import { removeUntold, untoldOf } from "../store/votes.ts";
import { countTold, forgetKeys, lockBattle, seatedEntries, writeAudit, writePlacements, writeStage } from "../store.ts";

/** A battle as it was locked. */
export type LockedBattle = {
  id: string;
  ownerId: string;
  isPublic: boolean;
  isOpen: boolean;
  votes: boolean;
  votesUntil: Date | null;
  rated: boolean;
  gladiatorsMax: number;
  seed: Buffer;
  fence: string | null;
  state: BattleState;
};
type BattleRow = Row<typeof lockBattle>;

/** A row as a battle. */
export function battleOf(row: BattleRow): LockedBattle {
  const { id, phase, attempt, failure, votes, rated, seed, fence } = row;
  return {
    ...{ id, votes, rated, seed, fence },
    ownerId: row.owner_id,
    votesUntil: row.votes_until,
    isPublic: row.public,
    isOpen: row.open,
    gladiatorsMax: row.gladiators_max,
    // The table's checks hold the columns to one of the states.
    state: { phase, attempt, failure } as BattleState,
  };
}

/** Locks a battle for the rest of the transaction; null when there is none. */
export async function lock(tx: Tx, battleId: string): Promise<LockedBattle | null> {
  const [row] = await tx.query(lockBattle, [battleId]);
  return row ? battleOf(row) : null;
}

/** Tells a battle's stream, under the lock of its row. */
export async function tell(
  tx: Tx,
  platform: Platform,
  battleId: string,
  events: readonly BattleEvent[],
  others: readonly Append[] = [],
): Promise<void> {
  const own = events.length > 0 ? [{ stream: battleStream(battleId), chained: true, events }] : [];
  if (events.length > 0) await tx.query(countTold, [battleId, events.length]);
  await append(tx, platform.hub.publish, [...own, ...others], platform.clock.now());
}

export type Entered = { entryId: string; placement: number };

/**
 * What goes with a command: the events before it, whose lease it is under, how the gladiators came out, and that the battle
 * shall not be rated, as far as its base has shown.
 */
export type Beside = {
  events?: readonly BattleEvent[];
  fence?: string | null;
  placements?: readonly Entered[];
  unrated?: boolean;
};

/** Applies a command to a locked battle and writes what comes of it, the contest's change with it. */
export async function step(
  tx: Tx,
  platform: Platform,
  battle: LockedBattle,
  command: BattleCommand,
  { events = [], fence = battle.fence, placements = [], unrated = false }: Beside = {},
): Promise<{ ok: true; state: BattleState } | { ok: false; refusal: BattleRefusal }> {
  const decision = decide(battle.state, command);
  if (!decision.ok) return decision;
  const { state } = decision;
  const attempt = isWorking(state) ? state.attempt : 0;
  const failure = state.phase === "FAILED" ? state.failure : null;
  await tx.query(writeStage, [battle.id, state.phase, attempt, failure, isWorking(state) ? fence : null]);
  const told: BattleEvent[] = [...events, { type: "StageChanged", phase: state.phase, attempt, failure }];
  const others = command.type === "READY" ? await begin(tx, platform, battle, unrated) : [];
  if (isOver(state)) {
    if (battle.votes) told.unshift(...(await takeUntold(tx, battle.id)));
    const ended = await finish(tx, platform, battle, state, placements);
    told.push(ended.event);
    others.push(...ended.others);
  }
  await tell(tx, platform, battle.id, told, others);
  const isRecorded = isOver(state) && (battle.isPublic || battle.rated);
  tx.afterCommit(() => (isRecorded ? ["contests", "ladder:CODE"] : ["contests"]).forEach(platform.hub.touch));
  return decision;
}

/** What was not told of the entries while people voted, or were going to. */
async function takeUntold(tx: Tx, battleId: string): Promise<BattleEvent[]> {
  const entries = Map.groupBy(await tx.query(untoldOf, [battleId]), ({ entry_id }) => entry_id);
  await tx.query(removeUntold, [battleId]);
  const collected = [...entries.values()].map((chunks) => Buffer.concat(chunks.map(({ bytes }) => bytes)).toString());
  const judged = (await tx.query(seatedEntries, [battleId])).flatMap(({ bot_id: botId, score }): BattleEvent[] =>
    score === null ? [] : [{ type: "EntryJudged", botId, ...standingOf(score as Pick<Report, "score">) }],
  );
  return [...collected.flatMap((text) => JSON.parse(text) as BattleEvent[]), ...judged];
}

/** What is told of how an entry was judged. */
export const standingOf = ({ score: { checksPassed, testsPassed, regressions } }: Pick<Report, "score">) => ({
  checksPassed,
  testsPassed,
  regressions,
});

async function begin(tx: Tx, platform: Platform, { id }: LockedBattle, unrated: boolean): Promise<Append[]> {
  if (unrated) await unrateContest(tx, id);
  await startContest(tx, id, platform.clock.now());
  const seated = await tx.query(seatedEntries, [id]);
  return seated.map(({ bot_id }) => ({
    stream: `bot:${bot_id}`,
    events: [{ type: "ContestStarted", contestId: id }],
  }));
}

async function finish(
  tx: Tx,
  platform: Platform,
  battle: LockedBattle,
  { phase }: BattleState,
  placements: readonly Entered[],
): Promise<{ event: BattleEvent; others: Append[] }> {
  await tx.query(forgetKeys, [battle.id]);
  const seated = await tx.query(seatedEntries, [battle.id]);
  const placed = seated.flatMap(({ id, bot_id }) => {
    const found = placements.find(({ entryId }) => entryId === id);
    return found ? [{ id, botId: bot_id, placement: found.placement }] : [];
  });
  await tx.query(writePlacements, [JSON.stringify(placed)]);
  const changes = await finishContest(tx, platform, {
    contestId: battle.id,
    ladder: "CODE",
    rated: battle.rated,
    // One that was hidden after its draw counts as it would have.
    recorded: battle.isPublic || battle.rated,
    status: phase === "COMPLETED" ? "COMPLETED" : phase === "CANCELLED" ? "CANCELLED" : "VOIDED",
    placements: placed.map(({ botId, placement }) => ({ botId, placement })),
  });
  const others = seated.map(({ bot_id }) => ({
    stream: `bot:${bot_id}`,
    events: [{ type: "ContestEnded", contestId: battle.id }],
  }));
  const placementsTold = placed.map(({ botId, placement }) => ({ botId, placement, ...eloOf(battle, changes, botId) }));
  const seed = battle.seed.toString("hex");
  return { event: { type: "BattleEnded", phase, placements: placementsTold, seed }, others };
}

function eloOf({ rated }: LockedBattle, changes: readonly EloChange[] | null, botId: string) {
  const change = changes?.find((each) => each.botId === botId);
  return { ratingBefore: change?.eloBefore ?? null, ratingAfter: rated ? (change?.eloAfter ?? null) : null };
}

/** Writes one git or sandbox operation of a battle into its audit list. */
export function note(
  { db, random, clock }: Pick<Platform, "db" | "random" | "clock">,
  battleId: string,
  operation: string,
  about: string,
): Promise<unknown> {
  const now = clock.now();
  return db.query(writeAudit, [random.id(now), battleId, now, operation, about.slice(0, 500)]);
}
