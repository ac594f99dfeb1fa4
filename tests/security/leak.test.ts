import { createHash } from "node:crypto";
import { once } from "node:events";
import WebSocket from "ws";
import { expect, test } from "vitest";
import type { Random } from "../../src/platform/random.ts";
import { mutate, newBot } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { until } from "../harness/until.ts";

const ACTIONS = [
  ...["JAB_HIGH", "KICK_LOW", "HEAVY_HIGH", "SWEEP_LOW", "GRAB", "SPECIAL"],
  ...["BLOCK_HIGH", "BLOCK_LOW", "DODGE", "PARRY", "FEINT", "RECOVER"],
] as const;
const NOW = new Date("2026-11-24T12:00:00.000Z");

/** Ids, keys and seeds that are the same in every run: each length of bytes has a count of its own. */
function sameChance(): Random {
  const drawn = new Map<string, number>();
  const next = (kind: string) => {
    const count = (drawn.get(kind) ?? 0) + 1;
    drawn.set(kind, count);
    return createHash("sha512").update(`${kind} ${count}`).digest();
  };
  const hex = (from: number, to: number) => next("id").toString("hex").slice(from, to);
  return {
    bytes: (length) => next(`bytes ${length}`).subarray(0, length),
    id: (at) => {
      const ms = at.getTime().toString(16).padStart(12, "0");
      return `${ms.slice(0, 8)}-${ms.slice(8)}-7${hex(0, 3)}-8${hex(3, 6)}-${hex(6, 18)}`;
    },
  };
}

const FIGHT_EVENTS = `subscription($id: ID!, $after: Cursor) { fightEvents(fightId: $id, after: $after) { cursor at event { __typename
  ... on Event { seq at } ... on ExchangeRequested { round exchange fighters { botId hp stamina bankMs deadlineAt } last { action } }
  ... on ExchangeResolved { sides { action dealt taken } } } } }`;
const BOT_EVENTS = `subscription($id: ID!) { botEvents(botId: $id) { cursor at pending event { __typename
  ... on MoveRequested { fightId round exchange deadlineAt legalActions you { hp stamina bankMs } opponent { hp stamina bankMs deadlineAt } } } } }`;
const EVERYTHING = `query($id: ID!) {
  fight(id: $id) { id status phase cursor seedHash seed endReason rated createdAt startedAt endedAt
    state { round exchange nextRoundAt fighters { side hp stamina roundWins bankMs timeouts deadlineAt bot { name status lastSeenAt } } }
    exchanges { round number resolvedAt sides { action } } events(first: 100) { edges { cursor node { __typename seq at } } } }
  contests(first: 5) { nodes { id status ... on Fight { phase state { round exchange } } } }
  bots(first: 10) { nodes { name status lastSeenAt } } arenaStats { contests liveNow waiting }
  ladder(kind: PIT) { waiting } pit { cursor presences(first: 10) { nodes { bot { name status } } } } }`;

/** A WebSocket that speaks the protocol by hand, and every byte that it received. */
async function rawSocket(url: string, key: string | null, subscriptions: { query: string; variables: object }[]) {
  const socket = new WebSocket(`${url.replace("http", "ws")}/graphql`, "graphql-transport-ws");
  const received: string[] = [];
  socket.on("message", (data) => received.push(String(data)));
  await once(socket, "open");
  socket.send(JSON.stringify({ type: "connection_init", payload: key ? { apiKey: key } : {} }));
  await until(() => received.length > 0, "the acknowledgement");
  subscriptions.forEach((payload, id) => socket.send(JSON.stringify({ id: String(id), type: "subscribe", payload })));
  return { received, close: () => socket.terminate() };
}

async function eventSource(url: string, query: string, variables: object) {
  const stopping = new AbortController();
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream" },
    body: JSON.stringify({ query, variables }),
    signal: stopping.signal,
  });
  let text = "";
  void (async () => {
    for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString("utf8");
  })().catch(() => undefined);
  return { status: response.status, received: () => text, close: () => stopping.abort() };
}

/** One polled answer: status, headers and body, but for the real time in them. */
async function poll(url: string, id: string): Promise<string> {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: EVERYTHING, variables: { id } }),
  });
  const headers = [...response.headers].filter(([name]) => !["date", "x-request-id"].includes(name));
  const body = (await response.text()).replaceAll(/"resetAt":"[^"]+"/g, "");
  return JSON.stringify([response.status, headers, body.replaceAll(/"(available|requested)":\d+/g, "")]);
}

