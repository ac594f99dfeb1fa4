import { generatePrivateKey, privateKeyToAccount, type PrivateKeyAccount } from "viem/accounts";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { newHolder, NORTH, openBank, type Bank, type Holder } from "../harness/bank.ts";
import { ledgerCheck } from "../harness/ledger-check.ts";
import { openRpcLine, type RpcLine } from "../harness/rpc-line.ts";
import { until } from "../harness/until.ts";

let bank: Bank;
let line: RpcLine;
let app: App;
beforeAll(async () => {
  bank = await openBank();
  line = await openRpcLine(bank.anvil.url);
  // On this chain a block is safe with one block on top of it, and final with two.
  app = await startTestApp({ LIMIT_SOLVENCY_CHECK_MS: 1_000 }, {}, {
    ...bank.depositing("safe", line.url),
    LOG_LEVEL: "silent",
  });
});
afterAll(async () => {
  await app.stop();
  await line.stop();
  bank.stop();
});

type Found = { status: string; final: boolean; amountFormatted: string; txHash: string; block: number; confirmations: number | null };
type Viewer = {
  depositAddress: string;
  incoming: string;
  withdrawable: string;
  balance: { available: string; deposited: string };
  deposits: { nodes: Found[] };
};
async function viewer({ token }: Pick<Holder, "token">): Promise<Viewer> {
  const query = `{ viewer { depositAddress incoming withdrawable balance { available deposited }
    deposits(first: 20) { nodes { status final amountFormatted txHash block confirmations from } } } }`;
  const { data, errors } = await ask(app.url, query, {}, { authorization: `Bearer ${token}` });
  if (!data) throw new Error(JSON.stringify(errors));
  return data["viewer"] as unknown as Viewer;
}
const statuses = async (by: Holder) => (await viewer(by)).deposits.nodes.map(({ status, final }) => (final ? "FINAL" : status));
const becomes = (by: Holder, wanted: string[]) =>
  until(async () => JSON.stringify(await statuses(by)) === JSON.stringify(wanted), wanted.join());
const rows = async <Row extends object>(text: string, values: unknown[] = []) =>
  (await app.platform.db.pool.query<Row>(text, values)).rows;
const credited = async ({ userId }: Holder) =>
  rows<{ amount: string }>(
    "SELECT p.amount FROM posting p JOIN journal j ON j.id = p.journal_id WHERE p.subject_id = $1 AND j.kind LIKE 'DEPOSIT%' ORDER BY j.id",
    [userId],
  ).then((found) => found.map(({ amount }) => BigInt(amount) / NORTH));
const newPlayer = () => newHolder(app.url, app.platform.db.pool, NORTH);
const stranger = () => privateKeyToAccount(generatePrivateKey());
/** Waits until the watcher has looked at the newest block. */
const looked = () =>
  until(async () => {
    const [watch] = await rows<{ latest_height: number }>("SELECT latest_height FROM deposit_watch");
    return watch?.latest_height === Number(await bank.anvil.client.getBlockNumber({ cacheTime: 0 }));
  }, "a look at the newest block");

test("a deposit is shown at once, credited when it is deep enough, and can be withdrawn when it is final", async () => {
  const ann = await newPlayer();
  expect((await viewer(ann)).depositAddress).toBe(bank.master);
  const { txHash, height } = await bank.send(ann.wallet, 5_000n * NORTH);
  await becomes(ann, ["PENDING"]);
  expect(await viewer(ann)).toMatchObject({
    incoming: String(5_000n * NORTH),
    balance: { available: String(NORTH), deposited: "0" },
    deposits: { nodes: [{ amountFormatted: "5,000 NORTH", txHash, block: height, confirmations: 1 }] },
  });
  await bank.mine();
  await becomes(ann, ["CREDITED"]);
  expect(await viewer(ann)).toMatchObject({
    incoming: "0",
    withdrawable: String(NORTH),
    balance: { available: String(5_001n * NORTH), deposited: String(5_000n * NORTH) },
  });
  const input = { to: ann.wallet.address, amount: String(1_000n * NORTH) };
  expect(await withdraw(ann, input)).toMatchObject({ code: "FUNDS_NOT_FINAL" });
  await bank.mine();
  await becomes(ann, ["FINAL"]);
  expect(await viewer(ann)).toMatchObject({ withdrawable: String(5_001n * NORTH) });
  expect(await withdraw(ann, input)).toEqual({ __typename: "RequestWithdrawalSuccess" });
});

async function withdraw({ token }: Holder, input: object): Promise<{ __typename: string; code?: string }> {
  const query = `mutation($input: RequestWithdrawalInput!) { requestWithdrawal(input: $input) { __typename ... on Refusal { code } } }`;
  const { data } = await ask(app.url, query, { input }, { authorization: `Bearer ${token}` });
  return data?.["requestWithdrawal"] as never;
}

test("one that is reorganised away before it is deep enough is never credited", async () => {
  const ann = await newPlayer();
  await bank.send(ann.wallet, 7n * NORTH);
  await becomes(ann, ["PENDING"]);
  await bank.anvil.call("anvil_reorg", [1, []]);
  await becomes(ann, ["ORPHANED"]);
  await bank.mine(4);
  await looked();
  expect(await statuses(ann)).toEqual(["ORPHANED"]);
  expect(await credited(ann)).toEqual([]);
});

test("one whose transaction comes back in another block behind another one is credited once", async () => {
  const [ann, bob] = [await newPlayer(), await newPlayer()];
  const other = await bank.send(bob.wallet, 1n * NORTH);
  const { raw, txHash } = await bank.send(ann.wallet, 11n * NORTH);
  await becomes(ann, ["PENDING"]);
  const before = await bank.anvil.client.getTransactionReceipt({ hash: txHash });
  // The last two blocks are Ann's gas-giver's transfer and her own: both transfers are put into one new block.
  await bank.anvil.call("anvil_reorg", [1, []]);
  await bank.anvil.call("evm_setAutomine", [false]);
  await bank.anvil.client.sendRawTransaction({ serializedTransaction: raw });
  void other;
  await bank.mine();
  await bank.anvil.call("evm_setAutomine", [true]);
  const after = await bank.anvil.client.getTransactionReceipt({ hash: txHash });
  expect(after.blockHash).not.toBe(before.blockHash);
  await becomes(ann, ["PENDING", "ORPHANED"]);
  await bank.mine(3);
  await becomes(ann, ["FINAL", "ORPHANED"]);
  expect(await credited(ann)).toEqual([11n]);
});
