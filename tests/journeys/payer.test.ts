import { createWalletClient, http, toHex, type Hex } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { newHolder, NORTH, openBank, type Bank, type Holder } from "../harness/bank.ts";
import { openRpcLine, type RpcLine } from "../harness/rpc-line.ts";
import { until } from "../harness/until.ts";

const GWEI = 1_000_000_000n;

let bank: Bank;
let line: RpcLine;
let app: App;
let operator: string;
beforeAll(async () => {
  bank = await openBank(1_000n * NORTH);
  line = await openRpcLine(bank.anvil.url);
  const limits = {
    LIMIT_WITHDRAWALS_PER_HOUR: 100,
    LIMIT_WITHDRAWAL_STUCK_MS: 1_000,
    LIMIT_WITHDRAWAL_FEE_GWEI_MAX: 50,
    // The hot wallet is kept low here: it does not cover what is owed.
    LIMIT_SOLVENCY_CHECK_MS: 600_000,
  };
  app = await startTestApp(limits, {}, { ...bank.variables(line.url), LOG_LEVEL: "silent" });
  const { token, handle } = await newPerson(app.url);
  await app.platform.db.pool.query("UPDATE app_user SET operator = true WHERE handle = $1", [handle]);
  operator = token;
});
afterAll(async () => {
  await app.stop();
  await line.stop();
  bank.stop();
});

type Seen = { status: string; waiting_for: string | null; nonce: number | null; tx_hash: Hex | null };
const rows = async <Row extends object>(text: string, values: unknown[] = []) =>
  (await app.platform.db.pool.query<Row>(text, values)).rows;
const find = async (by: Holder) =>
  (await rows<Seen>("SELECT * FROM withdrawal WHERE user_id = $1", [by.userId]))[0] as Seen;
const attemptsOf = (by: Holder) =>
  rows<{ tx_hash: Hex; nonce: number }>(
    "SELECT a.* FROM withdrawal_attempt a JOIN withdrawal w ON w.id = a.withdrawal_id WHERE w.user_id = $1 ORDER BY max_fee_wei",
    [by.userId],
  );
const becomes = (by: Holder, status: string, waitingFor: string | null = null) =>
  until(
    async () => {
      const found = await find(by);
      return found.status === status && found.waiting_for === waitingFor && found;
    },
    `${status} ${waitingFor ?? ""}`,
  );

async function act(
  token: string,
  field: string,
  input: object,
): Promise<{ __typename: string; code?: string; burnt?: number }> {
  const name = field.charAt(0).toUpperCase() + field.slice(1);
  const burnt = field === "resumeHotWallet" ? "... on ResumeHotWalletSuccess { burnt }" : "";
  const query = `mutation($input: ${name}Input!) { ${field}(input: $input) { __typename ${burnt} ... on Refusal { code } } }`;
  const answer = await ask(app.url, query, { input }, { authorization: `Bearer ${token}` });
  if (!answer.data) throw new Error(JSON.stringify(answer.errors));
  return answer.data[field] as never;
}
async function withdrawal(north = 5_000n): Promise<Holder> {
  const holder = await newHolder(app.url, app.platform.db.pool, north * NORTH);
  const input = { to: holder.wallet.address, amount: String(north * NORTH) };
  expect(await act(holder.token, "requestWithdrawal", input)).toEqual({ __typename: "RequestWithdrawalSuccess" });
  return holder;
}
async function isPaidOnce(by: Holder, north = 5_000n): Promise<void> {
  await until(async () => {
    await bank.mine();
    return (await find(by)).status === "CONFIRMED";
  }, "the final payment");
  await bank.mine(3);
  expect(await bank.paid(by.wallet.address)).toEqual({ payments: 1, amount: north * NORTH });
}
type HotWallet = { stoppedFor: string | null; stoppedDetail: string | null; alarms: string[]; nextNonce: number };
async function hotWallet(): Promise<HotWallet> {
  const query = "{ hotWallet { address stoppedFor stoppedDetail alarms nextNonce } }";
  const { data } = await ask(app.url, query, {}, { authorization: `Bearer ${operator}` });
  return data?.["hotWallet"] as unknown as HotWallet;
}
const alarms = (wanted: string[]) =>
  until(async () => JSON.stringify((await hotWallet()).alarms) === JSON.stringify(wanted), wanted.join() || "no alarm");
