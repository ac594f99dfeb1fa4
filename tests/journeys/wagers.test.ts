import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newBot, newKey, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { ledgerCheck } from "../harness/ledger-check.ts";
import { until } from "../harness/until.ts";

const NORTH = 10n ** 18n;
const GRANT = 1_000_000n * NORTH;
const WAGER = 100_000n * NORTH;

let app: App;
let databaseUrl: string;
beforeAll(async () => {
  app = await startTestApp({
    LIMIT_CALLOUT_INTERVAL_MS: 0,
    LIMIT_CALLOUT_LIFE_MS: 2_500,
    LIMIT_ACTION_TIMEOUT_MS: 1_000,
    LIMIT_TIME_BANK_MS: 0,
  });
  databaseUrl = String(app.platform.db.pool.options.connectionString);
});
afterAll(() => app.stop());

type Fighter = { key: string; playOnly: string; handle: string; headers: Record<string, string>; botId: string };
let made = 0;

/** Somebody with today's grant and a bot in the Pit. */
async function fighter(): Promise<Fighter> {
  const { token, key: playOnly, handle } = await newPerson(app.url);
  const headers = { authorization: `Bearer ${token}` };
  const key = await newKey(app.url, token, ["PLAY", "BET"]);
  const botId = await newBot(app.url, key, `Stake_${made++}`);
  await mutate(app.url, key, "enterPit", { botId });
  await mutate(app.url, key, "claimFaucet", {});
  return { key, playOnly, handle, headers, botId };
}
const twoFighters = () => Promise.all([fighter(), fighter()]);

type Result = {
  code?: string;
  path?: string[];
  callout?: { id: string; status: string; fight: { id: string } | null };
};
const callOut = async ({ key, botId }: Fighter, target: string, input: object = { wager: String(WAGER) }) =>
  (await mutate(
    app.url,
    key,
    "createCallout",
    { botId, targetId: target, ...input },
    "callout { id status wager wagerFormatted fight { id } }",
  )) as Result;
const answer = async (key: string, field: string, calloutId: string) =>
  (await mutate(app.url, key, field, { calloutId }, "callout { id status fight { id } }")) as Result;
async function balanceOf({ headers }: Fighter): Promise<bigint> {
  const { data } = await ask(app.url, "{ viewer { balance { available } } }", {}, headers);
  return BigInt((data as unknown as { viewer: { balance: { available: string } } }).viewer.balance.available);
}
async function kindsOf({ headers }: Fighter): Promise<string[]> {
  const { data } = await ask(app.url, "{ viewer { ledger(first: 20) { nodes { kind direction } } } }", {}, headers);
  const { nodes } = (data as unknown as { viewer: { ledger: { nodes: { kind: string; direction: string }[] } } }).viewer
    .ledger;
  return nodes.map(({ kind, direction }) => `${kind} ${direction}`);
}
async function fightOf(one: Fighter, two: Fighter): Promise<string> {
  const calloutId = (await callOut(one, two.botId)).callout?.id ?? "";
  return (await answer(two.key, "acceptCallout", calloutId)).callout?.fight?.id ?? "";
}
const concede = ({ key, botId }: Fighter, fightId: string) => mutate(app.url, key, "concedeFight", { botId, fightId });