async function person(url: string, handle: string): Promise<string> {
  const given = { handle, email: `${handle}@example.org`, password: "correct horse battery" };
  const { token } = (await mutate(url, null, "registerUser", given, "token")) as unknown as { token: string };
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({
      query: `mutation { createApiKey(input: { name: "k", scopes: [PLAY] }) { ... on CreateApiKeySuccess { key } } }`,
    }),
  });
  return ((await response.json()) as { data: { createApiKey: { key: string } } }).data.createApiKey.key;
}

type Seen = { before: string; answer: string; after: string };

/** A fight in which the first fighter plays `action`, or nothing: all that everybody else receives until then. */
async function heardBefore(action: string | null): Promise<Seen> {
  const app = await startTestApp({}, { clock: { now: () => NOW }, random: sameChance(), epoch: "0badcafe" });
  try {
    const [first, second] = [await person(app.url, "first"), await person(app.url, "second")];
    const [one, two] = [await newBot(app.url, first, "One"), await newBot(app.url, second, "Two")];
    await mutate(app.url, first, "enterPit", { botId: one });
    await mutate(app.url, second, "enterPit", { botId: two });
    const made = await mutate(app.url, first, "createCallout", { botId: one, targetId: two }, "callout { id }");
    const calloutId = (made["callout"] as unknown as { id: string }).id;
    const met = await mutate(app.url, second, "acceptCallout", { calloutId }, "callout { fight { id } }");
    const fightId = (met["callout"] as unknown as { fight: { id: string } }).fight.id;
    await until(
      async () => (await app.platform.db.pool.query("SELECT 1 FROM pit_announcement")).rowCount === 1,
      "the announcement",
    );
    const opponent = await rawSocket(app.url, second, [{ query: BOT_EVENTS, variables: { id: two } }]);
    await until(() => opponent.received.some((frame) => frame.includes("MoveRequested")), "the move that is asked for");
    const spectator = await rawSocket(app.url, null, [{ query: FIGHT_EVENTS, variables: { id: fightId } }]);
    const reader = await eventSource(app.url, FIGHT_EVENTS, { id: fightId });
    expect(reader.status).toBe(200);
    const polls = [await poll(app.url, fightId)];
    const submit = (key: string, botId: string, played: string) =>
      fetch(`${app.url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-api-key": key },
        body: JSON.stringify({
          query: `mutation($i: SubmitFightActionInput!) { submitFightAction(input: $i) { __typename ... on SubmitFightActionSuccess { accepted } } }`,
          variables: { i: { botId, fightId, round: 1, exchange: 1, action: played } },
        }),
      }).then((response) => response.text());
    const answer = action === null ? "" : (await submit(first, one, action)).replaceAll(/,"extensions".*/g, "");
    for (let read = 0; read < 3; read++) polls.push(await poll(app.url, fightId));
    // Long enough for the sweeps of hub and engine (1 s) to have said what they would say.
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    polls.push(await poll(app.url, fightId));
    const heard = () =>
      JSON.stringify([opponent.received, spectator.received, reader.received().replaceAll(/^:.*\n\n?/gm, "")]);
    const before = heard() + polls.join("\n");
    if (action === null) await submit(first, one, "RECOVER");
    await submit(second, two, "RECOVER");
    await until(() => spectator.received.some((frame) => frame.includes("ExchangeResolved")), "the resolution");
    await until(() => reader.received().includes("ExchangeResolved"), "the resolution on the event stream");
    const after = heard();
    for (const each of [opponent, spectator, reader]) each.close();
    return { before, answer, after };
  } finally {
    await app.stop();
  }
}

test("before the resolution nobody receives a byte that depends on what was played, or whether", async () => {
  const silence = await heardBefore(null);
  expect(silence.before).toContain("MoveRequested");
  const answers = new Set<string>();
  for (const action of ACTIONS) {
    const seen = await heardBefore(action);
    expect(seen.before === silence.before ? action : firstDifference(seen.before, silence.before)).toBe(action);
    // The reading is not blind: after the resolution the action is there.
    expect(seen.after).toContain(`\\"action\\":\\"${action}\\"`);
    answers.add(seen.answer);
  }
  expect([...answers]).toHaveLength(1);
}, 120_000);

function firstDifference(a: string, b: string): string {
  const at = Array.from(a).findIndex((sign, index) => sign !== b[index]);
  return `… ${a.slice(Math.max(0, at - 120), at + 120)} … instead of … ${b.slice(Math.max(0, at - 120), at + 120)} …`;
}
