import { privateKeyToAccount, generatePrivateKey } from "viem/accounts";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../app.ts";
import { startTestApp } from "../../../tests/harness/app.ts";
import { NORTH, openBank, type Bank } from "../../../tests/harness/bank.ts";
import { until } from "../../../tests/harness/until.ts";
import { fundFaucet } from "./custody.ts";

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
