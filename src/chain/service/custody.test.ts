import type { Address } from "viem";
import { privateKeyToAccount, generatePrivateKey } from "viem/accounts";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../app.ts";
import { startTestApp } from "../../../tests/harness/app.ts";
import { newHolder, NORTH, openBank, type Bank } from "../../../tests/harness/bank.ts";
import { until } from "../../../tests/harness/until.ts";
import { retireHotWallet } from "../store/withdrawals.ts";
import { fundFaucet } from "./custody.ts";
import { registerWallet } from "./hot-wallet.ts";
import { checkSolvency } from "./solvency.ts";

let bank: Bank;
let app: App;
beforeAll(async () => {
  bank = await openBank();
  // On this chain a block is safe with one block on top of it.
  app = await startTestApp({}, {}, bank.depositing("safe", bank.anvil.url));
});
afterAll(async () => {
  await app.stop();
  bank.stop();
});

test("the faucet's money is sent once, also when it is looked for while it is on its way", async () => {
  const funder = privateKeyToAccount(generatePrivateKey()).address.toLowerCase();
  const fund = () =>
    fundFaucet(app.platform, bank.anvil.url, { address: bank.master, tokenAddress: bank.token, funder });
  const status = async () => {
    const text = "SELECT status FROM deposit WHERE from_address = $1";
    const { rows } = await app.platform.db.pool.query<{ status: string }>(text, [funder]);
    return rows[0]?.status;
  };
  await fund();
  await until(async () => (await status()) === "PENDING", "the funding to be seen");
  await fund();
  await fund();
  expect(await bank.balance(bank.master)).toBe(1_000_000_000n * NORTH);
  await bank.mine(3);
  await until(async () => (await status()) === "CREDITED", "the funding to be booked");
});

test("what earlier hot wallets have covers as well, until the key of one is given up as stolen", async () => {
  const { db } = app.platform;
  const [earlier, later] = [0, 1].map(() => privateKeyToAccount(generatePrivateKey()).address) as [Address, Address];
  const look = async () => {
    await bank.mine(3);
    return checkSolvency(app.platform, bank.anvil.url);
  };
  const frozen = async () => (await db.pool.query<{ reason: string }>("SELECT reason FROM withdrawal_freeze")).rows;
  const pays = (address: string) =>
    registerWallet(app.platform, bank.anvil.url, {
      address: address.toLowerCase(),
      chainId: 31_337,
      tokenAddress: bank.token,
    });
  const { custody: first, liabilities: owed } = (await look()) ?? { custody: 0n, liabilities: 0n };
  await bank.give(earlier, 7n * NORTH);
  await bank.give(later, 11n * NORTH);
  expect((await look())?.custody).toBe(first);

  // One after the other pays: the bank's own wallet and `earlier` are keys that were merely changed then.
  await pays(earlier);
  expect((await look())?.custody).toBe(first + 7n * NORTH);
  await pays(later);
  await newHolder(app.url, db.pool, first + 15n * NORTH - owed);
  expect(await look()).toMatchObject({ custody: first + 18n * NORTH, liabilities: first + 15n * NORTH });
  expect(await frozen()).toEqual([]);

  // A stolen key's tokens are the thief's: now less is there than is owed.
  await db.query(retireHotWallet, [earlier.toLowerCase(), new Date()]);
  expect(await look()).toMatchObject({ custody: first + 11n * NORTH, liabilities: first + 15n * NORTH });
  expect(await frozen()).toEqual([{ reason: "SHORTFALL" }]);
});
