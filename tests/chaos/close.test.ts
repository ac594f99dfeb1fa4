import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mutate, newBot, newKey, newPerson } from "../harness/agent.ts";
import { newHolder, NORTH } from "../harness/bank.ts";
import { freshDatabase } from "../harness/database.ts";
import { ledgerCheck } from "../harness/ledger-check.ts";
import { freePort, ROOMY, serverProcess, type ServerProcess } from "../harness/process.ts";
import { until } from "../harness/until.ts";
import { uuidOf } from "./record.ts";

// The short form is part of every test run; AGON_CHAOS=full is what `npm run test:chaos` does.
const FULL = process.env["AGON_CHAOS"] === "full";
const RACED = FULL ? 10_000 : 400;
const LANES = FULL ? 32 : 16;
const NODES = 2;
const POOL_OPEN_MS = 1_000;
/** Each lane of bettors goes on until it has been refused so often. */
const REFUSED_MAX = 3;
const STAKE = String(50_000n * NORTH);

let database: { url: string; drop(): Promise<void> };
let pool: pg.Pool;
const nodes: ServerProcess[] = [];
const urlOf = (turn: number) => nodes[turn % NODES]?.url ?? "";

beforeAll(async () => {
  database = await freshDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 4 });
  const variables = {
    ...ROOMY,
    LIMIT_POOL_OPEN_MS: String(POOL_OPEN_MS),
    LIMIT_CALLOUT_INTERVAL_MS: "0",
    LIMIT_BETS_PER_MINUTE_MAX: "1000000",
    LIMIT_ACTION_TIMEOUT_MS: "600000",
  };
  for (let node = 0; node < NODES; node++) nodes.push(serverProcess(await freePort(), database.url, variables));
  for (const node of nodes) await node.start();
}, 60_000);
afterAll(async () => {
  for (const node of nodes) await node.stop();
  await pool.end();
  await database.drop();
});

const rows = async <Row extends object>(text: string, values: unknown[] = []) =>
  (await pool.query<Row>(text, values)).rows;

type Fighter = { key: string; botId: string };
async function fighter(name: string): Promise<Fighter> {
  const { key } = await newPerson(urlOf(0));
  const botId = await newBot(urlOf(0), key, name);
  await mutate(urlOf(0), key, "enterPit", { botId });
  return { key, botId };
}

/** A fight that begins, and so closes its pool, a second later; it stays until somebody concedes. */
async function announce(one: Fighter, two: Fighter): Promise<string> {
  const input = { botId: one.botId, targetId: two.botId };
  for (const { key, botId } of [one, two]) await mutate(urlOf(0), key, "heartbeat", { botId });
  const called = await mutate(urlOf(0), one.key, "createCallout", input, "callout { id }");
  expect(called).toMatchObject({ __typename: "CreateCalloutSuccess" });
  const { id: calloutId } = called["callout"] as unknown as { id: string };
  const met = await mutate(urlOf(0), two.key, "acceptCallout", { calloutId }, "callout { fight { id } }");
  return (met["callout"] as unknown as { fight: { id: string } }).fight.id;
}

type Raced = { taken: string[]; refused: string[] };
/** One bettor's bets, one after the other, right through the close. */
async function race(key: string, lane: number, contestId: string, botId: string): Promise<Raced> {
  const raced: Raced = { taken: [], refused: [] };
  while (raced.refused.length < REFUSED_MAX) {
    const answer = await mutate(urlOf(lane), key, "placeBet", { contestId, botId, amount: STAKE }, "bet { id }");
    const { code, bet } = answer as { code?: string; bet?: { id: string } };
    if (bet) raced.taken.push(uuidOf(bet.id));
    else raced.refused.push(String(code));
  }
  return raced;
}

type Locked = { total: string; backed: { amount: string }[] };
/** What the pool said of itself when it closed. */
async function lockedTotal(contest: string): Promise<bigint> {
  const told = await rows<{ payload: string }>(
    "SELECT payload FROM stream_event WHERE stream = $1 AND type = 'PoolLocked'",
    [`pool:${contest}`],
  );
  expect(told).toHaveLength(1);
  const { total, backed } = JSON.parse(told[0]?.payload ?? "") as Locked;
  expect(backed.reduce((sum, { amount }) => sum + BigInt(amount), 0n)).toBe(BigInt(total));
  return BigInt(total);
}

test(
  `${RACED} bets race the close from ${NODES} nodes: each is in before it, or refused as POOL_CLOSED`,
  async () => {
    const [one, two] = [await fighter("Close_a"), await fighter("Close_b")];
    const keys: string[] = [];
    for (let lane = 0; lane < LANES; lane++) {
      const { token } = await newHolder(urlOf(lane), pool, 2_000_000_000n * NORTH);
      keys.push(await newKey(urlOf(lane), token, ["BET"]));
    }
    let [answered, taken] = [0, 0];
    for (let round = 0; answered < RACED; round++) {
      const fightId = await announce(one, two);
      const contest = uuidOf(fightId);
      const sides = [one.botId, two.botId];
      const raced = await Promise.all(keys.map((key, lane) => race(key, lane, fightId, sides[lane % 2] ?? "")));
      const inBefore = raced.flatMap((each) => each.taken);
      expect(new Set(raced.flatMap((each) => each.refused))).toEqual(new Set(["POOL_CLOSED"]));
      expect(inBefore.length).toBeGreaterThan(0);
      answered += inBefore.length + LANES * REFUSED_MAX;
      taken += inBefore.length;

      // What was acknowledged is what is kept, and no more of it than when the pool closed.
      const kept = (await rows<{ id: string }>("SELECT id FROM bet WHERE contest_id = $1", [contest])).map(
        ({ id }) => id,
      );
      expect(kept.toSorted()).toEqual(inBefore.toSorted());
      expect(await lockedTotal(contest)).toBe(BigInt(inBefore.length) * BigInt(STAKE));
      const loser = round % 2 === 0 ? one : two;
      await mutate(urlOf(round), loser.key, "concedeFight", { botId: loser.botId, fightId });
      await until(
        async () =>
          (await rows("SELECT FROM bet_pool WHERE contest_id = $1 AND status = 'SETTLED'", [contest])).length === 1,
        "the settlement",
      );
    }
    expect(await rows("SELECT FROM bet WHERE status NOT IN ('WON', 'LOST')")).toEqual([]);
    expect(await rows("SELECT FROM bet")).toHaveLength(taken);
    expect(await rows("SELECT FROM journal WHERE kind = 'POOL_SETTLED'")).toHaveLength(
      (await rows("SELECT FROM bet_pool")).length,
    );
    expect(await ledgerCheck(database.url)).toMatchObject({ code: 0 });
  },
  FULL ? 900_000 : 120_000,
);
