// Durable writes through HTTP beside pgbench running the same statements: node bench/writes.ts [rounds] [seconds]
import { markSeenBatch, ownBot } from "../src/bots/store.ts";
import { heartbeat } from "../src/bots/service/presence.ts";
import { decide } from "../src/fights/rules/fight.ts";
import type { FightState } from "../src/fights/rules/fight-state.ts";
import { EXCHANGES_MAX } from "../src/fights/rules/pit-rules-1.ts";
import { lockFight, writeState, writeStep } from "../src/fights/store.ts";
import { findKey } from "../src/identity/store.ts";
import { joinWaiting } from "../src/ladder/store/queue.ts";
import { systemClock } from "../src/platform/clock.ts";
import { openDatabase } from "../src/platform/database.ts";
import type { Platform } from "../src/platform/platform.ts";
import { appendBatch } from "../src/platform/streams.ts";
import { temporaryDatabase } from "./database.ts";
import { fillBots, fillLiveFights, freshFight, idOf, keyOf, nodeIdOf, sqlIdOf, sqlKeyOf, withClient } from "./fill.ts";
import { graphqlRequest, sendLoad, type Sent } from "./load/load.ts";
import { line, pgbench } from "./pgbench.ts";
import { cpuOf, cpuOfPostgres, postmasterOf, startAgon, type ServerProcess } from "./processes.ts";

const ROUNDS = Number(process.argv[2] ?? 2);
const SECONDS = Number(process.argv[3] ?? 3);
const CONNECTIONS = [16, 64] as const;
const [USERS, BOTS, LIVE_FIGHTS] = [1_000, 40_000, 4_000];
const WARM_UP_LANES = 200;

const say = (text: string) => process.stdout.write(`${text}\n`);

const ownerOf = (bot: number) => ((bot - 1) % USERS) + 1;
const sqlOwnerOf = (bot: string) => `((${bot} - 1) % ${USERS} + 1)`;
const keyHash = (user: string) => `sha256(convert_to(${sqlKeyOf(user)}, 'UTF8'))`;
const authenticated = (bot: string) => line(findKey, [keyHash(sqlOwnerOf(bot)), "now()"]);

/** One mutation: how to make its rows ready, its HTTP requests in lanes, and its script for pgbench. */
type Write = {
  name: string;
  reset: (databaseUrl: string) => Promise<unknown>;
  lanes: Sent[][];
  again: boolean;
  expected: string;
  script: (clients: number) => string;
  writesPerTransaction: number;
  variables: Record<string, string>;
};

const mutation = (field: string) => {
  const type = field.charAt(0).toUpperCase() + field.slice(1);
  return `mutation ${type}($input: ${type}Input!) { ${field}(input: $input) { __typename ... on Refusal { code } } }`;
};
const asOwner = (bot: number) => ({ "x-api-key": keyOf(ownerOf(bot)) });

function joinQueue(): Write {
  const lanes = Array.from({ length: BOTS }, (_none, index) => {
    const input = { botId: nodeIdOf("bot", index + 1), ladder: "PIT" };
    return [graphqlRequest(mutation("joinQueue"), { input }, asOwner(index + 1))];
  });
  const bot = ":n::int8";
  const values = [
    "gen_random_uuid()",
    sqlIdOf("bot", bot),
    sqlIdOf("user", sqlOwnerOf(bot)),
    "'PIT'",
    "'RATED'",
    "false",
    "now()",
    "now()",
    "true",
  ];
  return {
    name: "joinQueue",
    reset: (url) => withClient(url, (client) => client.query("TRUNCATE queue_entry")),
    lanes,
    again: false,
    expected: "JoinQueueSuccess",
    // Each client has bots of its own: a bot waits once. Variables live as long as their client.
    script: (clients) =>
      `\\set i :i + 1\n\\set n :client_id * ${Math.floor(BOTS / clients)} + :i\n${authenticated(bot)}BEGIN;\n${line(joinWaiting, values)}COMMIT;\n`,
    writesPerTransaction: 1,
    variables: { i: "0" },
  };
}

