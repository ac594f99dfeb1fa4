import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runBot } from "../../src/sdk/bot.ts";
import { mutate, newBot, newKey } from "../harness/agent.ts";
import { newHolder, NORTH, openBank, type Bank, type Holder } from "../harness/bank.ts";
import { dice } from "../harness/dice.ts";
import { ledgerCheck } from "../harness/ledger-check.ts";
import { ownPostgres, type OwnPostgres } from "../harness/postgres.ts";
import { freePort, ROOMY, serverProcess, type ServerProcess } from "../harness/process.ts";
import { until } from "../harness/until.ts";
import { uuidOf } from "./record.ts";

// The short form is part of every test run; AGON_CHAOS=full is what `npm run test:chaos` does.
const FULL = process.env["AGON_CHAOS"] === "full";
const KILLS = FULL ? 200 : 4;
/** With the last of so many kills PostgreSQL is stopped at once, too. */
const KILLS_PER_STOP = FULL ? 10 : 4;
const PAIRS = FULL ? 6 : 3;
const BETTORS = FULL ? 10 : 4;
const PAID = FULL ? 6 : 2;
const DEPOSITORS = FULL ? 6 : 2;
const NODES = 3;
const STAKE = String(50_000n * NORTH);
const PAYMENT = 5_000n * NORTH;
const DEPOSIT = 7_000n * NORTH;
const SEED = process.env["AGON_CHAOS_SEED"] ?? "agon";
const ROLL = dice(SEED);

let postgres: OwnPostgres;
let pool: pg.Pool;
let bank: Bank;
let stopMining: () => void;
let nodes: ServerProcess[];

beforeAll(async () => {
  postgres = await ownPostgres();
  pool = new pg.Pool({ connectionString: postgres.url, max: 8 });
  pool.on("error", () => undefined);
  // What is granted here must be covered, or the solvency check stops the withdrawals.
  bank = await openBank(50_000_000_000n * NORTH);
  stopMining = bank.keepMining();
  const variables = {
    ...ROOMY,
    ...bank.depositing("latest-1"),
    AGON_ROLES: "api,engine,chain",
    LIMIT_POOL_OPEN_MS: "1000",
    LIMIT_ROUND_PAUSE_MS: "50",
    LIMIT_ACTION_TIMEOUT_MS: "1500",
    LIMIT_TIME_BANK_MS: "0",
    LIMIT_CALLOUT_INTERVAL_MS: "0",
    LIMIT_BETS_PER_MINUTE_MAX: "100000",
    LIMIT_WITHDRAWALS_PER_HOUR: "1000",
    LIMIT_SOLVENCY_CHECK_MS: "1000",
  };
  nodes = [];
  for (let node = 0; node < NODES; node++) nodes.push(serverProcess(await freePort(), postgres.url, variables));
  for (const node of nodes) await node.start();
}, 120_000);
afterAll(async () => {
  for (const node of nodes) await node.stop();
  stopMining();
  bank.stop();
  await pool.end();
  await postgres.remove();
});

const rows = async <Row extends object>(text: string, values: unknown[] = []) =>
  (await pool.query<Row>(text, values)).rows;
const node = () => nodes[ROLL(NODES)] as ServerProcess;
const holder = (amount: bigint) => newHolder(node().url, pool, amount);

type Answer = Record<string, unknown>;
let asked = 0;
/** Asks under one key, of one node after the other, until one answers: what an agent does whose server dies. */
async function ask(key: string, field: string, input: object, selection = ""): Promise<Answer> {
  const keyed = { ...input, idempotencyKey: `asked ${asked++}` };
  const once = (): Promise<Answer | null> => mutate(node().url, key, field, keyed, selection).catch(() => null);
  return until<Answer | null>(once, `an answer to ${field}`);
}

type Fighter = Holder & { botId: string; name: string };
async function fighter(name: string): Promise<Fighter> {
  const owner = await holder(100_000_000n * NORTH);
  const key = await newKey(node().url, owner.token, ["PLAY", "BET"]);
  return { ...owner, key, name, botId: await newBot(node().url, key, name) };
}

/** Two fight each other for a stake, again and again. */
async function fight(one: Fighter, two: Fighter, ending: AbortSignal): Promise<void> {
  const runs = [one, two].map(({ key, name }, index) =>
    runBot({
      url: nodes[(index + one.name.length) % NODES]?.url ?? "",
      key,
      bot: name,
      signal: ending,
      onCallout: () => true,
      onMove: ({ legalActions }) => legalActions[ROLL(legalActions.length)] ?? "RECOVER",
    }),
  );
  while (!ending.aborted) {
    for (const { key, botId } of [one, two]) await ask(key, "enterPit", { botId });
    const input = { botId: one.botId, targetId: two.botId, wager: STAKE };
    const { callout } = (await ask(one.key, "createCallout", input, "callout { id }")) as { callout?: { id: string } };
    const answer = callout && (await ask(two.key, "acceptCallout", { calloutId: callout.id }));
    if (answer?.["code"]) await ask(one.key, "cancelCallout", { calloutId: callout?.id });
    await sleep(300);
  }
  await Promise.all(runs);
}

