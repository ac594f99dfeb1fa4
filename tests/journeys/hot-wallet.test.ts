import { createWalletClient, encodeFunctionData, erc20Abi, http, toHex, type Hex } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { newHolder, NORTH, openBank, type Bank } from "../harness/bank.ts";
import { ledgerCheck } from "../harness/ledger-check.ts";
import { payingArena, type PayingArena } from "../harness/hot-wallet.ts";
import { openRpcLine, type RpcLine } from "../harness/rpc-line.ts";
import { until } from "../harness/until.ts";

const GAS = toHex(10n * 10n ** 18n);
const AMOUNT = 5_000n * NORTH;

let bank: Bank;
let line: RpcLine;
let app: App;
let operator: string;
let databaseUrl: string;
let arena: PayingArena;
beforeAll(async () => {
  bank = await openBank(1_000_000n * NORTH);
  line = await openRpcLine(bank.anvil.url);
  app = await startTestApp({}, {}, { ...bank.variables(line.url), LOG_LEVEL: "silent" });
  arena = payingArena(app);
  databaseUrl = String(app.platform.db.pool.options.connectionString);
  const { token, handle } = await newPerson(app.url);
  await arena.rows("UPDATE app_user SET operator = true WHERE handle = $1", [handle]);
  operator = token;
});
afterAll(async () => {
  await app.stop();
  await line.stop();
  bank.stop();
});

const stop = () => arena.act(operator, "stopHotWallet", { reason: "looking" });
/** What somebody else does who has the hot wallet's key, such as this arena before its database was lost. */
async function elsewhere(nonce: number, to: Hex | null): Promise<Hex> {
  const client = createWalletClient({ account: bank.hot, transport: http(bank.anvil.url) });
  const pays = to && encodeFunctionData({ abi: erc20Abi, functionName: "transfer", args: [to, AMOUNT] });
  const fees = { maxFeePerGas: 40n * 10n ** 9n, maxPriorityFeePerGas: 20n * 10n ** 9n, gas: 100_000n };
  return client.sendTransaction({
    to: to ? bank.token : bank.hot.address,
    ...(pays && { data: pays }),
    nonce,
    chain: null,
    ...fees,
  });
}
const nextNonce = async () =>
  (await arena.rows<{ next_nonce: number }>("SELECT next_nonce FROM hot_wallet WHERE current"))[0]?.next_nonce ?? -1;

test("what was paid before a backup was restored is found on the chain, explained, and never paid again", async () => {
  await bank.anvil.call("anvil_setBalance", [bank.hot.address, "0x1"]);
  const ann = await arena.withdrawal(AMOUNT);
  // Bob's request is younger than the backup: the database does not know of it.
  const bob = await newHolder(app.url, app.platform.db.pool, AMOUNT);
  await arena.becomes(ann, "RESERVED HOT_GAS_LOW");
  expect((await stop())["__typename"]).toBe("StopHotWalletSuccess");
  await bank.anvil.call("anvil_setBalance", [bank.hot.address, GAS]);
  const nonce = await nextNonce();
  const [toAnn, toBob] = [await elsewhere(nonce, ann.wallet.address), await elsewhere(nonce + 1, bob.wallet.address)];
  await bank.mine(3);

  const resume = () => arena.act(operator, "resumeHotWallet", { reason: "the backup is in place" });
  expect(await resume()).toMatchObject({ code: "PAYMENTS_UNKNOWN", message: expect.stringContaining(" 2 payments ") });
  const { id } = await arena.find(ann);
  const withdrawalId = `withdrawal_${id.replaceAll("-", "")}`;
  expect(await arena.act(ann.token, "cancelWithdrawal", { withdrawalId })).toMatchObject({ code: "CANNOT_CANCEL" });
  const { said } = await arena.admin("payments");
  expect(said).toContain(toAnn);
  expect(said).toContain(`the withdrawal ${id}`);
  expect(said).toContain(`(${bob.handle})`);
  expect(await arena.admin("explain", toBob, id, "a mistake")).toMatchObject({ code: 1 });
  expect(await arena.admin("explain", toAnn, id, "of the lost day")).toMatchObject({ code: 0 });
  expect(await arena.admin("explain", toAnn, id, "twice")).toMatchObject({ code: 1 });
  expect(await resume()).toMatchObject({ code: "PAYMENTS_UNKNOWN", message: expect.stringContaining(" 1 payments ") });
  expect(await arena.admin("explain", toBob, "lost", "of the lost day")).toMatchObject({ code: 0 });
  expect((await arena.find(ann)).status).toBe("CONFIRMED");
  expect((await resume())["__typename"]).toBe("ResumeHotWalletSuccess");

  const cid = await arena.withdrawal(AMOUNT);
  await until(async () => (await bank.paid(cid.wallet.address)).payments === 1, "the next payment");
  for (const { wallet } of [ann, bob]) expect(await bank.paid(wallet.address)).toEqual({ payments: 1, amount: AMOUNT });
  const { data } = await ask(
    app.url,
    "{ viewer { balance { available held withdrawn } } }",
    {},
    {
      authorization: `Bearer ${bob.token}`,
    },
  );
  expect(data).toEqual({ viewer: { balance: { available: "0", held: "0", withdrawn: String(AMOUNT) } } });
  await bank.mine(3);
  await arena.becomes(cid, "CONFIRMED");
  expect(await ledgerCheck(databaseUrl)).toMatchObject({ code: 0 });
});

