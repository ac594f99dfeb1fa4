import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newBot, newKey, newPerson, socket } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { until } from "../harness/until.ts";

const NORTH = 10n ** 18n;
const STAKE = 50_000n * NORTH;
const BETTORS = 10;
/** As many as a day's grant pays for. */
const BETS_EACH = 20;
/** A pool tells its odds so often at most. */
const EVERY_MS = 250;

let app: App;
beforeAll(async () => {
  app = await startTestApp({ LIMIT_POOL_OPEN_MS: 60_000, LIMIT_BETS_PER_MINUTE_MAX: 1_000 });
});
afterAll(() => app.stop());

async function bettor(): Promise<string> {
  const { token } = await newPerson(app.url);
  const key = await newKey(app.url, token, ["PLAY", "BET"]);
  await mutate(app.url, key, "claimFaucet", {});
  return key;
}
async function announced(): Promise<{ fightId: string; botId: string; key: string }> {
  const [one, two] = [await bettor(), await bettor()];
  const botId = await newBot(app.url, one, "Odds_a");
  const targetId = await newBot(app.url, two, "Odds_b");
  await mutate(app.url, one, "enterPit", { botId });
  await mutate(app.url, two, "enterPit", { botId: targetId });
  const called = await mutate(app.url, one, "createCallout", { botId, targetId }, "callout { id }");
  const { id: calloutId } = called["callout"] as unknown as { id: string };
  const met = await mutate(app.url, two, "acceptCallout", { calloutId }, "callout { fight { id } }");
  return { fightId: (met["callout"] as unknown as { fight: { id: string } }).fight.id, botId, key: one };
}

type Pool = { status: string; total: string };
type Told = { pool: Pool; atMs: number };
/** What a pool's feed tells from now on. */
function follow(fightId: string): { told: Told[]; leave(): Promise<void> } {
  const client = socket(app.url, null);
  const told: Told[] = [];
  const query = "subscription($id: ID!) { poolOdds(contestId: $id) { status total } }";
  client.subscribe<{ poolOdds: Pool }>(
    { query, variables: { id: fightId } },
    {
      next: ({ data }) => {
        if (data) told.push({ pool: data.poolOdds, atMs: performance.now() });
      },
      error: () => undefined,
      complete: () => undefined,
    },
  );
  return { told, leave: async () => client.dispose() };
}

test("two hundred bets at once are a few events of their pool's odds, and the last one has them all", async () => {
  const { fightId, botId, key } = await announced();
  const keys = await Promise.all(Array.from({ length: BETTORS }, bettor));
  const [early, other] = [follow(fightId), follow(fightId)];
  await until(() => early.told.length === 1 && other.told.length === 1, "the first odds");
  // Behind a rest, what moves first is told at once.
  await sleep(2 * EVERY_MS);
  const beganMs = performance.now();
  const bet = (by: string) =>
    mutate(app.url, by, "placeBet", { contestId: fightId, botId, amount: String(STAKE) }, "bet { id }");
  const bets = keys.flatMap((by) => Array.from({ length: BETS_EACH }, () => bet(by)));
  const answers = await Promise.all(bets);
  expect(answers.filter(({ __typename: name }) => String(name) === "PlaceBetSuccess")).toHaveLength(bets.length);
  const total = String(BigInt(bets.length) * STAKE);
  const isWhole = ({ told }: { told: Told[] }) => told.at(-1)?.pool.total === total;
  await until(() => isWhole(early) && isWhole(other), "odds with every bet");
  const { data } = await ask(app.url, "query($id: ID!) { fight(id: $id) { pool { status total } } }", { id: fightId });
  for (const { told } of [early, other]) {
    const [first, ...moved] = told;
    expect(first?.pool.total).toBe("0");
    // So many fit into the time that it took; one of them came at once, and one may have begun before the last bet.
    const tookMs = (moved.at(-1)?.atMs ?? 0) - beganMs;
    expect(moved.length).toBeLessThanOrEqual(Math.ceil(tookMs / EVERY_MS) + 1);
    expect(moved.length).toBeLessThan(bets.length / 2);
    expect(data).toEqual({ fight: { pool: moved.at(-1)?.pool } });
  }
  const before = early.told.length;
  await sleep(2 * EVERY_MS);
  expect(early.told).toHaveLength(before);

  // What is no bet is told by the same feed: nobody is left with odds of an open pool.
  await mutate(app.url, key, "concedeFight", { botId, fightId });
  await until(() => early.told.at(-1)?.pool.status === "REFUNDED", "the pool's end");
  await Promise.all([early.leave(), other.leave()]);
}, 60_000);
