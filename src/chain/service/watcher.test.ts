import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openArena, type Arena } from "../../../tests/harness/arena.ts";
import { linkWallet, NORTH, openBank, type Bank } from "../../../tests/harness/bank.ts";
import { openRpcLine, type RpcLine } from "../../../tests/harness/rpc-line.ts";
import { available, move, platformAccount } from "../../ledger/rules.ts";
import { checkLedger, LEDGER_INVARIANTS } from "../../ledger/service/check.ts";
import { post } from "../../ledger/service/post.ts";
import { holdLease, type Lease } from "../../platform/leases.ts";
import { north } from "../../platform/money.ts";
import { registerCustody } from "./custody.ts";
import { CHAIN_INVARIANTS } from "./invariants.ts";
import { depositReport, unfreezeWithdrawals } from "./operators.ts";
import { WatcherRound } from "./watcher.ts";

let bank: Bank;
let line: RpcLine;
let arena: Arena;
let lease: Lease;
let watcher: WatcherRound;
beforeAll(async () => {
  [bank, arena] = await Promise.all([openBank(), openArena()]);
  line = await openRpcLine(bank.anvil.url);
  const [address, tokenAddress] = [bank.master.toLowerCase(), bank.token.toLowerCase()];
  await arena.rows("INSERT INTO chain_identity VALUES (true, 31337, '0x' || repeat('b', 64), $1, now())", [
    tokenAddress,
  ]);
  const custody = { address, chainId: 31_337, tokenAddress, creditTag: "latest-1" };
  await registerCustody(arena.platform, bank.anvil.url, custody);
});
afterAll(async () => {
  await arena.stop();
  await line.stop();
  bank.stop();
});
beforeEach(async () => {
  line.release();
  watcher = newWatcher();
  lease = await hold("the test");
});

const newWatcher = () =>
  new WatcherRound(arena.platform, {
    rpcUrl: line.url,
    tokenAddress: bank.token.toLowerCase(),
    creditTag: "latest-1",
    funder: null,
  });
async function hold(holder: string): Promise<Lease> {
  await arena.rows("UPDATE lease SET expires_at = '-infinity'");
  const held = await holdLease(arena.platform.db, "deposits", holder);
  if (!held) throw new Error("the lease was not taken");
  return held;
}
async function look(times = 1): Promise<void> {
  for (let round = 0; round < times; round++) while (await watcher.run(lease));
}
async function player() {
  const { ownerId: userId } = await arena.newBot();
  const wallet = await linkWallet(arena.platform.db.pool, userId);
  return { userId, wallet };
}
type Player = Awaited<ReturnType<typeof player>>;
const found = async ({ wallet }: Player) =>
  (
    await arena.rows<{ status: string }>("SELECT status FROM deposit WHERE from_address = $1 ORDER BY status", [
      wallet.address.toLowerCase(),
    ])
  ).map(({ status }) => status);
const has = async ({ userId }: Player) => {
  const [row] = await arena.rows<{ balance: string }>(
    "SELECT balance FROM user_balance WHERE account = 'user:available' AND user_id = $1",
    [userId],
  );
  return BigInt(row?.balance ?? 0) / NORTH;
};
const everything = () =>
  arena.rows(
    `SELECT (SELECT json_agg(d ORDER BY id) FROM deposit d)::text AS deposits, (SELECT json_agg(p ORDER BY journal_id, account) FROM posting p)::text AS postings`,
  );
const frozenBy = async () =>
  (await arena.rows<{ reason: string }>("SELECT reason FROM withdrawal_freeze")).map(({ reason }) => reason);

test("2,000 blocks that nobody watched are caught up with, and reading them all again changes nothing", async () => {
  const [ann, bob] = [await player(), await player()];
  await bank.mine(1_000);
  await bank.send(ann.wallet, 3n * NORTH);
  await bank.mine(1_000);
  await bank.send(bob.wallet, 4n * NORTH);
  await bank.mine(2);
  // The endpoint gives logs of fifty blocks at most.
  line.narrow(50);
  await look();
  expect([await has(ann), await has(bob)]).toEqual([3n, 4n]);
  const before = await everything();
  await arena.rows("UPDATE deposit_watch SET cursor_height = NULL, cursor_hash = NULL");
  line.release();
  watcher = newWatcher();
  await look();
  expect(await everything()).toEqual(before);
});

test("two watchers that read the same blocks at the same time credit once", async () => {
  const ann = await player();
  for (let times = 0; times < 3; times++) await bank.send(ann.wallet, 1n * NORTH);
  await bank.mine(1);
  const other = newWatcher();
  await Promise.all([watcher.run(lease), other.run(lease)]);
  await look();
  expect(await found(ann)).toEqual(["CREDITED", "CREDITED", "CREDITED"]);
  expect(await has(ann)).toBe(3n);
});

test("a watcher that was taken over credits nothing, whatever it saw before", async () => {
  const ann = await player();
  await bank.send(ann.wallet, 5n * NORTH);
  await bank.mine(1);
  const fresh = await hold("another node");
  await watcher.run(lease);
  expect(await found(ann)).toEqual([]);
  lease = fresh;
  await look();
  expect(await has(ann)).toBe(5n);
});

