// From a death on the server to who watches, and what matches cost with their database, all in:
// node bench/quake-matches.ts [matches at once]
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { startApp } from "../src/app.ts";
import { readConfig } from "../src/config.ts";
import { openLog } from "../src/platform/logging.ts";
import { DEBIAN } from "../src/quake/adapter/installation.ts";
import type { GameServer } from "../src/quake/adapter/game-server.ts";
import { isDeparture } from "../src/quake/rules/score.ts";
import { createMatches } from "../src/quake/service/create.ts";
import { Elsewhere } from "../src/quake/service/elsewhere.ts";
import { limitsOf, startHosting } from "../src/quake/service/hosting.ts";
import { openPool, type Pool } from "../src/quake/service/pool.ts";
import { Ways } from "../src/quake/service/ways.ts";
import { Grounds } from "../src/quake/strategy/grounds.ts";
import { HOUSE_STRATEGIES, houseCode, houseSource, type HouseStrategy } from "../src/quake/strategy/house.ts";
import { socket } from "../tests/harness/agent.ts";
import { matches } from "../tests/harness/quake-arena.ts";
import { until } from "../tests/harness/until.ts";
import { temporaryDatabase, unlimited } from "./database.ts";
import { cpuOf } from "./processes.ts";
import { memoryOf_MiB, watchMatches } from "./quake-watch.ts";

const PLAYERS = 4;
const ROUND_MIN = 1;
const FIRST_PORT = 29_700;
const FRAME_MS = 50;
const GOAL_MS = 250;
const GOAL_SHARE = 0.1;
const GOAL_MISSED = 0.05;
const LOOK_MS = 2_000;
const MEASURED_MS = 45_000;

const say = (line: string) => process.stdout.write(`${line}\n`);
const count = Number(process.argv[2] ?? 1);
const root = mkdtempSync(join(tmpdir(), "agon-quake-matches-"));
const database = await temporaryDatabase();
const variables = { PORT: "0", AGON_ROLES: "api", AGON_QUAKE_SERVERS: "0", LIMIT_POOL_OPEN_MS: "0" };
const app = await startApp(readConfig({ ...unlimited(database.url), ...variables, LOG_LEVEL: "warn" }));
const watch = watchMatches(FRAME_MS);
const pool = openPool({
  installation: DEBIAN,
  root,
  servers: count,
  firstPort: FIRST_PORT,
  timeLimit_min: ROUND_MIN,
  timescale: 1,
  log: openLog("error"),
});

/** When each server said each death of its round, in order. */
const rentals: number[][] = [];
const servers: GameServer[] = [];
const spied: Pool = {
  ...pool,
  rent: async (map) => {
    const rental = await pool.rent(map);
    const deaths: number[] = [];
    if (rental) servers.push(rental.server);
    rental?.server.onLine((line) => {
      if (line.type === "GAME_BEGAN") deaths.length = 0;
      if (line.type === "KILLED" && !isDeparture(line)) deaths.push(performance.now());
    });
    rentals.push(deaths);
    return rental;
  },
};
const idle_MiB = memoryOf_MiB(process.pid);
const node = randomUUID();
const elsewhere = new Elsewhere(app.platform, node, new Ways(app.platform), ROUND_MIN);
const stage = { pool: spied, elsewhere, limits: limitsOf(ROUND_MIN, 1), timescale: 1, grounds: new Grounds(DEBIAN) };
await stage.grounds.readAll();
const hosting = startHosting(app.platform, node, stage);

const watcher = socket(app.url, null);
const heard = new Map<string, number[]>();
watcher.subscribe<{ killFeed: { matchId: string; kill: { number: number } } }>(
  { query: "subscription { killFeed { matchId kill { number text killer { name } victim { name } } } }" },
  {
    next: ({ data }) => {
      const { matchId } = data?.killFeed ?? { matchId: "" };
      heard.set(matchId, [...(heard.get(matchId) ?? []), performance.now()]);
    },
    error: () => undefined,
    complete: () => undefined,
  },
);
await announceAll();
const phases = async (wanted: string) => (await matches(app.url)).filter(({ phase }) => phase === wanted);
await until(async () => (await phases("LIVE")).length === count, "live matches");

const ownBefore = process.cpuUsage();
const serversBefore = servers.map(({ pid }) => cpuOf(pid));
const beganAtMs = performance.now();
watch.begin();
let [most_MiB, serverMost_MiB] = [0, 0];
const look = () => {
  most_MiB = Math.max(most_MiB, memoryOf_MiB(process.pid));
  serverMost_MiB = Math.max(serverMost_MiB, ...servers.map(({ pid }) => memoryOf_MiB(pid)));
};
look();
const looking = setInterval(look, LOOK_MS);
// Nobody asks anything meanwhile, and what comes after a round, such as the writing of its replay, is not counted.
await sleep(MEASURED_MS);
const own = process.cpuUsage(ownBefore);
const serversUsed_us = servers.reduce((sum, { pid }, index) => sum + cpuOf(pid) - (serversBefore[index] ?? 0), 0);
const elapsedMs = performance.now() - beganAtMs;
const [seen, missed] = [watch.frames.seen, watch.frames.missed];
const [decode_ms, tick_ms] = [[...watch.decode_ms], [...watch.tick_ms]];
clearInterval(looking);
const done = async () => (await phases("COMPLETED")).length + (await phases("VOIDED")).length === count;
for (let asked = 0; asked < 4 && !(await until(done, "the end").catch(() => false)); asked++);
const ended = await matches(app.url);
const [fared] = (
  await app.platform.db.pool.query<{ ticks: number; misses: number; forfeits: number }>(
    "SELECT sum(ticks)::int AS ticks, sum(misses)::int AS misses, count(forfeit)::int AS forfeits FROM strategy_run",
  )
).rows;
await watcher.dispose();
await hosting.stop();
await pool.stop();
await app.stop();
await database.stop();
rmSync(root, { recursive: true, force: true });