/** Bets on whatever is announced; gives the bets that were acknowledged. */
async function bet({ token }: Holder, ending: AbortSignal): Promise<string[]> {
  const key = await newKey(node().url, token, ["BET"]);
  const taken: string[] = [];
  while (!ending.aborted) {
    const open = await rows<{ contest_id: string; bot_id: string }>(
      "SELECT contest_id, bot_id FROM bet_pool JOIN contest_participant USING (contest_id) WHERE bet_pool.status = 'OPEN'",
    ).catch(() => []);
    const chosen = open[ROLL(open.length || 1)];
    if (chosen) {
      const input = { contestId: idOf("fight", chosen.contest_id), botId: idOf("bot", chosen.bot_id), amount: STAKE };
      const { bet: placed } = (await ask(key, "placeBet", input, "bet { id }")) as { bet?: { id: string } };
      if (placed) taken.push(uuidOf(placed.id));
    }
    await sleep(30 + ROLL(60));
  }
  return taken;
}
const idOf = (kind: string, uuid: string) => `${kind}_${uuid.replaceAll("-", "")}`;

/** Withdraws again and again; gives how often the server took it. */
async function withdraw({ token, wallet }: Holder, ending: AbortSignal): Promise<number> {
  const key = await newKey(node().url, token, ["WITHDRAW"]);
  let taken = 0;
  while (!ending.aborted) {
    const answer = await ask(key, "requestWithdrawal", { to: wallet.address, amount: String(PAYMENT) });
    if (answer["__typename"] === "RequestWithdrawalSuccess") taken++;
    await sleep(FULL ? 5_000 : 500);
  }
  return taken;
}

/** Sends tokens to the arena again and again, one after the other; gives how often each did. */
async function deposit(people: readonly Holder[], ending: AbortSignal): Promise<number[]> {
  const sent = people.map(() => 0);
  for (let turn = 0; !ending.aborted; turn++) {
    const index = turn % people.length;
    await bank.send((people[index] as Holder).wallet, DEPOSIT);
    sent[index] = (sent[index] ?? 0) + 1;
    await sleep(FULL ? 1_000 : 200);
  }
  return sent;
}

/** What deposits a person was credited. */
const credited = async ({ userId }: Holder) =>
  (
    await rows<{ amount: string }>(
      "SELECT p.amount FROM journal j JOIN posting p ON p.journal_id = j.id WHERE j.kind = 'DEPOSIT' AND p.subject_id = $1",
      [userId],
    )
  ).map(({ amount }) => BigInt(amount));

const stakedFights = async () => (await rows("SELECT FROM fight WHERE escrow_id IS NOT NULL")).length;

/** Each deposit that was sent is credited once, and no other. */
async function everyDepositIsCredited(people: readonly Holder[], sent: readonly number[]): Promise<void> {
  for (const [index, by] of people.entries()) {
    const wanted = sent[index] ?? 0;
    await until(async () => (await credited(by)).length >= wanted, `${wanted} credits`);
    expect(await credited(by)).toEqual(Array.from({ length: wanted }, () => DEPOSIT));
  }
  const all = sent.reduce((sum, each) => sum + each, 0);
  expect(all).toBeGreaterThan(KILLS / 2);
  expect(await bank.balance(bank.master)).toBe(BigInt(all) * DEPOSIT);
  expect(await rows("SELECT FROM journal WHERE kind = 'DEPOSIT'")).toHaveLength(all);
  expect(await rows("SELECT FROM deposit WHERE status = 'CREDITED'")).toHaveLength(all);
}

/** Everything that PostgreSQL did not write down is gone, and every connection. */
async function stopPostgres(): Promise<void> {
  await postgres.stopAtOnce();
  await sleep(ROLL(1_000));
  await postgres.startAgain();
}

