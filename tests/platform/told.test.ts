import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { parseNodeId } from "../../src/platform/graphql/node-ids.ts";
import { ask, mutate, newBot, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { until } from "../harness/until.ts";

let app: App;
beforeAll(async () => {
  app = await startTestApp({ LIMIT_CALLOUT_INTERVAL_MS: 0 });
  // A commit takes its time, so that what is told before it is told well before it.
  await app.platform.db.pool.query(`
    CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.1); RETURN NULL; END';
    CREATE CONSTRAINT TRIGGER lingers AFTER INSERT ON stream_event DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION linger()`);
});
afterAll(() => app.stop());

test.each([
  ["without an idempotency key", undefined],
  ["with an idempotency key", "once"],
])("an event is told only after its commit, %s", async (_sentence, idempotencyKey) => {
  const { key } = await newPerson(app.url);
  const bot = await newBot(app.url, key, `Told_${idempotencyKey ?? "none"}`);
  await mutate(app.url, key, "enterPit", { botId: bot });
  const { data } = await ask(app.url, `{ bot(name: "House_Random") { id } }`);
  const targetId = (data as unknown as { bot: { id: string } }).bot.id;
  const made = await mutate(app.url, key, "createCallout", { botId: bot, targetId }, "callout { fight { id } }");
  const fightId = (made["callout"] as unknown as { fight: { id: string } }).fight.id;
  const stream = `fight:${parseNodeId(fightId)?.uuid}`;
  const stored: Promise<number>[] = [];
  const { pool } = app.platform.db;
  const leave = app.platform.hub.follow(stream, 2, {
    deliver: ({ seq }) => {
      const found = pool.query("SELECT 1 FROM stream_event WHERE stream = $1 AND seq = $2", [stream, seq]);
      stored.push(found.then(({ rowCount }) => rowCount ?? 0));
      return true;
    },
    close: () => undefined,
  });
  const input = { botId: bot, fightId, round: 1, exchange: 1, action: "RECOVER", idempotencyKey };
  expect((await mutate(app.url, key, "submitFightAction", input))["__typename"]).toBe("SubmitFightActionSuccess");
  await until(() => stored.length >= 2, "the resolution");
  leave();
  expect(new Set(await Promise.all(stored))).toEqual(new Set([1]));
});
