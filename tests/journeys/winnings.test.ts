import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newBot, newKey } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { newHolder, NORTH, openBank, type Bank, type Holder } from "../harness/bank.ts";
import { until } from "../harness/until.ts";

const WAGER = 900_000n;
const STAKE = 500_000n;

let bank: Bank;
let app: App;
beforeAll(async () => {
  bank = await openBank();
  // On this chain a block is safe with one block on top of it, and final with two.
  app = await startTestApp(
    { LIMIT_POOL_OPEN_MS: 2_000, LIMIT_WAGER_NORTH_MAX: 2_000_000, LIMIT_SOLVENCY_CHECK_MS: 600_000 },
    {},
    { ...bank.depositing("safe"), AGON_ROLES: "api,engine,chain" },
  );
});
afterAll(async () => {
  await app.stop();
  bank.stop();
});

type Player = Holder & { botId: string; plays: string };
let made = 0;
async function player(north: bigint): Promise<Player> {
  const holder = await newHolder(app.url, app.platform.db.pool, north * NORTH);
  const plays = await newKey(app.url, holder.token, ["PLAY", "BET"]);
  const botId = await newBot(app.url, plays, `Won_${made++}`);
  await mutate(app.url, plays, "enterPit", { botId });
  return { ...holder, plays, botId };
}

type Refused = { __typename: string; code?: string; path?: string[]; message?: string };
const callOut = async (one: Player, two: Player, north: bigint) =>
  (await mutate(
    app.url,
    one.plays,
    "createCallout",
    { botId: one.botId, targetId: two.botId, wager: String(north * NORTH) },
    "callout { id }",
  )) as unknown as Refused & { callout?: { id: string } };
async function fight(one: Player, two: Player, north = 0n): Promise<string> {
  const calloutId = (await callOut(one, two, north)).callout?.id;
  const met = await mutate(app.url, two.plays, "acceptCallout", { calloutId }, "callout { fight { id } }");
  return (met["callout"] as unknown as { fight: { id: string } }).fight.id;
}
const concede = ({ plays, botId }: Player, fightId: string) =>
  mutate(app.url, plays, "concedeFight", { botId, fightId });

async function withdrawable({ token }: Holder): Promise<bigint> {
  const { data } = await ask(app.url, "{ viewer { withdrawable } }", {}, { authorization: `Bearer ${token}` });
  return BigInt((data as never as { viewer: { withdrawable: string } }).viewer.withdrawable) / NORTH;
}
async function withdraw({ token, wallet }: Holder, north: bigint): Promise<Refused> {
  const query = `mutation($input: RequestWithdrawalInput!) { requestWithdrawal(input: $input) { __typename ... on Refusal { code path message } } }`;
  const input = { to: wallet.address, amount: String(north * NORTH) };
  const { data } = await ask(app.url, query, { input }, { authorization: `Bearer ${token}` });
  return data?.["requestWithdrawal"] as never;
}
/** Lets the winnings so far be a day old. */
async function aDayLater<T>(look: () => Promise<T>): Promise<T> {
  const { settings } = app.platform;
  const before = settings.withdrawalWinningsWaitMs;
  settings.withdrawalWinningsWaitMs = 0;
  try {
    return await look();
  } finally {
    settings.withdrawalWinningsWaitMs = before;
  }
}

test("nobody stakes more than the limit on one fight, and is told which that is", async () => {
  const [ann, bob] = [await player(5_000_000n), await player(5_000_000n)];
  expect(await callOut(ann, bob, 2_000_001n)).toMatchObject({
    code: "WAGER_TOO_LARGE",
    path: ["input", "wager"],
    message: "A side stakes 2,000,000 NORTH at most.",
  });
  expect((await callOut(ann, bob, 2_000_000n)).callout).toBeDefined();
});

test("what a stolen session loses to an accomplice cannot be withdrawn for a day; what was the accomplice's own can", async () => {
  const [victim, thief] = [await player(1_000_000n), await player(950_000n)];
  const fightId = await fight(victim, thief, WAGER);
  expect(await withdrawable(thief)).toBe(50_000n);
  await concede(victim, fightId);
  // The thief has 950,000 of its own, and 846,000 out of the fight.
  expect(await withdrawable(thief)).toBe(950_000n);
  expect(await withdraw(thief, 950_001n)).toMatchObject({
    code: "WINNINGS_TOO_NEW",
    path: ["input", "amount"],
    message: "Only 950,000 NORTH of yours can be withdrawn now.",
  });
  expect(await withdraw(thief, 900_000n)).toEqual({ __typename: "RequestWithdrawalSuccess" });
  expect(await withdraw(thief, 50_001n)).toMatchObject({ code: "WINNINGS_TOO_NEW" });
  expect(await aDayLater(() => withdraw(thief, 60_000n))).toEqual({ __typename: "RequestWithdrawalSuccess" });
});

test("what is won by bets cannot, either, and the stake that comes back can", async () => {
  const [one, two, loser, winner] = [await player(1n), await player(1n), await player(STAKE), await player(STAKE)];
  const fightId = await fight(one, two);
  const bet = ({ plays }: Player, on: Player) =>
    mutate(app.url, plays, "placeBet", { contestId: fightId, botId: on.botId, amount: String(STAKE * NORTH) });
  expect((await bet(loser, one)).__typename).toBe("PlaceBetSuccess");
  expect((await bet(winner, two)).__typename).toBe("PlaceBetSuccess");
  await until(async () => {
    const { data } = await ask(app.url, `{ fight(id: "${fightId}") { phase } }`);
    return (data as never as { fight: { phase: string } }).fight.phase === "WAITING_FOR_ACTIONS";
  }, "the first exchange");
  await concede(one, fightId);
  await until(async () => (await withdrawable(winner)) === STAKE, "the stake to come back");
  expect(await withdraw(winner, STAKE + 1n)).toMatchObject({ code: "WINNINGS_TOO_NEW" });
  expect(await aDayLater(() => withdrawable(winner))).toBe(970_000n);
});

test("a deposit that may still vanish does not leave through a wager", async () => {
  const [ann, bob] = [await player(1n), await player(WAGER)];
  await bank.send(ann.wallet, WAGER * NORTH);
  await bank.mine();
  await until(async () => {
    const { data } = await ask(
      app.url,
      "{ viewer { deposits(first: 1) { nodes { status final } } } }",
      {},
      {
        authorization: `Bearer ${ann.token}`,
      },
    );
    const { nodes } = (data as never as { viewer: { deposits: { nodes: object[] } } }).viewer.deposits;
    return JSON.stringify(nodes) === '[{"status":"CREDITED","final":false}]';
  }, "the credit");
  await concede(ann, await fight(ann, bob, WAGER));
  expect(await withdrawable(bob)).toBe(WAGER);
  expect(await withdraw(bob, WAGER + 1n)).toMatchObject({ code: "WINNINGS_TOO_NEW" });
});
