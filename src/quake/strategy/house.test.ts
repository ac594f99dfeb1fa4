import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { somePort } from "../../../tests/harness/quake-game.ts";
import { playStrategies } from "../../../tests/harness/quake-strategies.ts";
import { openLog } from "../../platform/logging.ts";
import { DEBIAN } from "../adapter/installation.ts";
import { openPool, type Pool } from "../service/pool.ts";
import { Grounds } from "./grounds.ts";

// Whole rounds on a real OpenArena server, faster than real time; the sandbox is the one that strangers' code runs in.

const TIMESCALE = 5;
const ROUND_MIN = 1;
let root: string;
let pool: Pool;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "agon-strategies-"));
  pool = openPool({
    installation: DEBIAN,
    root,
    servers: 1,
    firstPort: somePort(),
    timeLimit_min: ROUND_MIN,
    timescale: TIMESCALE,
    log: openLog("silent"),
  });
});

afterAll(async () => {
  await pool.stop();
  await rm(root, { recursive: true, force: true });
});

test("four reference strategies play a round; each acts, none forfeits, and the best of them has kills", async () => {
  const ground = await new Grounds(DEBIAN).of("aggressor");
  const strategies = { rita: "random", hugo: "hunter", cora: "competition", ada: "adaptive" } as const;
  const round = {
    pool,
    map: "aggressor",
    ground,
    timescale: TIMESCALE,
    roundMin: ROUND_MIN,
    strategies,
    seed: 3,
  } as const;
  const { ended, events, crew } = await playStrategies(round);
  if (ended.phase === "VOIDED") throw new Error(ended.reason);
  const kills = events.filter(({ type }) => type === "KILL");
  expect(ended.results.length).toBe(4);
  expect(kills.length).toBeGreaterThan(3);
  expect(ended.results.reduce((sum, { deaths }) => sum + deaths, 0)).toBe(kills.length);
  for (const seat of Object.keys(strategies)) {
    const { forfeit, log, ticks } = crew.host.seat(seat);
    expect({ seat, forfeit, log }).toMatchObject({ seat, forfeit: null });
    expect(ticks).toBeGreaterThan(50);
  }
  const kept = JSON.parse((await crew.host.keep()).get("ada") ?? "{}") as Record<string, { rounds: number }>;
  expect(kept["aggressor"]?.rounds).toBe(1);
}, 60_000);

/** Two say something; on a machine that is too busy to aim, two more may be played. */
const ROUNDS = { least: 2, most: 4 };

// How much better it is than a hunter takes many rounds to say, which the program in bench/ plays.
test.each([
  ["more points than", "random", 1],
  ["more than half of the points of", "hunter", 0.5],
] as const)(
  "competition has %s %s over some rounds",
  async (_much, rival, share) => {
    const ground = await new Grounds(DEBIAN).of("aggressor");
    const round = { pool, map: "aggressor", ground, timescale: TIMESCALE, roundMin: ROUND_MIN } as const;
    const points = { own: 0, rival: 0 };
    const isBetter = () => points.own > points.rival * share;
    for (let played = 0; played < ROUNDS.least || (!isBetter() && played < ROUNDS.most); played++) {
      const { ended } = await playStrategies({ ...round, strategies: { own: "competition", rival }, seed: played });
      if (ended.phase === "VOIDED") throw new Error(ended.reason);
      for (const seat of ["own", "rival"] as const)
        points[seat] += ended.results.find(({ botId }) => botId === seat)?.score ?? Number.NaN;
    }
    expect(points).toSatisfy(isBetter);
  },
  150_000,
);
