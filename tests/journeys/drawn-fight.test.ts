import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { runBot, type Ended, type Move } from "../../src/sdk/bot.ts";
import { ask, mutate, newBot, newKey, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { ledgerCheck } from "../harness/ledger-check.ts";
import { until } from "../harness/until.ts";

const NORTH = 10n ** 18n;
const GRANT = 1_000_000n * NORTH;
const WAGER = 100_000n * NORTH;
const BET = 70_000n * NORTH;

let app: App;
beforeAll(async () => {
  // Nobody's time runs out: a time-out on one side would break the mirror.
  app = await startTestApp({
    LIMIT_ROUND_PAUSE_MS: 20,
    LIMIT_ACTION_TIMEOUT_MS: 60_000,
    LIMIT_POOL_OPEN_MS: 4_000,
  });
});
afterAll(() => app.stop());

type Person = { key: string; headers: Record<string, string> };
/** Somebody with today's grant. */
async function person(): Promise<Person> {
  const { token } = await newPerson(app.url);
  const key = await newKey(app.url, token, ["PLAY", "BET"]);
  await mutate(app.url, key, "claimFaucet", {});
  return { key, headers: { authorization: `Bearer ${token}` } };
}
async function fighter(name: string): Promise<Person & { botId: string; name: string }> {
  const owner = await person();
  const botId = await newBot(app.url, owner.key, name);
  await mutate(app.url, owner.key, "enterPit", { botId });
  return { ...owner, botId, name };
}
async function asks<T>(query: string, variables: object, headers: Record<string, string> = {}): Promise<T> {
  const { data, errors } = await ask(app.url, query, variables, headers);
  expect(errors).toBeUndefined();
  return data as unknown as T;
}
type Purse = { available: string; wagered: string; won: string };
type Entry = { kind: string; direction: string; amount: string };
type Own = { viewer: { balance: Purse; ledger: { nodes: Entry[] } } };
const purse = ({ headers }: Person) =>
  asks<Own>(
    "{ viewer { balance { available wagered won } ledger(first: 10) { nodes { kind direction amount } } } }",
    {},
    headers,
  ).then(({ viewer }) => ({
    ...viewer.balance,
    ledger: viewer.ledger.nodes.map(({ kind, direction, amount }) => `${kind} ${direction} ${amount}`),
  }));
const rakeKept = () =>
  asks<{ treasury: { rake: string } }>("{ treasury { rake } }", {}).then(({ treasury }) => treasury.rake);

/** What both do: two of a kind that do the same at the same time hurt each other alike, and fall together. */
const mirrored = ({ legalActions }: Move) => (legalActions.includes("HEAVY_HIGH") ? "HEAVY_HIGH" : "RECOVER");

test("a wagered fight that ends in a draw gives both stakes and every bet back whole, and the house keeps nothing", async () => {
  const [one, two] = [await fighter("Mirror_a"), await fighter("Mirror_b")];
  const [ann, bob] = [await person(), await person()];
  const before = await rakeKept();
  const ended: Ended[] = [];
  const play = ({ key, name }: { key: string; name: string }) =>
    runBot({
      url: app.url,
      key,
      bot: name,
      contests: 1,
      onMove: mirrored,
      onCallout: () => true,
      onEnd: (each) => void ended.push(each),
    });
  const playing = Promise.all([play(one), play(two)]);
  const called = { botId: one.botId, targetId: two.botId, wager: String(WAGER) };
  const { callout } = (await mutate(app.url, one.key, "createCallout", called, "callout { id }")) as never as {
    callout: { id: string };
  };
  const fightId = await until(async () => {
    const query = "query($id: ID!) { node(id: $id) { ... on Callout { fight { id } } } }";
    const { node } = await asks<{ node: { fight: { id: string } | null } }>(query, { id: callout.id }, one.headers);
    return node.fight?.id;
  }, "the fight");
  for (const [who, botId] of [
    [ann, one.botId],
    [bob, two.botId],
  ] as const)
    expect(
      await mutate(app.url, who.key, "placeBet", { contestId: fightId, botId, amount: String(BET) }),
    ).toMatchObject({ __typename: "PlaceBetSuccess" });
  expect([(await purse(one)).available, (await purse(ann)).available]).toEqual([
    String(GRANT - WAGER),
    String(GRANT - BET),
  ]);

  await playing;
  expect(ended.map(({ result, contest }) => `${result} ${contest.status}`)).toEqual([
    "DRAWN COMPLETED",
    "DRAWN COMPLETED",
  ]);
  const { fight } = await asks<{
    fight: { rounds: object[]; exchanges: { sides: { timedOut: boolean }[] }[]; events: { nodes: object[] } };
  }>(
    `query($id: ID!) { fight(id: $id) { wager winner { id } rounds { winner { id } roundWins } exchanges { sides { timedOut } }
       events(first: 100) { nodes { ... on FightEnded { payouts { side amount } } } } } }`,
    { id: fightId },
  );
  expect(fight).toMatchObject({ wager: String(WAGER), winner: null });
  expect(fight.rounds).toEqual(Array.from({ length: 5 }, () => ({ winner: null, roundWins: [0, 0] })));
  expect(fight.events.nodes.at(-1)).toEqual({ payouts: [0, 1].map((side) => ({ side, amount: String(WAGER) })) });
  expect(fight.exchanges.flatMap(({ sides }) => sides).filter(({ timedOut }) => timedOut)).toEqual([]);

  for (const fought of [one, two])
    expect(await purse(fought)).toEqual({
      available: String(GRANT),
      wagered: "0",
      won: "0",
      ledger: [`STAKE_REFUNDED IN ${WAGER}`, `STAKE OUT ${WAGER}`, `FAUCET IN ${GRANT}`],
    });
  for (const backer of [ann, bob]) {
    await until(async () => (await purse(backer)).available === String(GRANT), "the bets");
    expect((await purse(backer)).ledger).toEqual([`BET_REFUNDED IN ${BET}`, `BET OUT ${BET}`, `FAUCET IN ${GRANT}`]);
  }
  const pool = "query($id: ID!) { fight(id: $id) { pool { status refundReason rake total } } }";
  expect(await asks(pool, { id: fightId })).toEqual({
    fight: { pool: { status: "REFUNDED", refundReason: "DRAW", rake: "0", total: String(2n * BET) } },
  });
  expect(await rakeKept()).toBe(before);
  const { code, said } = await ledgerCheck(String(app.platform.db.pool.options.connectionString));
  expect([code, said]).toEqual([0, expect.stringContaining("The ledger is sound")]);
}, 60_000);
