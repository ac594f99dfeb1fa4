import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newBot, newKey, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { ledgerCheck } from "../harness/ledger-check.ts";
import { until } from "../harness/until.ts";

const NORTH = 10n ** 18n;
const GRANT = 1_000_000n * NORTH;
const STAKE = 100_000n * NORTH;

let app: App;
beforeAll(async () => {
  app = await startTestApp({
    LIMIT_CALLOUT_INTERVAL_MS: 0,
    LIMIT_POOL_OPEN_MS: 3_000,
    LIMIT_ACTION_TIMEOUT_MS: 60_000,
  });
});
afterAll(() => app.stop());

type Person = { handle: string; token: string; key: string; userId: string };
async function person(): Promise<Person> {
  const { handle, token } = await newPerson(app.url);
  const key = await newKey(app.url, token, ["PLAY", "BET"]);
  await mutate(app.url, key, "claimFaucet", {});
  const { data } = await ask(app.url, "{ viewer { user { id } } }", {}, { "x-api-key": key });
  return { handle, token, key, userId: (data as unknown as { viewer: { user: { id: string } } }).viewer.user.id };
}

type Answer = { __typename: string; code?: string; path?: string[]; [field: string]: unknown };
/** A mutation in a person's session. */
async function change({ token }: Person, field: string, input: object, selection = ""): Promise<Answer> {
  const type = field.charAt(0).toUpperCase() + field.slice(1);
  const query = `mutation($input: ${type}Input!) { ${field}(input: $input) { __typename ${selection && `... on ${type}Success { ${selection} }`} ... on Refusal { code path } } }`;
  const { data, errors } = await ask(app.url, query, { input }, { authorization: `Bearer ${token}` });
  if (!data) throw new Error(JSON.stringify(errors));
  return data[field] as unknown as Answer;
}

let made = 0;
async function newTeam(founder: Person): Promise<string> {
  const { team } = await change(founder, "foundTeam", { name: `Conflict ${made++}` }, "team { id }");
  return (team as { id: string }).id;
}
async function invite(owner: Person, teamId: string, { handle }: Person): Promise<{ invitationId: string }> {
  const { invitation } = await change(owner, "inviteToTeam", { teamId, handle }, "invitation { id }");
  return { invitationId: (invitation as { id: string }).id };
}
const accept = (who: Person, invitation: object) => change(who, "acceptTeamInvitation", invitation);
async function join(owner: Person, teamId: string, who: Person): Promise<void> {
  expect((await accept(who, await invite(owner, teamId, who))).__typename).toBe("AcceptTeamInvitationSuccess");
}
const leave = (who: Person, teamId: string) => change(who, "removeTeamMember", { teamId, userId: who.userId });

type Fighter = Person & { botId: string };
async function fighter(owner?: Person): Promise<Fighter> {
  const by = owner ?? (await person());
  const botId = await newBot(app.url, by.key, `Conflict_${made++}`);
  await mutate(app.url, by.key, "enterPit", { botId });
  return { ...by, botId };
}
type Fight = { fightId: string; one: Fighter; two: Fighter };
/** A fight is announced, and its pool is open for three seconds. */
async function announce(one: Fighter, two: Fighter): Promise<Fight> {
  const input = { botId: one.botId, targetId: two.botId };
  const { callout } = await mutate(app.url, one.key, "createCallout", input, "callout { id }");
  const calloutId = (callout as unknown as { id: string }).id;
  const accepted = await mutate(app.url, two.key, "acceptCallout", { calloutId }, "callout { fight { id } }");
  return { fightId: (accepted["callout"] as unknown as { fight: { id: string } }).fight.id, one, two };
}
const bet = async ({ key }: Person, { fightId, one }: Fight, botId = one.botId): Promise<Answer> =>
  (await mutate(app.url, key, "placeBet", { contestId: fightId, botId, amount: String(STAKE) })) as unknown as Answer;

