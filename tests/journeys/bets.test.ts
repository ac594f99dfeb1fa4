import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newBot, newKey, newPerson, socket } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { ledgerCheck } from "../harness/ledger-check.ts";
import { until } from "../harness/until.ts";
const NORTH = 10n ** 18n;
const GRANT = 1_000_000n * NORTH;
const north = (amount: bigint | number) => String(BigInt(amount) * NORTH);
let app: App;
let databaseUrl: string;
beforeAll(async () => {
  app = await startTestApp({
    LIMIT_CALLOUT_INTERVAL_MS: 0,
    LIMIT_POOL_OPEN_MS: 2_500,
    LIMIT_BETS_PER_MINUTE_MAX: 100,
    LIMIT_ACTION_TIMEOUT_MS: 60_000,
  });
  databaseUrl = String(app.platform.db.pool.options.connectionString);
});
afterAll(() => app.stop());
type Person = { handle: string; token: string; key: string };
async function bettor(url = app.url): Promise<Person> {
  const { token, handle } = await newPerson(url);
  const key = await newKey(url, token, ["PLAY", "BET"]);
  await mutate(url, key, "claimFaucet", {});
  return { handle, token, key };
}
const asks = async <T>(who: Person, query: string): Promise<T> => {
  const { data, errors } = await ask(app.url, query, {}, { "x-api-key": who.key });
  expect(errors).toBeUndefined();
  return data as unknown as T;
};
const balanceOf = async (who: Person) =>
  BigInt(
    (await asks<{ viewer: { balance: { available: string } } }>(who, "{ viewer { balance { available } } }")).viewer
      .balance.available,
  );
let made = 0;
type Fighter = { key: string; botId: string };
async function fighter(url = app.url): Promise<Fighter> {
  const { key } = await bettor(url);
  const botId = await newBot(url, key, `Bet_${made++}`);
  await mutate(url, key, "enterPit", { botId });
  return { key, botId };
}
type Fight = { fightId: string; one: Fighter; two: Fighter };
/** Two that chose each other: their fight is announced, and its pool is open. */
async function announced(url = app.url): Promise<Fight> {
  const [one, two] = [await fighter(url), await fighter(url)];
  const input = { botId: one.botId, targetId: two.botId };
  const called = await mutate(url, one.key, "createCallout", input, "callout { id }");
  const { id: calloutId } = called["callout"] as unknown as { id: string };
  const accepted = await mutate(url, two.key, "acceptCallout", { calloutId }, "callout { fight { id } }");
  const fightId = (accepted["callout"] as unknown as { fight: { id: string } }).fight.id;
  return { fightId, one, two };
}
type Placed = {
  __typename: string;
  code?: string;
  path?: string[];
  retryAfterMs?: number;
  bet?: { id: string; estimatedPayout: string };
};
const place = async (who: { key: string }, contestId: string, botId: string, amount: string, more: object = {}) =>
  (await mutate(
    app.url,
    who.key,
    "placeBet",
    { contestId, botId, amount, ...more },
    "bet { id amount status estimatedPayout }",
  )) as unknown as Placed;
async function started(fightId: string): Promise<void> {
  const query = `{ fight(id: "${fightId}") { phase } }`;
  await until(async () => {
    const { data } = await ask(app.url, query);
    return (data as unknown as { fight: { phase: string } }).fight.phase === "WAITING_FOR_ACTIONS";
  }, "the first exchange");
}
type Pool = {
  status: string;
  exhibition: boolean;
  total: string;
  rake: string;
  refundReason: string | null;
  winner: { id: string } | null;
  byBot: { bot: { id: string }; total: string; odds: string | null }[];
  history: { total: string }[];
};
async function poolOf(fightId: string): Promise<Pool | null> {
  const { data, errors } = await ask(
    app.url,
    `{ fight(id: "${fightId}") { pool { status exhibition total rake refundReason winner { id } byBot { bot { id } total odds } history { total sides { odds } } } } }`,
  );
  expect(errors).toBeUndefined();
  return (data as unknown as { fight: { pool: Pool | null } }).fight.pool;
}
const ended = (fightId: string) =>
  until(async () => {
    const pool = await poolOf(fightId);
    return pool?.status === "SETTLED" || pool?.status === "REFUNDED" ? pool : null;
  }, "the pool's end");
const concede = ({ key, botId }: Fighter, fightId: string) => mutate(app.url, key, "concedeFight", { botId, fightId });

