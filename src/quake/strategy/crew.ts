import type { Intent } from "../protocol/link.ts";
import type { Snapshot } from "../protocol/snapshot.ts";
import type { StrategyAction, StrategyView } from "./contract.ts";
import { startHost, type Entry, type Host } from "./host.ts";
import { Pilot } from "./pilot.ts";
import type { Ground } from "./view.ts";

/** What decides for a bot: the action that goes on until the next one. */
export type Brain = (view: StrategyView) => StrategyAction;

/** The bots of one match: strategies in a sandbox, and brains of any other kind, such as remote control. */
export type Crew = {
  /** What a bot does after a snapshot; to be given to a round as its `think`. */
  think(botId: string, snapshot: Snapshot): Intent;
  readonly host: Host;
  stop(): Promise<void>;
};

export type CrewTerms = {
  ground: Ground;
  /** Game milliseconds. */
  roundMs: number;
  strategies: readonly Entry[];
  /** By bot; these play without a sandbox. */
  brains?: ReadonlyMap<string, Brain>;
};

/** Starts the strategies of a match, and seats all its bots. */
export async function startCrew({ ground, roundMs, strategies, brains = new Map() }: CrewTerms): Promise<Crew> {
  const host = await startHost(strategies);
  const pilots = new Map<string, Pilot>();
  const pilotOf = (botId: string) => {
    const pilot = pilots.get(botId) ?? new Pilot(ground, roundMs);
    pilots.set(botId, pilot);
    return pilot;
  };
  return {
    host,
    think: (botId, snapshot) => {
      const pilot = pilotOf(botId);
      const view = pilot.see(snapshot);
      const brain = brains.get(botId);
      return pilot.act(brain ? brain(view) : host.brain(botId, view), snapshot);
    },
    stop: () => host.stop(),
  };
}
