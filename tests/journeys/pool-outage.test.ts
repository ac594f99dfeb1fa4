import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newBot, newKey, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { until } from "../harness/until.ts";

const OPEN_MS = 60_000;
const OUTAGE_S = 20;

let app: App;
beforeAll(async () => {
  app = await startTestApp({ LIMIT_POOL_OPEN_MS: OPEN_MS });
});
afterAll(() => app.stop());

async function fighter(name: string): Promise<{ key: string; token: string; botId: string }> {
  const { key, token } = await newPerson(app.url);
  const botId = await newBot(app.url, key, name);
  await mutate(app.url, key, "enterPit", { botId });
  return { key, token, botId };
}

async function announced(): Promise<{ fightId: string; botId: string }> {
  const [one, two] = [await fighter("Outage_one"), await fighter("Outage_two")];
  const input = { botId: one.botId, targetId: two.botId };
  const called = await mutate(app.url, one.key, "createCallout", input, "callout { id }");
  const { id: calloutId } = called["callout"] as unknown as { id: string };
  const accepted = await mutate(app.url, two.key, "acceptCallout", { calloutId }, "callout { fight { id } }");
  return { fightId: (accepted["callout"] as unknown as { fight: { id: string } }).fight.id, botId: one.botId };
}

async function timesOf(fightId: string): Promise<{ closesAt: number; startsAt: number }> {
  const query = `{ fight(id: "${fightId}") { pool { closesAt } events(first: 10) { nodes { ... on FightAnnounced { startsAt } } } } }`;
  const { data } = await ask(app.url, query);
  const { pool, events } = (
    data as unknown as { fight: { pool: { closesAt: string }; events: { nodes: { startsAt: string }[] } } }
  ).fight;
  return { closesAt: Date.parse(pool.closesAt), startsAt: Date.parse(events.nodes.at(-1)?.startsAt ?? "") };
}

test("an outage moves the close of a pool with the start of its fight, and it takes bets until then", async () => {
  const { fightId, botId } = await announced();
  const before = await timesOf(fightId);
  expect(before.closesAt).toBe(before.startsAt);
  const { db } = app.platform;
  await db.pool.query("UPDATE engine_heartbeat SET beat_at = beat_at - $1 * interval '1 second'", [OUTAGE_S]);
  const after = await until(async () => {
    const times = await timesOf(fightId);
    // Two statements answer this query, and the move may be committed between them.
    return times.startsAt > before.startsAt && times.closesAt > before.closesAt && times;
  }, "the later start and close");
  expect(after.closesAt).toBe(after.startsAt);
  expect(after.closesAt - before.closesAt).toBeGreaterThanOrEqual(OUTAGE_S * 1_000);

  const { rows } = await db.pool.query<{ type: string; payload: string }>(
    "SELECT type, payload FROM stream_event WHERE stream LIKE 'pool:%' ORDER BY seq",
  );
  expect(rows.map(({ type }) => type)).toEqual(["PoolOpened", "PoolPostponed"]);
  expect(JSON.parse(rows[1]?.payload ?? "")).toMatchObject({ closesAt: new Date(after.closesAt).toISOString() });

  const { token } = await newPerson(app.url);
  const key = await newKey(app.url, token, ["PLAY", "BET"]);
  await mutate(app.url, key, "claimFaucet", {});
  const bet = { contestId: fightId, botId, amount: `50000${"0".repeat(18)}` };
  expect(await mutate(app.url, key, "placeBet", bet)).toMatchObject({ __typename: "PlaceBetSuccess" });
  // A bot is no contest.
  const wrong = mutate(app.url, key, "placeBet", { ...bet, contestId: botId });
  await expect(wrong).rejects.toThrow(/INVALID_ID/);
});