/** Somebody else who has the hot wallet's key. */
const thief = () => createWalletClient({ account: bank.hot, transport: http(bank.anvil.url) });
const steal = (nonce: number) =>
  thief().sendTransaction({
    to: bank.hot.address,
    value: 1n,
    nonce,
    chain: null,
    maxFeePerGas: 40n * GWEI,
    maxPriorityFeePerGas: 20n * GWEI,
  });
const automine = (on: boolean) => bank.anvil.call("evm_setAutomine", [on]);

test("a hot wallet with too few tokens leaves a withdrawal reserved, with an alarm and a metric, and pays when it is topped up", async () => {
  const ann = await withdrawal();
  await becomes(ann, "RESERVED", "HOT_TOKEN_LOW");
  await alarms(["HOT_TOKEN_LOW"]);
  const metrics = await (await fetch(`${app.url}/metrics`)).text();
  expect(metrics).toMatch(/^agon_hot_wallet_alarm\{alarm="HOT_TOKEN_LOW"\} 1$/m);
  expect(metrics).toMatch(/^agon_withdrawals_open\{status="RESERVED"\} 1$/m);
  const query = "{ openWithdrawals(first: 5) { nodes { status waitingFor reason } } }";
  const { data } = await ask(app.url, query, {}, { authorization: `Bearer ${operator}` });
  expect(data).toMatchObject({ openWithdrawals: { nodes: [{ status: "RESERVED", waitingFor: "HOT_TOKEN_LOW" }] } });
  await bank.topUp(1_000_000n * NORTH);
  await isPaidOnce(ann);
  await alarms([]);
});

test("a hot wallet without gas leaves a withdrawal reserved, and its owner may take it back", async () => {
  await bank.anvil.call("anvil_setBalance", [bank.hot.address, "0x1"]);
  const [ann, bob] = [await withdrawal(), await withdrawal()];
  await becomes(ann, "RESERVED", "HOT_GAS_LOW");
  const [{ id } = { id: "" }] = await rows<{ id: string }>("SELECT id FROM withdrawal WHERE user_id = $1", [
    bob.userId,
  ]);
  const withdrawalId = `withdrawal_${id.replaceAll("-", "")}`;
  expect(await act(ann.token, "cancelWithdrawal", { withdrawalId })).toMatchObject({ code: "NOT_FOUND" });
  expect((await act(bob.token, "cancelWithdrawal", { withdrawalId })).__typename).toBe("CancelWithdrawalSuccess");
  expect(await act(bob.token, "cancelWithdrawal", { withdrawalId })).toMatchObject({ code: "CANNOT_CANCEL" });
  const { data } = await ask(
    app.url,
    "{ viewer { balance { available held } } }",
    {},
    { authorization: `Bearer ${bob.token}` },
  );
  expect(data).toEqual({ viewer: { balance: { available: String(5_000n * NORTH), held: "0" } } });
  await bank.anvil.call("anvil_setBalance", [bank.hot.address, toHex(10n * 10n ** 18n)]);
  await isPaidOnce(ann);
  expect(await bank.paid(bob.wallet.address)).toEqual({ payments: 0, amount: 0n });
});

test("a withdrawal of somebody who is suspended, or whose wallet was unlinked, waits", async () => {
  await bank.anvil.call("anvil_setBalance", [bank.hot.address, "0x1"]);
  const [ann, bob] = [await withdrawal(), await withdrawal()];
  await rows("UPDATE app_user SET suspended_at = now() WHERE id = $1", [ann.userId]);
  await rows("DELETE FROM wallet WHERE user_id = $1", [bob.userId]);
  await becomes(ann, "RESERVED", "ACCOUNT_SUSPENDED");
  await becomes(bob, "RESERVED", "WALLET_UNLINKED");
  await bank.anvil.call("anvil_setBalance", [bank.hot.address, toHex(10n * 10n ** 18n)]);
  await rows("UPDATE app_user SET suspended_at = NULL WHERE id = $1", [ann.userId]);
  await isPaidOnce(ann);
  expect(await bank.paid(bob.wallet.address)).toEqual({ payments: 0, amount: 0n });
  await rows("DELETE FROM withdrawal WHERE user_id = $1", [bob.userId]);
});

