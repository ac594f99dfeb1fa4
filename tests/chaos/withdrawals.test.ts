import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mutate } from "../harness/agent.ts";
import { newHolder, NORTH, openBank, type Bank, type Holder } from "../harness/bank.ts";
import { freshDatabase } from "../harness/database.ts";
import { freePort, ROOMY, serverProcess, type ServerProcess } from "../harness/process.ts";
import { openRpcLine, type RpcLine } from "../harness/rpc-line.ts";
import { until } from "../harness/until.ts";

// The short form is part of every test run; AGON_CHAOS=full is what `npm run test:chaos` does.
const FULL = process.env["AGON_CHAOS"] === "full";
const PROCESSES = FULL ? 4 : 2;
const REQUESTS_EACH = FULL ? 20 : 5;

let database: { url: string; drop(): Promise<void> };
let pool: pg.Pool;
let bank: Bank;
let line: RpcLine;
let stopMining: () => void;
const servers: ServerProcess[] = [];

beforeAll(async () => {
  database = await freshDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 4 });
  bank = await openBank();
  line = await openRpcLine(bank.anvil.url);
  stopMining = bank.keepMining();
});
afterAll(async () => {
  for (const server of servers) await server.stop();
  stopMining();
  await line.stop();
  bank.stop();
  await pool.end();
  await database.drop();
});

async function newServer(variables: Record<string, string> = {}): Promise<ServerProcess> {
  const paying = { ...ROOMY, LIMIT_WITHDRAWALS_PER_HOUR: "1000", ...bank.variables(line.url) };
  const server = serverProcess(await freePort(), database.url, { ...paying, ...variables });
  servers.push(server);
  await server.start();
  return server;
}

type Found = { status: string; nonce: number | null };
const find = async (by: Holder) =>
  (await pool.query<Found>("SELECT status, nonce FROM withdrawal WHERE user_id = $1", [by.userId])).rows;
const becomes = (by: Holder, status: string) => until(async () => (await find(by))[0]?.status === status, status);
async function keyFor(url: string, { token }: Holder): Promise<string> {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({
      query: `mutation { createApiKey(input: { name: "w", scopes: [WITHDRAW] }) { ... on CreateApiKeySuccess { key } } }`,
    }),
  });
  return ((await response.json()) as { data: { createApiKey: { key: string } } }).data.createApiKey.key;
}

type Client = { by: Holder; ask(): Promise<string> };
/** Somebody who withdraws 5,000 NORTH, and asks again with the same key as often as an answer does not come. */
async function newClient(server: ServerProcess): Promise<Client> {
  const by = await newHolder(server.url, pool, 20_000n * NORTH);
  const key = await keyFor(server.url, by);
  const input = { to: by.wallet.address, amount: String(5_000n * NORTH), idempotencyKey: "once" };
  const ask = () =>
    mutate(server.url, key, "requestWithdrawal", input).then(
      (result) => String(result["code"] ?? result["__typename"]),
      () => "NO_ANSWER",
    );
  return { by, ask };
}

