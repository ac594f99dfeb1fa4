import type { Lease } from "../../platform/leases.ts";
import type { Platform } from "../../platform/platform.ts";
import { IDLE, type Intent } from "../protocol/link.ts";
import type { Snapshot } from "../protocol/snapshot.ts";
import type { MapName } from "../rules/commands.ts";
import { guidOf, playerName } from "../rules/match.ts";
import type { Limits } from "../rules/round.ts";
import { renewMatch } from "../store.ts";
import type { Brain, OpenBrain } from "./brain.ts";
import { MatchWriter } from "./match-writer.ts";
import type { Pool } from "./pool.ts";
import { replaceMissing, type MatchBot } from "./replace.ts";
import { playRound, type Ended, type Participant } from "./rounds.ts";

/** What a node plays matches with. */
export type Stage = { pool: Pool; limits: Limits; timescale: number; openBrain: OpenBrain };

/** A match that this node has begun, under its lease. */
export type BegunMatch = { id: string; lease: Lease; map: MapName; bots: readonly MatchBot[] };

const RENEW_MS = 1_000;

const participantOf = ({ botId, name }: MatchBot): Participant => ({
  botId,
  guid: guidOf(botId),
  name: playerName(name),
});

/** Runs one match on this node: its round is played, and what it tells is written. Without the lease it ends. */
export class MatchRun {
  private readonly platform: Platform;
  private readonly stage: Stage;
  private readonly match: BegunMatch;
  private readonly halt = new AbortController();
  private readonly brains = new Map<string, Brain>();
  private readonly writer: MatchWriter;

  constructor(platform: Platform, stage: Stage, match: BegunMatch) {
    this.platform = platform;
    this.stage = stage;
    this.match = match;
    const { id: matchId, lease } = match;
    this.writer = new MatchWriter(platform, { matchId, lease, liveMs: stage.limits.liveMs }, () => this.halt.abort());
  }

  /** Plays to the end and gives how the round ended, once that is written or is another's to write. */
  async play(): Promise<Ended> {
    const { bots, map } = this.match;
    const renewal = setInterval(() => void this.renew(), RENEW_MS);
    try {
      await Promise.all(bots.map(({ botId }) => this.openBrain(botId)));
      const ended = await playRound({
        ...this.stage,
        map,
        participants: bots.map(participantOf),
        log: this.platform.log,
        think: (botId, snapshot) => this.think(botId, snapshot),
        findReplacement: (botId) => this.replacementFor(botId),
        tell: (event) => this.writer.hear(event),
        signal: this.halt.signal,
      });
      await this.writer.settled();
      return ended;
    } finally {
      clearInterval(renewal);
      for (const botId of [...this.brains.keys()]) this.closeBrain(botId);
    }
  }

  /** Ends the round now: one that is not live yet waits for another node, a live one is void. */
  stop(): void {
    this.halt.abort();
  }

  private async renew(): Promise<void> {
    const { name, fence } = this.match.lease;
    try {
      const [held] = await this.platform.db.query(renewMatch, [name, fence]);
      if (!held) this.writer.lose();
    } catch (error) {
      this.platform.log.warn({ err: error, lease: name }, "a match's lease was not renewed");
    }
  }

  private think(botId: string, snapshot: Snapshot): Intent {
    try {
      return this.brains.get(botId)?.tick(snapshot) ?? IDLE;
    } catch (error) {
      this.platform.log.error({ err: error, botId }, "what plays for a bot has failed; the bot stands still");
      this.closeBrain(botId);
      return IDLE;
    }
  }

  private async openBrain(botId: string): Promise<void> {
    const { id: matchId, map } = this.match;
    try {
      this.brains.set(botId, await this.stage.openBrain({ matchId, map, botId }));
    } catch (error) {
      this.platform.log.error({ err: error, botId }, "what plays for a bot does not open; the bot stands still");
    }
  }

  private closeBrain(botId: string): void {
    const brain = this.brains.get(botId);
    this.brains.delete(botId);
    try {
      brain?.close();
    } catch (error) {
      this.platform.log.error({ err: error, botId }, "what plays for a bot does not close");
    }
  }

  private async replacementFor(botId: string): Promise<Participant | null> {
    this.closeBrain(botId);
    const { id, lease } = this.match;
    try {
      const found = await replaceMissing(this.platform, { id, lease }, botId);
      if (!found) return null;
      await this.openBrain(found.botId);
      return participantOf(found);
    } catch (error) {
      this.platform.log.warn({ err: error, botId }, "nobody could be found in a missing bot's place");
      return null;
    }
  }
}
