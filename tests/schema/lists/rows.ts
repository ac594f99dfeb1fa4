import type { App } from "../../../src/app.ts";
import { ask, mutate, newBot, newPerson } from "../../harness/agent.ts";
import * as battles from "./rows/code-battles.ts";
import * as ladder from "./rows/ladder.ts";
import * as money from "./rows/money.ts";
import * as people from "./rows/people.ts";
import * as quake from "./rows/quake.ts";
import * as social from "./rows/social.ts";
import * as work from "./rows/work.ts";
import * as xp from "./rows/xp.ts";

/**
 * Statements that make one row of each kind, which no mutation makes or makes only after many contests, and those that make
 * `:rows` copies of it. Each domain's stand on those before it.
 */
const DOMAINS = [ladder, people, work, money, battles, quake, xp, social];

/** What operations need to know of the rows: GraphQL literals by argument, and the credentials that see everything. */
export type Filled = { values: Record<string, string>; token: string; more(rows: number): Promise<void> };

/**
 * One row of everything, made through the API where an API makes it; `more` adds so many of each by copying these, so that
 * few and many rows differ in their number only.
 */
export async function fillOne(app: App): Promise<Filled> {
  const { token, key } = await newPerson(app.url, "lists");
  const [botId, otherId] = [await newBot(app.url, key, "Row_0"), await newBot(app.url, key, "Row_1")];
  const { data } = await ask(app.url, `{ bot(name: "House_Drill") { id } }`);
  const houseId = (data as unknown as { bot: { id: string } }).bot.id;
  for (const each of [botId, otherId]) await mutate(app.url, key, "enterPit", { botId: each });
  await mutate(app.url, key, "postMessage", { botId, text: "hello" });
  await mutate(app.url, key, "createCallout", { botId, targetId: otherId });
  const ended = await fight(app, key, botId, houseId);
  await mutate(app.url, key, "submitFightAction", { botId, fightId: ended, round: 1, exchange: 1, action: "JAB_HIGH" });
  await mutate(app.url, key, "concedeFight", { botId: botId, fightId: ended });
  const live = await fight(app, key, botId, houseId);
  const uuid = (id: string) => id.slice(-32).replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  const context = { bot: uuid(botId), ended: uuid(ended), live: uuid(live) };
  const { pool } = app.platform.db;
  for (const { FIRST } of DOMAINS) for (const text of FIRST) await run(app, text, context, 1);
  await pool.query("UPDATE app_user SET operator = true WHERE handle = 'lists'");
  const [match] = (await pool.query<{ id: string }>("SELECT id FROM quake_match")).rows;
  const [task] = (
    await pool.query<{ id: string }>("SELECT id FROM task WHERE visibility = 'TEAM' AND workflow_id IS NULL")
  ).rows;
  const [flow] = (await pool.query<{ id: string }>("SELECT id FROM workflow")).rows;
  const [talk] = (
    await pool.query<{ id: string }>(
      "SELECT m.conversation_id AS id FROM conversation_comment m JOIN social_reaction r ON r.comment_id = m.id",
    )
  ).rows;
  const [project] = (await pool.query<{ id: string }>("SELECT id FROM project")).rows;
  const [battle] = (await pool.query<{ id: string }>("SELECT id FROM code_battle WHERE phase = 'JUDGING'")).rows;
  return {
    token,
    values: {
      "bot.name": `"Row_0"`,
      "user.handle": `"lists"`,
      "fight.id": `"${ended}"`,
      "codeBattle.id": `"code_battle_${battle?.id.replaceAll("-", "")}"`,
      "conversation.id": `"conversation_${talk?.id.replaceAll("-", "")}"`,
      "node.id": `"${botId}"`,
      "match.id": `"quake_match_${match?.id.replaceAll("-", "")}"`,
      "workflow.id": `"workflow_${flow?.id.replaceAll("-", "")}"`,
      "project.id": `"project_${project?.id.replaceAll("-", "")}"`,
      "task.id": `"task_${task?.id.replaceAll("-", "")}"`,
      ids: `["${botId}"]`,
      botId: `"${botId}"`,
      opponentId: `"${otherId}"`,
      kind: "PIT",
      ladder: "PIT",
      // The widest that a bot can be surrounded.
      "around.each": "25",
      // One row a day: of each of a hundred bots no more than two are asked for.
      "days.back": "2",
      "statistics.back": "2",
      "recommendedBots.capabilities": `["skill-0"]`,
      "recommendedBots.first": "20",
    },
    more: async (rows) => {
      for (const { COPIES } of DOMAINS) for (const text of COPIES) await run(app, text, context, rows);
      await pool.query("ANALYZE");
    },
  };
}

async function fight(app: App, key: string, botId: string, targetId: string): Promise<string> {
  const made = await mutate(app.url, key, "createCallout", { botId, targetId }, "callout { fight { id } }");
  return (made["callout"] as unknown as { fight: { id: string } }).fight.id;
}

type Known = { bot: string; ended: string; live: string };

async function run(app: App, text: string, known: Known, rows: number): Promise<void> {
  const filled = text.replaceAll(/:(bot|ended|live|rows)\b/g, (_match, name: string) =>
    name === "rows" ? String(rows) : `'${known[name as keyof Known]}'::uuid`,
  );
  await app.platform.db.pool.query(filled);
}