type Pool = { status: string; rake: string; total: string; refundReason: string | null };
async function poolOf({ fightId }: Fight): Promise<Pool> {
  const query = `{ fight(id: "${fightId}") { pool { status rake total refundReason } } }`;
  return ((await ask(app.url, query)).data as unknown as { fight: { pool: Pool } }).fight.pool;
}
/** Play begins, `loser` concedes, and the pool is ended. */
async function end(fight: Fight, loser: Fighter): Promise<Pool> {
  await until(async () => (await poolOf(fight)).status === "LOCKED", "the close");
  await mutate(app.url, loser.key, "concedeFight", { botId: loser.botId, fightId: fight.fightId });
  return until(async () => {
    const pool = await poolOf(fight);
    return pool.status === "LOCKED" ? null : pool;
  }, "the pool's end");
}
async function balanceOf({ key }: Person): Promise<bigint> {
  const { data } = await ask(app.url, "{ viewer { balance { available } } }", {}, { "x-api-key": key });
  return BigInt((data as unknown as { viewer: { balance: { available: string } } }).viewer.balance.available);
}
const uuidOf = (id: string) => id.slice(-32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");

test.concurrent("who is in a team with a fighter's owner does not bet on its fights, on either side; others of the team's rivals do", async () => {
  const [one, two, mate, stranger] = [await fighter(), await fighter(), await person(), await person()];
  const teamId = await newTeam(mate);
  await join(mate, teamId, two);
  const fight = await announce(one, two);
  for (const { botId } of [one, two])
    expect(await bet(mate, fight, botId)).toMatchObject({
      code: "CONFLICT_OF_INTEREST",
      path: ["input", "contestId"],
    });
  expect(await balanceOf(mate)).toBe(GRANT);
  expect((await bet(stranger, fight)).__typename).toBe("PlaceBetSuccess");
});

test.concurrent("who leaves the team once the fight is announced does not bet on it either; who left before does", async () => {
  const [one, two, early, late] = [await fighter(), await fighter(), await person(), await person()];
  const teamId = await newTeam(one);
  for (const each of [early, late]) await join(one, teamId, each);
  await leave(early, teamId);
  const fight = await announce(one, two);
  await leave(late, teamId);
  expect(await bet(late, fight)).toMatchObject({ code: "CONFLICT_OF_INTEREST" });
  expect((await bet(early, fight)).__typename).toBe("PlaceBetSuccess");
});

test.concurrent("two who were in the team one after the other share no interest", async () => {
  const [founder, one, two, ann] = [await person(), await fighter(), await fighter(), await person()];
  const teamId = await newTeam(founder);
  await join(founder, teamId, ann);
  await leave(ann, teamId);
  await join(founder, teamId, one);
  expect((await bet(ann, await announce(one, two))).__typename).toBe("PlaceBetSuccess");
});

test.concurrent("a bet cannot be got rid of by joining: neither who bet nor whose bot was bet on joins the other until it is decided", async () => {
  const [one, two, ann, bob] = [await fighter(), await fighter(), await person(), await person()];
  const [theirs, hers] = [await newTeam(one), await newTeam(ann)];
  const fight = await announce(one, two);
  expect((await bet(ann, fight)).__typename).toBe("PlaceBetSuccess");
  expect((await bet(bob, fight, two.botId)).__typename).toBe("PlaceBetSuccess");
  const [toTheirs, toHers] = [await invite(one, theirs, ann), await invite(ann, hers, two)];
  for (const [who, invitation] of [
    [ann, toTheirs],
    [two, toHers],
  ] as const)
    expect(await accept(who, invitation)).toMatchObject({ code: "BETS_OPEN", path: ["input", "invitationId"] });
  expect(await end(fight, two)).toMatchObject({ status: "SETTLED" });
  for (const [who, invitation] of [
    [ann, toTheirs],
    [two, toHers],
  ] as const)
    expect((await accept(who, invitation)).__typename).toBe("AcceptTeamInvitationSuccess");
});

/** As if both had happened at the same instant: neither the bet nor the join had seen the other. */
async function joinsUnseen(who: Person, teamId: string): Promise<void> {
  await app.platform.db.pool.query(
    "INSERT INTO team_member (team_id, user_id, role, joined_at) VALUES ($1, $2, 'MEMBER', now())",
    [uuidOf(teamId), uuidOf(who.userId)],
  );
}
const audited = async (who: Person) =>
  (
    await app.platform.db.pool.query<{ action: string; reason: string }>(
      "SELECT action, reason FROM audit_entry WHERE subject = $1 AND action LIKE 'bet.%'",
      [`user:${uuidOf(who.userId)}`],
    )
  ).rows;

test.concurrent.each([
  ["won", 0],
  ["lost", 1],
] as const)(
  "an interest that is found only at the end: a bet that would have %s is given back and audited, and the others share the rest",
  async (_outcome, loses) => {
    const [one, two] = [await fighter(), await fighter()];
    const [ann, bob, cyd] = [await person(), await person(), await person()];
    const teamId = await newTeam(one);
    const fight = await announce(one, two);
    const [winner, loser] = loses === 0 ? [one, two] : [two, one];
    await bet(ann, fight);
    await bet(bob, fight, winner.botId);
    await bet(cyd, fight, loser.botId);
    await joinsUnseen(ann, teamId);
    // 200,000 are shared: bob's and cyd's, less 6,000.
    expect(await end(fight, loser)).toMatchObject({
      status: "SETTLED",
      total: String(3n * STAKE),
      rake: String(6_000n * NORTH),
    });
    expect(await balanceOf(ann)).toBe(GRANT);
    expect(await balanceOf(bob)).toBe(GRANT + 94_000n * NORTH);
    expect(await balanceOf(cyd)).toBe(GRANT - STAKE);
    expect(await audited(ann)).toEqual([
      { action: "bet.conflict-refunded", reason: expect.stringContaining(uuidOf(fight.fightId)) },
    ]);
    const { connectionString = "" } = app.platform.db.pool.options as { connectionString?: string };
    expect(await ledgerCheck(connectionString)).toMatchObject({ code: 0 });
  },
);

test.concurrent("where only who had an interest has bet, all is given back", async () => {
  const [one, two, ann] = [await fighter(), await fighter(), await person()];
  const teamId = await newTeam(one);
  const fight = await announce(one, two);
  await bet(ann, fight);
  await bet(ann, fight, two.botId);
  await joinsUnseen(ann, teamId);
  expect(await end(fight, two)).toMatchObject({ status: "REFUNDED", rake: "0", refundReason: "NOBODY_WON" });
  expect(await balanceOf(ann)).toBe(GRANT);
});