describe("a pool", () => {
  test("is shared out among the winner's backers, in proportion and less 3 %, as computed by hand", async () => {
    const [ann, bob, cyd] = [await bettor(), await bettor(), await bettor()];
    const { fightId, one, two } = await announced();
    expect(await poolOf(fightId)).toMatchObject({ status: "OPEN", exhibition: true, total: "0" });
    expect((await place(ann, fightId, one.botId, north(100_000))).bet?.estimatedPayout).toBe(north(100_000));
    // 300,000 less 9,000, all of it for two's only backer.
    expect((await place(bob, fightId, two.botId, north(200_000))).bet?.estimatedPayout).toBe(north(291_000));
    await place(cyd, fightId, one.botId, north(50_000));
    expect(await poolOf(fightId)).toMatchObject({
      total: north(350_000),
      byBot: [
        { bot: { id: one.botId }, total: north(150_000), odds: "2.26" },
        { bot: { id: two.botId }, total: north(200_000), odds: "1.69" },
      ],
    });
    expect((await poolOf(fightId))?.history.at(-1)?.total).toBe(north(350_000));
    await started(fightId);
    expect(await poolOf(fightId)).toMatchObject({ status: "LOCKED", total: north(350_000) });
    expect((await place(ann, fightId, one.botId, north(50_000))).code).toBe("POOL_CLOSED");
    await concede(two, fightId);
    // 339,500 for 150,000: two thirds and one third, rounded down; the unit that is left over is the house's.
    expect(await ended(fightId)).toMatchObject({
      status: "SETTLED",
      winner: { id: one.botId },
      rake: "10500000000000000000001",
    });
    expect(await balanceOf(ann)).toBe(GRANT - 100_000n * NORTH + 226_333_333_333_333_333_333_333n);
    expect(await balanceOf(bob)).toBe(GRANT - 200_000n * NORTH);
    expect(await balanceOf(cyd)).toBe(GRANT - 50_000n * NORTH + 113_166_666_666_666_666_666_666n);
    const own = await asks<{ viewer: { bets: { nodes: object[] }; ledger: { nodes: { kind: string }[] } } }>(
      ann,
      "{ viewer { bets(first: 5) { nodes { status amount payout estimatedPayout bot { id } contest { id } } } ledger(first: 5) { nodes { kind } } } }",
    );
    expect(own.viewer.bets.nodes).toEqual([
      {
        status: "WON",
        amount: north(100_000),
        payout: "226333333333333333333333",
        estimatedPayout: null,
        bot: { id: one.botId },
        contest: { id: fightId },
      },
    ]);
    expect(own.viewer.ledger.nodes.map(({ kind }) => kind)).toEqual(["POOL_SETTLED", "BET", "FAUCET"]);
  });
  test.each<[string, string, (fight: Fight) => Promise<unknown>]>([
    [
      "all bets were on one bot",
      "ONE_SIDED",
      async ({ fightId, two }) => {
        await started(fightId);
        await concede(two, fightId);
      },
    ],
    ["it ended before play began", "NEVER_CLOSED", ({ fightId, two }) => concede(two, fightId)],
    [
      "an operator voided the fight",
      "NO_RESULT",
      async ({ fightId }) => {
        await started(fightId);
        const operator = await newPerson(app.url);
        await app.platform.db.pool.query("UPDATE app_user SET operator = true WHERE handle = $1", [operator.handle]);
        const query = `mutation($input: VoidContestInput!) { voidContest(input: $input) { __typename } }`;
        const input = { contestId: fightId, reason: "rigged" };
        await ask(app.url, query, { input }, { authorization: `Bearer ${operator.token}` });
      },
    ],
  ])("is given back whole when %s", async (_sentence, reason, end) => {
    const [ann, bob] = [await bettor(), await bettor()];
    const fight = await announced();
    await place(ann, fight.fightId, fight.one.botId, north(100_000));
    const other = reason === "ONE_SIDED" ? fight.one : fight.two;
    await place(bob, fight.fightId, other.botId, north(60_000));
    await end(fight);
    expect(await ended(fight.fightId)).toMatchObject({ status: "REFUNDED", refundReason: reason, rake: "0" });
    expect([await balanceOf(ann), await balanceOf(bob)]).toEqual([GRANT, GRANT]);
  });
  test("opens between strangers whom the rated queue paired, without the limit of an exhibition", async () => {
    const [one, two] = [await fighter(), await fighter()];
    for (const { key, botId } of [one, two]) await mutate(app.url, key, "joinQueue", { botId, ladder: "PIT" });
    const fightId = await until(async () => {
      const { data } = await ask(
        app.url,
        `{ node(id: "${one.botId}") { ... on Bot { contests(first: 1) { nodes { id } } } } }`,
      );
      return (data as unknown as { node: { contests: { nodes: { id: string }[] } } }).node.contests.nodes[0]?.id;
    }, "a pairing");
    expect(await poolOf(fightId)).toMatchObject({ status: "OPEN", exhibition: false });
    const ann = await bettor();
    expect((await place(ann, fightId, one.botId, north(600_000))).__typename).toBe("PlaceBetSuccess");
  });
  test("is never opened where a house bot fights", async () => {
    const one = await fighter();
    const { data } = await ask(app.url, `{ bot(name: "House_Random") { id } }`);
    const targetId = (data as unknown as { bot: { id: string } }).bot.id;
    const answer = await mutate(
      app.url,
      one.key,
      "createCallout",
      { botId: one.botId, targetId },
      "callout { fight { id } }",
    );
    const { id } = (answer["callout"] as unknown as { fight: { id: string } }).fight;
    expect(await poolOf(id)).toBeNull();
    expect((await place(await bettor(), id, one.botId, north(50_000))).code).toBe("NO_POOL");
  });
  test("tells what becomes of it, and its odds live, to whoever watches", async () => {
    const client = socket(app.url, null);
    const { fightId, one, two } = await announced();
    const [told, odds]: [string[], string[]] = [[], []];
    const query = `subscription($id: ID!) { poolEvents(contestId: $id) { event { __typename ... on PoolRefunded { reason } } } }`;
    client.subscribe<{ poolEvents: { event: { __typename: string } } }>(
      { query, variables: { id: fightId } },
      {
        next: ({ data }) => void told.push(data?.poolEvents.event.__typename ?? ""),
        error: () => undefined,
        complete: () => undefined,
      },
    );
    client.subscribe<{ poolOdds: Pool }>(
      {
        query: `subscription($id: ID!) { poolOdds(contestId: $id) { status byBot { odds } } }`,
        variables: { id: fightId },
      },
      {
        next: ({ data }) => void odds.push(`${data?.poolOdds.status} ${data?.poolOdds.byBot[0]?.odds}`),
        error: () => undefined,
        complete: () => undefined,
      },
    );
    await until(async () => odds.length > 0, "the first odds");
    await place(await bettor(), fightId, one.botId, north(50_000));
    await place(await bettor(), fightId, two.botId, north(50_000));
    await until(async () => odds.at(-1) === "OPEN 1.94", "the odds of both bets");
    await started(fightId);
    await until(async () => odds.at(-1) === "LOCKED 1.94", "the close");
    await concede(one, fightId);
    await ended(fightId);
    await until(async () => told.length === 2, "what became of the pool");
    expect(told).toEqual(["PoolLocked", "PoolSettled"]);
    await client.dispose();
  });
});

