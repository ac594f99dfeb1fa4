import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { newHolder, NORTH, openBank, type Bank, type Holder } from "../harness/bank.ts";
import { until } from "../harness/until.ts";

let bank: Bank;
let app: App;
beforeAll(async () => {
  bank = await openBank(1_000_000n * NORTH);
  app = await startTestApp({ LIMIT_SOLVENCY_CHECK_MS: 500 }, {}, { ...bank.variables(), LOG_LEVEL: "silent" });
});
afterAll(async () => {
  await app.stop();
  bank.stop();
});

const rows = async <Row extends object>(text: string) => (await app.platform.db.pool.query<Row>(text)).rows;
async function withdraw({ token, wallet }: Holder): Promise<{ __typename: string; code?: string }> {
  const query = `mutation($input: RequestWithdrawalInput!) { requestWithdrawal(input: $input) { __typename ... on Refusal { code } } }`;
  const input = { to: wallet.address, amount: String(1_000n * NORTH) };
  const { data } = await ask(app.url, query, { input }, { authorization: `Bearer ${token}` });
  return data?.["requestWithdrawal"] as never;
}
/** Waits until a look has found that so much is owed. */
const found = (owed: bigint) =>
  until(async () => {
    const [seen] = await rows<{ custody: string; liabilities: string }>("SELECT custody, liabilities FROM solvency");
    return BigInt(seen?.liabilities ?? 0) === owed && seen;
  }, "a look at what is owed");

test("an arena that pays and has no master is compared with the chain as well: its hot wallet covers, or nothing is paid", async () => {
  expect((await ask(app.url, "{ depositTerms { address } }")).data).toEqual({ depositTerms: null });
  const ann = await newHolder(app.url, app.platform.db.pool, 900_000n * NORTH);
  expect(await found(900_000n * NORTH)).toMatchObject({ custody: String(1_000_000n * NORTH) });
  expect(await rows("SELECT FROM withdrawal_freeze")).toEqual([]);
  await newHolder(app.url, app.platform.db.pool, 100_001n * NORTH);
  await until(async () => (await rows("SELECT FROM withdrawal_freeze")).length > 0, "the freeze");
  expect(await rows("SELECT reason FROM withdrawal_freeze")).toEqual([{ reason: "SHORTFALL" }]);
  expect(await withdraw(ann)).toMatchObject({ code: "WITHDRAWALS_FROZEN" });
});
