import { setTimeout as sleep } from "node:timers/promises";
import type { Tx } from "../../platform/database.ts";
import type { Lease } from "../../platform/leases.ts";
import type { Platform } from "../../platform/platform.ts";
import type { MatchKill, MatchRosterFrozen, MatchScored } from "../rules/match-events.ts";
import type { Event, VoidReason } from "../rules/round.ts";
import type { Result } from "../rules/score.ts";
import type { Epilogue } from "./cast.ts";
import {
  begin,
  complete,
  count,
  handBack,
  lockHeld,
  makeVoid,
  MatchLost,
  MiscountedMatch,
  rosterBut,
  write,
  type LockedMatch,
} from "./steps.ts";

/** What of a round is written, each in a transaction of its own but for deaths and scores, which come in bursts. */
type Told =
  | { type: "ROSTER_FROZEN"; botIds: readonly string[] }
  | { type: "STARTED" }
  | MatchKill
  | MatchScored
  | { type: "COMPLETED"; results: readonly Result[] }
  | { type: "VOIDED"; reason: VoidReason; absent: readonly string[] };
type Counted = MatchKill | MatchScored;

/** What else is written with a match's end, and the SHA-256 in hex of what it looked like; null where nobody filmed it. */
export type Ending = { framesSha256: string | null; write: Epilogue };

/** Which match is written, for how long its round is live, and what else is written with its end. */
export type Written = { matchId: string; lease: Lease; liveMs: number; finish: () => Promise<Ending> };

const AGAIN_MS = 250;
/** For how long one and the same is tried: then the match is given up, and the sweep mends it. */
const TRY_MAX_MS = 60_000;

/**
 * Writes what a round tells, in order, while this node holds the match's lease. Without the database it tries again for as
 * long as the lease is its own.
 */
export class MatchWriter {
  private readonly platform: Platform;
  private readonly written: Written;
  private readonly onLost: () => void;
  private readonly told: Told[] = [];
  private writing: Promise<void> = Promise.resolve();
  private isWriting = false;
  private isLost = false;
  private kills = 0;
  private ending: Ending | null = null;
  private failingSinceMs: number | null = null;
  /** The number of the match's last event before what is written now was tried first. */
  private seqBefore: number | null = null;

  constructor(platform: Platform, written: Written, onLost: () => void) {
    this.platform = platform;
    this.written = written;
    this.onLost = onLost;
  }

  hear(event: Event): void {
    const told = this.toldOf(event);
    if (!told) return;
    this.told.push(told);
    if (this.isWriting) return;
    this.isWriting = true;
    this.writing = this.writeAll();
  }

  /** Settles when all that was told is written, or is another's to write. */
  settled(): Promise<void> {
    return this.writing;
  }

  /** This node does not hold the match any more: nothing else is written. */
  lose(): void {
    if (this.isLost) return;
    this.isLost = true;
    this.onLost();
  }

  private toldOf(event: Event): Told | null {
    switch (event.type) {
      case "CONNECT":
      case "FIND_REPLACEMENT":
      case "RESTART_MAP":
      case "ASK_AIM":
        return null;
      case "KILL": {
        const { killer: killerBotId, victim: victimBotId, means, suicide, atMs } = event.kill;
        return { type: "MatchKill", number: ++this.kills, killerBotId, victimBotId, means, suicide, atMs };
      }
      case "SCORE":
        return { type: "MatchScored", botId: event.botId, score: event.score };
      case "ROSTER_FROZEN":
      case "STARTED":
      case "COMPLETED":
      case "VOIDED":
        return event;
    }
  }

  private async writeAll(): Promise<void> {
    while (this.told.length > 0 && !this.isLost) {
      const batch = burstOf(this.told);
      try {
        if (isEnd(batch[0])) this.ending ??= await this.written.finish();
        await this.platform.db.transact((tx) => this.writeBatch(tx, batch));
        this.told.splice(0, batch.length);
        [this.failingSinceMs, this.seqBefore] = [null, null];
      } catch (error) {
        await this.mend(error);
      }
    }
    this.isWriting = false;
  }

  private async mend(error: unknown): Promise<void> {
    const { log } = this.platform;
    if (error instanceof MatchLost) return this.lose();
    if (error instanceof MiscountedMatch) {
      log.error({ err: error }, "a match was counted wrongly and is void");
      this.seqBefore = null;
      this.told.splice(0, this.told.length, { type: "VOIDED", reason: "SCORE_MISMATCH", absent: [] });
      return;
    }
    const nowMs = performance.now();
    this.failingSinceMs ??= nowMs;
    if (nowMs - this.failingSinceMs > TRY_MAX_MS) {
      log.error({ err: error, match: this.written.matchId }, "a match could not be written and is given up");
      return this.lose();
    }
    log.warn({ err: error, match: this.written.matchId }, "a match could not be written; it is tried again");
    await sleep(AGAIN_MS);
  }

  /** Of what a commit has written though its answer was lost, nothing is written again. */
  private async writeBatch(tx: Tx, batch: readonly Told[]): Promise<void> {
    const { platform } = this;
    const { matchId, lease, liveMs } = this.written;
    const match = await lockHeld(tx, matchId, lease);
    this.seqBefore ??= match.last_seq;
    const [first] = batch;
    switch (first?.type) {
      case undefined:
        return;
      case "ROSTER_FROZEN": {
        if (match.phase === "COUNTDOWN") return;
        const frozen: MatchRosterFrozen = { type: "MatchRosterFrozen", botIds: [...first.botIds] };
        return write(tx, platform, matchId, { phase: "COUNTDOWN", events: [frozen] });
      }
      case "STARTED":
        return match.phase === "LIVE" ? undefined : begin(tx, platform, match, liveMs);
      case "MatchKill":
      case "MatchScored":
        return this.countRest(tx, match, batch.filter(isCounted).slice(match.last_seq - this.seqBefore));
      case "COMPLETED":
        await complete(tx, platform, match, first.results, this.ending?.framesSha256 ?? null);
        return this.ending?.write(tx, true);
      case "VOIDED":
        return this.writeVoid(tx, match, first);
    }
  }

  /** Each death and score is an event of its own, and nobody else tells any of a live match: its numbers say what is there. */
  private async countRest(tx: Tx, match: LockedMatch, rest: readonly Counted[]): Promise<void> {
    if (rest.length > 0) await count(tx, this.platform, match, rest);
  }

  /** A node that stops hands back what was not live yet. */
  private async writeVoid(tx: Tx, match: LockedMatch, { reason, absent }: Told & { type: "VOIDED" }): Promise<void> {
    if (match.phase === "ANNOUNCED") return;
    if (reason === "STOPPED" && match.phase !== "LIVE") return handBack(tx, this.platform, match, -1);
    // Somebody may have come into the roster of whom the round has not heard.
    await makeVoid(tx, this.platform, match, reason, await rosterBut(tx, match.id, absent));
    if (match.phase === "LIVE") await this.ending?.write(tx, false);
  }
}

const isEnd = (told?: Told) => told?.type === "COMPLETED" || told?.type === "VOIDED";
const isCounted = (told: Told): told is Counted => told.type === "MatchKill" || told.type === "MatchScored";

/** The first that was told, with the deaths and scores behind it when it is one. */
function burstOf(told: readonly Told[]): readonly Told[] {
  const end = told.findIndex((one) => !isCounted(one));
  return told.slice(0, end === -1 ? told.length : Math.max(1, end));
}
