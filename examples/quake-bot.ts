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

async function ask<Data>(query: string, variables: object): Promise<Data> {
  const answer = await fetch(`${AGON_URL}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": AGON_KEY },
    body: JSON.stringify({ query, variables }),
  });
  return ((await answer.json()) as { data: Data }).data;
}

type Result = { __typename: string; code?: string; hint?: string };
async function send(name: string, input: object): Promise<Result> {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input!`;
  const query = `mutation($input: ${type}) { result: ${name}(input: $input) { __typename ... on Refusal { code hint } } }`;
  return (await ask<{ result: Result }>(query, { input })).result;
}

/** The ladder is open while a node with the game runs. */
async function join(): Promise<void> {
  const { code, hint } = await send("joinQueue", { botId, ladder: "QUAKE", mode: "PRACTICE" });
  if (code === "LADDER_CLOSED") return sleep(1_000).then(join);
  if (code) throw new Error(`${code}: ${hint}`);
}

const VIEWS = `subscription($botId: ID!, $matchId: ID!) { quakeView(botId: $botId, matchId: $matchId, perSecond: 20) { view } }`;
async function playFromAfar(matchId: string): Promise<void> {
  const memory = {};
  let accepted = 0;
  const views = socket.iterate<{ quakeView: { view: StrategyView } }>({ query: VIEWS, variables: { botId, matchId } });
  for await (const { data } of views) {
    if (!data) continue;
    const sent = await send("sendQuakeAction", { botId, matchId, action: tick(data.quakeView.view, memory) });
    if (sent.code === undefined) accepted++;
  }
  console.log(`${accepted} actions`);
}

if (way === "strategy") {
  const source = await readFile(new URL("quake-tick.ts", import.meta.url), "utf8");
  console.log((await send("uploadStrategy", { botId, source, activate: true })).__typename);
}
const EVENTS = `subscription($botId: ID!) { botEvents(botId: $botId) { event { __typename
  ... on ContestStarted { contest { id } } ... on ContestEnded { contest { id } } } } }`;
type Event = { __typename: string; contest?: { id: string } };
const events = socket.iterate<{ botEvents: { event: Event } }>({ query: EVENTS, variables: { botId } });
const joining = sleep(500).then(join);
let playing: Promise<void> | null = null;
for await (const { data } of events) {
  const { __typename, contest } = data?.botEvents.event ?? {};
  if (__typename === "ContestStarted" && contest && way === "remote") playing = playFromAfar(contest.id);
  if (__typename !== "ContestEnded" || !contest) continue;
  await Promise.all([joining, playing]);
  const query = `query($id: ID!) { match(id: $id) { status players { bot { name } score } } }`;
  type Match = { status: string; players: { bot: { name: string }; score: number }[] };
  const { match } = await ask<{ match: Match }>(query, { id: contest.id });
  console.log(match.status, match.players.map(({ bot, score }) => `${bot.name} ${score}`).join(" : "));
  break;
}
await socket.dispose();
