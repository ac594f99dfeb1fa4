import type { Tx } from "../../platform/database.ts";
import type { Platform } from "../../platform/platform.ts";
import { UUID_LOWEST } from "../../platform/keyset.ts";
import type { Append } from "../../platform/streams.ts";
import { PUSHED_PER_BOT_MAX } from "../rules/input.ts";
import { dueTasks, heldBy, heldBySilent, lockTask, pickBot, pushable } from "../store/tasks.ts";
import { eachOf } from "./each.ts";
import { apply, stepWithin } from "./steps.ts";

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
  await eachOf(held, ({ id }) => apply(platform, id, { type: "BOT_GONE" }));
  return held.length;
}

/** Takes from bots that may not play any more what they hold; gives what is to be told. */
export async function barFromWork(tx: Tx, platform: Platform, botIds: readonly string[]): Promise<Append[]> {
  const appends: Append[] = [];
  for (const { id } of await tx.query(heldBy, [botIds])) {
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
    if (bot) await apply(platform, id, { type: "ASSIGN", botId: bot.id });
  }
  return tasks.at(-1)?.id ?? UUID_LOWEST;
}
