// From a death on the server to who watches, and what a match costs with its database: node bench/quake-matches.ts [matches]
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startApp } from "../src/app.ts";
import { readConfig } from "../src/config.ts";
import { temporaryDatabase, unlimited } from "./database.ts";
import { socket } from "../tests/harness/agent.ts";
import { joinQuake, matches, newEntrants } from "../tests/harness/quake-arena.ts";
import { until } from "../tests/harness/until.ts";
import { openLog } from "../src/platform/logging.ts";
import { DEBIAN } from "../src/quake/adapter/installation.ts";
import { isDeparture } from "../src/quake/rules/score.ts";
import { Elsewhere } from "../src/quake/service/elsewhere.ts";
import { limitsOf, startHosting } from "../src/quake/service/hosting.ts";
import { openPool, type Pool } from "../src/quake/service/pool.ts";
import { Ways } from "../src/quake/service/ways.ts";
import { Grounds } from "../src/quake/strategy/grounds.ts";

const PLAYERS = 4;
const ROUND_MIN = 1;
const FIRST_PORT = 29_700;
const GOAL_MS = 250;
const GOAL_SHARE = 0.1;

const say = (line: string) => process.stdout.write(`${line}\n`);
const count = Number(process.argv[2] ?? 1);
const root = mkdtempSync(join(tmpdir(), "agon-quake-matches-"));
const database = await temporaryDatabase();
const variables = { PORT: "0", AGON_ROLES: "api,engine", AGON_QUAKE_SERVERS: "0", LIMIT_POOL_OPEN_MS: "0" };
const app = await startApp(readConfig({ ...unlimited(database.url), ...variables, LOG_LEVEL: "warn" }));
const log = openLog("error");
const pool = openPool({
  installation: DEBIAN,
  root,
  servers: count,
  firstPort: FIRST_PORT,
  timeLimit_min: ROUND_MIN,
  timescale: 1,
  log,
});

/** When each server said each death of its round, in order. */
const rentals: number[][] = [];
const spied: Pool = {
  ...pool,
  rent: async (map) => {
    const rental = await pool.rent(map);
    const deaths: number[] = [];
    rental?.server.onLine((line) => {
      if (line.type === "GAME_BEGAN") deaths.length = 0;
      if (line.type === "KILLED" && !isDeparture(line)) deaths.push(performance.now());
    });
    rentals.push(deaths);
    return rental;
  },
};
const node = randomUUID();
const elsewhere = new Elsewhere(app.platform, node, new Ways(app.platform), ROUND_MIN);
const stage = { pool: spied, elsewhere, limits: limitsOf(ROUND_MIN, 1), timescale: 1, grounds: new Grounds(DEBIAN) };
const hosting = startHosting(app.platform, node, stage);

const names = Array.from({ length: PLAYERS * count }, (_none, index) => `Bench_${index}`);
for (const entrant of await newEntrants(app.url, names)) await joinQuake(app.url, entrant);
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
const phases = async (wanted: string) => (await matches(app.url)).filter(({ phase }) => phase === wanted);
await until(async () => (await phases("LIVE")).length === count, "live matches");
const [cpu, atMs] = [process.cpuUsage(), performance.now()];
const done = async () => (await phases("COMPLETED")).length === count;
for (let asked = 0; asked < 4 && !(await until(done, "the end").catch(() => false)); asked++);
const used = process.cpuUsage(cpu);
const elapsedMs = performance.now() - atMs;
const ended = await matches(app.url);
await watcher.dispose();
await hosting.stop();
await pool.stop();
await app.stop();
await database.stop();
rmSync(root, { recursive: true, force: true });

// A match is told from another by how many died in it; deaths after its end are not of it.
const delays: number[] = [];
for (const times of heard.values()) {
  const own = rentals.find((deaths) => deaths.length >= times.length);
  delays.push(...times.map((time, index) => time - (own?.[index] ?? NaN)).filter((delay) => !Number.isNaN(delay)));
}
const sorted = delays.toSorted((a, b) => a - b);
const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
const share = (used.user + used.system) / 1_000 / elapsedMs / count;
say(
  `${ended.map(({ phase }) => phase).join(", ")}: ${sorted.length} deaths followed from the server's log to a socket`,
);
say(
  `death to subscriber: p50 ${at(0.5).toFixed(1)} ms, p95 ${at(0.95).toFixed(1)} ms, goal ${GOAL_MS} ms: ratio ${(GOAL_MS / at(0.95)).toFixed(1)}`,
);
say(
  `this process, with ${PLAYERS} clients a match, its writes and its API: ${(share * 100).toFixed(1)} % of a core a match, goal ${GOAL_SHARE * 100} % all in: ratio ${(GOAL_SHARE / share).toFixed(2)}`,
);