describe("a stake", () => {
  test("is taken with the callout, and shown in it", async () => {
    const [one, two] = await twoFighters();
    expect((await callOut(one, two.botId)).callout).toMatchObject({
      status: "PENDING",
      wager: String(WAGER),
      wagerFormatted: "100,000 NORTH",
    });
    expect([await balanceOf(one), await balanceOf(two)]).toEqual([GRANT - WAGER, GRANT]);
  });

  test.each([
    ["is declined", "declineCallout", "DECLINED"],
    ["is taken back", "cancelCallout", "CANCELLED"],
  ])("comes back when the callout %s", async (_sentence, field, status) => {
    const [one, two] = await twoFighters();
    const id = (await callOut(one, two.botId)).callout?.id ?? "";
    const who = field === "cancelCallout" ? one : two;
    expect((await answer(who.key, field, id)).callout?.status).toBe(status);
    expect((await answer(who.key, field, id)).code).toBe("CALLOUT_CLOSED");
    expect(await balanceOf(one)).toBe(GRANT);
    expect(await kindsOf(one)).toEqual(["STAKE_REFUNDED IN", "STAKE OUT", "FAUCET IN"]);
  });

  test("comes back when nobody answers in time", async () => {
    const [one, two] = await twoFighters();
    await callOut(one, two.botId);
    await until(async () => (await balanceOf(one)) === GRANT, "the stake to come back");
  });

  test("of the target is taken with its acceptance, in the transaction that makes the fight", async () => {
    const [one, two] = await twoFighters();
    const fightId = await fightOf(one, two);
    expect([await balanceOf(one), await balanceOf(two)]).toEqual([GRANT - WAGER, GRANT - WAGER]);
    const { data } = await ask(
      app.url,
      `query($id: ID!) { fight(id: $id) { wager wagerFormatted } treasury { inPlay } }`,
      { id: fightId },
    );
    expect(data).toMatchObject({ fight: { wager: String(WAGER), wagerFormatted: "100,000 NORTH" } });
    await concede(one, fightId);
  });
});

describe("the stakes of a fight", () => {
  test("go to the winner less 3 %, and the fight's stream says so", async () => {
    const [one, two] = await twoFighters();
    const rake = async () =>
      BigInt(
        ((await ask(app.url, "{ treasury { rake } }")).data as unknown as { treasury: { rake: string } }).treasury.rake,
      );
    const before = await rake();
    const fightId = await fightOf(one, two);
    await concede(one, fightId);
    expect([await balanceOf(one), await balanceOf(two)]).toEqual([GRANT - WAGER, GRANT + 94_000n * NORTH]);
    expect((await rake()) - before).toBe(6_000n * NORTH);
    expect(await kindsOf(two)).toEqual(["STAKE_SETTLED IN", "STAKE OUT", "FAUCET IN"]);
    const { data } = await ask(
      app.url,
      `query($id: ID!) { fight(id: $id) { events(first: 100) { nodes { ... on FightEnded { payouts { side amount amountFormatted } } } } } }`,
      { id: fightId },
    );
    const { nodes } = (data as unknown as { fight: { events: { nodes: object[] } } }).fight.events;
    expect(nodes.at(-1)).toEqual({
      payouts: [
        { side: 0, amount: "0", amountFormatted: "0 NORTH" },
        { side: 1, amount: String(194_000n * NORTH), amountFormatted: "194,000 NORTH" },
      ],
    });
    const totals = "{ viewer { balance { wagered won } } }";
    expect((await ask(app.url, totals, {}, two.headers)).data).toEqual({
      viewer: { balance: { wagered: String(WAGER), won: String(194_000n * NORTH) } },
    });
  });

  test("come back when both are silent", async () => {
    const [one, two] = await twoFighters();
    await fightOf(one, two);
    await until(async () => (await balanceOf(one)) === GRANT && (await balanceOf(two)) === GRANT, "both stakes");
    expect(await kindsOf(two)).toEqual(["STAKE_REFUNDED IN", "STAKE OUT", "FAUCET IN"]);
  });

  test("come back when an operator stops the fight, but stay paid when it is voided after its end", async () => {
    const [operator, one, two] = await Promise.all([fighter(), fighter(), fighter()]);
    await app.platform.db.pool.query("UPDATE app_user SET operator = true WHERE handle = $1", [operator.handle]);
    const stop = (fightId: string) =>
      ask(
        app.url,
        `mutation($id: ID!) { voidContest(input: { contestId: $id, reason: "a test" }) { __typename } }`,
        { id: fightId },
        operator.headers,
      );
    expect((await stop(await fightOf(one, two))).data).toEqual({ voidContest: { __typename: "VoidContestSuccess" } });
    expect([await balanceOf(one), await balanceOf(two)]).toEqual([GRANT, GRANT]);
    const ended = await fightOf(one, two);
    await concede(two, ended);
    await stop(ended);
    expect([await balanceOf(one), await balanceOf(two)]).toEqual([GRANT + 94_000n * NORTH, GRANT - WAGER]);
  });
});