test("a transaction that the base fee left behind is replaced at the same nonce, and paid once", async () => {
  await automine(false);
  const ann = await withdrawal();
  const { nonce } = await becomes(ann, "SENT");
  await bank.anvil.call("anvil_setNextBlockBaseFeePerGas", [toHex(10n * GWEI)]);
  await bank.mine();
  const attempts = await until(async () => {
    const found = await attemptsOf(ann);
    return found.length > 1 && found;
  }, "a second attempt");
  expect(new Set(attempts.map((attempt) => attempt.nonce))).toEqual(new Set([nonce]));
  await automine(true);
  await isPaidOnce(ann);
  expect((await find(ann)).tx_hash).toBe((await attemptsOf(ann)).at(-1)?.tx_hash);
});

test("at the cap nothing is raised: an alarm says so, and it is paid when the chain is cheaper", async () => {
  await automine(false);
  const ann = await withdrawal();
  await becomes(ann, "SENT");
  await bank.anvil.call("anvil_setNextBlockBaseFeePerGas", [toHex(60n * GWEI)]);
  await bank.mine();
  await alarms(["STUCK"]);
  const bob = await withdrawal();
  await becomes(bob, "RESERVED", "FEES_TOO_HIGH");
  await alarms(["FEES_TOO_HIGH", "STUCK"]);
  await bank.anvil.call("anvil_setNextBlockBaseFeePerGas", [toHex(GWEI)]);
  await automine(true);
  await bank.mine();
  await isPaidOnce(ann);
  await isPaidOnce(bob);
  await alarms([]);
});

test("a payment that is mined and reverts fails, and its amount is available again", async () => {
  const has = await bank.balance(bank.hot.address);
  await automine(false);
  const ann = await withdrawal();
  await becomes(ann, "SENT");
  await bank.anvil.call("anvil_dealERC20", [bank.hot.address, bank.token, "0x0"]);
  await bank.mine(4);
  await becomes(ann, "FAILED");
  expect(await bank.paid(ann.wallet.address)).toEqual({ payments: 0, amount: 0n });
  const { data } = await ask(
    app.url,
    "{ viewer { balance { available held withdrawn } } }",
    {},
    { authorization: `Bearer ${ann.token}` },
  );
  expect(data).toEqual({ viewer: { balance: { available: String(5_000n * NORTH), held: "0", withdrawn: "0" } } });
  await bank.anvil.call("anvil_dealERC20", [bank.hot.address, bank.token, toHex(has)]);
  await automine(true);
});

test("what was mined and then reorganised away is sent again, and paid once", async () => {
  const ann = await withdrawal();
  await until(async () => (await bank.paid(ann.wallet.address)).payments === 1, "the payment");
  await becomes(ann, "SENT");
  // Time for a look that sees it mined.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  await bank.anvil.call("anvil_reorg", [1, []]);
  expect(await bank.paid(ann.wallet.address)).toEqual({ payments: 0, amount: 0n });
  expect((await find(ann)).status).toBe("SENT");
  await until(async () => (await bank.paid(ann.wallet.address)).payments === 1, "the payment again");
  await isPaidOnce(ann);
  expect(await attemptsOf(ann)).toHaveLength(1);
});

test("an endpoint that refuses to take a payment proves nothing: it is paid once it does", async () => {
  line.refuse("eth_sendRawTransaction", "nonce too low");
  const ann = await withdrawal();
  await becomes(ann, "SIGNED");
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect((await find(ann)).status).toBe("SIGNED");
  line.release();
  await until(async () => (await bank.paid(ann.wallet.address)).payments === 1, "the payment");
  await isPaidOnce(ann);
});

test("a transaction of the hot wallet that was not signed here stops it, until an operator resumes it", async () => {
  expect(await act(operator, "resumeHotWallet", { reason: "nothing" })).toMatchObject({ code: "NOT_STOPPED" });
  const { nextNonce } = await hotWallet();
  await steal(nextNonce);
  await alarms(["STOPPED"]);
  expect(await hotWallet()).toMatchObject({ stoppedFor: "FOREIGN_TRANSACTION" });
  const ann = await withdrawal();
  await becomes(ann, "RESERVED", "STOPPED");
  expect(await act(operator, "resumeHotWallet", { reason: "not final" })).toMatchObject({ code: "NOT_PROVEN" });
  await bank.mine(3);
  expect(await act(operator, "resumeHotWallet", { reason: " " })).toMatchObject({ code: "BAD_INPUT" });
  expect(await act(ann.token, "resumeHotWallet", { reason: "mine" })).toMatchObject({ code: "MISSING_SCOPE" });
  expect(await act(operator, "resumeHotWallet", { reason: "topped up by hand" })).toMatchObject({ burnt: 0 });
  await isPaidOnce(ann);
  expect((await find(ann)).nonce).toBe(nextNonce + 1);
});

