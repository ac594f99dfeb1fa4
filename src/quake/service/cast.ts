import { createHash } from "node:crypto";
import type { Tx } from "../../platform/database.ts";
import type { Platform } from "../../platform/platform.ts";
import type { Intent } from "../protocol/link.ts";
import type { Snapshot } from "../protocol/snapshot.ts";
import { startCrew, type Crew } from "../strategy/crew.ts";
import type { Ground } from "../strategy/view.ts";
import { Hands } from "./hands.ts";
import { recordRuns, strategiesFor, type ActiveStrategy } from "./strategies.ts";
import { wander } from "./wanderer.ts";

/** What is written of strategies in the transaction that ends their match; what they keep, only if it counts. */
export type Epilogue = (tx: Tx, counts: boolean) => Promise<void>;

export type CastTerms = {
  matchId: string;
  ground: Ground;
  /** Game milliseconds. */
  roundMs: number;
  /** The match's secret: chance in a strategy follows from it. */
  seed: Uint8Array;
};

type Seated = { crew: Crew; played: readonly ActiveStrategy[] };

/**
 * Who plays for the bots of one match: the strategy that was active when the bot was seated, for others who plays them from
 * afar, and the wanderer where nobody does.
 */
export class Cast {
  private readonly platform: Platform;
  private readonly terms: CastTerms;
  private readonly seated: Seated[] = [];
  private readonly crewOf = new Map<string, Crew>();
  private readonly hands: Hands;
  private isStopped = false;

  constructor(platform: Platform, terms: CastTerms) {
    this.platform = platform;
    this.terms = terms;
    this.hands = new Hands(platform, terms.matchId, terms.ground, terms.roundMs);
  }

  /**
   * Seats bots, all of the roster at once: their strategies share a worker, but for those that have stopped one before.
   * Gives those that are played by one, when they could play.
   */
  async seat(botIds: readonly string[]): Promise<string[]> {
    const played = await strategiesFor(this.platform.db, botIds);
    const apart = played.filter((one) => one.apart).map((one) => [one]);
    const together = played.filter((one) => !one.apart);
    await Promise.all([...apart, together].map((group) => this.seatTogether(group)));
    return played.map(({ botId }) => botId);
  }

  private async seatTogether(played: readonly ActiveStrategy[]): Promise<void> {
    if (played.length === 0) return;
    const { ground, roundMs, seed } = this.terms;
    const strategies = played.map(({ botId, code, kept }) => ({
      seat: botId,
      code,
      kept,
      seed: chanceOf(seed, botId),
    }));
    const crew = await startCrew({ ground, roundMs, strategies });
    if (this.isStopped) return crew.stop();
    this.seated.push({ crew, played });
    for (const { botId } of played) this.crewOf.set(botId, crew);
  }

  /** Another takes the place of a bot that did not come. */
  replace(botId: string, byBotId: string): Promise<string[]> {
    this.crewOf.delete(botId);
    return this.seat([byBotId]);
  }

  think(botId: string, snapshot: Snapshot): Intent {
    return this.crewOf.get(botId)?.think(botId, snapshot) ?? this.hands.think(botId, snapshot) ?? wander(snapshot);
  }

  /** Asks what strategies keep for their next rounds, before the transaction in which it is written. */
  async finish(): Promise<Epilogue> {
    const runs = await Promise.all(
      this.seated.map(async (seated) => ({ ...seated, kept: await seated.crew.host.keep() })),
    );
    return async (tx, counts) => {
      for (const { crew, played, kept } of runs)
        await recordRuns(this.platform, tx, crew.host, played, counts ? kept : new Map());
    };
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.hands.close();
    await Promise.all(this.seated.map(({ crew }) => crew.stop()));
  }
}

function chanceOf(seed: Uint8Array, botId: string): number {
  return createHash("sha256").update(seed).update(`strategy|${botId}`).digest().readUInt32BE();
}
