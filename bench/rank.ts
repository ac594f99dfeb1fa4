// The board at a million bots in database time, and signing in by key at ten thousand: node bench/rank.ts [bots]
import pg from "pg";
import { startApp } from "../src/app.ts";
import { readConfig } from "../src/config.ts";
import { temporaryDatabase, unlimited } from "./database.ts";
import { fillBoard, fillBots, keyOf, nodeIdOf, withClient } from "./fill.ts";
import { graphqlRequest, sendLoad } from "./load/load.ts";
import { startAgon } from "./processes.ts";

const BOTS = Number(process.argv[2] ?? 1_000_000);
const KEYS = 10_000;
const RUNS = 200;

const say = (line: string) => process.stdout.write(`${line}\n`);

const QUESTIONS = [
  { name: "top 100", goal_ms: 1, query: "{ ladder(kind: PIT) { leaderboard(first: 100) { nodes { elo games } } } }" },
  {
    name: "own rank",
    goal_ms: 2,
    query: `{ node(id: "${nodeIdOf("bot", Math.ceil(BOTS / 2))}") { ... on Bot { ratings { elo rank } } } }`,
  },
] as const;

type Sent = { text: string; values: unknown[] };

/** The SQL that the server itself sends to answer a query, whichever way it takes. */
async function statementsOf(databaseUrl: string, query: string): Promise<Sent[]> {
  const app = await startApp(readConfig({ ...unlimited(databaseUrl), AGON_ROLES: "api" }));
  const sent: Sent[] = [];
  const original = Reflect.get(pg.Client.prototype, "query") as (...given: unknown[]) => unknown;
  pg.Client.prototype.query = function (this: pg.Client, ...given: unknown[]) {
    const [first, values] = given as [string | { text?: string; values?: unknown[] }, unknown];
    const text = typeof first === "string" ? first : (first.text ?? "");
    const own = typeof first === "string" ? values : first.values;
    if (/^\s*(?:SELECT|WITH)/i.test(text)) sent.push({ text, values: Array.isArray(own) ? own : [] });
    return original.apply(this, given);
  } as typeof pg.Client.prototype.query;
  const response = await fetch(`${app.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query }),
  });
  const answer = (await response.json()) as { errors?: unknown };
  Reflect.set(pg.Client.prototype, "query", original);
  await app.stop();
  if (answer.errors) throw new Error(JSON.stringify(answer.errors));
  return sent;
}

/** The median execution time of a prepared statement, as the database itself measures it. */
async function executionMs(client: pg.Client, { text, values }: Sent, index: number): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const explained = `EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ${text}`;
    const { rows } = await client.query<{ "QUERY PLAN": [{ "Execution Time": number }] }>({
      name: `explained-${index}`,
      text: explained,
      values,
    });
    times.push(rows[0]?.["QUERY PLAN"][0]["Execution Time"] ?? NaN);
  }
  return times.toSorted((a, b) => a - b)[RUNS / 2] ?? NaN;
}

async function askBoard(databaseUrl: string): Promise<void> {
  for (const { name, goal_ms, query } of QUESTIONS) {
    const sent = await statementsOf(databaseUrl, query);
    const ms = await withClient(databaseUrl, async (client) => {
      let sum = 0;
      for (const [index, each] of sent.entries()) sum += await executionMs(client, each, index);
      return sum;
    });
    say(
      `${name} of ${BOTS.toLocaleString("en")}: ${ms.toFixed(2)} ms of database time in ${sent.length} statements, goal ${goal_ms} ms: ratio ${(goal_ms / ms).toFixed(2)}`,
    );
  }
}

async function signIn(databaseUrl: string): Promise<void> {
  const server = await startAgon(databaseUrl, { AGON_ROLES: "api" });
  const lanes = Array.from({ length: KEYS }, (_none, index) => [
    graphqlRequest("{ viewer { __typename } }", {}, { "x-api-key": keyOf(((index * 7_919) % KEYS) + 1) }),
  ]);
  for (const connections of [1, 16]) {
    const load = { port: server.port, connections, forMs: 3_000, lanes, again: true, expected: "Viewer" };
    await sendLoad({ ...load, forMs: 1_000 });
    const { p95Ms, perSecond, wrong } = await sendLoad(load);
    if (wrong > 0) throw new Error(`${wrong} keys were refused`);
    say(
      `key authentication, ${KEYS.toLocaleString("en")} keys, ${connections} connections: ${perSecond.toFixed(0)} a second, p95 ${p95Ms.toFixed(1)} ms, goal 20 ms: ratio ${(20 / p95Ms).toFixed(2)}`,
    );
  }
  await server.stop();
}

const database = await temporaryDatabase();
try {
  await fillBots(database.url, KEYS, BOTS);
  await fillBoard(database.url, BOTS);
  await askBoard(database.url);
  await signIn(database.url);
} finally {
  await database.stop();
}
