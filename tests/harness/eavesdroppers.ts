import { createHash } from "node:crypto";
import { once } from "node:events";
import WebSocket from "ws";
import type { Random } from "../../src/platform/random.ts";
import { ask, mutate, newBot } from "./agent.ts";
import { startTestApp } from "./app.ts";
import { until } from "./until.ts";

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

/** All that a fight tells of its moves. */
const FIGHT_EVENTS = `subscription($id: ID!, $after: Cursor) { fightEvents(fightId: $id, after: $after) { cursor at event { __typename
  ... on Event { seq at } ... on ExchangeRequested { round exchange fighters { botId hp stamina bankMs deadlineAt } last { action } }
  ... on RevealRequested { round exchange fighters { botId hp stamina bankMs deadlineAt commitment } }
  ... on ExchangeResolved { sides { action dealt taken commitment nonce } } } } }`;
/** All that a fighter is asked. */
const BOT_EVENTS = `subscription($id: ID!) { botEvents(botId: $id) { cursor at pending event { __typename
  ... on MoveRequested { step fightId round exchange deadlineAt legalActions you { hp stamina bankMs commitment } opponent { hp stamina bankMs deadlineAt commitment } } } } }`;
const EVERYTHING = `query($id: ID!) {
  fight(id: $id) { id status phase cursor seedHash seed endReason rated createdAt startedAt endedAt
    state { round exchange nextRoundAt fighters { side hp stamina roundWins bankMs timeouts deadlineAt bot { name status lastSeenAt } } }
    exchanges { round number resolvedAt sides { action commitment nonce } } events(first: 100) { edges { cursor node { __typename seq at } } } }
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

/** Server-sent events, and every byte of them. */
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

async function cursorOf(url: string, id: string): Promise<string> {
  const { data } = await ask(url, "query($id: ID!) { fight(id: $id) { cursor } }", { id });
  return (data as unknown as { fight: { cursor: string } }).fight.cursor;
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

/** A person of this very handle; gives a key that may play. */
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

type Submitted = { field: string; side: 0 | 1; input: object };

/** A fight of two in an app whose every byte is the same in every run, and all who listen to it. */
export async function openDuel(sealed: boolean) {
  const app = await startTestApp({}, { clock: { now: () => NOW }, random: sameChance(), epoch: "0badcafe" });
  const keys = [await person(app.url, "first"), await person(app.url, "second")] as const;
  const bots = [await newBot(app.url, keys[0], "One"), await newBot(app.url, keys[1], "Two")] as const;
  for (const side of [0, 1] as const) await mutate(app.url, keys[side], "enterPit", { botId: bots[side] });
  const asked = { botId: bots[0], targetId: bots[1], sealed };
  const made = await mutate(app.url, keys[0], "createCallout", asked, "callout { id }");
  const calloutId = (made["callout"] as unknown as { id: string }).id;
  const met = await mutate(app.url, keys[1], "acceptCallout", { calloutId }, "callout { fight { id } }");
  const fightId = (met["callout"] as unknown as { fight: { id: string } }).fight.id;
  const told = "SELECT 1 FROM pit_announcement";
  await until(async () => (await app.platform.db.pool.query(told)).rowCount === 1, "the announcement");
  const opponent = await rawSocket(app.url, keys[1], [{ query: BOT_EVENTS, variables: { id: bots[1] } }]);
  await until(() => opponent.received.some((frame) => frame.includes("MoveRequested")), "the move that is asked for");
  // From the same place in every run, however soon a subscription begins.
  const from = { id: fightId, after: await cursorOf(app.url, fightId) };
  const spectator = await rawSocket(app.url, null, [{ query: FIGHT_EVENTS, variables: from }]);
  const reader = await eventSource(app.url, FIGHT_EVENTS, from);
  const polls = [await poll(app.url, fightId)];
  return {
    fightId,
    bots,
    /** What the spectators' connections said first. */
    status: reader.status,
    /** What a side sends, as it is answered to the byte, but for its price. */
    send: async ({ field, side, input }: Submitted) => {
      const name = field.charAt(0).toUpperCase() + field.slice(1);
      const response = await fetch(`${app.url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-api-key": keys[side] },
        body: JSON.stringify({
          query: `mutation($i: ${name}Input!) { ${field}(input: $i) { __typename ... on ${name}Success { accepted } } }`,
          variables: { i: { botId: bots[side], fightId, round: 1, exchange: 1, ...input } },
        }),
      });
      return (await response.text()).replaceAll(/,"extensions".*/g, "");
    },
    /** Reads everything again, waits for what sweeps would say, and gives all that was received so far. */
    overhear: async () => {
      for (let read = 0; read < 3; read++) polls.push(await poll(app.url, fightId));
      // Long enough for the sweeps of hub and engine (1 s) to have said what they would say.
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      polls.push(await poll(app.url, fightId));
      return heard() + polls.join("\n");
    },
    /** Waits until the spectators have heard of something; gives all that came by itself. */
    until: async (event: string) => {
      await until(() => spectator.received.some((frame) => frame.includes(event)), event);
      await until(() => reader.received().includes(event), `${event} on the event stream`);
      return heard();
    },
    opponentHears: (text: string) => until(() => opponent.received.some((frame) => frame.includes(text)), text),
    close: async () => {
      for (const each of [opponent, spectator, reader]) each.close();
      await app.stop();
    },
  };

  function heard(): string {
    return JSON.stringify([opponent.received, spectator.received, reader.received().replaceAll(/^:.*\n\n?/gm, "")]);
  }
}

/** Where two texts part, with what stands around it. */
export function firstDifference(a: string, b: string): string {
  const at = Array.from(a).findIndex((sign, index) => sign !== b[index]);
  return `… ${a.slice(Math.max(0, at - 120), at + 120)} … instead of … ${b.slice(Math.max(0, at - 120), at + 120)} …`;
}
