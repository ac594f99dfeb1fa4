import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { prune } from "../../src/platform/prune.ts";
import { ask, newBot, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import {
  happen,
  openSocket,
  PIT_EVENTS,
  pitCursor,
  readByGet,
  readByPost,
  subscribe,
  type PitAnswer,
} from "../harness/streams.ts";
import { until } from "../harness/until.ts";

let app: App;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.stop());

const COMPLETE = { id: null, event: "complete", data: "" };
const answerOf = ({ data }: { data: string }) => JSON.parse(data) as PitAnswer;
const ALIASED = `subscription { pitEvents { ${Array.from({ length: 16 }, (_none, at) => `a${at}: cursor`).join(" ")} } }`;
const seqOf = (told: { data: string }) => answerOf(told).data.pitEvents.event.seq;

test("an event is the same bytes over server-sent events and over a socket, in the form of GraphQL over SSE", async () => {
  const messages: string[] = [];
  // From a cursor on: a busy machine may begin a subscription after what it waits for has happened.
  const asked = { query: PIT_EVENTS, variables: { after: await pitCursor(app.url) } };
  const socket = await openSocket(app.url, (text) => messages.push(text));
  subscribe(socket, "1", asked);
  const [got, posted] = [await readByGet(app.url, PIT_EVENTS, asked), await readByPost(app.url, asked)];
  expect([got.status, got.headers["content-type"]]).toEqual([200, "text/event-stream; charset=utf-8"]);
  await happen(app);
  await until(() => [got, posted].every((each) => each.told().length === 1) && messages.length === 1, "the event");
  const payload = messages[0]?.slice('{"type":"next","payload":'.length, -',"id":"1"}'.length) ?? "";
  const { cursor } = (JSON.parse(payload) as PitAnswer).data.pitEvents;
  const text = `:\n\nid: ${cursor}\nevent: next\ndata: ${payload}\n\n`;
  expect([got.text(), posted.text()]).toEqual([text, text]);
  socket.terminate();
  got.close();
  posted.close();
});

test("white space, the cursor's spelling and the transport do not split what is executed once", async () => {
  const { hub } = app.platform;
  const { follow } = hub;
  let follows = 0;
  hub.follow = (...args) => (follows++, follow(...args));
  const cursor = await pitCursor(app.url);
  const selection = "{ cursor event { ... on Event { seq } } at }";
  const spellings = [
    `subscription { pitEvents ${selection} }`,
    `subscription   {\n pitEvents(after: null)   ${selection} # a comment\n}`,
    `subscription($after: Cursor) { pitEvents(after: $after) ${selection} }`,
    `subscription($from: Cursor) { pitEvents(after: $from) ${selection} }`,
    `subscription { pitEvents(after: "${cursor}") ${selection} }`,
  ];
  const readers = await Promise.all(
    spellings.map((query) => readByGet(app.url, query, { variables: { after: cursor } })),
  );
  const messages: string[] = [];
  const socket = await openSocket(app.url, (text) => messages.push(text));
  subscribe(socket, "1", { query: spellings[0] ?? "" });
  const heard = () => readers.every((each) => each.told().length > 0) && messages.length > 0;
  await until(async () => (await happen(app), heard()), "the first event of everybody");
  expect(follows).toBe(1);
  hub.follow = follow;
  socket.terminate();
  for (const reader of readers) reader.close();
});

test("an EventSource that comes back gets what it has missed, whatever cursor its address names", async () => {
  const start = await pitCursor(app.url);
  const query = `subscription { pitEvents(after: "${start}") { cursor event { ... on Event { seq } } } }`;
  const first = await readByGet(app.url, query);
  await happen(app, 3);
  await until(() => first.told().length === 3, "three events");
  first.close();
  await happen(app, 5);
  const again = await readByGet(app.url, query, { lastEventId: first.lastId() });
  await happen(app, 2);
  await until(() => again.told().length === 7, "what was missed and what came");
  const seqs = [...first.told(), ...again.told()].map(seqOf);
  expect(seqs).toEqual(Array.from({ length: 10 }, (_none, index) => (seqs[0] ?? 0) + index));
  again.close();
});

test("who comes from far back reads on at its own pace and is not let go", async () => {
  const start = await pitCursor(app.url);
  await happen(app, 3_000, 1_000);
  const [reader, other] = [
    await readByGet(app.url, PIT_EVENTS, { lastEventId: start }),
    await readByGet(app.url, PIT_EVENTS, { lastEventId: await pitCursor(app.url) }),
  ];
  await happen(app, 2);
  await until(() => reader.told().length === 3_002 && other.told().length === 2, "all events");
  const seqs = reader.told().map(seqOf);
  expect(seqs).toEqual(Array.from({ length: 3_002 }, (_none, index) => (seqs[0] ?? 0) + index));
  expect(other.told().map(seqOf)).toEqual(seqs.slice(-2));
  reader.close();
  other.close();
}, 60_000);

