import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { startTestApp } from "../harness/app.ts";
import { until } from "../harness/until.ts";
import { newTask, work } from "../harness/work.ts";
import { newReporter, readNode, report, setPrivacy, type Reporter } from "../harness/xp.ts";

let app: App;
let url: string;
beforeAll(async () => {
  app = await startTestApp();
  url = app.url;
});
afterAll(() => app.stop());

type Achievement = { key: string; unlockedAt: string | null; progress: { value: number; target: number }[] };

/** What somebody sees of a person's achievements: those that are unlocked, and the progress of some. */
async function seenBy(who: string | null, userId: string) {
  const fields = "... on User { achievements { key unlockedAt progress { value target } } }";
  const { achievements } = await readNode<{ achievements: Achievement[] }>(url, who, userId, fields);
  const progress = (key: string) => achievements.find((each) => each.key === key)?.progress;
  return {
    unlocked: achievements.filter(({ unlockedAt }) => unlockedAt !== null).map(({ key }) => key),
    tasks: progress("CENTURION"),
    bots: progress("AGENT_EXPLORER"),
    trainer: progress("ELITE_TRAINER"),
    legend: progress("ARENA_LEGEND"),
  };
}

/** A task that one person makes and another's bot does. */
async function workFor(asker: Reporter, worker: Reporter): Promise<void> {
  const taskId = await newTask(url, asker.report, { visibility: "PUBLIC" });
  const { task } = await work(url, worker.report, "claimTask", { botId: worker.botId, taskId, start: true });
  await work(url, worker.report, "completeTask", { botId: worker.botId, taskId, token: task.lease?.token, result: 1 });
}

test("who shows achievements to everybody shows by them neither what was reported nor what was asked of oneself", async () => {
  const [who, asker] = [await newReporter(app), await newReporter(app)];
  // 40 × 25 XP: level 5 of the bot and of the person, and ten perfect tasks in a row.
  await Promise.all(Array.from({ length: 40 }, () => report(url, who, { responseQuality: 1, durationMs: 60_000 })));
  await workFor(who, who);
  const own = ["FIRST_STEPS", "QUALITY_MASTER", "PERFECTIONIST", "ELITE_TRAINER"];
  await expect.poll(async () => (await seenBy(who.token, who.userId)).tasks).toEqual([{ value: 41, target: 100 }]);
  expect((await seenBy(who.token, who.userId)).unlocked.toSorted()).toEqual(own.toSorted());

  await setPrivacy(url, who, { profile: "PUBLIC", stats: "PUBLIC", achievements: "PUBLIC" });
  const nothing = {
    unlocked: [],
    tasks: [{ value: 0, target: 100 }],
    bots: [{ value: 0, target: 5 }],
    trainer: [{ value: 0, target: 5 }],
    legend: [
      { value: 1, target: 10 },
      { value: 0, target: 15 },
    ],
  };
  for (const stranger of [asker.token, null]) expect(await seenBy(stranger, who.userId)).toEqual(nothing);

  await workFor(asker, who);
  await expect
    .poll(() => seenBy(asker.token, who.userId))
    .toEqual({
      unlocked: ["FIRST_STEPS"],
      tasks: [{ value: 1, target: 100 }],
      bots: [{ value: 1, target: 5 }],
      trainer: [{ value: 1, target: 5 }],
      legend: [
        { value: 1, target: 10 },
        { value: 1, target: 15 },
      ],
    });
});

test("the progress of achievements tells neither levels nor work of who hides these", async () => {
  const [who, asker] = [await newReporter(app), await newReporter(app)];
  await workFor(asker, who);
  await setPrivacy(url, who, { profile: "PRIVATE", stats: "PRIVATE", achievements: "PUBLIC" });
  await expect
    .poll(() => seenBy(asker.token, who.userId))
    .toEqual({ unlocked: ["FIRST_STEPS"], tasks: [], bots: [], trainer: [], legend: [{ value: 1, target: 15 }] });
  await setPrivacy(url, who, { profile: "PRIVATE", stats: "PUBLIC", achievements: "PUBLIC" });
  expect(await seenBy(asker.token, who.userId)).toMatchObject({ tasks: [{ value: 1, target: 100 }], trainer: [] });
});

test("whoever hides the profile while something is counted of a new bot is on no board with it", async () => {
  const who = await newReporter(app);
  const shown = { profile: "PUBLIC", stats: "PUBLIC", achievements: "PUBLIC" };
  await setPrivacy(url, who, shown);
  const { pool } = app.platform.db;
  const client = await pool.connect();
  // What counting does, as far as the bot's first row and the lock of its owner.
  await client.query("BEGIN");
  const counted =
    "INSERT INTO xp_bot (bot_id, owner_id, xp, public_xp, board_xp) SELECT id, owner_id, 10, 10, board_xp_of('PUBLIC', 10, 0) FROM bot WHERE id = $1";
  await client.query(counted, [who.botId.slice(-32)]);
  await client.query("SELECT FROM xp_user WHERE user_id = $1 FOR NO KEY UPDATE", [who.userId.slice(-32)]);
  const hiding = setPrivacy(url, who, { ...shown, profile: "PRIVATE" });
  const waits = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
  await until(async () => (await pool.query(waits)).rows.length > 0, "the setting behind what is counted");
  await client.query("COMMIT");
  client.release();
  await hiding;
  const { rows } = await pool.query("SELECT board_xp FROM xp_bot WHERE bot_id = $1", [who.botId.slice(-32)]);
  expect(rows).toEqual([{ board_xp: null }]);
});
