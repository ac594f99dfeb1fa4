import { concatHex, encodeFunctionData, erc20Abi, numberToHex, pad, size, toHex, type Hex } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, newKey, socket } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { newHolder, NORTH, openBank, type Bank, type Holder } from "../harness/bank.ts";
import { until } from "../harness/until.ts";

/** More than one look at what vanished reads. */
const DUST = 1_100;

let bank: Bank;
let app: App;
beforeAll(async () => {
  bank = await openBank();
  // Nothing is credited in the whole test.
  app = await startTestApp({}, {}, { ...bank.depositing("latest-100"), LOG_LEVEL: "warn" });
});
afterAll(async () => {
  await app.stop();
  bank.stop();
});

const rows = async <Row extends object>(text: string, values: unknown[] = []) =>
  (await app.platform.db.pool.query<Row>(text, values)).rows;
/** Waits until the watcher has looked at the newest block. */
const looked = () =>
  until(async () => {
    const [watch] = await rows<{ latest_height: number }>("SELECT latest_height FROM deposit_watch");
    return watch?.latest_height === Number(await bank.anvil.client.getBlockNumber({ cacheTime: 0 }));
  }, "a look at the newest block");

/** Calls the token (a word behind the call) with the call's first 68 bytes, as often as the word behind those says. */
const REPEATED: Hex = "0x604460006000376044355b600060006044600060006064355af1506001900380600a5700";

/** Sends the dust of a wallet to the master, all of it in one block. */
async function sendDust({ wallet }: Holder): Promise<void> {
  await bank.give(wallet.address, BigInt(DUST));
  const call = encodeFunctionData({ abi: erc20Abi, functionName: "transfer", args: [bank.master, 1n] });
  expect(size(call)).toBe(68);
  await bank.anvil.call("anvil_setCode", [wallet.address, REPEATED]);
  const [from] = await bank.anvil.call<Hex[]>("eth_accounts", []);
  const data = concatHex([call, numberToHex(DUST, { size: 32 }), pad(bank.token, { size: 32 })]);
  const hash = await bank.anvil.call<Hex>("eth_sendTransaction", [
    { from, to: wallet.address, data, gas: toHex(25_000_000) },
  ]);
  const { logs } = await bank.anvil.client.waitForTransactionReceipt({ hash, pollingInterval: 20 });
  expect(logs).toHaveLength(DUST);
  await bank.anvil.call("anvil_setCode", [wallet.address, "0x"]);
}

/** The states that a user hears of each deposit, by its id, until told to end. */
function listen(key: string, after: string): { heard: Map<string, string[]>; end(): Promise<void> } {
  const heard = new Map<string, string[]>();
  const client = socket(app.url, key);
  const query = `subscription($after: Cursor) { userEvents(after: $after) { event { ... on DepositChanged { status deposit { id } } } } }`;
  client.subscribe<{ userEvents: { event: { status?: string; deposit?: { id: string } } } }>(
    { query, variables: { after } },
    {
      next: ({ data }) => {
        const { status, deposit } = data?.userEvents.event ?? {};
        if (status && deposit) heard.set(deposit.id, [...(heard.get(deposit.id) ?? []), status]);
      },
      error: () => undefined,
      complete: () => undefined,
    },
  );
  return { heard, end: async () => client.dispose() };
}

test("each of a great many deposits that wait is told once, and what vanishes of them, too", async () => {
  const ann = await newHolder(app.url, app.platform.db.pool, NORTH);
  const { data } = await ask(app.url, "{ viewer { cursor } }", {}, { authorization: `Bearer ${ann.token}` });
  const { cursor } = (data as unknown as { viewer: { cursor: string } }).viewer;
  const { heard, end } = listen(await newKey(app.url, ann.token, ["PLAY"]), cursor);
  const before = await bank.anvil.call<Hex>("eth_blockNumber", []);
  await sendDust(ann);
  await until(() => heard.size === DUST, "the dust");
  for (let blocks = 0; blocks < 3; blocks++) {
    await bank.mine();
    await looked();
  }
  // What is told of a stream comes in order: behind this one nothing of the looks before is missing.
  await bank.send(ann.wallet, 1n);
  await until(() => heard.size === DUST + 1, "one more");
  expect(new Set([...heard.values()].map((states) => states.join()))).toEqual(new Set(["PENDING"]));

  const depth = Number(await bank.anvil.call<Hex>("eth_blockNumber", [])) - Number(before);
  await bank.anvil.call("anvil_reorg", [depth, []]);
  const all = (wanted: string) => () => [...heard.values()].every((states) => states.join() === wanted);
  await until(async () => {
    await bank.mine();
    await looked();
    return all("PENDING,ORPHANED")();
  }, "all that vanished");
  await end();
}, 60_000);