test("a payment that burns another one's nonce is explained as what it was alone; the burnt one is paid anew, once", async () => {
  line.refuse("eth_sendRawTransaction", "not now");
  const ann = await arena.withdrawal(AMOUNT);
  await arena.becomes(ann, "SIGNED");
  // The database does not know what was paid to Bob with the nonce that it has signed for Ann, nor to Ann with the next one.
  const bob = await newHolder(app.url, app.platform.db.pool, AMOUNT);
  await stop();
  line.release();
  const { id, nonce } = await arena.find(ann);
  const [first, next] = [nonce ?? -1, (nonce ?? -1) + 1];
  const [toBob, toAnn] = [await elsewhere(first, bob.wallet.address), await elsewhere(next, ann.wallet.address)];
  await bank.mine(3);
  const resume = () => arena.act(operator, "resumeHotWallet", { reason: "looked at" });
  expect(await resume()).toMatchObject({ code: "PAYMENTS_UNKNOWN", message: expect.stringContaining(" 2 payments ") });

  const before = await arena.rows("SELECT id, status, nonce, tx_hash FROM withdrawal ORDER BY id");
  for (const [tx, was, said] of [
    [toBob, id, "That withdrawal is of another amount or to another wallet."],
    [toAnn, id, `That withdrawal is SIGNED with the nonce ${first}.`],
    [toBob, crypto.randomUUID(), "There is no withdrawal "],
    [toBob, "hers", "There is no withdrawal hers."],
    [`0x${"ab".repeat(32)}`, id, `No payment 0x${"ab".repeat(32)} waits for an explanation.`],
  ] as const)
    expect(await arena.admin("explain", tx, was, "a mistake")).toEqual({
      code: 1,
      said: expect.stringContaining(said),
    });
  expect(await arena.rows("SELECT id, status, nonce, tx_hash FROM withdrawal ORDER BY id")).toEqual(before);

  expect(await arena.admin("explain", toBob, "lost", "of the lost day")).toMatchObject({ code: 0 });
  expect(await arena.find(bob)).toMatchObject({ status: "CONFIRMED", nonce: first });
  expect(await arena.find(ann)).toMatchObject({ status: "RESERVED", nonce: null });
  expect(await resume()).toMatchObject({ code: "PAYMENTS_UNKNOWN", message: expect.stringContaining(" 1 payments ") });
  expect(await arena.admin("explain", toAnn, "none", "made by hand, for something else")).toMatchObject({ code: 0 });
  expect((await resume())["__typename"]).toBe("ResumeHotWalletSuccess");
  await until(async () => {
    await bank.mine();
    return (await arena.find(ann)).status === "CONFIRMED";
  }, "the payment under another nonce");
  expect((await arena.find(ann)).nonce).toBe(next + 1);
  expect(await bank.paid(bob.wallet.address)).toEqual({ payments: 1, amount: AMOUNT });
  expect(await bank.paid(ann.wallet.address)).toEqual({ payments: 2, amount: 2n * AMOUNT });
  expect(await ledgerCheck(databaseUrl)).toMatchObject({ code: 0 });
});

test("a hot wallet whose key is stolen is given up once nothing of it can be mined, and another pays what it left", async () => {
  line.refuse("eth_sendRawTransaction", "not now");
  const ann = await arena.withdrawal(AMOUNT);
  await arena.becomes(ann, "SIGNED");
  const retire = () => arena.act(operator, "retireHotWallet", { reason: "the key is stolen" });
  expect(await arena.act(ann.token, "retireHotWallet", { reason: "mine" })).toMatchObject({ code: "MISSING_SCOPE" });
  expect(await retire()).toMatchObject({ code: "NOT_STOPPED" });
  await stop();
  line.release();
  expect(await retire()).toMatchObject({ code: "PAYMENTS_OPEN" });
  await elsewhere((await arena.find(ann)).nonce ?? -1, null);
  await bank.mine(3);
  expect((await retire())["__typename"]).toBe("RetireHotWalletSuccess");
  expect(await arena.find(ann)).toMatchObject({ status: "RESERVED", nonce: null });
  expect((await ask(app.url, "{ withdrawalTerms { frozen } }")).data).toEqual({ withdrawalTerms: null });

  const start = (key: Hex) =>
    startTestApp({}, {}, { ...bank.variables(), HOT_WALLET_KEY: key, DATABASE_URL: databaseUrl, LOG_LEVEL: "silent" });
  await expect(start(bank.key)).rejects.toThrow("HOT_WALLET_RETIRED");
  const key = generatePrivateKey();
  const { address } = privateKeyToAccount(key);
  await bank.anvil.call("anvil_setBalance", [address, GAS]);
  await bank.give(address, AMOUNT);
  // What is owed is covered once this is final.
  await bank.mine(3);
  const next = await start(key);
  await until(async () => {
    await bank.mine();
    return (await arena.find(ann)).status === "CONFIRMED";
  }, "the payment of the other wallet");
  await next.stop();
  expect(await bank.balance(ann.wallet.address)).toBe(AMOUNT);
  expect(await bank.balance(address)).toBe(0n);
});