function submitFightAction(): Write {
  const lanes = Array.from({ length: LIVE_FIGHTS }, (_none, index) => {
    const fight = index + 1;
    const turn = (bot: number, exchange: number) => {
      const input = {
        botId: nodeIdOf("bot", bot),
        fightId: nodeIdOf("contest", fight),
        round: 1,
        exchange,
        action: "RECOVER",
      };
      return graphqlRequest(mutation("submitFightAction"), { input }, asOwner(bot));
    };
    const exchanges = Array.from({ length: EXCHANGES_MAX - 1 }, (_each, exchange) => exchange + 1);
    return exchanges.flatMap((exchange) => [turn(2 * fight - 1, exchange), turn(2 * fight, exchange)]);
  });
  const { first, second, batch, events } = sampleStep();
  const fight = sqlIdOf("contest", ":f::int8");
  const turn = (bot: string, written: string) =>
    `${authenticated(bot)}BEGIN;\n${line(ownBot, [sqlIdOf("bot", bot), sqlIdOf("user", sqlOwnerOf(bot))])}${line(lockFight, [fight])}${written}COMMIT;\n`;
  const row = (state: string) => [fight, state, "'WAITING_FOR_ACTIONS'", "now() + interval '1 year'", "NULL", "NULL"];
  return {
    name: "submitFightAction",
    reset: (url) => fillLiveFights(url, LIVE_FIGHTS),
    lanes,
    again: false,
    expected: "SubmitFightActionSuccess",
    script: () =>
      `\\set f random(1, ${LIVE_FIGHTS})\n${turn("(2 * :f::int8 - 1)", line(writeState, row(":first")))}${turn(
        "(2 * :f::int8)",
        line(writeStep, [...row(":second"), `replace(:batch, 'FIGHT', ${fight}::text)::json`, "now()", String(events)]),
      )}`,
    writesPerTransaction: 2,
    variables: { first: JSON.stringify(first), second: JSON.stringify(second), batch },
  };
}

/** Both actions of an exchange as the service would write them. */
function sampleStep(): { first: FightState; second: FightState; batch: string; events: number } {
  const at = new Date();
  const act = (state: FightState, botId: string) => {
    const decision = decide(state, { type: "SUBMIT", botId, round: 1, exchange: 1, action: "RECOVER" }, at.getTime());
    if (!decision.ok) throw new Error(decision.refusal);
    return decision;
  };
  const first = act(freshFight(at.getTime()), "BOT_A").state;
  const { state, events } = act(first, "BOT_B");
  const batch = appendBatch([{ stream: "fight:FIGHT", chained: true, events }], at);
  return { first, second: state, batch, events: events.length };
}

function heartbeats(): Write {
  const lanes = Array.from({ length: BOTS }, (_none, index) => {
    const input = { botId: nodeIdOf("bot", ((index * 7_919) % BOTS) + 1) };
    return [graphqlRequest(mutation("heartbeat"), { input }, asOwner(((index * 7_919) % BOTS) + 1))];
  });
  const bot = ":n::int8";
  const values = [
    `ARRAY[${sqlIdOf("bot", bot)}]`,
    `ARRAY[${sqlIdOf("user", sqlOwnerOf(bot))}]`,
    "ARRAY[clock_timestamp() + interval '2 days']",
  ];
  return {
    name: "heartbeat",
    reset: (url) => withClient(url, (client) => client.query("VACUUM bot_presence")),
    lanes,
    again: true,
    expected: "HeartbeatSuccess",
    script: () => `\\set n random(1, ${BOTS})\n${authenticated(bot)}${line(markSeenBatch, values)}`,
    writesPerTransaction: 1,
    variables: {},
  };
}

type Sample = { perSecond: number; p50Ms: number; p99Ms: number; server_us: number; postgres_us: number };
type Measured = Record<"http" | "pgbench", Sample[]>;

async function overHttp(write: Write, server: ServerProcess, connections: number, postmaster: number): Promise<Sample> {
  const { again, expected } = write;
  const load = { port: server.port, connections, again, expected };
  await sendLoad({ ...load, lanes: write.lanes.slice(-WARM_UP_LANES), forMs: 700 });
  const before = { server: cpuOf(server.pid), postgres: cpuOfPostgres(postmaster) };
  const sent = await sendLoad({ ...load, lanes: write.lanes.slice(0, -WARM_UP_LANES), forMs: SECONDS * 1_000 });
  if (sent.wrong > 0) throw new Error(`${write.name}: ${sent.wrong} wrong answers: ${sent.firstBody}`);
  const server_us = (cpuOf(server.pid) - before.server) / sent.done;
  return { ...sent, server_us, postgres_us: (cpuOfPostgres(postmaster) - before.postgres) / sent.done };
}

