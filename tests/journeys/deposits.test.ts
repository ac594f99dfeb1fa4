import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { encodeFunctionData, erc20Abi, toHex, type Hex } from "viem";
import { generatePrivateKey, privateKeyToAccount, type PrivateKeyAccount } from "viem/accounts";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newKey, newPerson as signedUp, socket } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { linkWallet, newHolder, NORTH, openBank, type Bank, type Holder } from "../harness/bank.ts";
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
  app = await startTestApp(
    { LIMIT_SOLVENCY_CHECK_MS: 1_000 },
    {},
    {
      ...bank.depositing("safe", line.url),
      LOG_LEVEL: "warn",
    },
  );
});
afterAll(async () => {
  await app.stop();
  await line.stop();
  bank.stop();
});

type Found = {
  status: string;
  final: boolean;
  amountFormatted: string;
  txHash: string;
  block: number;
  confirmations: number | null;
};
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
const statuses = async (by: Holder) =>
  (await viewer(by)).deposits.nodes.map(({ status, final }) => (final ? "FINAL" : status));
const becomes = (by: Holder, wanted: string[]) =>
  until(async () => JSON.stringify(await statuses(by)) === JSON.stringify(wanted), wanted.join());
const rows = async <Row extends object>(text: string, values: unknown[] = []) =>
  (await app.platform.db.pool.query<Row>(text, values)).rows;
const credited = async ({ userId }: Pick<Holder, "userId">) =>
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
  // Its payment mines a block, which is not to come in the middle of another test.
  await until(
    async () => (await rows("SELECT FROM withdrawal WHERE status IN ('RESERVED', 'SIGNED')")).length === 0,
    "the payment",
  );
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

test("one whose transaction comes back in another block, at another place in it, is credited once", async () => {
  const ann = await newPlayer();
  const { raw, txHash } = await bank.send(ann.wallet, 11n * NORTH);
  await becomes(ann, ["PENDING"]);
  const before = await bank.anvil.client.getTransactionReceipt({ hash: txHash });
  await bank.anvil.call("anvil_reorg", [1, []]);
  await bank.anvil.call("evm_setAutomine", [false]);
  await transferBefore();
  await bank.anvil.client.sendRawTransaction({ serializedTransaction: raw });
  await bank.mine();
  await bank.anvil.call("evm_setAutomine", [true]);
  const after = await bank.anvil.client.getTransactionReceipt({ hash: txHash });
  expect(after.blockHash).not.toBe(before.blockHash);
  expect([before, after].map(({ logs }) => logs[0]?.logIndex)).toEqual([0, 1]);
  await becomes(ann, ["PENDING", "ORPHANED"]);
  await bank.mine(3);
  await becomes(ann, ["FINAL", "ORPHANED"]);
  expect(await credited(ann)).toEqual([11n]);
});

/** A transfer of somebody else's that offers more, and so comes first in the next block. */
async function transferBefore(): Promise<void> {
  const [from] = await bank.anvil.call<Hex[]>("eth_accounts", []);
  const args = [stranger().address, 1n] as const;
  const data = encodeFunctionData({ abi: erc20Abi, functionName: "transfer", args });
  const fees = { maxFeePerGas: toHex(60n * 10n ** 9n), maxPriorityFeePerGas: toHex(5n * 10n ** 9n) };
  await bank.anvil.call("eth_sendTransaction", [{ from, to: bank.token, data, gas: toHex(100_000), ...fees }]);
}

/** What somebody's wallet signs to prove itself. */
async function signedText(wallet: PrivateKeyAccount): Promise<{ message: string; signature: string }> {
  const challenge = await mutate(app.url, null, "createSiweChallenge", { address: wallet.address }, "message");
  const message = challenge["message"] as unknown as string;
  return { message, signature: await wallet.signMessage({ message }) };
}
const newPerson = async (wallet: PrivateKeyAccount) => {
  const session = await mutate(app.url, null, "signInWithEthereum", await signedText(wallet), "token");
  return { token: session["token"] as unknown as string };
};