test(
  `three nodes are killed ${KILLS} times, and PostgreSQL is stopped with each ${KILLS_PER_STOP}th, while people deposit, bet, fight for stakes and withdraw, and every unit is where it belongs`,
  async () => {
    const ending = new AbortController();
    const pairs = await Promise.all(
      Array.from({ length: PAIRS }, async (_none, index) => ({
        one: await fighter(`Stake_${index}_a`),
        two: await fighter(`Stake_${index}_b`),
      })),
    );
    const bettors = await Promise.all(Array.from({ length: BETTORS }, () => holder(1_000_000_000n * NORTH)));
    const paid = await Promise.all(Array.from({ length: PAID }, () => holder(900_000n * NORTH)));
    const fights = pairs.map(({ one, two }) => fight(one, two, ending.signal));
    const bets = bettors.map((bettor) => bet(bettor, ending.signal));
    const withdrawals = paid.map((each) => withdraw(each, ending.signal));
    const depositors = await Promise.all(Array.from({ length: DEPOSITORS }, () => holder(NORTH)));
    const deposits = deposit(depositors, ending.signal);
    for (let kill = 0; kill < KILLS; kill++) {
      await sleep(500 + ROLL(1_500));
      if ((kill + 1) % KILLS_PER_STOP === 0) await stopPostgres();
      const killed = node();
      await killed.signal("SIGKILL");
      await killed.start();
    }
    // However slow the machine: what went on while the nodes were killed must have been worth the name.
    await until(
      async () => (await rows("SELECT FROM bet")).length > KILLS && (await stakedFights()) > PAIRS,
      "bets and staked fights",
    );
    ending.abort();
    await Promise.all(fights);
    const acknowledged = (await Promise.all(bets)).flat();
    const taken = (await Promise.all(withdrawals)).reduce((sum, each) => sum + each, 0);

    // The fights that still go on end by silence; then no pool, stake or withdrawal may be left open.
    await until(
      async () => (await rows("SELECT FROM contest WHERE status IN ('ANNOUNCED', 'LIVE')")).length === 0,
      "fights",
    );
    await until(
      async () => (await rows("SELECT FROM bet_pool WHERE status IN ('OPEN', 'LOCKED')")).length === 0,
      "pools",
    );
    await until(
      async () => (await rows("SELECT FROM withdrawal WHERE status <> 'CONFIRMED'")).length === 0,
      "withdrawals",
    );
    const kept = new Set((await rows<{ id: string }>("SELECT id FROM bet")).map(({ id }) => id));
    expect(acknowledged.filter((id) => !kept.has(id))).toEqual([]);
    expect(acknowledged.length).toBeGreaterThan(KILLS);
    expect((await rows("SELECT FROM withdrawal")).length).toBe(taken);
    expect(await stakedFights()).toBeGreaterThan(PAIRS);
    let payments = 0;
    for (const { wallet } of paid) payments += (await bank.paid(wallet.address)).payments;
    expect(payments).toBe(taken);
    await everyDepositIsCredited(depositors, await deposits);
    expect(await ledgerCheck(postgres.url)).toMatchObject({ code: 0 });
  },
  FULL ? 3_000_000 : 600_000,
);

test("three nodes that are asked at once to share out one pool do it once", async () => {
  const [one, two] = [await fighter("Settle_a"), await fighter("Settle_b")];
  const bettors = await Promise.all(
    [one, two].map(async () => newKey(node().url, (await holder(1_000_000n * NORTH)).token, ["BET"])),
  );
  for (const { key, botId } of [one, two]) await ask(key, "enterPit", { botId });
  const called = await ask(one.key, "createCallout", { botId: one.botId, targetId: two.botId }, "callout { id }");
  const { id: calloutId } = called["callout"] as { id: string };
  const accepted = await ask(two.key, "acceptCallout", { calloutId }, "callout { fight { id } }");
  const fightId = (accepted["callout"] as { fight: { id: string } }).fight.id;
  const bets = bettors.map((key, side) =>
    ask(key, "placeBet", { contestId: fightId, botId: [one, two][side]?.botId, amount: STAKE }),
  );
  expect((await Promise.all(bets)).map(({ code }) => code)).toEqual([undefined, undefined]);
  const contest = uuidOf(fightId);
  const statusOf = async () =>
    (await rows<{ status: string }>("SELECT status FROM bet_pool WHERE contest_id = $1", [contest]))[0]?.status;
  await until(async () => (await statusOf()) === "LOCKED", "the first exchange");

  const client = await pool.connect();
  await client.query("BEGIN");
  await client.query("SELECT pg_advisory_xact_lock(pool_lock($1))", [contest]);
  await ask(one.key, "concedeFight", { botId: one.botId, fightId });
  for (let job = 0; job < 9; job++)
    await rows("SELECT graphile_worker.add_job('fight-ended', json_build_object('contestId', $1::text))", [contest]);
  // A node does two jobs at a time: five of them are of three nodes.
  const waiting = `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory' AND query LIKE '%settle_pool%'`;
  await until(async () => (await rows(waiting)).length >= 5, "the nodes");
  await client.query("COMMIT");
  client.release();

  await until(async () => (await statusOf()) === "SETTLED", "the settlement");
  await until(async () => (await rows("SELECT FROM graphile_worker.jobs")).length === 0, "the jobs");
  expect(await rows("SELECT FROM journal WHERE key = $1", [`pool:${contest}:emptied`])).toHaveLength(1);
  expect(
    await rows("SELECT FROM stream_event WHERE stream = $1 AND type = 'PoolSettled'", [`pool:${contest}`]),
  ).toHaveLength(1);
  expect(await ledgerCheck(postgres.url)).toMatchObject({ code: 0 });
}, 120_000);
