import { LRUCache } from "lru-cache";
import type { Tx } from "../../platform/database.ts";
import { eachAlone } from "../../platform/each.ts";
import type { Platform } from "../../platform/platform.ts";
import type { Append } from "../../platform/streams.ts";
import { PUSHED_PER_BOT_MAX } from "../rules/input.ts";
import { assignedTopic } from "../events.ts";
import {
  dueTasks,
  heldBy,
  heldBySilent,
  holdBot,
  isSilent,
  lockForBot,
  lockTask,
  pickBot,
  pushable,
  pushableLanes,
} from "../store/tasks.ts";
import { apply, step, stepWithin } from "./steps.ts";

const FAILED = "time did not pass for a task; the next sweep tries again";

/** Applies time to every task whose deadline has passed; the row's lock makes each fire once. Gives how many were looked at. */
export async function fireDue(platform: Platform): Promise<number> {
  const due = await platform.db.query(dueTasks, [platform.clock.now()]);
  await eachAlone(platform, due, { work: ({ id }) => apply(platform, id, { type: "DEADLINE" }), failed: FAILED });
  return due.length;
}

/** Takes from silent bots what they hold: neither they nor the task gave a sign of life for as long as a bot is online. */
export async function releaseSilent(platform: Platform): Promise<number> {
  const since = new Date(platform.clock.now().getTime() - platform.settings.presenceMs);
  const held = await platform.db.query(heldBySilent, [since]);
  await eachAlone(platform, held, { work: ({ id }) => releaseIfSilent(platform, id, since), failed: FAILED });
  return held.length;
}

/** Asked again under the task's lock: a sign of life, or another bot's claim, may have come in between. */
function releaseIfSilent(platform: Platform, taskId: string, since: Date): Promise<boolean> {
  return platform.db.transact(async (tx) => {
    const [row] = await tx.query(lockTask, [taskId]);
    const silent = row ? await tx.query(isSilent, [taskId, since]) : [];
    if (!row || silent.length === 0) return false;
    return (await step(tx, platform, row, { type: "BOT_GONE" })).ok;
  });
}

/** Takes from bots that may not play any more what they hold; gives what is to be told. */
export function barFromWork(tx: Tx, platform: Platform, botIds: readonly string[]): Promise<Append[]> {
  // Who offers them something asks again whether they may have it.
  tx.afterCommit(() => botIds.map(assignedTopic).forEach(platform.hub.touch));
  return takeBack(tx, platform, null, botIds);
}

/** Takes from bots that are in a team no more what they hold of it; gives what is to be told. */
export const barFromTeamWork = (tx: Tx, platform: Platform, teamId: string, botIds: readonly string[]) =>
  takeBack(tx, platform, teamId, botIds);

async function takeBack(
  tx: Tx,
  platform: Platform,
  teamId: string | null,
  botIds: readonly string[],
): Promise<Append[]> {
  const appends: Append[] = [];
  for (const { id } of await tx.query(heldBy, [botIds, teamId])) {
    const [row] = await tx.query(lockTask, [id]);
    if (row) appends.push(...(await stepWithin(tx, platform, row, { type: "BOT_GONE" })));
  }
  return appends;
}

/** Where the round of the lanes stands, and which of them had no bot a moment ago. */
type PushRound = { afterLane: number; idle: LRUCache<number, true> };

const LANES_MAX = 2_000;
const HEADS_MAX = 10;
/** How many tasks one look finds a bot for, or finds that there is none. */
const PICKS_MAX = 100;
/** For how many lanes of one person or team a look finds that there is no bot. */
const MISSES_MAX = 10;
const IDLE_LANES_KEPT_MAX = 100_000;
const IDLE_MS = 1_000;

/** A round that has not begun. */
export const newPushRound = (): PushRound => ({
  afterLane: 0,
  idle: new LRUCache({ max: IDLE_LANES_KEPT_MAX, ttl: IDLE_MS }),
});

/**
 * Lays tasks on online bots, each on the one that has least to do. It goes round the lanes, some tasks of each: the tasks of a
 * lane are for the same bots, so that where none can take the first, the others wait, and in no other lane's way. However many
 * lanes one person or team has without a bot, a look asks for a few of them.
 */
export async function pushTasks(platform: Platform, round: PushRound): Promise<void> {
  const lanes = await platform.db.query(pushableLanes, [round.afterLane, LANES_MAX]);
  const missed = new Map<string, number>();
  let left = PICKS_MAX;
  for (const { id, scope } of lanes) {
    const [lane, whose] = [id ?? 0, scope ?? ""];
    const misses = missed.get(whose) ?? 0;
    if (!round.idle.has(lane) && misses < MISSES_MAX) {
      const { picks, found } = await pushLane(platform, lane);
      left -= picks;
      if (!found) missed.set(whose, misses + 1);
      if (!found) round.idle.set(lane, true);
    }
    round.afterLane = lane;
    if (left <= 0) return;
  }
  if (lanes.length < LANES_MAX) round.afterLane = 0;
}

/** Gives for how many tasks of the lane it looked for a bot, and whether there was one for the last. */
async function pushLane(platform: Platform, lane: number): Promise<{ picks: number; found: boolean }> {
  const since = new Date(platform.clock.now().getTime() - platform.settings.presenceMs);
  const heads = await platform.db.query(pushable, [lane, HEADS_MAX]);
  for (const [before, { id }] of heads.entries()) {
    const [bot] = await platform.db.query(pickBot, [id, since, PUSHED_PER_BOT_MAX]);
    if (!bot) return { picks: before + 1, found: false };
    await assign(platform, id, bot.id);
  }
  return { picks: heads.length, found: true };
}

/** The bot's row is held before the task's, as for a claim: nobody bars it, or takes it out of the team, in between. */
function assign(platform: Platform, taskId: string, botId: string): Promise<boolean> {
  return platform.db.transact(async (tx) => {
    const [[bot], [row]] = await Promise.all([tx.query(holdBot, [botId]), tx.query(lockForBot, [botId, taskId])]);
    if (!bot || bot.suspended || bot.archived || !row?.offered || row.held >= PUSHED_PER_BOT_MAX) return false;
    if (!row.capabilities.every((each) => bot.capabilities.includes(each))) return false;
    return (await step(tx, platform, row, { type: "ASSIGN", botId })).ok;
  });
}