test("an endpoint that refuses or is behind takes nothing back, and what it missed is credited later", async () => {
  const ann = await player();
  const { height } = await bank.send(ann.wallet, 6n * NORTH);
  await bank.mine(1);
  await look();
  expect(await has(ann)).toBe(6n);
  line.lag(height - 3);
  await look(5);
  expect([await found(ann), await frozenBy()]).toEqual([["CREDITED"], []]);
  line.release();

  await bank.send(ann.wallet, 7n * NORTH);
  await bank.mine(1);
  line.refuse("eth_getLogs", "limit exceeded");
  await expect(look()).rejects.toThrow("limit exceeded");
  expect(await has(ann)).toBe(6n);
  line.release();
  await look();
  expect(await has(ann)).toBe(13n);
});

test("a balancer whose logs are behind its blocks loses no deposit", async () => {
  const ann = await player();
  await look();
  const { height } = await bank.send(ann.wallet, 8n * NORTH);
  await bank.mine(2);
  line.lag(height - 1, "logs");
  await look();
  expect(await has(ann)).toBe(0n);
  line.release();
  await bank.mine(1);
  await look();
  expect(await has(ann)).toBe(8n);
});

test("a reorganisation below the credit head takes back what vanished, from what is left, and holds withdrawals back", async () => {
  const [ann, bob] = [await player(), await player()];
  await bank.send(bob.wallet, 9n * NORTH);
  await bank.mine(3);
  const { raw } = await bank.send(ann.wallet, 100n * NORTH);
  await bank.mine(1);
  await look();
  expect(await has(ann)).toBe(100n);
  const spent = move(available(ann.userId), platformAccount("house:faucet"), north(60));
  await arena.platform.db.transact((tx) =>
    post(tx, arena.platform, { kind: "CORRECTION", reference: `User:${ann.userId}`, key: "spent", postings: spent }),
  );
  await bank.anvil.call("anvil_reorg", [2, []]);
  await look(2);
  // Two looks are not enough to take somebody's money back.
  expect([await has(ann), await frozenBy()]).toEqual([40n, []]);
  await look();
  expect([await has(ann), await has(bob)]).toEqual([0n, 9n]);
  expect([await found(ann), await found(bob)]).toEqual([["REVERSED"], ["CREDITED"]]);
  expect(await frozenBy()).toEqual(["DEPOSIT_REVERSED"]);
  const [loss] = await arena.rows<{ sum: string }>("SELECT sum(amount) FROM posting WHERE account = 'chain:loss'");
  expect(BigInt(loss?.sum ?? 0)).toBe(-60n * NORTH);

  // The transaction comes back: it is another observation.
  await bank.anvil.client.sendRawTransaction({ serializedTransaction: raw });
  await bank.mine(1);
  await look();
  expect([await found(ann), await has(ann)]).toEqual([["CREDITED", "REVERSED"], 100n]);
  expect(await depositReport(arena.platform)).toMatch(
    /DEPOSIT_REVERSED since .*\n[\s\S]*100 NORTH of u\w+, 60 NORTH of it lost/,
  );
});

test("an operator lifts it with a reason, which is written down", async () => {
  const { platform } = arena;
  expect(await unfreezeWithdrawals(platform, { reason: "NONSENSE", why: "x" })).toMatchObject({ lifted: false });
  expect(await unfreezeWithdrawals(platform, { reason: "DEPOSIT_REVERSED", why: " " })).toMatchObject({
    lifted: false,
  });
  expect(await unfreezeWithdrawals(platform, { reason: "DEPOSIT_REVERSED", why: "looked at" })).toMatchObject({
    lifted: true,
  });
  expect(await unfreezeWithdrawals(platform, { reason: "DEPOSIT_REVERSED", why: "again" })).toMatchObject({
    lifted: false,
  });
  const [noted] = await arena.rows<{ reason: string }>(
    "SELECT reason FROM audit_entry WHERE action = 'withdrawals.unfrozen'",
  );
  expect(noted?.reason).toMatch(/^looked at; it was: block \d+ /);
  expect(await frozenBy()).toEqual([]);
});

test("mints, moves of our own and other tokens are no deposits", async () => {
  const before = await arena.rows("SELECT id FROM deposit");
  await arena.rows(
    "INSERT INTO hot_wallet (address, chain_id, next_nonce, registered_at) VALUES ($1, 31337, 0, now())",
    [bank.hot.address.toLowerCase()],
  );
  await bank.send(bank.hot, 5n * NORTH);
  await bank.mine(2);
  await look();
  expect(await arena.rows("SELECT id FROM deposit")).toEqual(before);
});

test("after all of this the ledger is sound, but for the proof that nobody compared", async () => {
  const options = arena.platform.db.pool.options as { connectionString?: string };
  const findings = await checkLedger(options.connectionString ?? "", [...LEDGER_INVARIANTS, ...CHAIN_INVARIANTS]);
  const broken = findings.filter((finding) => finding.broken.length > 0);
  expect(broken.map(({ name }) => name)).toEqual(["CUSTODY_IS_PROVED"]);
});
