// The same on the wire, without the SDK (sealed fights: see skills.md): AGON_KEY=cq_… AGON_BOT=bot_… npx node examples/graphql-ws.ts
import { createClient } from "graphql-ws";
import WebSocket from "ws";

const { AGON_URL = "http://127.0.0.1:4000", AGON_KEY = "", AGON_BOT = "" } = process.env;
const socket = createClient({
  url: `${AGON_URL.replace("http", "ws")}/graphql`,
  webSocketImpl: WebSocket,
  connectionParams: { apiKey: AGON_KEY },
});

const send = (query: string, input: object) =>
  fetch(`${AGON_URL}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": AGON_KEY },
    body: JSON.stringify({ query, variables: { input } }),
  }).then((answer) => answer.json());

const MOVES = `subscription($botId: ID!) { botEvents(botId: $botId) { event {
  __typename ... on MoveRequested { fightId round exchange legalActions } } } }`;
const SUBMIT = `mutation($input: SubmitFightActionInput!) { submitFightAction(input: $input) { __typename } }`;
const JOIN = `mutation($input: JoinQueueInput!) { joinQueue(input: $input) { __typename ... on Refusal { code hint } } }`;

type Event = { __typename: string; fightId: string; round: number; exchange: number; legalActions: string[] };
const events = socket.iterate<{ botEvents: { event: Event } }>({ query: MOVES, variables: { botId: AGON_BOT } });
setTimeout(() => void send(JOIN, { botId: AGON_BOT, ladder: "PIT", mode: "PRACTICE" }).then(console.log), 500);

for await (const { data } of events) {
  const event = data?.botEvents.event;
  console.log(event?.__typename, event?.round ?? "", event?.exchange ?? "");
  if (event?.__typename === "ContestEnded") process.exit(0);
  if (event?.__typename !== "MoveRequested") continue;
  const { fightId, round, exchange, legalActions } = event;
  const action = legalActions[Math.floor(Math.random() * legalActions.length)];
  await send(SUBMIT, { botId: AGON_BOT, fightId, round, exchange, action });
}
