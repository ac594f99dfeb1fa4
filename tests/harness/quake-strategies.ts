import { randomUUID } from "node:crypto";
import { openLog } from "../../src/platform/logging.ts";
import type { MapName } from "../../src/quake/rules/commands.ts";
import type { Event } from "../../src/quake/rules/round.ts";
import type { Pool } from "../../src/quake/service/pool.ts";
import { playRound } from "../../src/quake/service/rounds.ts";
import { fromPool, type Ended } from "../../src/quake/service/venue.ts";
import { startCrew, type Crew } from "../../src/quake/strategy/crew.ts";
import { houseCode, type HouseStrategy } from "../../src/quake/strategy/house.ts";
import type { Entry } from "../../src/quake/strategy/host.ts";
import type { Ground } from "../../src/quake/strategy/view.ts";

export type StrategyRound = {
  pool: Pool;
  map: MapName;
  ground: Ground;
  timescale: number;
  roundMin: number;
  /** By bot. */
  strategies: Readonly<Record<string, HouseStrategy>>;
  seed: number;
};

export type StrategyRoundEnd = { ended: Ended; events: readonly Event[]; crew: Crew };

/** A whole round between reference strategies on a real server; the crew is stopped, but still tells how it went. */
export async function playStrategies(given: StrategyRound): Promise<StrategyRoundEnd> {
  const { ground, map, pool, roundMin, seed, strategies, timescale } = given;
  const entries: Entry[] = await Promise.all(
    Object.entries(strategies).map(async ([seat, name], index) => ({
      seat,
      code: await houseCode(name),
      seed: seed * 31 + index,
      kept: null,
    })),
  );
  const crew = await startCrew({ ground, roundMs: roundMin * 60_000, strategies: entries });
  const events: Event[] = [];
  const ended = await playRound({
    rent: fromPool(pool),
    map,
    participants: entries.map(({ seat }) => ({
      botId: seat,
      name: seat,
      guid: randomUUID().replaceAll("-", "").toUpperCase(),
    })),
    limits: { liveMs: (roundMin * 60_000) / timescale, suddenDeathMs: 30_000 },
    timescale,
    log: openLog("silent"),
    think: (botId, snapshot) => crew.think(botId, snapshot),
    findReplacement: () => Promise.resolve(null),
    tell: (event) => void events.push(event),
  });
  await crew.host.keep();
  await crew.stop();
  return { ended, events, crew };
}
