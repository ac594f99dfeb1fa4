import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mutate, newBot, newKey, newPerson } from "../harness/agent.ts";
import { newHolder, NORTH } from "../harness/bank.ts";
import { ledgerCheck } from "../harness/ledger-check.ts";
import { ownPostgres, type OwnPostgres } from "../harness/postgres.ts";
import { freePort, ROOMY, serverProcess, type ServerProcess } from "../harness/process.ts";
import { until } from "../harness/until.ts";
import { uuidOf } from "./record.ts";

// The short form is part of every test run; AGON_CHAOS=full is what `npm run test:chaos` does.
const FULL = process.env["AGON_CHAOS"] === "full";
const RACED = FULL ? 10_000 : 400;
const LANES = FULL ? 64 : 16;
/** A bet raced the close when it was under way at any instant of so long before and after the closing transaction's commit. */
const RACED_WITHIN_MS = 250;
const NODES = 2;
const POOL_OPEN_MS = 600;
/** The lanes start so long before play is to begin; each goes on until it has been refused so often. */
const RUSH_BEFORE_MS = 200;
const REFUSED_MAX = 4;
const STAKE = 50_000n * NORTH;
/** A node reads the database's clock now and then: `placedAt` is by that, the commits are by the database itself. */
const NODE_CLOCK_OFF_MS = 50;

let postgres: OwnPostgres;
let pool: pg.Pool;
const nodes: ServerProcess[] = [];
const urlOf = (turn: number) => nodes[turn % NODES]?.url ?? "";

/** A database that remembers when each transaction was committed: that is what "before the close" means here. */
async function rememberingCommits(): Promise<OwnPostgres> {
  const own = await ownPostgres();
  const client = new pg.Client({ connectionString: own.url });
  await client.connect();
  await client.query("ALTER SYSTEM SET track_commit_timestamp = on");
  // No test stops this one's machine, and a race wants many bets at once.
  for (const setting of ["fsync", "full_page_writes"]) await client.query(`ALTER SYSTEM SET ${setting} = off`);
  await client.end();
  await own.stopAtOnce();
  await own.startAgain();
  return own;
}

