import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newBot, newPerson, socket } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { until } from "../harness/until.ts";

let app: App;
beforeAll(async () => {
  app = await startTestApp({ LIMIT_PRESENCE_MS: 3_000, LIMIT_CALLOUT_LIFE_MS: 1_500, LIMIT_CALLOUT_INTERVAL_MS: 0 });
});
afterAll(() => app.stop());

type Someone = { key: string; id: string; name: string };
let people = 0;

async function someone(): Promise<Someone> {
  const { key } = await newPerson(app.url);
  const name = `Pit_${people++}`;
  return { key, name, id: await newBot(app.url, key, name) };
}
async function inPit(): Promise<Someone> {
  const bot = await someone();
  expect(await act(bot, "enterPit", {})).toBe("EnterPitSuccess");
  return bot;
}
const act = async ({ key, id }: Someone, field: string, input: object) => {
  const result = await mutate(app.url, key, field, { botId: id, ...input });
  return String(result["code"] ?? result["__typename"]);
};
const callOut = async (from: Someone, to: Someone, input: object = {}) => {
  const given = { botId: from.id, targetId: to.id, ...input };
  const result = await mutate(app.url, from.key, "createCallout", given, "callout { id status fight { id } }");
  return result as unknown as { code?: string; callout?: { id: string; status: string; fight: { id: string } | null } };
};
const answer = async ({ key }: Someone, field: string, calloutId: string) => {
  const result = await mutate(
    app.url,
    key,
    field,
    { calloutId },
    "callout { status fight { id participants { bot { name } } } }",
  );
  return result as unknown as { code?: string; callout?: { status: string; fight: object | null } };
};

const EVENTS = `subscription($after: Cursor) { pitEvents(after: $after) { cursor event {
  __typename ... on Event { seq } ... on AgentLeft { bot { name } reason } ... on AgentEntered { bot { name } }
  ... on MessagePosted { bot { name } text } ... on CalloutCreated { callout { id } } ... on CalloutExpired { callout { id } }
  ... on PitFightAnnounced { fight { id } } ... on PitFightEnded { fight { id } voided winnerBotId } } } }`;
type Told = {
  __typename: string;
  seq: number;
  bot?: { name: string };
  reason?: string;
  text?: string;
  fight?: { id: string };
};

function listen(after?: string): { told: Told[]; stop: () => unknown } {
  const client = socket(app.url, null);
  const told: Told[] = [];
  client.subscribe<{ pitEvents: { event: Told } }>(
    { query: EVENTS, variables: { after } },
    {
      next: ({ data }) => void (data && told.push(data.pitEvents.event)),
      error: () => undefined,
      complete: () => undefined,
    },
  );
  return { told, stop: () => client.dispose() };
}
const cursor = async () =>
  ((await ask(app.url, `{ pit { cursor } }`)).data as unknown as { pit: { cursor: string } }).pit.cursor;

describe("presence", () => {
  test("whoever enters is seen, whoever is silent for the whole time leaves exactly once", async () => {
    const from = await cursor();
    const bot = await inPit();
    expect(await act(bot, "enterPit", {})).toBe("EnterPitSuccess");
    const pit = (await ask(app.url, `{ pit { presences(first: 100) { nodes { bot { name house } } } } }`))
      .data as unknown as {
      pit: { presences: { nodes: { bot: { name: string; house: boolean } }[] } };
    };
    const names = pit.pit.presences.nodes.map(({ bot: present }) => present.name);
    expect(names).toContain(bot.name);
    expect(pit.pit.presences.nodes.filter(({ bot: present }) => present.house).length).toBeGreaterThanOrEqual(3);
    const { told, stop } = listen(from);
    const mine = () =>
      told.filter((event) => event.bot?.name === bot.name).map(({ __typename, reason }) => reason ?? __typename);
    await until(() => mine().includes("SILENT"), "the silent bot's leaving");
    expect(mine()).toEqual(["AgentEntered", "SILENT"]);
    expect(told.map(({ seq }) => seq)).toEqual(told.map((_event, index) => (told[0]?.seq ?? 0) + index));
    expect(await act(bot, "leavePit", {})).toBe("NOT_IN_PIT");
    await stop();
  });

  test("an offline bot cannot enter, and nobody enters or speaks for another", async () => {
    const [bot, other] = [await someone(), await inPit()];
    expect(await act({ ...bot, key: other.key }, "enterPit", {})).toBe("NOT_YOUR_BOT");
    expect(await act({ ...other, key: bot.key }, "postMessage", { text: "I am you" })).toBe("NOT_YOUR_BOT");
    await new Promise((resolve) => setTimeout(resolve, 3_100));
    expect(await act(bot, "enterPit", {})).toBe("BOT_OFFLINE");
  });
});

describe("chat", () => {
  test("is said, kept and heard; too fast, too long and strange text is refused by name", async () => {
    const [from, bot] = [await cursor(), await inPit()];
    const { told, stop } = listen(from);
    expect(await act(await someone(), "postMessage", { text: "hello" })).toBe("NOT_IN_PIT");
    expect(await act(bot, "postMessage", { text: "  Who dares?  ", idempotencyKey: "k" })).toBe("PostMessageSuccess");
    expect(await act(bot, "postMessage", { text: "  Who dares?  ", idempotencyKey: "k" })).toBe("PostMessageSuccess");
    const fast = await mutate(app.url, bot.key, "postMessage", { botId: bot.id, text: "again" });
    expect(fast["code"]).toBe("RATE_LIMITED");
    expect(Number(fast["retryAfterMs"])).toBeGreaterThan(0);
    expect(await act(bot, "postMessage", { text: "x".repeat(281) })).toBe("MESSAGE_TOO_LONG");
    expect(await act(bot, "postMessage", { text: "a\u202Eb" })).toBe("FORBIDDEN_CHARACTERS");
    await until(() => told.some(({ text }) => text === "Who dares?"), "the message");
    expect(told.filter(({ __typename }) => __typename === "MessagePosted")).toHaveLength(1);
    const { data } = await ask(app.url, `{ pit { messages(last: 1) { nodes { text bot { name } } } } }`);
    expect(data).toEqual({ pit: { messages: { nodes: [{ text: "Who dares?", bot: { name: bot.name } }] } } });
    await stop();
  });
});

