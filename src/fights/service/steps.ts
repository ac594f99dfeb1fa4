import type { Tx } from "../../platform/database.ts";
import { enqueue } from "../../platform/jobs.ts";
import type { Platform } from "../../platform/platform.ts";
import { appendBatch, append, storedEvents, type Append } from "../../platform/streams.ts";
import type { Row } from "../../platform/statement.ts";
import { post } from "../../ledger/service/post.ts";
import { amountOf, unitsOf, type Amount } from "../../platform/money.ts";
import { finishContest } from "../../ladder/service/contests.ts";
import { lockPool, movePool } from "../../ladder/events.ts";
import type { ContestOrigin, LadderKind } from "../../ladder/rules/ladders.ts";
import { houseDraw, houseNonce } from "../house/draw.ts";
import { EQUILIBRIUM } from "../house/table.ts";
import { fightJob } from "../events.ts";
import { commitmentOf } from "../rules/commitment.ts";
import { afterOutage, decide } from "../rules/fight.ts";
import type { FightEvent } from "../rules/fight-events.ts";
import {
  deadlineOf,
  isAsked,
  isOver,
  type FightCommand,
  type FightDecision,
  type FightState,
} from "../rules/fight-state.ts";
import { houseAction, type HousePolicy } from "../rules/house.ts";
import { settle, type Payout } from "../rules/stakes.ts";
import { lockFight, lockFreeFights, stakersOf, writeState, writeStep } from "../store.ts";

/** A fight as it was locked. */
export type LockedFight = {
  id: string;
  state: FightState;
  ladder: LadderKind;
  origin: ContestOrigin;
  rated: boolean;
  seed: Buffer;
  policies: Readonly<Record<string, HousePolicy | null>>;
  stakes: { escrowId: string; each: Amount } | null;
  /** How long no engine was up and nothing was done about it yet, in milliseconds. */
  outageMs: number;
};

/** The name of a fight's stream. */
export const fightStream = (fightId: string) => `fight:${fightId}`;

/** Locks a fight's row for the rest of the transaction; null when there is none. */
export async function lock(tx: Tx, fightId: string): Promise<LockedFight | null> {
  const [row] = await tx.query(lockFight, [fightId]);
  return row ? lockedFight(row) : null;
}

/** Locks those of some fights that neither another node nor a move is at: for those who look again soon. */
export async function lockFree(tx: Tx, fightIds: readonly string[]): Promise<LockedFight[]> {
  return (await tx.query(lockFreeFights, [fightIds])).map(lockedFight);
}

function lockedFight(row: Row<typeof lockFight>): LockedFight {
  return {
    id: row.id,
    state: row.state as FightState,
    ladder: row.ladder as LadderKind,
    origin: row.origin as ContestOrigin,
    rated: row.rated,
    seed: row.seed,
    policies: (row.policies ?? {}) as LockedFight["policies"],
    stakes: row.escrow_id === null ? null : { escrowId: row.escrow_id, each: amountOf(unitsOf(row.wager)) },
    outageMs: row.outage_ms,
  };
}

/** What a command makes of a fight, and what is told of it. */
export type Step = { state: FightState; events: FightEvent[] };
type Refused = Extract<FightDecision, { ok: false }>;

/**
 * Mends the outage that the fight is owed, applies a command, then every move that house bots owe: they decide when the
 * move is asked for.
 */
export function step(fight: LockedFight, command: FightCommand, nowMs: number): { ok: true; step: Step } | Refused {
  const mended = afterOutage(fight.state, fight.outageMs, nowMs);
  const decision = decide(mended.state, command, nowMs);
  if (!decision.ok) return decision;
  const { state, events } = decision;
  return { ok: true, step: playHouse(fight, { state, events: [...mended.events, ...events] }, nowMs) };
}

type WithHouse = Pick<LockedFight, "id" | "seed" | "policies">;

/** Lets the house bots of a fight make the moves that are asked for. */
export function playHouse(fight: WithHouse, from: Step, nowMs: number): Step {
  let current = from;
  for (let owed = owedMove(fight, current.state); owed; owed = owedMove(fight, current.state)) {
    const decision = decide(current.state, owed, nowMs);
    if (!decision.ok) throw new Error(`a house bot's move was refused: ${decision.refusal}`);
    current = { state: decision.state, events: [...current.events, ...decision.events] };
  }
  return current;
}

function owedMove({ id: fightId, seed, policies }: WithHouse, state: FightState): FightCommand | null {
  if (!isAsked(state)) return null;
  const { fighters, round, exchange } = state;
  const given = state.phase === "WAITING_FOR_COMMITMENTS" ? state.commitments : state.pending;
  const side = fighters.findIndex(({ botId }, index) => policies[botId] && !given[index]);
  const [me, opponent] = [fighters[side], fighters[1 - side]];
  const policy = me && policies[me.botId];
  if (!me || !opponent || !policy) return null;
  const { botId } = me;
  const turn = { botId, round, exchange };
  // Nothing that it sees changes between commitment and reveal: it chooses the same again.
  const snapshot = { me, opponent, exchange, opponentPlayed: opponent.played };
  const action = houseAction(policy, snapshot, houseDraw(seed, botId, round, exchange), EQUILIBRIUM);
  if (state.phase === "WAITING_FOR_ACTIONS") return { type: "SUBMIT", ...turn, action };
  const sealed = { fightId, ...turn, action, nonce: houseNonce(seed, botId, round, exchange) };
  return state.phase === "WAITING_FOR_COMMITMENTS"
    ? { type: "COMMIT", ...turn, hash: commitmentOf(sealed) }
    : { type: "REVEAL", ...sealed };
}