/** What only another transaction's lock does: it holds the payer at the place where it needs the same. */
async function holdLock(text: string, values: unknown[]): Promise<{ waiter(): Promise<void>; free(): Promise<void> }> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query("BEGIN");
  await client.query(text, values);
  const waiting = `SELECT count(*)::int AS held FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  return {
    waiter: () =>
      until(async () => (await pool.query<{ held: number }>(waiting)).rows[0]?.held, "who waits for the lock").then(
        () => undefined,
      ),
    free: () => client.end(),
  };
}

/** Kills the server at one point of a withdrawal's life; what the database and the chain have at its death. */
type Kill = (server: ServerProcess, client: Client) => Promise<void>;
const POINTS: [string, Kill, { status: string; paid: number }][] = [
  [
    "after the amount is held",
    async (server, { ask }) => {
      const held = line.hold("eth_getBlockByNumber", "before");
      await held;
      expect(await ask()).toBe("RequestWithdrawalSuccess");
      await server.signal("SIGKILL");
    },
    { status: "RESERVED", paid: 0 },
  ],
  [
    "after it is signed, before the commit",
    async (server, { ask }) => {
      const lock = await holdLock("LOCK TABLE withdrawal_attempt IN EXCLUSIVE MODE", []);
      expect(await ask()).toBe("RequestWithdrawalSuccess");
      await lock.waiter();
      await server.signal("SIGKILL");
      await lock.free();
    },
    { status: "RESERVED", paid: 0 },
  ],
  [
    "after the commit, before it is sent",
    async (server, { ask }) => {
      const held = line.hold("eth_sendRawTransaction", "before");
      expect(await ask()).toBe("RequestWithdrawalSuccess");
      await held;
      await server.signal("SIGKILL");
    },
    { status: "SIGNED", paid: 0 },
  ],
  [
    "after it is sent, before the database knows",
    async (server, { by, ask }) => {
      const held = line.hold("eth_sendRawTransaction", "after");
      expect(await ask()).toBe("RequestWithdrawalSuccess");
      await held;
      await until(async () => (await bank.paid(by.wallet.address)).payments, "the payment");
      await server.signal("SIGKILL");
    },
    { status: "SIGNED", paid: 1 },
  ],
  [
    "after its receipt is final, before the database knows",
    async (server, { by, ask }) => {
      expect(await ask()).toBe("RequestWithdrawalSuccess");
      await becomes(by, "SENT");
      const lock = await holdLock("SELECT FROM withdrawal WHERE user_id = $1 FOR UPDATE", [by.userId]);
      await lock.waiter();
      await server.signal("SIGKILL");
      await lock.free();
    },
    { status: "SENT", paid: 1 },
  ],
];

test.each(POINTS)("killed %s, it is paid once", async (_point, kill, atDeath) => {
  const server = await newServer();
  const client = await newClient(server);
  await kill(server, client);
  line.release();
  const { by, ask } = client;
  const { payments } = await bank.paid(by.wallet.address);
  expect({ status: (await find(by))[0]?.status, paid: payments }).toEqual(atDeath);
  await server.start();
  for (let retry = 0; retry < 2; retry++) expect(await ask()).toBe("RequestWithdrawalSuccess");
  await becomes(by, "CONFIRMED");
  expect(await find(by)).toHaveLength(1);
  expect(await bank.paid(by.wallet.address)).toEqual({ payments: 1, amount: 5_000n * NORTH });
  await server.stop();
});

test(`${PROCESSES} processes with ${REQUESTS_EACH} requests each, one of which is killed, pay each once and leave out no nonce`, async () => {
  const nodes = await Promise.all(Array.from({ length: PROCESSES }, () => newServer()));
  const clients = await Promise.all(
    nodes.flatMap((server) => Array.from({ length: REQUESTS_EACH }, () => newClient(server))),
  );
  const answers = await Promise.all(
    clients.map(async (client, index) => {
      if (index === REQUESTS_EACH - 1) await nodes[0]?.signal("SIGKILL").then(() => nodes[0]?.start());
      let answer = await client.ask();
      while (answer === "NO_ANSWER") {
        await new Promise((resolve) => setTimeout(resolve, 100));
        answer = await client.ask();
      }
      return answer;
    }),
  );
  expect(new Set(answers)).toEqual(new Set(["RequestWithdrawalSuccess"]));
  for (const { by } of clients) await becomes(by, "CONFIRMED");
  for (const { by } of clients)
    expect(await bank.paid(by.wallet.address)).toEqual({ payments: 1, amount: 5_000n * NORTH });
  const { rows } = await pool.query<{ nonce: number }>("SELECT nonce FROM withdrawal ORDER BY nonce");
  expect(rows.map(({ nonce }) => nonce)).toEqual(rows.map((_row, index) => index));
  const { rows: wallets } = await pool.query("SELECT stopped_for, next_nonce FROM hot_wallet");
  expect(wallets).toEqual([{ stopped_for: null, next_nonce: rows.length }]);
}, 180_000);
