import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { mutate, newBot, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { until } from "../harness/until.ts";

const FIGHTS = 3;

let app: App;
beforeAll(async () => {
  // Every look at the damaged one is logged.
  app = await startTestApp({ LIMIT_ACTION_TIMEOUT_MS: 2_000, LIMIT_TIME_BANK_MS: 0 }, {}, { LOG_LEVEL: "error" });
});
afterAll(() => app.stop());

const rows = async <Row extends object>(text: string, values: unknown[] = []) =>
  (await app.platform.db.pool.query<Row>(text, values)).rows;

/** How many of some fights tell of an exchange in which somebody's time ran out. */
async function timedOut(ids: readonly string[]): Promise<number> {
  const found = await rows(
    `SELECT DISTINCT stream FROM stream_event
     WHERE stream = ANY($1) AND type = 'ExchangeResolved' AND payload LIKE '%"timedOut":true%'`,
    [ids.map((id) => `fight:${id}`)],
  );
  return found.length;
}

test("a fight whose state is damaged keeps its own deadline from firing, not those that are due beside it, and goes on once it is whole", async () => {
  for (let index = 0; index < 2 * FIGHTS; index++) {
    const { key } = await newPerson(app.url);
    const botId = await newBot(app.url, key, `Whole_${index}`);
    await mutate(app.url, key, "joinQueue", { botId, ladder: "PIT" });
  }
  const ids = await until(async () => {
    const begun = (await rows<{ id: string }>("SELECT id FROM fight ORDER BY id")).map(({ id }) => id);
    return begun.length === FIGHTS && begun;
  }, "the fights");
  const [damaged, ...whole] = ids;
  const [kept] = await rows<{ state: object }>("SELECT state FROM fight WHERE id = $1", [damaged]);
  const damage = `UPDATE fight SET state = '{"phase": "WAITING_FOR_ACTIONS"}', deadline_at = now() WHERE id = $1`;
  await rows(damage, [damaged]);
  // All are due in one look from here on.
  await until(async () => (await timedOut(whole)) === whole.length, "the deadlines of the others");
  expect(await timedOut([damaged ?? ""])).toBe(0);

  await rows("UPDATE fight SET state = $2 WHERE id = $1", [damaged, JSON.stringify(kept?.state)]);
  await until(async () => (await timedOut([damaged ?? ""])) === 1, "its own deadline");
});