test("a nonce that was stolen stops the wallet; resumed with the thief's transaction proved, it pays once with another", async () => {
  await automine(false);
  const ann = await withdrawal();
  const { nonce } = await becomes(ann, "SENT");
  const stolen = await steal(nonce ?? -1);
  await bank.mine(1);
  expect(await bank.paid(ann.wallet.address)).toEqual({ payments: 0, amount: 0n });
  // It may still be reorganised away: until it is final nothing is decided.
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  expect(await hotWallet()).toMatchObject({ stoppedFor: null });
  await bank.mine(3);
  await alarms(["STOPPED"]);
  const { stoppedFor, stoppedDetail } = await hotWallet();
  expect([stoppedFor, stoppedDetail]).toEqual(["NONCE_TAKEN", expect.stringContaining(`nonce ${nonce} `)]);
  const bob = await withdrawal();
  await becomes(bob, "RESERVED", "STOPPED");
  await automine(true);
  expect(await act(operator, "resumeHotWallet", { reason: "the key was used by hand" })).toMatchObject({ burnt: 1 });
  await isPaidOnce(ann);
  await isPaidOnce(bob);
  expect((await find(ann)).nonce).not.toBe(nonce);
  const [noted] = await rows<{ reason: string }>(
    "SELECT reason FROM audit_entry WHERE action = 'hot-wallet.resumed' ORDER BY id DESC LIMIT 1",
  );
  expect(noted?.reason).toBe(`the key was used by hand; nonce ${nonce} was used by ${stolen}`);
});

test("the kill switch takes and signs nothing, keeps back what was not sent, and ends as it came", async () => {
  line.refuse("eth_sendRawTransaction", "not now");
  await bank.anvil.call("anvil_setBalance", [bank.hot.address, "0x1"]);
  const ann = await withdrawal();
  await becomes(ann, "RESERVED", "HOT_GAS_LOW");
  expect(await act(ann.token, "stopHotWallet", { reason: "mine" })).toMatchObject({ code: "MISSING_SCOPE" });
  expect((await act(operator, "stopHotWallet", { reason: "a drill" })).__typename).toBe("StopHotWalletSuccess");
  const input = { to: ann.wallet.address, amount: String(5_000n * NORTH) };
  expect(await act(ann.token, "requestWithdrawal", input)).toMatchObject({ code: "WITHDRAWALS_FROZEN" });
  const { data } = await ask(app.url, "{ withdrawalTerms { frozen } }");
  expect(data).toEqual({ withdrawalTerms: { frozen: true } });
  await bank.anvil.call("anvil_setBalance", [bank.hot.address, toHex(10n * 10n ** 18n)]);
  line.release();
  await becomes(ann, "RESERVED", "FROZEN");
  expect(await hotWallet()).toMatchObject({ stoppedFor: "OPERATOR", stoppedDetail: "a drill", alarms: ["STOPPED"] });
  expect(await act(operator, "resumeHotWallet", { reason: "the drill is over" })).toMatchObject({ burnt: 0 });
  await isPaidOnce(ann);
});

test("the kill switch also keeps back what was offered to the chain and never taken", async () => {
  await bank.topUp(1_000_000n * NORTH);
  line.refuse("eth_sendRawTransaction", "the endpoint is down");
  const ann = await withdrawal();
  await until(
    async () =>
      (
        await rows(
          "SELECT 1 FROM withdrawal_attempt a JOIN withdrawal w ON w.id = a.withdrawal_id WHERE w.user_id = $1 AND a.sent_at IS NOT NULL",
          [ann.userId],
        )
      ).length > 0,
    "the offer",
  );
  expect((await act(operator, "stopHotWallet", { reason: "the endpoint lies" })).__typename).toBe(
    "StopHotWalletSuccess",
  );
  await alarms(["STOPPED"]);
  line.release();
  // It is time to offer it again.
  await rows("UPDATE withdrawal_attempt SET sent_at = sent_at - interval '1 minute'");
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  expect(await bank.paid(ann.wallet.address)).toEqual({ payments: 0, amount: 0n });
  expect((await find(ann)).status).toBe("SIGNED");
  expect(await act(operator, "resumeHotWallet", { reason: "another endpoint" })).toMatchObject({ burnt: 0 });
  await isPaidOnce(ann);
});

