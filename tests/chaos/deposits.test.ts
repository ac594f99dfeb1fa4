import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newHolder, NORTH, openBank, type Bank, type Holder } from "../harness/bank.ts";
import { freshDatabase } from "../harness/database.ts";
import { ledgerCheck } from "../harness/ledger-check.ts";
import { freePort, ROOMY, serverProcess, type ServerProcess } from "../harness/process.ts";
import { openRpcLine, type RpcLine } from "../harness/rpc-line.ts";
import { until } from "../harness/until.ts";

// The short form is part of every test run; AGON_CHAOS=full is what `npm run test:chaos` does.
const DEPOSITS = process.env["AGON_CHAOS"] === "full" ? 60 : 12;

let database: { url: string; drop(): Promise<void> };
let pool: pg.Pool;
let bank: Bank;
let line: RpcLine;
const servers: ServerProcess[] = [];

beforeAll(async () => {
  database = await freshDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 4 });
  bank = await openBank();
  line = await openRpcLine(bank.anvil.url);
});
afterAll(async () => {
  for (const server of servers) await server.stop();
  await line.stop();
  bank.stop();
  await pool.end();
  await database.drop();
});

async function newServer(): Promise<ServerProcess> {
  const server = serverProcess(await freePort(), database.url, { ...ROOMY, ...bank.depositing("latest-1", line.url) });
  servers.push(server);
  await server.start();
  return server;
}

const credits = async ({ userId }: Holder) =>
  (
    await pool.query<{ amount: string }>(
      "SELECT p.amount FROM posting p JOIN journal j ON j.id = p.journal_id WHERE p.subject_id = $1 AND j.kind = 'DEPOSIT'",
      [userId],
    )
  ).rows.map(({ amount }) => BigInt(amount) / NORTH);
const credited = (by: Holder) => until(async () => (await credits(by)).length > 0, "the credit");

/** A lock of another transaction that the watcher needs, too: it waits right there. */
async function holdLock(text: string): Promise<{ waiter(): Promise<void>; free(): Promise<void> }> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query("BEGIN");
  await client.query(text);
  const waiting = `SELECT count(*)::int AS held FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  return {
    waiter: () =>
      until(async () => (await pool.query<{ held: number }>(waiting)).rows[0]?.held, "who waits for the lock").then(
        () => undefined,
      ),
    free: () => client.end(),
  };
}

/** Kills the server at one point of a deposit's life. */
type Kill = (server: ServerProcess, by: Holder) => Promise<void>;
const deposit = async ({ wallet }: Holder) => {
  await bank.send(wallet, 10n * NORTH);
  await bank.mine(1);
};
const POINTS: [string, Kill, number][] = [
  [
    "when its blocks are read and nothing is written",
    async (server, by) => {
      const held = line.hold("eth_getLogs", "after");
      await deposit(by);
      await held;
      await server.signal("SIGKILL");
    },
    0,
  ],
  [
    "when it is written down and not in the ledger",
    async (server, by) => {
      const lock = await holdLock("LOCK TABLE posting IN EXCLUSIVE MODE");
      await deposit(by);
      await lock.waiter();
      await server.signal("SIGKILL");
      await lock.free();
    },
    0,
  ],
  [
    "when it is in the ledger and the cursor has not moved",
    async (server, by) => {
      // The last thing that the transaction writes is the event on its owner's stream.
      const lock = await holdLock("LOCK TABLE stream_event IN EXCLUSIVE MODE");
      await deposit(by);
      await lock.waiter();
      await server.signal("SIGKILL");
      await lock.free();
    },
    0,
  ],
  [
    "right after the commit",
    async (server, by) => {
      await deposit(by);
      await credited(by);
      await server.signal("SIGKILL");
    },
    1,
  ],
];

test.each(POINTS)("a watcher that is killed %s credits it once", async (_point, kill, atDeath) => {
  const server = await newServer();
  const by = await newHolder(server.url, pool, NORTH);
  await kill(server, by);
  line.release();
  expect(await credits(by)).toHaveLength(atDeath);
  await server.start();
  await bank.mine(1);
  await credited(by);
  await bank.mine(3);
  await until(
    async () => (await pool.query("SELECT FROM deposit WHERE status <> 'CREDITED' OR final_at IS NULL")).rowCount === 0,
    "finality",
  );
  expect(await credits(by)).toEqual([10n]);
  await server.stop();
});

test("three nodes, one of which is killed again and again, credit every deposit once", async () => {
  const nodes = [await newServer(), await newServer(), await newServer()];
  const url = nodes[0]?.url ?? "";
  const people: Holder[] = [];
  for (let times = 0; times < 4; times++) people.push(await newHolder(url, pool, NORTH));
  let over = false;
  const killing = (async () => {
    for (let turn = 0; !over; turn++) {
      const node = nodes[turn % nodes.length];
      await node?.signal("SIGKILL");
      await node?.start();
    }
  })();
  for (let times = 0; times < DEPOSITS; times++) {
    const by = people[times % people.length];
    if (by) await bank.send(by.wallet, 1n * NORTH);
  }
  over = true;
  await killing;
  await bank.mine(3);
  const wanted = DEPOSITS / people.length;
  for (const by of people) await until(async () => (await credits(by)).length >= wanted, `${wanted} credits`);
  for (const by of people) expect(await credits(by)).toEqual(Array.from({ length: wanted }, () => 1n));
  expect(await ledgerCheck(database.url)).toMatchObject({ code: 0 });
}, 180_000);
