import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newBot, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";

let app: App;
let operator: { handle: string; token: string; key: string };
beforeAll(async () => {
  // No engine: nothing but the command itself ends what waits.
  app = await startTestApp({ LIMIT_CALLOUT_INTERVAL_MS: 0 }, {}, { AGON_ROLES: "api" });
  operator = await newPerson(app.url);
  await app.platform.db.pool.query("UPDATE app_user SET operator = true WHERE handle = $1", [operator.handle]);
});
afterAll(() => app.stop());

type Person = { handle: string; token: string; key: string };
const rows = async <T extends object>(sql: string, values: unknown[]) =>
  (await app.platform.db.pool.query<T>(sql, values)).rows;
const uuidOf = (id: string) => id.slice(-32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");

async function act(
  who: Person,
  field: string,
  input: object,
  selection = "__typename",
): Promise<Record<string, unknown>> {
  const name = field.charAt(0).toUpperCase() + field.slice(1);
  const query = `mutation($input: ${name}Input!) { ${field}(input: $input) { __typename ... on ${name}Success { ${selection} } ... on Refusal { code } } }`;
  const { data, errors } = await ask(app.url, query, { input }, { authorization: `Bearer ${who.token}` });
  const result = data?.[field] as unknown as Record<string, unknown> | undefined;
  if (!result?.["__typename"]?.toString().endsWith("Success")) throw new Error(JSON.stringify(result ?? errors));
  return result;
}

let named = 0;
async function inPit(owner: Person): Promise<string> {
  const botId = await newBot(app.url, owner.key, `Barred_${named++}`);
  await act(owner, "enterPit", { botId });
  return botId;
}
const calloutOf = async (owner: Person, input: object) =>
  ((await act(owner, "createCallout", input, "callout { id }"))["callout"] as { id: string }).id;
const userId = async ({ handle }: Person) =>
  ((await ask(app.url, `{ user(handle: "${handle}") { id } }`)).data as never as { user: { id: string } }).user.id;
const balance = async (who: Person) => {
  const { data } = await ask(
    app.url,
    "{ viewer { balance { available } } }",
    {},
    { authorization: `Bearer ${who.token}` },
  );
  return (data as never as { viewer: { balance: { available: string } } }).viewer.balance.available;
};
/** What a stream told last, oldest first. */
const told = async (stream: string, last: number) =>
  (
    await rows<{ payload: string }>(
      "SELECT payload FROM (SELECT seq, payload FROM stream_event WHERE stream = $1 ORDER BY seq DESC LIMIT $2) e ORDER BY seq",
      [stream, last],
    )
  ).map(({ payload }) => JSON.parse(payload) as Record<string, unknown>);

const WAGER = `50000${"0".repeat(18)}`;

test.each<[string, (owner: Person, botId: string) => Promise<unknown>]>([
  ["its owner archives it", (owner, botId) => act(owner, "archiveBot", { botId })],
  ["an operator suspends it", (_owner, botId) => act(operator, "suspendBot", { botId, reason: "spam" })],
  [
    "an operator suspends its owner",
    async (owner) => act(operator, "suspendUser", { userId: await userId(owner), reason: "spam" }),
  ],
  ["its owner deletes the account", (owner) => act(owner, "deleteAccount", { handle: owner.handle })],
])("what a bot waits for ends in the same transaction when %s", async (_sentence, bar) => {
  const [owner, other] = [await newPerson(app.url), await newPerson(app.url)];
  for (const who of [owner, other]) await mutate(app.url, who.key, "claimFaucet", {});
  const [botId, otherId] = [await inPit(owner), await inPit(other)];
  await act(owner, "joinQueue", { botId, ladder: "PIT" });
  await act(owner, "joinQueue", { botId, ladder: "PIT_SLOW" });
  const asked = await calloutOf(owner, { botId, targetId: otherId });
  const received = await calloutOf(other, { botId: otherId, targetId: botId, wager: WAGER });
  expect(await balance(other)).toBe(`950000${"0".repeat(18)}`);

  await bar(owner, botId);

  expect(
    await rows("SELECT ladder, status FROM queue_entry WHERE bot_id = $1 ORDER BY ladder", [uuidOf(botId)]),
  ).toEqual([
    { ladder: "PIT", status: "LEFT" },
    { ladder: "PIT_SLOW", status: "LEFT" },
  ]);
  const left = (await told(`bot:${uuidOf(botId)}`, 3)).filter(({ type }) => type === "QueueLeft");
  expect(new Set(left.map(({ ladder, reason }) => `${String(ladder)} ${String(reason)}`))).toEqual(
    new Set(["PIT BARRED", "PIT_SLOW BARRED"]),
  );
  expect(await told("pit", 3)).toMatchObject([
    { type: "AgentLeft", botId: uuidOf(botId), reason: "BARRED" },
    { type: "CalloutCancelled", calloutId: uuidOf(asked) },
    { type: "CalloutDeclined", calloutId: uuidOf(received) },
  ]);
  expect(await told(`bot:${uuidOf(otherId)}`, 1)).toMatchObject([
    { type: "CalloutAnswered", calloutId: uuidOf(received), status: "DECLINED" },
  ]);
  expect(await balance(other)).toBe(`1000000${"0".repeat(18)}`);
  expect(await rows("SELECT FROM pit_presence WHERE bot_id = $1", [uuidOf(botId)])).toEqual([]);
});

test("a bot in a wagered fight is not archived, and waits on as before; once it has conceded it is", async () => {
  const [owner, other] = [await newPerson(app.url), await newPerson(app.url)];
  for (const who of [owner, other]) await mutate(app.url, who.key, "claimFaucet", {});
  const [botId, otherId] = [await inPit(owner), await inPit(other)];
  await act(owner, "joinQueue", { botId, ladder: "PIT_SLOW" });
  const calloutId = await calloutOf(owner, { botId, targetId: otherId, wager: WAGER });
  const taken = await act(other, "acceptCallout", { calloutId }, "callout { fight { id } }");
  const { id: fightId } = (taken["callout"] as { fight: { id: string } }).fight;
  expect(await mutate(app.url, owner.key, "archiveBot", { botId })).toMatchObject({
    code: "BOT_PLAYS",
    path: ["input", "botId"],
  });
  expect(
    await rows("SELECT status, archived_at FROM queue_entry q JOIN bot b ON b.id = q.bot_id WHERE b.id = $1", [
      uuidOf(botId),
    ]),
  ).toEqual([{ status: "WAITING", archived_at: null }]);
  await act(owner, "concedeFight", { botId, fightId });
  await act(owner, "archiveBot", { botId });
});