describe("callouts", () => {
  test("the target accepts, and the fight exists with both in it; the Pit hears of it once", async () => {
    const [from, one, two] = [await cursor(), await inPit(), await inPit()];
    const { told, stop } = listen(from);
    const made = await callOut(one, two, { message: "Come and see" });
    const id = made.callout?.id ?? "";
    expect((await callOut(one, two)).code).toBe("ALREADY_CALLED");
    expect((await answer(one, "acceptCallout", id)).code).toBe("NOT_YOUR_BOT");
    expect((await answer(two, "cancelCallout", id)).code).toBe("NOT_YOUR_BOT");
    const [first, second] = await Promise.all([answer(two, "acceptCallout", id), answer(two, "acceptCallout", id)]);
    expect([first.code ?? "accepted", second.code ?? "accepted"].toSorted()).toEqual(["CALLOUT_CLOSED", "accepted"]);
    const won = first.code ? second : first;
    expect(won.callout).toMatchObject({
      status: "ACCEPTED",
      fight: { participants: [{ bot: { name: one.name } }, { bot: { name: two.name } }] },
    });
    await until(() => told.some(({ __typename }) => __typename === "PitFightAnnounced"), "the announcement");
    const fightId = told.find(({ fight }) => fight)?.fight?.id ?? "";
    expect((await mutate(app.url, two.key, "concedeFight", { botId: two.id, fightId }))["__typename"]).toBe(
      "ConcedeFightSuccess",
    );
    await until(() => told.some(({ __typename }) => __typename === "PitFightEnded"), "the end");
    const types = told.map(({ __typename }) => __typename).filter((type) => /Callout|PitFight/.test(type));
    expect(types).toEqual(["CalloutCreated", "CalloutAccepted", "PitFightAnnounced", "PitFightEnded"]);
    await stop();
  });

  test("a house bot accepts at once, and who fights already is refused", async () => {
    const [bot, other] = [await inPit(), await inPit()];
    const { data } = await ask(app.url, `{ bot(name: "House_Random") { id } }`);
    const house = { key: "", name: "House_Random", id: (data as unknown as { bot: { id: string } }).bot.id };
    const made = await callOut(bot, house);
    expect(made.callout).toMatchObject({ status: "ACCEPTED" });
    expect(made.callout?.fight?.id).toMatch(/^fight_/);
    expect((await callOut(bot, house)).code).toBe("IN_CONTEST");
    const busy = await callOut(other, bot);
    expect((await answer(bot, "acceptCallout", busy.callout?.id ?? "")).code).toBe("IN_CONTEST");
    expect((await answer(bot, "declineCallout", busy.callout?.id ?? "")).callout?.status).toBe("DECLINED");
  });

  test("oneself, the absent, small change and other games are refused by name; an unanswered one expires", async () => {
    const [from, one, two, absent] = [await cursor(), await inPit(), await inPit(), await someone()];
    const { told, stop } = listen(from);
    expect((await callOut(one, one)).code).toBe("CALLOUT_ONESELF");
    expect((await callOut(one, absent)).code).toBe("TARGET_NOT_IN_PIT");
    expect((await callOut(absent, one)).code).toBe("NOT_IN_PIT");
    expect((await callOut(one, two, { wager: "50000" })).code).toBe("WAGER_TOO_SMALL");
    expect((await callOut(one, two, { ladder: "QUAKE" })).code).toBe("LADDER_CLOSED");
    const made = await callOut(one, two);
    await until(() => told.some(({ __typename }) => __typename === "CalloutExpired"), "the expiry");
    expect((await answer(two, "acceptCallout", made.callout?.id ?? "")).code).toBe("CALLOUT_CLOSED");
    await stop();
  });

  test("a bot that is called out hears it on its own stream, also when it connects later", async () => {
    const [one, two] = [await inPit(), await inPit()];
    const made = await callOut(one, two);
    const client = socket(app.url, two.key);
    const items = client.iterate<{
      botEvents: { pending: boolean; event: { __typename: string; callout?: { id: string } } };
    }>({
      query: `subscription($id: ID!) { botEvents(botId: $id) { pending event { __typename ... on CalloutReceived { callout { id } } } } }`,
      variables: { id: two.id },
    });
    const { value } = await items.next();
    expect(value.data.botEvents).toEqual({
      pending: true,
      event: { __typename: "CalloutReceived", callout: { id: made.callout?.id } },
    });
    await client.dispose();
  });
});

test("only an operator mutes; a muted bot cannot chat", async () => {
  const bot = await inPit();
  expect(await act(bot, "muteInPit", { reason: "noise" })).toBe("MISSING_SCOPE");
  const person = await newPerson(app.url);
  await app.platform.db.pool.query("UPDATE app_user SET operator = true WHERE handle = $1", [person.handle]);
  const muted = await ask(
    app.url,
    `mutation($input: MuteInPitInput!) { muteInPit(input: $input) { __typename } }`,
    { input: { botId: bot.id, reason: "noise" } },
    { authorization: `Bearer ${person.token}` },
  );
  expect(muted.data).toEqual({ muteInPit: { __typename: "MuteInPitSuccess" } });
  expect(await act(bot, "postMessage", { text: "hello" })).toBe("MUTED");
});
