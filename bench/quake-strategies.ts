// How the reference strategies fare against each other on real servers, and how they die:
// node bench/quake-strategies.ts [--rounds 20] [--against random] [--map fan] [--seed 0] [--at-once 2] [--minutes 9] [--sum rounds.jsonl]
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openLog } from "../src/platform/logging.ts";
import { DEBIAN } from "../src/quake/adapter/installation.ts";
import { MAPS, type MapName } from "../src/quake/rules/commands.ts";
import { meansOf, type Means } from "../src/quake/rules/kill-text.ts";
import { openPool } from "../src/quake/service/pool.ts";
import { Grounds } from "../src/quake/strategy/grounds.ts";
import type { HouseStrategy } from "../src/quake/strategy/house.ts";
import { playStrategies } from "../tests/harness/quake-strategies.ts";

const TIMESCALE = 5;
const ROUND_MIN = 2;
const FIRST_PORT = 29_700;
/** Of a normal distribution, for a bound that holds in 95 of 100 cases on one side. */
const Z = 1.645;
const PAIRS: readonly (readonly [one: HouseStrategy, other: HouseStrategy, goal: number])[] = [
  ["competition", "random", 0.85],
  ["competition", "hunter", 0.5],
];
const SIDES = ["one", "other"] as const;
const HAZARDS: readonly Means[] = ["WATER", "SLIME", "LAVA", "CRUSH", "FALLING", "TRIGGER_HURT"];

type Side = (typeof SIDES)[number];
type Death = { victim: Side; by: "FOE" | "ITSELF" | "WORLD"; means: Means };
/** A round as it is written down, so that several runs add up. */
type Played = {
  one: HouseStrategy;
  other: HouseStrategy;
  map: MapName;
  seed: number;
  outcome: "WON" | "DRAWN" | "LOST" | "VOID";
  score: readonly [number, number];
  deaths: readonly Death[];
  misses: number;
};

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "20" },
    against: { type: "string", default: "all" },
    map: { type: "string", default: "all" },
    seed: { type: "string", default: "0" },
    "at-once": { type: "string", default: "2" },
    minutes: { type: "string", default: "9" },
    sum: { type: "string" },
  },
});
const say = (line: string) => process.stdout.write(`${line}\n`);
const rounds = Number(values.rounds);
const atOnce = Number(values["at-once"]);
const untilMs = performance.now() + Number(values.minutes) * 60_000;
const maps = MAPS.filter((map) => values.map === "all" || map === values.map);
const pairs = PAIRS.filter(([, other]) => values.against === "all" || values.against === other);
if (maps.length === 0 || pairs.length === 0) throw new Error("no such map or strategy");
const root = mkdtempSync(join(tmpdir(), "agon-quake-bench-"));
const pool = openPool({
  installation: DEBIAN,
  root,
  servers: atOnce,
  firstPort: FIRST_PORT,
  timeLimit_min: ROUND_MIN,
  timescale: TIMESCALE,
  log: openLog("error"),
});
const grounds = new Grounds(DEBIAN);
const costs_ms: number[] = [];

async function play(one: HouseStrategy, other: HouseStrategy, seed: number): Promise<Played> {
  const map = maps[seed % maps.length] ?? "aggressor";
  const ground = await grounds.of(map);
  const speed = { timescale: TIMESCALE, roundMin: ROUND_MIN };
  const { ended, events, crew } = await playStrategies({
    pool,
    map,
    ground,
    ...speed,
    strategies: { one, other },
    seed,
  });
  costs_ms.push(...crew.host.costs_ms);
  const deaths = events.flatMap((event): Death[] => {
    if (event.type !== "KILL") return [];
    const { killer, victim, means } = event.kill;
    const by = killer === null ? "WORLD" : killer === victim ? "ITSELF" : "FOE";
    return [{ victim: victim === "one" ? "one" : "other", by, means: meansOf(means) }];
  });
  const misses = SIDES.reduce((sum, side) => sum + crew.host.seat(side).misses, 0);
  const round = { one, other, map, seed, deaths, misses };
  if (ended.phase === "VOIDED") {
    say(`  ${map}: void, ${ended.reason}`);
    return { ...round, outcome: "VOID", score: [0, 0] };
  }
  const [a, b] = SIDES.map((side) => ended.results.find(({ botId }) => botId === side));
  const lead = (b?.placement ?? 0) - (a?.placement ?? 0);
  const outcome = lead > 0 ? "WON" : lead === 0 ? "DRAWN" : "LOST";
  const score = [a?.score ?? 0, b?.score ?? 0] as const;
  say(`  ${map}, seed ${seed}: ${outcome} by ${score.join(" to ")}; ${a?.kills} kills, ${a?.deaths} deaths`);
  return { ...round, outcome, score };
}