test("what an unknown wallet sent is nobody's, until somebody signs in with it", async () => {
  const wallet = stranger();
  await bank.send(wallet, 21n * NORTH);
  await bank.mine(3);
  await looked();
  const { rows: nobodys } = await app.platform.db.pool.query(
    "SELECT user_id, account FROM deposit WHERE from_address = $1",
    [wallet.address.toLowerCase()],
  );
  expect(nobodys).toEqual([{ user_id: null, account: "chain:unattributed" }]);
  // Another one is not credited yet when it becomes somebody's.
  await bank.send(wallet, 1n * NORTH);
  await looked();
  const ann = await newPerson(wallet);
  expect(await viewer(ann)).toMatchObject({
    incoming: String(NORTH),
    balance: { available: String(21n * NORTH), deposited: String(21n * NORTH) },
    deposits: { nodes: [{ status: "PENDING" }, { status: "CREDITED", final: true }] },
  });
  await newPerson(wallet);
  expect(await viewer(ann)).toMatchObject({ balance: { available: String(21n * NORTH) } });
  await bank.mine(2);
  await until(async () => (await viewer(ann)).balance.available === String(22n * NORTH), "the second deposit");
});

test("what a wallet sent is its owner's once it is linked, too", async () => {
  const [ann, wallet] = [await newPlayer(), stranger()];
  await bank.send(wallet, 31n * NORTH);
  await bank.mine(3);
  await looked();
  const query = `mutation($input: LinkWalletInput!) { linkWallet(input: $input) { __typename } }`;
  const input = await signedText(wallet);
  const { data } = await ask(app.url, query, { input }, { authorization: `Bearer ${ann.token}` });
  expect(data).toEqual({ linkWallet: { __typename: "LinkWalletSuccess" } });
  expect(await statuses(ann)).toEqual(["FINAL"]);
  expect(await credited(ann)).toEqual([31n]);
});

test("its owner hears of each state on the own stream, behind the cursor", async () => {
  const ann = await newPlayer();
  const key = await newKey(app.url, ann.token, ["PLAY"]);
  const { data } = await ask(app.url, "{ viewer { cursor } }", {}, { authorization: `Bearer ${ann.token}` });
  const cursor = (data as unknown as { viewer: { cursor: string } }).viewer.cursor;
  const heard: string[] = [];
  const client = socket(app.url, key);
  const query = `subscription($after: Cursor) { userEvents(after: $after) { event { ... on DepositChanged { status final deposit { amountFormatted } } } } }`;
  client.subscribe<{ userEvents: { event: { status: string; final: boolean; deposit: { amountFormatted: string } } } }>(
    { query, variables: { after: cursor } },
    {
      next: ({ data: told }) => {
        const event = told?.userEvents.event;
        if (event) heard.push(`${event.status} ${event.final} ${event.deposit.amountFormatted}`);
      },
      error: () => undefined,
      complete: () => undefined,
    },
  );
  await bank.send(ann.wallet, 41n * NORTH);
  for (let heardMin = 1; heardMin <= 3; heardMin++) {
    await until(() => heard.length >= heardMin, "the next state");
    await bank.mine();
  }
  await client.dispose();
  expect(heard).toEqual(["PENDING false 41 NORTH", "CREDITED false 41 NORTH", "CREDITED true 41 NORTH"]);
});

test("operators see what is nobody's; the terms are public; an arena without deposits says so", async () => {
  await bank.send(stranger(), 51n * NORTH);
  await bank.mine(3);
  await looked();
  const { data } = await ask(app.url, "{ depositTerms { address chainId token creditTag } }");
  expect(data).toEqual({
    depositTerms: { address: bank.master, chainId: 31_337, token: bank.token, creditTag: "safe" },
  });
  const metrics = await (await fetch(`${app.url}/metrics`)).text();
  expect(metrics).toMatch(/^agon_deposit_blocks_behind\{chain="token"\} 0$/m);
  expect(metrics).toMatch(/^agon_withdrawals_frozen\{reason="SHORTFALL"\} 0$/m);
  expect(metrics).toMatch(/^agon_deposits\{status="PENDING"\} 0$/m);
});

