import { createWalletClient, encodeFunctionData, erc20Abi, http, toHex, type Hex } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { beforeEach, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { NORTH, openBank, type Bank } from "../harness/bank.ts";
import { ledgerCheck } from "../harness/ledger-check.ts";
import { payingArena, type PayingArena } from "../harness/hot-wallet.ts";
import { openRpcLine, type RpcLine } from "../harness/rpc-line.ts";
import { until } from "../harness/until.ts";

const GAS = toHex(10n * 10n ** 18n);
const AMOUNT = 5_000n * NORTH;

let bank: Bank;
let line: RpcLine;
/** What users and operators talk to; it pays nothing, and has the database. */
let api: App;
let operator: string;
let databaseUrl: string;
let arena: PayingArena;
/** The nodes that pay, or try to. */
let nodes: App[];
beforeEach(async () => {
  nodes = [];
  bank = await openBank(1_000_000n * NORTH);
  line = await openRpcLine(bank.anvil.url);
  api = await startTestApp({}, {}, { ...bank.variables(), AGON_ROLES: "api", LOG_LEVEL: "silent" });
  arena = payingArena(api);
  databaseUrl = String(api.platform.db.pool.options.connectionString);
  const { token, handle } = await newPerson(api.url);
  await arena.rows("UPDATE app_user SET operator = true WHERE handle = $1", [handle]);
  operator = token;
  return async () => {
    await Promise.all(nodes.map((each) => each.stop()));
    await api.stop();
    await line.stop();
    bank.stop();
  };
});

const hot = async () => (await arena.rows<Record<string, unknown>>("SELECT * FROM hot_wallet WHERE current"))[0];

async function node(key: Hex, rpcUrl = bank.anvil.url): Promise<App> {
  const variables = { ...bank.variables(rpcUrl), HOT_WALLET_KEY: key, DATABASE_URL: databaseUrl, LOG_LEVEL: "silent" };
  const started = await startTestApp({}, {}, variables);
  nodes.push(started);
  return started;
}
/** What a start with a key says. */
const tried = (key: Hex) =>
  node(key).then(
    () => "started",
    (error: Error) => error.message,
  );
async function leave(left: App): Promise<void> {
  nodes = nodes.filter((each) => each !== left);
  await left.stop();
}
/** The key of another hot wallet, which could pay at once. */
async function anotherKey(): Promise<{ key: Hex; address: Hex }> {
  const key = generatePrivateKey();
  const { address } = privateKeyToAccount(key);
  await bank.anvil.call("anvil_setBalance", [address, GAS]);
  await bank.give(address, 2n * AMOUNT);
  await bank.mine(3);
  return { key, address };
}
const resume = () => arena.act(operator, "resumeHotWallet", { reason: "looked at" });
/** A payment that this arena made before its database was restored from a backup. */
async function paidBefore(to: Hex): Promise<Hex> {
  const client = createWalletClient({ account: bank.hot, transport: http(bank.anvil.url) });
  const data = encodeFunctionData({ abi: erc20Abi, functionName: "transfer", args: [to, AMOUNT] });
  const hash = await client.sendTransaction({ to: bank.token, data, nonce: 0, chain: null, gas: 100_000n });
  await bank.mine(3);
  return hash;
}

test("another key is refused while the chain has payments that a restored backup does not know: nothing is paid twice", async () => {
  await bank.anvil.call("anvil_setBalance", [bank.hot.address, "0x1"]);
  await leave(await node(bank.key));
  const ann = await arena.withdrawal(AMOUNT);
  await bank.anvil.call("anvil_setBalance", [bank.hot.address, GAS]);
  const tx = await paidBefore(ann.wallet.address);
  const other = await anotherKey();

  // Straight after the backup was restored nothing has stopped yet.
  expect(await tried(other.key)).toContain("HOT_WALLET_UNEXPLAINED");
  const same = await node(bank.key);
  await until(async () => (await hot())?.["stopped_for"] === "FOREIGN_TRANSACTION", "the stop");
  await leave(same);
  expect(await tried(other.key)).toContain("HOT_WALLET_STOPPED");
  expect(await resume()).toMatchObject({ code: "PAYMENTS_UNKNOWN" });
  expect(await tried(other.key)).toContain("HOT_WALLET_STOPPED");
  expect(await hot()).toMatchObject({ address: bank.hot.address.toLowerCase(), stopped_for: "FOREIGN_TRANSACTION" });

  expect(await arena.admin("explain", tx, (await arena.find(ann)).id, "of the lost day")).toMatchObject({ code: 0 });
  expect((await resume())["__typename"]).toBe("ResumeHotWalletSuccess");
  const bob = await arena.withdrawal(AMOUNT);
  await node(other.key);
  await until(async () => {
    await bank.mine();
    return (await arena.find(bob)).status === "CONFIRMED";
  }, "the payment of the other wallet");
  expect(await bank.balance(ann.wallet.address)).toBe(AMOUNT);
  expect(await bank.balance(bob.wallet.address)).toBe(AMOUNT);
  expect(await bank.balance(other.address)).toBe(AMOUNT);
  expect(await ledgerCheck(databaseUrl)).toMatchObject({ code: 0 });
});

test("another key is refused while a payment that was found on the chain is not explained", async () => {
  await leave(await node(bank.key));
  const other = await anotherKey();
  // Such as one by an allowance: no nonce of the account is used.
  await arena.rows(
    `INSERT INTO unknown_payment (tx_hash, log_index, hot_address, to_address, amount, fee_wei, height, block_hash, seen_at)
     VALUES ($1, 0, $2, $3, 1, 0, 1, $1, now())`,
    [`0x${"ab".repeat(32)}`, bank.hot.address.toLowerCase(), other.address.toLowerCase()],
  );
  expect(await tried(other.key)).toContain("HOT_WALLET_UNEXPLAINED");
  expect(await arena.admin("explain", `0x${"ab".repeat(32)}`, "none", "made by hand")).toMatchObject({ code: 0 });
  await node(other.key);
  expect(await hot()).toMatchObject({ address: other.address.toLowerCase() });
});

test("another key does not lift the kill switch: an operator resumes the wallet or gives it up first", async () => {
  await leave(await node(bank.key));
  const [second, third] = [await anotherKey(), await anotherKey()];
  expect((await arena.act(operator, "stopHotWallet", { reason: "looking" }))["__typename"]).toBe(
    "StopHotWalletSuccess",
  );
  expect(await tried(second.key)).toContain("HOT_WALLET_STOPPED");
  const frozen = "{ withdrawalTerms { frozen } }";
  expect((await ask(api.url, frozen)).data).toEqual({ withdrawalTerms: { frozen: true } });
  // The same key is no change, and nothing that it does lifts the stop.
  await leave(await node(bank.key));
  expect((await ask(api.url, frozen)).data).toEqual({ withdrawalTerms: { frozen: true } });
  expect((await resume())["__typename"]).toBe("ResumeHotWalletSuccess");
  await leave(await node(second.key));
  expect(await hot()).toMatchObject({ address: second.address.toLowerCase(), stopped_for: null });

  await arena.act(operator, "stopHotWallet", { reason: "its key is stolen" });
  expect(await tried(third.key)).toContain("HOT_WALLET_STOPPED");
  const retired = await arena.act(operator, "retireHotWallet", { reason: "its key is stolen" });
  expect(retired["__typename"]).toBe("RetireHotWalletSuccess");
  await node(third.key);
  expect(await hot()).toMatchObject({ address: third.address.toLowerCase(), stopped_for: null });
});

test("a key that comes while the last wallet signs is refused: what it signs would be followed by nobody", async () => {
  const waiting = async () =>
    (await arena.rows("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"))
      .length;
  const other = await anotherKey();
  await bank.anvil.call("anvil_setBalance", [bank.hot.address, "0x1"]);
  await node(bank.key, line.url);
  const ann = await arena.withdrawal(AMOUNT);
  await arena.becomes(ann, "RESERVED HOT_GAS_LOW");
  // Every look fails from here on, until Ann's row is held: the next one signs under the wallet's lock, and waits for her row.
  line.refuse("eth_getTransactionCount", "not now");
  const holding = await api.platform.db.pool.connect();
  try {
    await holding.query("BEGIN");
    await holding.query("SELECT FROM withdrawal WHERE user_id = $1 FOR UPDATE", [ann.userId]);
    await until(async () => (await waiting()) === 0, "the rounds before");
    await bank.anvil.call("anvil_setBalance", [bank.hot.address, GAS]);
    line.release();
    await until(async () => (await waiting()) === 1, "the signing");
    const starting = tried(other.key);
    await until(async () => (await waiting()) === 2, "the start with the other key");
    await holding.query("COMMIT");
    expect(await starting).toContain("HOT_WALLET_CHANGED");
  } finally {
    holding.release(true);
  }
  expect(await hot()).toMatchObject({ address: bank.hot.address.toLowerCase(), next_nonce: 1 });
  await until(async () => {
    await bank.mine();
    return (await arena.find(ann)).status === "CONFIRMED";
  }, "the payment");
  expect(await bank.balance(ann.wallet.address)).toBe(AMOUNT);
});
