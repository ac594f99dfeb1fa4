import type { Lease } from "../../platform/leases.ts";
import type { Platform } from "../../platform/platform.ts";
import { IDLE, type Intent } from "../protocol/link.ts";
import type { Snapshot } from "../protocol/snapshot.ts";
import type { MapName } from "../rules/commands.ts";
import { guidOf, playerName } from "../rules/match.ts";
import type { Limits } from "../rules/round.ts";
import { renewLease, seatPlayers } from "../store.ts";
import type { Grounds } from "../strategy/grounds.ts";
import { Camera } from "./camera.ts";
import { Cast } from "./cast.ts";
import type { Elsewhere } from "./elsewhere.ts";
import { MatchWriter, type Ending } from "./match-writer.ts";
import type { Pool } from "./pool.ts";
import { replaceMissing, type MatchBot } from "./replace.ts";
import { playRound, type Participant } from "./rounds.ts";
import { stockOf } from "./stock.ts";
import type { Ended, Rent } from "./venue.ts";

/** What a node plays matches with: servers of its own, and those elsewhere. */
export type Stage = { pool: Pool; elsewhere: Elsewhere; limits: Limits; timescale: number; grounds: Grounds };

/** A match that this node has begun, under its lease. */
export type BegunMatch = { id: string; lease: Lease; map: MapName; seed: Uint8Array; bots: readonly MatchBot[] };

const RENEW_MS = 1_000;
/** Nobody waits longer for the strategies of a match to be loaded. */
const SEAT_MAX_MS = 30_000;

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
  private readonly rent: Rent;
  private readonly halt = new AbortController();
  private readonly failed = new Set<string>();
  private isBlind = false;
  private cast: Cast | null = null;
  private readonly camera: Camera;
  private readonly writer: MatchWriter;

  constructor(platform: Platform, stage: Stage, match: BegunMatch, rent: Rent) {
    this.platform = platform;
    this.stage = stage;
    this.match = match;
    this.rent = rent;
    const { id: matchId, lease, map, bots } = match;
    this.camera = new Camera(platform, { matchId, map, bots, timescale: stage.timescale });
    const written = { matchId, lease, liveMs: stage.limits.liveMs, finish: () => this.finish() };
    this.writer = new MatchWriter(platform, written, () => this.halt.abort());
  }

  /** Plays to the end and gives how the round ended, once that is written or is another's to write. */
  async play(): Promise<Ended> {
    const renewal = setInterval(() => void this.renew(), RENEW_MS);
    try {
      const cast = await this.seatAll();
      const ended = cast ? await this.playWith(cast) : this.giveUp();
      await this.writer.settled();
      return ended;
    } finally {
      clearInterval(renewal);
      await this.cast?.stop();
    }
  }

  /** What strategies keep, and the replay, are written with the match's end. */
  private async finish(): Promise<Ending> {
    const [kept, reel] = await Promise.all([this.cast?.finish() ?? null, this.camera.finish()]);
    return {
      framesSha256: reel?.sha256 ?? null,
      write: async (tx, counts) => {
        await kept?.(tx, counts);
        await reel?.write(tx, counts);
      },
    };
  }

  /** What takes long is done before the round begins: the map is read, and strategies are loaded. */
  private async seatAll(): Promise<Cast | null> {
    const { id: matchId, map, seed, bots } = this.match;
    const { grounds, limits, timescale } = this.stage;
    try {
      const ground = await grounds.of(map);
      this.camera.lookAt(stockOf(ground.map));
      this.cast = new Cast(this.platform, { matchId, ground, roundMs: limits.liveMs * timescale, seed });
      const botIds = bots.map(({ botId }) => botId);
      const seated = this.settle(botIds, this.cast.seat(botIds));
      const enough = AbortSignal.any([this.halt.signal, AbortSignal.timeout(SEAT_MAX_MS)]);
      await Promise.race([seated, aborted(enough)]);
      return this.cast;
    } catch (error) {
      if (!this.halt.signal.aborted)
        this.platform.log.error({ err: error, match: this.match.id }, "nobody could be seated for a match");
      return null;
    }
  }

  /** Who is played by code is so to the end, whatever is activated meanwhile: all nodes are to know. */
  private async settle(botIds: readonly string[], seating: Promise<readonly string[]>): Promise<void> {
    const { id, lease } = this.match;
    await this.platform.db.query(seatPlayers, [id, botIds, await seating, lease.name, lease.fence]);
  }

  private playWith(cast: Cast): Promise<Ended> {
    const { bots, map } = this.match;
    const { limits, timescale } = this.stage;
    return playRound({
      rent: this.rent,
      limits,
      timescale,
      map,
      participants: bots.map(participantOf),
      log: this.platform.log,
      think: (botId, snapshot) => this.think(cast, botId, snapshot),
      watch: (botId, snapshot) => this.film(botId, snapshot),
      findReplacement: (botId) => this.replacementFor(cast, botId),
      tell: (event) => {
        this.camera.hear(event);
        this.writer.hear(event);
      },
      signal: this.halt.signal,
    });
  }

  private giveUp(): Ended {
    const reason = this.halt.signal.aborted ? "STOPPED" : "START_FAILED";
    this.writer.hear({ type: "VOIDED", reason, absent: [] });
    return { phase: "VOIDED", reason, requeue: this.match.bots.map(({ botId }) => botId) };
  }

  /** Ends the round now: one that is not live yet waits for another node, a live one is void. */
  stop(): void {
    this.halt.abort();
  }

  private async renew(): Promise<void> {
    const { name, fence } = this.match.lease;
    try {
      const [held] = await this.platform.db.query(renewLease, [name, fence]);
      if (!held) this.writer.lose();
    } catch (error) {
      this.platform.log.warn({ err: error, lease: name }, "a match's lease was not renewed");
    }
  }

  private think(cast: Cast, botId: string, snapshot: Snapshot): Intent {
    if (this.failed.has(botId)) return IDLE;
    try {
      return cast.think(botId, snapshot);
    } catch (error) {
      this.platform.log.error({ err: error, botId }, "what plays for a bot has failed; the bot stands still");
      this.failed.add(botId);
      return IDLE;
    }
  }

  /** Nobody plays worse because the match cannot be filmed. */
  private film(botId: string, snapshot: Snapshot): void {
    if (this.isBlind) return;
    try {
      this.camera.see(botId, snapshot);
    } catch (error) {
      this.platform.log.error({ err: error, match: this.match.id }, "a match cannot be filmed any more");
      this.isBlind = true;
    }
  }

  private async replacementFor(cast: Cast, botId: string): Promise<Participant | null> {
    const { id, lease } = this.match;
    try {
      const found = await replaceMissing(this.platform, { id, lease }, botId);
      if (!found) return null;
      this.camera.replace(botId, found);
      await this.settle([found.botId], cast.replace(botId, found.botId));
      return participantOf(found);
    } catch (error) {
      this.platform.log.warn({ err: error, botId }, "nobody could be found in a missing bot's place");
      return null;
    }
  }
}

/** Throws once the signal says that it is enough. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const end = () => reject(new Error("it was stopped, or took too long", { cause: signal.reason }));
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
}