describe("nothing moves when", () => {
  test.each<[string, object, string]>([
    ["a wager is one unit", { wager: "1" }, "WAGER_TOO_SMALL"],
    ["a wager is just too small", { wager: String(50_000n * NORTH - 1n) }, "WAGER_TOO_SMALL"],
  ])("%s", async (_sentence, input, code) => {
    const [one, two] = await twoFighters();
    expect(await callOut(one, two.botId, input)).toMatchObject({ code, path: ["input", "wager"] });
    expect(await balanceOf(one)).toBe(GRANT);
  });

  test("the challenger has too little", async () => {
    const [one, ...targets] = await Promise.all([fighter(), fighter(), fighter()]);
    const [first, second] = targets;
    await callOut(one, first?.botId ?? "", { wager: String(999_000n * NORTH) });
    const refused = await callOut(one, second?.botId ?? "", { wager: String(50_000n * NORTH) });
    expect(refused).toMatchObject({ code: "INSUFFICIENT_FUNDS", path: ["input", "wager"] });
    expect(await balanceOf(one)).toBe(1_000n * NORTH);
  });

  test("the target has too little: the callout stays open", async () => {
    const [one, two] = await twoFighters();
    await callOut(two, one.botId, { wager: String(999_000n * NORTH) });
    const id = (await callOut(one, two.botId)).callout?.id ?? "";
    expect((await answer(two.key, "acceptCallout", id)).code).toBe("INSUFFICIENT_FUNDS");
    expect((await answer(two.key, "declineCallout", id)).callout?.status).toBe("DECLINED");
    expect(await balanceOf(one)).toBe(GRANT);
  });

  test("a house bot or one's own bot is called out for money", async () => {
    const one = await fighter();
    const { data } = await ask(app.url, `{ bot(name: "House_Random") { id } }`);
    const house = (data as unknown as { bot: { id: string } }).bot.id;
    expect((await callOut(one, house)).code).toBe("WAGER_WITH_HOUSE");
    const mine = await newBot(app.url, one.key, `Stake_${made++}`);
    await mutate(app.url, one.key, "enterPit", { botId: mine });
    expect((await callOut(one, mine)).code).toBe("WAGER_WITH_ONESELF");
    expect(await balanceOf(one)).toBe(GRANT);
  });

  test("a key may play, but not spend", async () => {
    const [one, two] = await twoFighters();
    expect((await callOut({ ...one, key: one.playOnly }, two.botId)).code).toBe("MISSING_SCOPE");
    const id = (await callOut(one, two.botId)).callout?.id ?? "";
    expect((await answer(two.playOnly, "acceptCallout", id)).code).toBe("MISSING_SCOPE");
    expect((await answer(two.playOnly, "declineCallout", id)).callout?.status).toBe("DECLINED");
    expect(await balanceOf(two)).toBe(GRANT);
  });
});

test("a callout that is accepted, declined and taken back at the same instant ends once, and no unit is lost", async () => {
  const pairs = await Promise.all(Array.from({ length: 8 }, twoFighters));
  const rounds = pairs.map(async ([one, two]) => {
    const id = (await callOut(one, two.botId)).callout?.id ?? "";
    const answers = await Promise.all([
      answer(two.key, "acceptCallout", id),
      answer(two.key, "declineCallout", id),
      answer(one.key, "cancelCallout", id),
    ]);
    expect(answers.filter(({ code }) => code === undefined)).toHaveLength(1);
    const fightId = answers[0]?.callout?.fight?.id;
    if (fightId) await concede(two, fightId);
    const [first, second] = [await balanceOf(one), await balanceOf(two)];
    expect([first, second]).toEqual(fightId ? [GRANT + 94_000n * NORTH, GRANT - WAGER] : [GRANT, GRANT]);
  });
  await Promise.all(rounds);
});