/** Writes a step as the transaction's last statement where it can; an end writes the contest's result first. */
export async function write(tx: Tx, platform: Platform, fight: LockedFight, { state, events }: Step): Promise<void> {
  const at = platform.clock.now();
  const deadline = deadlineOf(state);
  const over = isOver(state);
  const row = [
    fight.id,
    JSON.stringify(state),
    state.phase,
    deadline === null ? null : new Date(deadline),
    over ? state.winnerBotId : null,
    over ? state.reason : null,
  ];
  if (events.length === 0) return void (await tx.finish(writeState, row));
  const appends: Append[] = [{ stream: fightStream(fight.id), chained: true, events: events }];
  if (fight.state.phase === "ANNOUNCED" && !over) appends.push(...(await changePool(tx, platform, fight.id, state)));
  if (over) await writeEnd(tx, platform, fight, state, appends);
  const places = await tx.finish(writeStep, [...row, appendBatch(appends, at), at, events.length]);
  const stored = storedEvents(appends, at, places);
  // Under an idempotency key `finish` does not commit yet: only what is committed may be told.
  tx.afterCommit(() => platform.hub.publish(stored));
  if (over)
    tx.afterCommit(() =>
      ["contests", `ladder:${fight.ladder}`, `queue:${fight.ladder}`].forEach((topic) => platform.hub.touch(topic)),
    );
}

/** A pool is open as long as its fight is announced: it closes with the first request, and moves with the start. */
function changePool(tx: Tx, platform: Platform, fightId: string, state: FightState): Promise<Append[]> {
  const startsAtMs = state.phase === "ANNOUNCED" ? state.startsAtMs : null;
  return startsAtMs === null
    ? lockPool.call(tx, platform, fightId)
    : movePool.call(tx, platform, fightId, new Date(startsAtMs));
}

async function writeEnd(
  tx: Tx,
  platform: Platform,
  fight: LockedFight,
  state: Extract<FightState, { winnerBotId: string | null }>,
  appends: Append[],
): Promise<void> {
  const placements = state.fighters.map(({ botId }) => ({
    botId,
    placement: state.winnerBotId === null || botId === state.winnerBotId ? 1 : 2,
  }));
  const voided = state.phase === "NO_CONTEST" || state.phase === "VOIDED";
  const changes = await finishContest(tx, platform, {
    contestId: fight.id,
    ladder: fight.ladder,
    rated: fight.rated,
    recorded: fight.origin !== "PRACTICE_QUEUE",
    status: voided ? "VOIDED" : "COMPLETED",
    placements,
  });
  const payouts = await payStakes(tx, platform, fight, state.winnerBotId);
  const changeOf = (botId: string) => changes?.find((change) => change.botId === botId);
  const ended = appends[0]?.events.at(-1);
  if (ended?.type === "FightEnded") {
    Object.assign(ended, {
      seed: fight.seed.toString("hex"),
      ...(payouts && { payouts: payouts.map(({ botId, amount }) => ({ botId, amount: amount.toString() })) }),
      placements: placements.map(({ botId, placement }) => ({
        botId,
        placement,
        ratingBefore: changeOf(botId)?.eloBefore ?? null,
        ratingAfter: fight.rated && !voided ? (changeOf(botId)?.eloAfter ?? null) : null,
      })),
    });
  }
  await enqueue(tx, [fightJob("ended", fight.id)]);
  appends.push(
    ...placements.map(({ botId }) => ({
      stream: `bot:${botId}`,
      events: [{ type: "ContestEnded", contestId: fight.id }],
    })),
  );
}

/** Empties the escrow of a fight that had stakes; null for one that had none. */
async function payStakes(
  tx: Tx,
  platform: Platform,
  { id, stakes }: LockedFight,
  winnerBotId: string | null,
): Promise<Payout[] | null> {
  if (!stakes) return null;
  const [one, two] = (await tx.query(stakersOf, [id])).map((row) => ({ botId: row.bot_id, ownerId: row.owner_id }));
  if (!one || !two) throw new Error(`fight ${id} has stakes, but not two sides`);
  const { journal, payouts } = settle(id, { ...stakes, sides: [one, two] }, winnerBotId);
  const posted = await post(tx, platform, journal);
  // The contest ends once, under the fight's lock: an escrow that was emptied before is a bug, and nothing may be written.
  if (!posted.ok || posted.repeated) throw new Error(`the stakes of fight ${id} were paid before`);
  return payouts;
}

/** Appends events outside a step, for the first events of a fight. */
export function announce(tx: Tx, platform: Platform, appends: Append[]): Promise<unknown> {
  return append(tx, platform.hub.publish, appends, platform.clock.now());
}