describe("a bet is refused by name and nothing moves", () => {
  let fight: Fight;
  beforeAll(async () => {
    fight = await announced();
  });
  const theirs = () => fight.one.botId;
  test.each<[string, string, string[], () => Promise<[Person, string, string, string]>]>([
    [
      "below 50,000 NORTH",
      "BET_TOO_SMALL",
      ["input", "amount"],
      async () => [await bettor(), fight.fightId, theirs(), String(50_000n * NORTH - 1n)],
    ],
    ["of nothing", "BET_TOO_SMALL", ["input", "amount"], async () => [await bettor(), fight.fightId, theirs(), "0"]],
    [
      "above the limit of an exhibition",
      "BET_TOO_LARGE",
      ["input", "amount"],
      async () => [await bettor(), fight.fightId, theirs(), north(500_001)],
    ],
    [
      "above 10,000,000 NORTH",
      "BET_TOO_LARGE",
      ["input", "amount"],
      async () => [await bettor(), fight.fightId, theirs(), north(10_000_001)],
    ],
    [
      "on a bot that is not in it",
      "NOT_A_PARTICIPANT",
      ["input", "botId"],
      async () => [await bettor(), fight.fightId, (await fighter()).botId, north(50_000)],
    ],
    [
      "on a contest without a pool",
      "NO_POOL",
      ["input", "contestId"],
      async () => [
        await bettor(),
        fight.fightId.replace(/.$/, (last) => (last === "0" ? "1" : "0")),
        theirs(),
        north(50_000),
      ],
    ],
  ])("%s: %s", async (_sentence, code, path, given) => {
    const [who, contestId, botId, amount] = await given();
    expect(await place(who, contestId, botId, amount)).toMatchObject({ code, path });
    expect(await balanceOf(who)).toBe(GRANT);
  });
  test("of more than one has: INSUFFICIENT_FUNDS", async () => {
    const ann = await bettor();
    const other = await announced();
    for (const amount of [500_000, 450_000]) await place(ann, other.fightId, other.one.botId, north(amount));
    expect(await place(ann, other.fightId, other.one.botId, north(50_001))).toMatchObject({
      code: "INSUFFICIENT_FUNDS",
    });
    expect(await balanceOf(ann)).toBe(50_000n * NORTH);
  });
  test("by the owner of one who fights: CONFLICT_OF_INTEREST", async () => {
    const { fightId, one, two } = await announced();
    for (const own of [one, two])
      expect(await place(own, fightId, one.botId, north(50_000))).toMatchObject({ code: "CONFLICT_OF_INTEREST" });
  });
  test("with a key that may only play: MISSING_SCOPE", async () => {
    const { key } = await newPerson(app.url);
    expect((await place({ key }, fight.fightId, theirs(), north(50_000))).code).toBe("MISSING_SCOPE");
  });
  test.each(['"-1"', '"1.5"', '"1e18"', "50000", `"1${"0".repeat(78)}"`])(
    "that is %s, as no amount at all",
    async (amount) => {
      const ann = await bettor();
      const query = `mutation { placeBet(input: { contestId: "${fight.fightId}", botId: "${theirs()}", amount: ${amount} }) { __typename } }`;
      const { errors } = await ask(app.url, query, {}, { "x-api-key": ann.key });
      expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_INPUT" });
    },
  );
});