test("an operator's stop holds when the wallet had stopped by itself, and ends with the same resume", async () => {
  await steal((await hotWallet()).nextNonce);
  await alarms(["STOPPED"]);
  const ann = await newHolder(app.url, app.platform.db.pool, 5_000n * NORTH);
  expect((await act(operator, "stopHotWallet", { reason: "the key is lost" })).__typename).toBe("StopHotWalletSuccess");
  expect(await hotWallet()).toMatchObject({
    stoppedFor: "OPERATOR",
    stoppedDetail: expect.stringMatching(/^the key is lost; it had stopped by itself before: FOREIGN_TRANSACTION, .+/),
  });
  const input = { to: ann.wallet.address, amount: String(5_000n * NORTH) };
  expect(await act(ann.token, "requestWithdrawal", input)).toMatchObject({ code: "WITHDRAWALS_FROZEN" });
  expect(await act(operator, "stopHotWallet", { reason: "again" })).toMatchObject({ code: "ALREADY_STOPPED" });
  await bank.mine(3);
  expect(await act(operator, "resumeHotWallet", { reason: "it was one of us" })).toMatchObject({ burnt: 0 });
  expect((await act(ann.token, "requestWithdrawal", input)).__typename).toBe("RequestWithdrawalSuccess");
  await isPaidOnce(ann);
});

test("what waited for another day counts on the day on which it is signed", async () => {
  await bank.topUp(1_000_000n * NORTH);
  await bank.anvil.call("anvil_setBalance", [bank.hot.address, "0x1"]);
  const holders = [await withdrawal(), await withdrawal(), await withdrawal()];
  const [ann, bob, cid] = holders as [Holder, Holder, Holder];
  for (const each of holders) await becomes(each, "RESERVED", "HOT_GAS_LOW");
  await rows("UPDATE withdrawal SET created_at = created_at - interval '25 hours' WHERE user_id = ANY($1)", [
    holders.map(({ userId }) => userId),
  ]);
  const [signed] = await rows<{ north: string }>(
    "SELECT sum(amount) / 1e18 AS north FROM withdrawal WHERE status IN ('SIGNED', 'SENT', 'CONFIRMED')",
  );
  const { settings } = app.platform;
  const before = settings.withdrawalNorthPerDayMax;
  settings.withdrawalNorthPerDayMax = Number(signed?.north) + 12_000;
  await bank.anvil.call("anvil_setBalance", [bank.hot.address, toHex(10n * 10n ** 18n)]);
  await isPaidOnce(ann);
  await isPaidOnce(bob);
  await becomes(cid, "RESERVED", "DAY_LIMIT");
  settings.withdrawalNorthPerDayMax = before;
  await isPaidOnce(cid);
});

test("what waits to be signed, and what was signed today, counts in a user's day, however long ago it was asked for", async () => {
  await bank.topUp(10_000_000n * NORTH);
  const ann = await newHolder(app.url, app.platform.db.pool, 3_000_000n * NORTH);
  const askFor = (north: bigint) =>
    act(ann.token, "requestWithdrawal", { to: ann.wallet.address, amount: String(north * NORTH) });
  await bank.anvil.call("anvil_setBalance", [bank.hot.address, "0x1"]);
  expect((await askFor(900_000n)).__typename).toBe("RequestWithdrawalSuccess");
  await becomes(ann, "RESERVED", "HOT_GAS_LOW");
  await rows("UPDATE withdrawal SET created_at = created_at - interval '25 hours' WHERE user_id = $1", [ann.userId]);
  expect(await askFor(100_001n)).toMatchObject({ code: "SIGNATURE_NEEDED" });
  await bank.anvil.call("anvil_setBalance", [bank.hot.address, toHex(10n * 10n ** 18n)]);
  await isPaidOnce(ann, 900_000n);
  expect(await askFor(100_001n)).toMatchObject({ code: "SIGNATURE_NEEDED" });
  await rows(
    "UPDATE withdrawal_attempt a SET signed_at = signed_at - interval '25 hours' FROM withdrawal w WHERE w.id = a.withdrawal_id AND w.user_id = $1",
    [ann.userId],
  );
  expect((await askFor(100_001n)).__typename).toBe("RequestWithdrawalSuccess");
});

test("the hot wallet's key is in no table", async () => {
  const tables = await rows<{ name: string }>(
    "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'",
  );
  for (const { name } of tables)
    expect([
      name,
      (await rows(`SELECT 1 FROM "${name}" t WHERE t::text ILIKE $1`, [`%${bank.key.slice(2)}%`])).length,
    ]).toEqual([name, 0]);
});
