import type { Tx } from "../../platform/database.ts";
import type { Platform } from "../../platform/platform.ts";
import { UUID_LOWEST } from "../../platform/keyset.ts";
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
} from "../store/tasks.ts";
import { eachOf } from "./each.ts";
import { apply, step, stepWithin } from "./steps.ts";

/** Applies time to every task whose deadline has passed; the row's lock makes each fire once. Gives how many were looked at. */
export async function fireDue(platform: Platform): Promise<number> {
  const due = await platform.db.query(dueTasks, [platform.clock.now()]);
  await eachOf(due, ({ id }) => apply(platform, id, { type: "DEADLINE" }));
  return due.length;
}

/** Takes from silent bots what they hold: neither they nor the task gave a sign of life for as long as a bot is online. */
export async function releaseSilent(platform: Platform): Promise<number> {
  const since = new Date(platform.clock.now().getTime() - platform.settings.presenceMs);
  const held = await platform.db.query(heldBySilent, [since]);
  await eachOf(held, ({ id }) => releaseIfSilent(platform, id, since));
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

/**
 * Lays tasks on online bots, each on the one that has least to do. It goes round: what nobody can take now does not stand in
 * the way of what comes behind it. Gives where to go on.
 */
export async function pushTasks(platform: Platform, after: string): Promise<string> {
  const tasks = await platform.db.query(pushable, [after]);
  const since = new Date(platform.clock.now().getTime() - platform.settings.presenceMs);
  for (const { id } of tasks) {
    const [bot] = await platform.db.query(pickBot, [id, since, PUSHED_PER_BOT_MAX]);
    if (bot) await assign(platform, id, bot.id);
  }
  return tasks.at(-1)?.id ?? UUID_LOWEST;
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