/** The lower end of Wilson's interval. */
function lowerBound(won: number, played: number): number {
  if (played === 0) return 0;
  const share = won / played;
  const spread = Z * Math.sqrt((share * (1 - share)) / played + Z ** 2 / (4 * played ** 2));
  return (share + Z ** 2 / (2 * played) - spread) / (1 + Z ** 2 / played);
}

const among = (played: readonly Played[], outcome: Played["outcome"]): number =>
  played.filter((round) => round.outcome === outcome).length;

/** Won, drawn and lost; deaths by what no player did; deaths by one's own shots. Of each the first's, and then the other's. */
function describe(played: readonly Played[]): string {
  const deaths = played.flatMap((round) => round.deaths);
  const count = (wanted: (death: Death) => boolean) =>
    SIDES.map((side) => deaths.filter((death) => death.victim === side && wanted(death)).length).join(" and ");
  const outcomes = (["WON", "DRAWN", "LOST"] as const).map((outcome) => among(played, outcome)).join("/");
  const hazards = count(({ by, means }) => by === "WORLD" && HAZARDS.includes(means));
  return `won/drawn/lost ${outcomes}, deaths ${count(() => true)}, of them by hazards ${hazards}, by own shots ${count(({ by }) => by === "ITSELF")}`;
}

/** How often a side died of each means, the most frequent first. */
function causes(played: readonly Played[], side: Side): string {
  const counts = new Map<string, number>();
  for (const { victim, by, means } of played.flatMap((round) => round.deaths)) {
    if (victim !== side) continue;
    const name = by === "FOE" ? means : `${means} (${by})`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const sorted = [...counts].toSorted(([, a], [, b]) => b - a);
  return sorted.map(([name, times]) => `${name} ${times}`).join(", ");
}

function report([one, other, goal]: (typeof PAIRS)[number], all: readonly Played[]): void {
  const played = all.filter((round) => round.one === one && round.other === other && round.outcome !== "VOID");
  const voids = all.filter((round) => round.other === other && round.outcome === "VOID").length;
  for (const map of MAPS) {
    const there = played.filter((round) => round.map === map);
    if (there.length > 0) say(`  ${map}: ${describe(there)}`);
  }
  say(`  ${one} died of ${causes(played, "one")}`);
  say(`  ${other} died of ${causes(played, "other")}`);
  // A shared first place is half a win.
  const won = among(played, "WON") + among(played, "DRAWN") / 2;
  const bound = lowerBound(won, played.length);
  say(
    `${one} against ${other}: ${won} of ${played.length} rounds (${voids} void), ${describe(played)}; lower 95 % bound ${bound.toFixed(3)}, goal ${goal}: ratio ${(bound / goal).toFixed(2)}`,
  );
}

const earlier: Played[] =
  values.sum !== undefined && existsSync(values.sum)
    ? readFileSync(values.sum, "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as Played)
    : [];
const now: Played[] = [];
for (const [one, other] of pairs)
  for (let round = 0; round < rounds && performance.now() < untilMs; round += atOnce) {
    const seeds = Array.from({ length: Math.min(atOnce, rounds - round) }, (_none, at) => round + at);
    const ended = await Promise.all(seeds.map((seed) => play(one, other, Number(values.seed) + seed)));
    now.push(...ended);
    if (values.sum !== undefined) appendFileSync(values.sum, ended.map((each) => `${JSON.stringify(each)}\n`).join(""));
  }
await pool.stop();
rmSync(root, { recursive: true, force: true });

for (const pair of pairs) report(pair, [...earlier, ...now]);
const sorted = costs_ms.toSorted((a, b) => a - b);
const quantile = (share: number) => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(2);
const misses = now.reduce((sum, round) => sum + round.misses, 0);
say(`${sorted.length} ticks: median ${quantile(0.5)} ms, p99 ${quantile(0.99)} ms, limit 8 ms; ${misses} misses`);