test("64 bets of all that one has, at once: one is taken, and the others are refused", async () => {
  const ann = await bettor();
  const { fightId, one } = await announced();
  await place(ann, fightId, one.botId, north(500_000));
  const answers = await Promise.all(Array.from({ length: 64 }, () => place(ann, fightId, one.botId, north(500_000))));
  const taken = answers.filter(({ __typename }) => __typename === "PlaceBetSuccess");
  expect(taken).toHaveLength(1);
  expect(new Set(answers.filter((each) => !taken.includes(each)).map(({ code }) => code))).toEqual(
    new Set(["INSUFFICIENT_FUNDS"]),
  );
  expect(await balanceOf(ann)).toBe(0n);
});

test("the same bet sent ten times under one key is one bet", async () => {
  const ann = await bettor();
  const { fightId, one } = await announced();
  const sent = () => place(ann, fightId, one.botId, north(50_000), { idempotencyKey: "once" });
  const answers = await Promise.all(Array.from({ length: 10 }, sent));
  expect(new Set(answers.map(({ bet }) => bet?.id)).size).toBe(1);
  expect(await balanceOf(ann)).toBe(GRANT - 50_000n * NORTH);
});

test("bets that race the close are before it or refused, and the pool's last word counts them all", async () => {
  const bettors = await Promise.all(Array.from({ length: 8 }, () => bettor()));
  const { fightId, one, two } = await announced();
  let racing = true;
  const outcomes = await Promise.all(
    bettors.map(async (who, index) => {
      const taken: string[] = [];
      while (racing) {
        const { code, bet } = await place(who, fightId, index % 2 ? one.botId : two.botId, north(50_000));
        if (bet) taken.push(bet.id);
        else if (code === "POOL_CLOSED") racing = false;
        else if (code === "INSUFFICIENT_FUNDS") break;
        else throw new Error(code);
      }
      return taken.length;
    }),
  );
  const taken = outcomes.reduce((sum, each) => sum + each, 0);
  await started(fightId);
  expect(await poolOf(fightId)).toMatchObject({ status: "LOCKED", total: north(50_000 * taken) });
  const { rows } = await app.platform.db.pool.query<{ late: number; payload: string }>(
    `SELECT (SELECT count(*)::int FROM bet b WHERE b.contest_id = p.contest_id AND b.placed_at > p.locked_at + interval '1 second') AS late, e.payload
     FROM bet_pool p JOIN stream_event e ON e.stream = 'pool:' || p.contest_id AND e.type = 'PoolLocked' WHERE p.status = 'LOCKED' ORDER BY p.opened_at DESC LIMIT 1`,
  );
  expect(rows[0]?.late).toBe(0);
  expect(JSON.parse(rows[0]?.payload ?? "{}")).toMatchObject({ total: north(50_000 * taken) });
  await concede(one, fightId);
  await ended(fightId);
});

test("more bets in a minute than allowed are refused with the time to wait", async () => {
  const small = await startTestApp({ LIMIT_CALLOUT_INTERVAL_MS: 0, LIMIT_POOL_OPEN_MS: 60_000 });
  try {
    const ann = await bettor(small.url);
    const { fightId, one } = await announced(small.url);
    const input = { contestId: fightId, botId: one.botId, amount: north(50_000) };
    const codes = [];
    for (let bet = 0; bet < 6; bet++) codes.push(await mutate(small.url, ann.key, "placeBet", input));
    expect(codes.map((answer) => answer["code"] ?? "PLACED")).toEqual([
      ...Array<string>(5).fill("PLACED"),
      "RATE_LIMITED",
    ]);
    expect(Number(codes[5]?.["retryAfterMs"])).toBeGreaterThan(50_000);
  } finally {
    await small.stop();
  }
});

test("the operators' check finds all of this sound", async () => {
  expect(await ledgerCheck(databaseUrl)).toMatchObject({ code: 0 });
});
