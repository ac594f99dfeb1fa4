import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDatabase, type Database } from "../../src/platform/database.ts";
import { holdLease, releaseLease, type Lease } from "../../src/platform/leases.ts";
import { mutate, newBot, newPerson } from "../harness/agent.ts";
import { freshDatabase } from "../harness/database.ts";
import { freePort, ROOMY, serverProcess, type ServerProcess } from "../harness/process.ts";
import { until } from "../harness/until.ts";

const BOTS = process.env["AGON_CHAOS"] === "full" ? 500 : 100;
const NODES = 3;
const LEASE = "matchmaker:PIT";

let database: { url: string; drop(): Promise<void> };
let db: Database;
const nodes: ServerProcess[] = [];
/** What node 0 calls itself. */
let first: string;

beforeAll(async () => {
  database = await freshDatabase();
  db = openDatabase(database.url, 4);
  const variables = {
    ...ROOMY,
    LIMIT_BOTS_PER_USER_MAX: "1000",
    LIMIT_PRESENCE_MS: "3600000",
    LIMIT_ACTION_TIMEOUT_MS: "3600000",
  };
  for (let index = 0; index < NODES; index++) nodes.push(serverProcess(await freePort(), database.url, variables));
  // The first is alone for a moment: it holds every lease.
  await node(0).start();
  first = await until(() => leaseHolder(), "the first holder");
  await Promise.all(nodes.slice(1).map((each) => each.start()));
});
afterAll(async () => {
  await Promise.all(nodes.map((each) => each.stop()));
  await db.close();
  await database.drop();
});

function node(index: number): ServerProcess {
  const found = nodes[index % NODES];
  if (!found) throw new Error("there is no such node");
  return found;
}

const rows = async <Row extends object>(text: string, values: unknown[] = []) =>
  (await db.pool.query<Row>(text, values)).rows;
const leaseHolder = async () =>
  (await rows<{ holder: string }>("SELECT holder FROM lease WHERE name = $1", [LEASE]))[0]?.holder;
const contests = async () => (await rows("SELECT id FROM contest")).length;

type Player = { key: string; botId: string };

/** Bots of so many people, online; a test that is tried again finds no name taken. */
async function players(count: number): Promise<Player[]> {
  const people = await Promise.all(Array.from({ length: Math.min(count, 10) }, () => newPerson(node(1).url)));
  return Promise.all(
    Array.from({ length: count }, async (_none, index) => {
      const key = people[index % people.length]?.key ?? "";
      return {
        key,
        botId: await newBot(node(index + 1).url, key, `bot_${randomBytes(5).toString("hex")}`),
      };
    }),
  );
}

const join = async (on: ServerProcess, { key, botId }: Player) =>
  (await mutate(on.url, key, "joinQueue", { botId, ladder: "PIT" }))["__typename"];

/** Bots that have been in more than one contest, or whose waiting ended otherwise than in one. */
const misplaced = () =>
  rows(`SELECT q.bot_id, array_agg(q.status) AS statuses, count(p.contest_id) AS contests
    FROM queue_entry q LEFT JOIN contest_participant p ON p.bot_id = q.bot_id
    GROUP BY q.bot_id HAVING array_agg(q.status) <> ARRAY['PLAYING'] OR count(p.contest_id) <> 1`);

test("a matchmaker that slept through its lease writes nothing when it wakes, and another does its work", async () => {
  const four = await players(4);
  const mine = await withBlocker(async (blocker) => {
    await until(() => caughtInRound(blocker), "the round of node 0 that waits");
    await node(0).signal("SIGSTOP");
    await Promise.all(four.map((player, index) => join(node(1 + (index % 2)), player)));
    // It reads who waits in its sleep, once this commits; the lease goes to somebody else when it has expired.
    const taken = await until(() => takeFrom(first), "the expiry of the lease");
    await blocker.query("COMMIT");
    return taken;
  });
  await node(0).signal("SIGCONT");
  await stillAwake();
  expect(await contests()).toBe(0);
  expect(await rows("SELECT status FROM queue_entry WHERE status <> 'WAITING'")).toEqual([]);
  // The lease comes free while the first sleeps again: another node makes the contests.
  await node(0).signal("SIGSTOP");
  await releaseLease(db, mine);
  await until(async () => (await contests()) === 2, "the contests of another node");
  expect(await leaseHolder()).not.toBe(first);
  await node(0).signal("SIGCONT");
  await stillAwake();
  expect(await contests()).toBe(2);
  expect(await misplaced()).toEqual([]);
});

/** Gives `work` a connection that may hold others up, and ends it whatever happens. */
async function withBlocker<T>(work: (blocker: pg.Client) => Promise<T>): Promise<T> {
  const blocker = new pg.Client({ connectionString: database.url });
  await blocker.connect();
  try {
    return await work(blocker);
  } finally {
    await blocker.end();
  }
}

/** Holds up the holder of the lease in its round, after it has renewed the lease and before it has read who waits; only node 0 will do. */
async function caughtInRound(blocker: pg.Client): Promise<boolean> {
  await blocker.query("BEGIN");
  await blocker.query("LOCK TABLE rating IN ACCESS EXCLUSIVE MODE");
  await until(
    async () =>
      (
        await rows(
          "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%FROM queue_entry q JOIN bot%'",
        )
      ).length > 0,
    "the round that waits",
  );
  if ((await leaseHolder()) === first) return true;
  await blocker.query("ROLLBACK");
  await rows("UPDATE lease SET expires_at = '-infinity' WHERE name = $1", [LEASE]);
  return false;
}

/** Takes the lease once its sleeping holder has lost it, also from a node that was quicker and waits in its round, too. */
async function takeFrom(asleep: string): Promise<Lease | null> {
  const holder = "this test";
  const [taken] = await rows<{ fence: string }>(
    `UPDATE lease SET holder = $3, fence = fence + 1, expires_at = now() + interval '3 seconds'
     WHERE name = $1 AND (holder <> $2 OR expires_at < now()) RETURNING fence::text`,
    [LEASE, asleep, holder],
  );
  return taken ? { name: LEASE, holder, ...taken } : null;
}

/** The first node has been through a round since it woke: it answers, and two of its ticks have passed. */
async function stillAwake(): Promise<void> {
  const mine = () => holdLease(db, LEASE, "this test");
  await until(() => fetch(`${node(0).url}/health`).then(({ ok }) => ok), "an answer of the woken node");
  for (let renewed = 0; renewed < 5; renewed++) {
    await mine();
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

test(`${BOTS} bots join at ${NODES} nodes while the lease goes from one to the next, and each is in one contest`, async () => {
  const many = await players(BOTS);
  const before = await contests();
  const holders = new Set<string>();
  let taking = true;
  const takingAway = (async () => {
    while (taking) {
      const [lease] = await rows<{ holder: string }>(
        "UPDATE lease SET expires_at = '-infinity' WHERE name = $1 RETURNING holder",
        [LEASE],
      );
      if (lease) holders.add(lease.holder);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  const joined = await Promise.all(many.map((player, index) => join(node(index), player)));
  expect(new Set(joined)).toEqual(new Set(["JoinQueueSuccess"]));
  await until(async () => (await contests()) === before + BOTS / 2, "a contest for every two");
  taking = false;
  await takingAway;
  expect(await misplaced()).toEqual([]);
  expect(holders.size).toBeGreaterThan(1);
}, 300_000);