/** So many matches at once between the house's strategies, as if somebody had uploaded them; nobody waits in a queue. */
async function announceAll(): Promise<void> {
  const { platform } = app;
  const now = platform.clock.now();
  const rosters: string[][] = [];
  for (let match = 0; match < count; match++) {
    const roster = HOUSE_STRATEGIES.slice(0, PLAYERS).map((name) => newBot(`${name}_${match}`, name, now));
    rosters.push(await Promise.all(roster));
  }
  const origin = { ladder: "QUAKE", origin: "RATED_QUEUE", rated: true, sealed: false, stakes: null } as const;
  const pairings = rosters.map((botIds) => ({ ...origin, botIds, entryIds: [] }));
  await platform.db.transact((tx) => createMatches(tx, platform, pairings));
}

/** A bot of an owner of its own, that plays by one of the house's strategies. */
async function newBot(name: string, strategy: HouseStrategy, now: Date): Promise<string> {
  const { db, random } = app.platform;
  const [ownerId, botId, strategyId] = [random.id(now), random.id(now), random.id(now)];
  const [source, code] = [await houseSource(strategy), await houseCode(strategy)];
  const owner = "INSERT INTO app_user (id, handle, created_at) VALUES ($1, $2, $3)";
  await db.pool.query(owner, [ownerId, `bench_${name}`, now]);
  const bot = "INSERT INTO bot (id, owner_id, name, created_at) VALUES ($1, $2, $3, $4)";
  await db.pool.query(bot, [botId, ownerId, name, now]);
  const upload = `INSERT INTO strategy (id, bot_id, version, source, code, active, created_at, activated_at)
    VALUES ($1, $2, 1, $3, $4, true, $5, $5)`;
  await db.pool.query(upload, [strategyId, botId, source, code, now]);
  return botId;
}

/** How much later than the deaths of a server these came, in the order of both; of a server with fewer deaths nothing. */
const delaysTo = (times: readonly number[], deaths: readonly number[]): number[] =>
  deaths.length < times.length ? [] : times.map((time, index) => time - (deaths[index] ?? NaN));

/** A match is told from others by when all died in it: of another server some death comes seconds before or after. */
function delaysOf(times: readonly number[]): number[] {
  const candidates = rentals.map((deaths) => delaysTo(times, deaths)).filter((delays) => delays.length > 0);
  const spread = (delays: readonly number[]) => Math.max(...delays.map(Math.abs));
  return candidates.toSorted((one, other) => spread(one) - spread(other))[0] ?? [];
}

function report(): void {
  // Deaths after the end of a match are not of it.
  const delays = [...heard.values()].flatMap(delaysOf);
  const delay = quantilesOf(delays);
  say(`${ended.map(({ phase }) => phase).join(", ")}: ${delays.length} deaths followed from the log to a socket`);
  say(
    `death to subscriber: p50 ${delay(0.5).toFixed(1)} ms, p95 ${delay(0.95).toFixed(1)} ms, goal ${GOAL_MS} ms: ratio ${(GOAL_MS / delay(0.95)).toFixed(1)}`,
  );
  const ownShare = (own.user + own.system) / 1_000 / elapsedMs / count;
  const serverShare = serversUsed_us / 1_000 / elapsedMs / count;
  const share = ownShare + serverShare;
  say(
    `a live match: ${percent(share)} of a core (game server ${percent(serverShare)}; this process with ${PLAYERS} strategies, ${PLAYERS} clients, writes and API ${percent(ownShare)}), goal ${percent(GOAL_SHARE)} all in: ratio ${(GOAL_SHARE / share).toFixed(2)}`,
  );
  const part = missed / Math.max(1, seen + missed);
  say(
    `frames of the servers that no client was told of: ${missed} of ${seen + missed}, ${percent(part)}, goal ${percent(GOAL_MISSED)} at most: ratio ${(GOAL_MISSED / part).toFixed(1)}`,
  );
  const [decode, tick] = [quantilesOf(decode_ms), quantilesOf(tick_ms)];
  say(`decoding a snapshot: median ${micro(decode(0.5))}, p99 ${micro(decode(0.99))}, of ${decode_ms.length}`);
  say(`a tick in the sandbox: median ${micro(tick(0.5))}, p99 ${micro(tick(0.99))}, of ${tick_ms.length}`);
  say(`strategies: ${fared?.ticks} ticks, ${fared?.misses} missed, ${fared?.forfeits} forfeits`);
  say(
    `memory: a game server ${serverMost_MiB.toFixed(0)} MiB at most; this process ${idle_MiB.toFixed(0)} MiB idle, ${most_MiB.toFixed(0)} MiB with ${count} matches, ${((most_MiB - idle_MiB) / count).toFixed(0)} MiB a match`,
  );
}

const micro = (ms: number): string => `${(ms * 1_000).toFixed(0)} µs`;
const percent = (part: number): string => `${(part * 100).toFixed(1)} %`;

function quantilesOf(values: readonly number[]): (share: number) => number {
  const sorted = values.toSorted((a, b) => a - b);
  return (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

report();
