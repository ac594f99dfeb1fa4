// How the reference strategies fare against each other on real servers: node bench/quake-strategies.ts [rounds of each pair] [map, or all] [opponent]
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLog } from "../src/platform/logging.ts";
import { DEBIAN } from "../src/quake/adapter/installation.ts";
import { MAPS } from "../src/quake/rules/commands.ts";
import { openPool } from "../src/quake/service/pool.ts";
import { Grounds } from "../src/quake/strategy/grounds.ts";
import type { HouseStrategy } from "../src/quake/strategy/house.ts";
import { playStrategies } from "../tests/harness/quake-strategies.ts";

const TIMESCALE = 5;
const ROUND_MIN = 2;
const AT_ONCE = 2;
const FIRST_PORT = 29_700;
/** Of a normal distribution, for a bound that holds in 95 of 100 cases on one side. */
const Z = 1.645;
const PAIRS: readonly (readonly [one: HouseStrategy, other: HouseStrategy, goal: number])[] = [
  ["competition", "random", 0.85],
  ["competition", "hunter", 0.5],
];

const say = (line: string) => process.stdout.write(`${line}\n`);
const rounds = Number(process.argv[2] ?? 20);
const [, , , onMap = "all", opponent] = process.argv;
const maps = MAPS.filter((map) => onMap === "all" || map === onMap);
const pairs = PAIRS.filter(([, other]) => opponent === undefined || other === opponent);
const root = mkdtempSync(join(tmpdir(), "agon-quake-bench-"));
const log = openLog("error");
const pool = openPool({
  installation: DEBIAN,
  root,
  servers: AT_ONCE,
  firstPort: FIRST_PORT,
  timeLimit_min: ROUND_MIN,
  timescale: TIMESCALE,
  log,
});
const grounds = new Grounds(DEBIAN);
const costs_ms: number[] = [];
let misses = 0;

/** 1 for a round that the first won, a half for a shared first place; null when the round was void. */
async function play(one: HouseStrategy, other: HouseStrategy, seed: number): Promise<number | null> {
  const map = maps[seed % maps.length] ?? "aggressor";
  const strategies = { one, other };
  const ground = await grounds.of(map);
  const { ended, crew } = await playStrategies({
    pool,
    map,
    ground,
    timescale: TIMESCALE,
    roundMin: ROUND_MIN,
    strategies,
    seed,
  });
  costs_ms.push(...crew.host.costs_ms);
  for (const seat of Object.keys(strategies)) misses += crew.host.seat(seat).misses;
  if (ended.phase === "VOIDED") {
    say(`  ${map}: void, ${ended.reason}`);
    return null;
  }
  const [a, b] = ["one", "other"].map((bot) => ended.results.find(({ botId }) => botId === bot));
  say(`  ${map}: ${a?.score} (${a?.kills} kills, ${a?.deaths} deaths) to ${b?.score} (${b?.kills} kills)`);
  return a?.placement === b?.placement ? 0.5 : a?.placement === 1 ? 1 : 0;
}

/** The lower end of Wilson's interval. */
function lowerBound(won: number, played: number): number {
  if (played === 0) return 0;
  const share = won / played;
  const spread = Z * Math.sqrt((share * (1 - share)) / played + Z ** 2 / (4 * played ** 2));
  return (share + Z ** 2 / (2 * played) - spread) / (1 + Z ** 2 / played);
}

for (const [one, other, goal] of pairs) {
  const results: number[] = [];
  for (let round = 0; round < rounds; round += AT_ONCE) {
    const seeds = Array.from({ length: Math.min(AT_ONCE, rounds - round) }, (_none, index) => round + index);
    const ended = await Promise.all(seeds.map((seed) => play(one, other, seed)));
    results.push(...ended.filter((result) => result !== null));
  }
  const won = results.reduce((sum, result) => sum + result, 0);
  const bound = lowerBound(won, results.length);
  say(
    `${one} against ${other}: ${won} of ${results.length} rounds, lower 95 % bound ${bound.toFixed(3)}, goal ${goal}: ratio ${(bound / goal).toFixed(2)}`,
  );
}
await pool.stop();
rmSync(root, { recursive: true, force: true });

const sorted = costs_ms.toSorted((a, b) => a - b);
const quantile = (share: number) => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(2);
say(`${sorted.length} ticks: median ${quantile(0.5)} ms, p99 ${quantile(0.99)} ms, limit 8 ms; ${misses} misses`);
