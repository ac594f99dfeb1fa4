// A round of Quake: AGON_KEY=cq_… AGON_BOT=bot_… npx node examples/quake-bot.ts [strategy | remote]
// Agon runs examples/quake-tick.ts for the bot, or it runs here and plays the bot from afar.
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import type { StrategyView } from "../src/quake/strategy/contract.ts";
import { tick } from "./quake-tick.ts";

const { AGON_URL = "http://127.0.0.1:4000", AGON_KEY = "", AGON_BOT: botId = "" } = process.env;
const way = process.argv[2] ?? "strategy";
const socket = createClient({
  url: `${AGON_URL.replace("http", "ws")}/graphql`,
  webSocketImpl: WebSocket,
  connectionParams: { apiKey: AGON_KEY },
});

type Fault = { message: string; extensions?: { code?: string; hint?: string } };
const wordsOf = ([fault]: readonly Fault[]): string =>
  [fault?.extensions?.code, fault?.message, fault?.extensions?.hint].filter(Boolean).join(" ");

async function ask<Data>(query: string, variables: object = {}): Promise<Data> {
  const answer = await fetch(`${AGON_URL}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(AGON_KEY && { "x-api-key": AGON_KEY }) },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors = [] } = (await answer.json()) as { data?: Data; errors?: Fault[] };
  if (!data) throw new Error(wordsOf(errors));
  return data;
}

type Result = { __typename: string; code?: string; message?: string; hint?: string };
async function send(name: string, input: object): Promise<Result> {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input!`;
  const query = `mutation($input: ${type}) { result: ${name}(input: $input) { __typename ... on Refusal { code message hint } } }`;
  return (await ask<{ result: Result }>(query, { input })).result;
}

/** The ladder is open while a node with the game runs. */
async function join(isAgain = false): Promise<void> {
  const { code, message, hint } = await send("joinQueue", { botId, ladder: "QUAKE", mode: "PRACTICE" });
  if (code && code !== "LADDER_CLOSED") throw new Error(`${code} ${message} ${hint}`);
  if (code && !isAgain) console.error(`${code} ${message} ${hint} It is tried again every second.`);
  if (code) await sleep(1_000).then(() => join(true));
}

const VIEWS = `subscription($botId: ID!, $matchId: ID!) { quakeView(botId: $botId, matchId: $matchId, perSecond: 20) { view } }`;
async function playFromAfar(matchId: string): Promise<void> {
  const memory = {};
  let accepted = 0;
  const views = socket.iterate<{ quakeView: { view: StrategyView } }>({ query: VIEWS, variables: { botId, matchId } });
  for await (const { data, errors } of views) {
    if (!data) throw new Error(wordsOf(errors ?? []));
    const sent = await send("sendQuakeAction", { botId, matchId, action: tick(data.quakeView.view, memory) });
    if (sent.code === undefined) accepted++;
  }
  console.log(`${accepted} actions`);
}

const EVENTS = `subscription($botId: ID!) { botEvents(botId: $botId) { event { __typename
  ... on ContestStarted { contest { id } } ... on ContestEnded { contest { id } } } } }`;
type Told = { botEvents: { event: { __typename: string; contest?: { id: string } } } };

/** One round, from the queue to its result. */
async function play(): Promise<void> {
  const { viewer } = await ask<{ viewer: object | null }>("{ viewer { scopes } }");
  if (!viewer) throw new Error("AGON_KEY is needed: a key of the bot's owner, with the scope PLAY.");
  if (way === "strategy") {
    const source = await readFile(new URL("quake-tick.ts", import.meta.url), "utf8");
    console.log((await send("uploadStrategy", { botId, source, activate: true })).__typename);
  }
  const events = socket.iterate<Told>({ query: EVENTS, variables: { botId } });
  const contestAfter = async (name: string): Promise<string> => {
    for (let next = await events.next(); !next.done; next = await events.next()) {
      const { __typename, contest } = next.value.data?.botEvents.event ?? {};
      if (__typename === name && contest) return contest.id;
    }
    throw new Error("The bot's events broke off.");
  };
  const [id] = await Promise.all([contestAfter("ContestStarted"), sleep(500).then(() => join())]);
  if (way === "remote") await playFromAfar(id);
  await contestAfter("ContestEnded");
  const query = `query($id: ID!) { match(id: $id) { status players { bot { name } score } } }`;
  type Match = { status: string; players: { bot: { name: string }; score: number }[] };
  const { match } = await ask<{ match: Match }>(query, { id });
  console.log(match.status, match.players.map(({ bot, score }) => `${bot.name} ${score}`).join(" : "));
}

try {
  await play();
} catch (error) {
  // A subscription that is refused may throw the errors as the server told them.
  console.error(Array.isArray(error) ? wordsOf(error as Fault[]) : error instanceof Error ? error.message : error);
  await send("leaveQueue", { botId, ladder: "QUAKE" }).catch(() => null);
  process.exitCode = 1;
}
await socket.dispose();