beforeAll(async () => {
  postgres = await rememberingCommits();
  pool = new pg.Pool({ connectionString: postgres.url, max: 4 });
  pool.on("error", () => undefined);
  const variables = {
    ...ROOMY,
    LIMIT_POOL_OPEN_MS: String(POOL_OPEN_MS),
    LIMIT_CALLOUT_INTERVAL_MS: "0",
    LIMIT_BETS_PER_MINUTE_MAX: "1000000",
    LIMIT_ACTION_TIMEOUT_MS: "600000",
  };
  for (let node = 0; node < NODES; node++) nodes.push(serverProcess(await freePort(), postgres.url, variables));
  for (const node of nodes) await node.start();
}, 240_000);
afterAll(async () => {
  for (const node of nodes) await node.stop();
  await pool.end();
  await postgres.remove();
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

/** A fight that begins, and so closes its pool, a little later; it stays until somebody concedes. */
async function announce(one: Fighter, two: Fighter): Promise<string> {
  const input = { botId: one.botId, targetId: two.botId };
  for (const { key, botId } of [one, two]) await mutate(urlOf(0), key, "heartbeat", { botId });
  const called = await mutate(urlOf(0), one.key, "createCallout", input, "callout { id }");
  expect(called).toMatchObject({ __typename: "CreateCalloutSuccess" });
  const { id: calloutId } = called["callout"] as unknown as { id: string };
  const met = await mutate(urlOf(0), two.key, "acceptCallout", { calloutId }, "callout { fight { id } }");
  return (met["callout"] as unknown as { fight: { id: string } }).fight.id;
}

type Bettor = { key: string; userId: string };
/** A bet with its answer: the instants of the one machine that this and the database run on. */
type Sent = { lane: number; sentMs: number; answeredMs: number; betId: string | null; code: string | null };

/** One bettor's bets, one after the other, right through the close. */
async function race(key: string, lane: number, contestId: string, botId: string): Promise<Sent[]> {
  const sent: Sent[] = [];
  for (let refused = 0; refused < REFUSED_MAX; ) {
    const sentMs = Date.now();
    const input = { contestId, botId, amount: String(STAKE) };
    const { code, bet } = (await mutate(urlOf(lane), key, "placeBet", input, "bet { id }")) as {
      code?: string;
      bet?: { id: string };
    };
    if (!bet) refused++;
    sent.push({ lane, sentMs, answeredMs: Date.now(), betId: bet ? uuidOf(bet.id) : null, code: code ?? null });
  }
  return sent;
}

/** Waits until the pool is about to close. */
async function rushHour(contest: string): Promise<void> {
  const [open] = await rows<{ closes_at: Date }>("SELECT closes_at FROM bet_pool WHERE contest_id = $1", [contest]);
  await sleep(Math.max(0, (open?.closes_at.getTime() ?? 0) - RUSH_BEFORE_MS - Date.now()));
}

type Locked = { total: string; backed: { amount: string }[] };
/** When the transaction that closed a pool was committed, by the database, and what the pool said of itself in it. */
async function closeOf(contest: string): Promise<{ closedMs: number; total: bigint }> {
  const told = await rows<{ payload: string; ms: string }>(
    `SELECT payload, extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000 AS ms
     FROM stream_event WHERE stream = $1 AND type = 'PoolLocked'`,
    [`pool:${contest}`],
  );
  expect(told).toHaveLength(1);
  const { total, backed } = JSON.parse(told[0]?.payload ?? "") as Locked;
  expect(backed.reduce((sum, { amount }) => sum + BigInt(amount), 0n)).toBe(BigInt(total));
  expect(Number(told[0]?.ms)).toBeGreaterThan(0);
  return { closedMs: Number(told[0]?.ms), total: BigInt(total) };
}

/** What each bettor has, in the order of the lanes. */
async function purses(bettors: readonly Bettor[]): Promise<bigint[]> {
  const found = await rows<{ balance: string }>(
    `SELECT balance FROM unnest($1::uuid[]) WITH ORDINALITY AS u(user_id, lane)
     JOIN user_balance b ON b.user_id = u.user_id AND b.account = 'user:available' ORDER BY u.lane`,
    [bettors.map(({ userId }) => userId)],
  );
  return found.map(({ balance }) => BigInt(balance));
}

/** Every accepted bet was committed before the close, is what is kept, and is all that moved. */
async function acceptedBefore(contest: string, accepted: readonly Sent[], closedMs: number): Promise<void> {
  const kept = await rows<{ id: string; committed_ms: string | null; placed_at: Date }>(
    "SELECT id, placed_at, extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000 AS committed_ms FROM bet WHERE contest_id = $1",
    [contest],
  );
  expect(kept.map(({ id }) => id).toSorted()).toEqual(accepted.map(({ betId }) => betId ?? "").toSorted());
  expect(kept.filter(({ committed_ms: ms }) => ms === null || Number(ms) > closedMs)).toEqual([]);
  expect(kept.filter(({ placed_at: at }) => at.getTime() > closedMs + NODE_CLOCK_OFF_MS)).toEqual([]);
  const lies = await rows<{ amount: string }>("SELECT amount FROM posting WHERE account = 'pool' AND subject_id = $1", [
    contest,
  ]);
  expect(lies.map(({ amount }) => BigInt(amount))).toEqual(accepted.map(() => STAKE));
}

/** How many bets were accepted and how many refused. */
type Tally = { accepted: number; refused: number };
const tallyOf = (sent: readonly Sent[]): Tally => {
  const accepted = sent.filter(({ betId }) => betId !== null).length;
  return { accepted, refused: sent.length - accepted };
};
const add = (sum: Tally, { accepted, refused }: Tally) => {
  sum.accepted += accepted;
  sum.refused += refused;
};

test(
  `${RACED} bets race the close from ${NODES} nodes: each is committed before it, or refused as POOL_CLOSED and moves nothing`,
  async () => {
    const [one, two] = [await fighter("Close_a"), await fighter("Close_b")];
    const bettors: Bettor[] = [];
    for (let lane = 0; lane < LANES; lane++) {
      const { token, userId } = await newHolder(urlOf(lane), pool, 2_000_000_000n * NORTH);
      bettors.push({ userId, key: await newKey(urlOf(lane), token, ["BET"]) });
    }
    /** All bets; those that raced the close; of these, those that were sent before its commit and answered after it. */
    const [all, raced, across] = [0, 1, 2].map((): Tally => ({ accepted: 0, refused: 0 })) as [Tally, Tally, Tally];
    for (let contests = 0; raced.accepted + raced.refused < RACED; contests++) {
      const fightId = await announce(one, two);
      const contest = uuidOf(fightId);
      const sides = [one.botId, two.botId];
      const before = await purses(bettors);
      await rushHour(contest);
      const lanes = bettors.map(({ key }, lane) => race(key, lane, fightId, sides[lane % 2] ?? ""));
      const sent = (await Promise.all(lanes)).flat();
      const accepted = sent.filter(({ betId }) => betId !== null);
      const { closedMs, total } = await closeOf(contest);
      const near = sent.filter(
        ({ sentMs, answeredMs }) => sentMs <= closedMs + RACED_WITHIN_MS && answeredMs >= closedMs - RACED_WITHIN_MS,
      );
      const racedHere = tallyOf(near);
      expect(Math.min(racedHere.accepted, racedHere.refused)).toBeGreaterThan(0);
      add(all, tallyOf(sent));
      add(raced, racedHere);
      // An instant here is rounded down to a millisecond.
      add(across, tallyOf(near.filter(({ sentMs, answeredMs }) => sentMs + 1 < closedMs && answeredMs > closedMs)));

      await acceptedBefore(contest, accepted, closedMs);
      expect(total).toBe(BigInt(accepted.length) * STAKE);
      // A refused bet names the closed pool, and cost nothing: each purse lacks the accepted ones alone.
      expect(new Set(sent.flatMap(({ code }) => code ?? []))).toEqual(new Set(["POOL_CLOSED"]));
      const spent = bettors.map((_each, own) => BigInt(accepted.filter(({ lane }) => lane === own).length) * STAKE);
      const after = await purses(bettors);
      expect(before.map((purse, lane) => purse - (after[lane] ?? 0n))).toEqual(spent);

      const loser = contests % 2 === 0 ? one : two;
      await mutate(urlOf(contests), loser.key, "concedeFight", { botId: loser.botId, fightId });
      await until(
        async () =>
          (await rows("SELECT FROM bet_pool WHERE contest_id = $1 AND status = 'SETTLED'", [contest])).length === 1,
        "the settlement",
      );
    }
    expect(Math.min(across.accepted, across.refused)).toBeGreaterThan(0);
    expect(await rows("SELECT FROM bet WHERE status NOT IN ('WON', 'LOST')")).toEqual([]);
    expect(await rows("SELECT FROM bet")).toHaveLength(all.accepted);
    expect(await rows("SELECT FROM journal WHERE kind = 'BET'")).toHaveLength(all.accepted);
    expect(await rows("SELECT FROM journal WHERE kind = 'POOL_SETTLED'")).toHaveLength(
      (await rows("SELECT FROM bet_pool")).length,
    );
    expect(await ledgerCheck(postgres.url)).toMatchObject({ code: 0 });
  },
  FULL ? 900_000 : 120_000,
);