test("a cursor of pruned history gives one StreamGap, then what comes", async () => {
  const start = await pitCursor(app.url);
  await happen(app, 3);
  const later = { now: () => new Date(Date.now() + 8 * 24 * 3_600_000) };
  await prune({ db: app.platform.db, clock: later });
  const reader = await readByGet(app.url, PIT_EVENTS, { lastEventId: start });
  await until(() => reader.told().length === 1, "the gap");
  await happen(app, 2);
  await until(() => reader.told().length === 3, "what comes");
  expect(reader.told().map((told) => answerOf(told).data.pitEvents.event.__typename)).toEqual([
    "StreamGap",
    "MessagePosted",
    "MessagePosted",
  ]);
  reader.close();
});

test.each([
  ["an invalid cursor", { lastEventId: "bm90IGEgY3Vyc29y" }, PIT_EVENTS, 200, "INVALID_CURSOR"],
  ["a field that there is not", {}, "subscription { nothing }", 200, "BAD_INPUT"],
  ["an operation with too many aliases", {}, ALIASED, 200, "TOO_MANY_ALIASES"],
  ["a cursor that is no cursor's text", { lastEventId: "!" }, PIT_EVENTS, 200, "BAD_INPUT"],
])("%s is refused as an event", async (_what, options, query, status, code) => {
  const reader = await readByGet(app.url, query, options);
  await reader.ended;
  expect(reader.status).toBe(status);
  const [refusal, ...rest] = reader.told();
  expect(refusal).toMatchObject({ id: null, event: "next" });
  expect(JSON.parse(refusal?.data ?? "")).toMatchObject({ errors: [{ extensions: { code } }] });
  expect(rest).toEqual([COMPLETE]);
});

test("a principal holds only so many streams and sockets at once", async () => {
  const { key } = await newPerson(app.url);
  const max = app.platform.settings.socketsPerPrincipalMax;
  const sockets = await Promise.all(Array.from({ length: 2 }, () => openSocket(app.url, () => undefined, key)));
  const body = { query: PIT_EVENTS };
  const readers = await Promise.all(Array.from({ length: max - 2 }, () => readByPost(app.url, body, key)));
  const refused = await readByPost(app.url, body, key);
  await refused.ended;
  expect(refused.status).toBe(429);
  expect(refused.told()[0]?.data).toContain('"code":"TOO_MANY_STREAMS"');
  readers.pop()?.close();
  const taken = await until(async () => {
    const reader = await readByPost(app.url, body, key);
    return reader.status === 200 ? reader : null;
  }, "the place of the one that left");
  for (const reader of [...readers, taken]) reader.close();
  for (const socket of sockets) socket.terminate();
});

test("a bot's own events come over a stream of its owner alone, and end with the key", async () => {
  const { key, token } = await newPerson(app.url);
  const bot = await newBot(app.url, key, "Streamed");
  const query = "subscription($id: ID!) { botEvents(botId: $id) { cursor event { __typename } } }";
  const variables = { id: bot };
  const stranger = await readByPost(app.url, { query, variables });
  await stranger.ended;
  expect(stranger.told()[0]?.data).toMatch(/"code":"(NOT_AUTHENTICATED|MISSING_SCOPE|NOT_YOUR_BOT)"/);
  const [own, pit] = await Promise.all([
    readByPost(app.url, { query, variables }, key),
    readByPost(app.url, { query: PIT_EVENTS }, key),
  ]);
  const bearer = { authorization: `Bearer ${token}` };
  const found = await ask(app.url, "{ viewer { apiKeys { id } } }", {}, bearer);
  const [apiKey] = (found.data as unknown as { viewer: { apiKeys: { id: string }[] } }).viewer.apiKeys;
  const revoke = "mutation($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { __typename } }";
  await ask(app.url, revoke, { input: { apiKeyId: apiKey?.id } }, bearer);
  await Promise.all([own.ended, pit.ended]);
  for (const reader of [own, pit]) {
    expect(reader.told().at(-2)?.data).toContain('"code":"REVOKED"');
    expect(reader.told().at(-1)).toEqual(COMPLETE);
  }
  const after = await readByPost(app.url, { query: PIT_EVENTS }, key);
  expect([after.status, after.told()[0]?.data]).toEqual([401, expect.stringContaining('"code":"BAD_CREDENTIALS"')]);
});

test("what is no subscription is answered as ever, and a subscription only as an event stream", async () => {
  const query = await readByPost(app.url, { query: "{ __typename }" });
  await query.ended;
  expect(JSON.parse(query.told()[0]?.data ?? "")).toMatchObject({ data: { __typename: "Query" } });
  const response = await fetch(`${app.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json, text/event-stream" },
    body: JSON.stringify({ query: PIT_EVENTS }),
  });
  expect(response.status).toBe(406);
  expect(await response.text()).toContain("NOT_ACCEPTABLE");
});

test("a server that stops says so to its streams", async () => {
  const stopping = await startTestApp();
  const reader = await readByGet(stopping.url, PIT_EVENTS);
  await stopping.stop();
  await reader.ended;
  expect(reader.told()[0]?.data).toContain('"code":"SERVER_STOPPING"');
  expect(reader.told()[1]).toEqual(COMPLETE);
});