test("a deposit that is being credited is waited for by its owner's farewell", async () => {
  // The money of this chain is somebody's: it is no play money.
  app.platform.playMoney = false;
  const { handle, token } = await signedUp(app.url);
  const [user] = await rows<{ id: string }>("SELECT id FROM app_user WHERE handle = $1", [handle]);
  const userId = user?.id ?? "";
  const wallet = await linkWallet(app.platform.db.pool, userId);
  await bank.send(wallet, 7n * NORTH);
  await until(async () => (await rows("SELECT FROM deposit WHERE user_id = $1", [userId])).length > 0, "the deposit");
  const holder = await app.platform.db.pool.connect();
  const waiting = async () =>
    (await holder.query("SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"))
      .rowCount ?? 0;
  await holder.query("BEGIN; LOCK TABLE posting IN SHARE MODE");
  await bank.mine();
  await until(async () => (await waiting()) > 0, "whoever credits");
  let answered = false;
  const query = `mutation($input: DeleteAccountInput!) { deleteAccount(input: $input) { __typename ... on Refusal { code } } }`;
  const leaving = ask(app.url, query, { input: { handle } }, { authorization: `Bearer ${token}` }).finally(() => {
    answered = true;
  });
  await until(async () => answered || (await waiting()) > 1, "the farewell");
  await holder.query("COMMIT");
  holder.release();
  expect((await leaving).data).toMatchObject({ deleteAccount: { code: "MONEY_LEFT" } });
  expect(await credited({ userId })).toEqual([7n]);
  app.platform.playMoney = true;
});

test("a chain that has less than is owed holds withdrawals back, with an alarm, until an operator lifts it", async () => {
  const ann = await newPlayer();
  const input = { to: ann.wallet.address, amount: String(1_000n * NORTH) };
  const [has] = await rows<{ custody: string; liabilities: string }>("SELECT custody, liabilities FROM solvency");
  expect(BigInt(has?.custody ?? 0)).toBeGreaterThan(BigInt(has?.liabilities ?? 0));
  await bank.anvil.call("anvil_dealERC20", [bank.hot.address, bank.token, "0x0"]);
  await bank.mine(3);
  await newHolder(app.url, app.platform.db.pool, 10n ** 9n * NORTH);
  await until(async () => (await rows("SELECT FROM withdrawal_freeze")).length > 0, "the freeze");
  expect(await withdraw(ann, input)).toMatchObject({ code: "WITHDRAWALS_FROZEN" });
  const check = await ledgerCheck(databaseUrl());
  expect([check.code, check.said]).toEqual([1, expect.stringContaining("BROKEN  CUSTODY_COVERS")]);
  await until(async () => {
    const metrics = await (await fetch(`${app.url}/metrics`)).text();
    return /^agon_hot_wallet_alarm\{alarm="SHORTFALL"\} 1$/m.test(metrics);
  }, "the alarm");
  await bank.topUp(2n * 10n ** 9n * NORTH);
  await bank.mine(3);
  await until(async () => (await ledgerCheck(databaseUrl())).code === 0, "cover");
  // It stays until somebody has looked.
  expect(await withdraw(ann, input)).toMatchObject({ code: "WITHDRAWALS_FROZEN" });
  expect(await admin("deposits")).toContain("SHORTFALL since");
  expect(await admin("unfreeze", "SHORTFALL", "topped", "up")).toContain("SHORTFALL holds withdrawals back no more.");
  expect(await withdraw(ann, input)).not.toMatchObject({ code: "WITHDRAWALS_FROZEN" });
});

const databaseUrl = () => (app.platform.db.pool.options as { connectionString?: string }).connectionString ?? "";
async function admin(...words: string[]): Promise<string> {
  const env = { ...process.env, DATABASE_URL: databaseUrl(), AGON_SECRET: "0123456789abcdef0123456789abcdef" };
  return (await promisify(execFile)("node", ["src/admin.ts", ...words], { env })).stdout;
}