async function fromPgbench(write: Write, url: string, clients: number, postmaster: number): Promise<Sample> {
  const before = cpuOfPostgres(postmaster);
  const options = { clients, seconds: SECONDS, variables: write.variables };
  const perSecond = (await pgbench(url, write.script(clients), options)) * write.writesPerTransaction;
  const postgres_us = (cpuOfPostgres(postmaster) - before) / (perSecond * SECONDS);
  return { perSecond, p50Ms: (clients / perSecond) * 1_000, p99Ms: NaN, server_us: 0, postgres_us };
}

const mean = (samples: readonly Sample[], key: keyof Sample) =>
  samples.reduce((sum, sample) => sum + sample[key], 0) / samples.length;

function report(write: Write, connections: number, measured: Measured): void {
  const rate = { http: mean(measured.http, "perSecond"), pgbench: mean(measured.pgbench, "perSecond") };
  for (const side of ["pgbench", "http"] as const) {
    const own = measured[side];
    say(
      `${write.name.padEnd(18)} ${String(connections).padStart(3)}  ${side.padEnd(8)} ${rate[side].toFixed(0).padStart(6)} ${(rate[side] / rate.pgbench).toFixed(2).padStart(6)} ${mean(own, "p50Ms").toFixed(1).padStart(7)} ${(side === "http" ? mean(own, "p99Ms").toFixed(1) : "-").padStart(7)} ${mean(own, "server_us").toFixed(0).padStart(9)} ${mean(own, "postgres_us").toFixed(0).padStart(11)}`,
    );
  }
}

/** Signs of life through the use case alone, without HTTP and GraphQL: what batching itself is worth. */
async function batchedHeartbeats(url: string, atOnce: number): Promise<number> {
  const db = openDatabase(url);
  const platform = { db, clock: systemClock } as Platform;
  const until = performance.now() + SECONDS * 1_000;
  let done = 0;
  const beat = async (from: number): Promise<void> => {
    for (let n = from; performance.now() < until; n = ((n + 7_919) % BOTS) + 1, done++) {
      const userId = idOf("user", ownerOf(n));
      const viewer = { kind: "session" as const, principal: "bench", userId, sessionId: userId, operator: false };
      const answer = await heartbeat(platform, viewer, { botId: idOf("bot", n) });
      if (!answer.ok) throw new Error(answer.code);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, (_none, index) => beat(index + 1)));
  await db.close();
  return done / SECONDS;
}

const database = await temporaryDatabase();
const running: ServerProcess[] = [];
try {
  await fillBots(database.url, USERS, BOTS);
  // Without the engine nobody pairs those who wait and no deadline fires: the mutation alone is measured.
  const agon = await startAgon(database.url, { AGON_ROLES: "api" });
  running.push(agon);
  const postmaster = await postmasterOf(database.url);
  say(
    `mean of ${ROUNDS} rounds of ${SECONDS} s; ratio to pgbench at as many connections, goal 0.30; * of pgbench the mean`,
  );
  say("mutation           conn  side     writes/s  ratio  p50 ms* p99 ms  server us postgres us");
  for (const write of [submitFightAction(), joinQueue(), heartbeats()])
    for (const connections of CONNECTIONS) {
      const measured: Measured = { http: [], pgbench: [] };
      for (let round = 0; round < ROUNDS; round++) {
        await write.reset(database.url);
        measured.pgbench.push(await fromPgbench(write, database.url, connections, postmaster));
        await write.reset(database.url);
        measured.http.push(await overHttp(write, agon, connections, postmaster));
      }
      report(write, connections, measured);
    }
  for (const atOnce of [...CONNECTIONS, 1_000])
    say(
      `heartbeat          ${String(atOnce).padStart(4)}  use case alone, no HTTP ${(await batchedHeartbeats(database.url, atOnce)).toFixed(0).padStart(6)} a second`,
    );
} finally {
  for (const server of running) await server.stop();
  await database.stop();
}