describe("npm run ledger:check", () => {
  test("finds all of this sound, beside the running server", async () => {
    const { code, said } = await ledgerCheck(databaseUrl);
    expect(said).toContain("The ledger is sound");
    expect(code).toBe(0);
  });

  /** What only somebody can do who may switch triggers off. */
  async function asSuperuser(sql: string): Promise<void> {
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    await client.query("SET session_replication_role = replica");
    await client.query(sql);
    await client.end();
  }

  test.each<[string, string, string, string]>([
    [
      "escrow left in a fight that has ended",
      `CREATE TABLE kept AS SELECT p.* FROM posting p JOIN journal j ON j.id = p.journal_id WHERE j.kind = 'STAKE_SETTLED';
       CREATE TABLE kept_journal AS SELECT * FROM journal WHERE kind = 'STAKE_SETTLED';
       DELETE FROM posting WHERE journal_id IN (SELECT id FROM kept_journal); DELETE FROM journal WHERE id IN (SELECT id FROM kept_journal)`,
      `INSERT INTO journal TABLE kept_journal; INSERT INTO posting TABLE kept; DROP TABLE kept, kept_journal`,
      "BALANCES_ARE_SUMS, ESCROWS_HOLD_STAKES, STAKES_ARE_PAID",
    ],
    [
      "stakes paid to the wrong user, its balance included",
      `CREATE TABLE swap AS SELECT f.id, (array_agg(b.owner_id ORDER BY b.id = f.winner_id))[1] AS loser, (array_agg(b.owner_id ORDER BY b.id = f.winner_id))[2] AS winner, min(j.id::text)::uuid AS journal_id
         FROM fight f JOIN journal j ON j.key = 'escrow:' || f.escrow_id || ':emptied' AND j.kind = 'STAKE_SETTLED' JOIN contest_participant p ON p.contest_id = f.id JOIN bot b ON b.id = p.bot_id GROUP BY f.id LIMIT 1;
       UPDATE user_balance u SET balance = balance - p.amount FROM posting p JOIN swap s ON s.journal_id = p.journal_id WHERE p.account = 'user:available' AND u.account = p.account AND u.user_id = s.winner;
       UPDATE user_balance u SET balance = balance + p.amount FROM posting p JOIN swap s ON s.journal_id = p.journal_id WHERE p.account = 'user:available' AND u.account = p.account AND u.user_id = s.loser;
       UPDATE posting p SET subject_id = s.loser FROM swap s WHERE p.journal_id = s.journal_id AND p.account = 'user:available'`,
      `UPDATE posting p SET subject_id = s.winner FROM swap s WHERE p.journal_id = s.journal_id AND p.account = 'user:available';
       UPDATE user_balance u SET balance = balance + p.amount FROM posting p JOIN swap s ON s.journal_id = p.journal_id WHERE p.account = 'user:available' AND u.account = p.account AND u.user_id = s.winner;
       UPDATE user_balance u SET balance = balance - p.amount FROM posting p JOIN swap s ON s.journal_id = p.journal_id WHERE p.account = 'user:available' AND u.account = p.account AND u.user_id = s.loser;
       DROP TABLE swap`,
      "STAKES_ARE_PAID",
    ],
  ])("names %s and ends with 1", async (_sentence, plant, mend, names) => {
    await asSuperuser(plant);
    const { code, said } = await ledgerCheck(databaseUrl);
    await asSuperuser(mend);
    expect(said).toContain(`The ledger is NOT sound: ${names}.`);
    expect(code).toBe(1);
    expect((await ledgerCheck(databaseUrl)).code).toBe(0);
  });
});
