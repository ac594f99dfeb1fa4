import { setTimeout as sleep } from "node:timers/promises";
import { holdLease } from "../../platform/leases.ts";
import type { Platform } from "../../platform/platform.ts";
import { MATCHES_TOPIC } from "../events.ts";
import type { MapName } from "../rules/commands.ts";
import type { Limits, VoidReason } from "../rules/round.ts";
import { beatHost, forgetHosts, forgetLease, rosterOf, waitingMatches } from "../store.ts";
import { beatServers, forgetServers } from "../store/servers.ts";
import type { Claim } from "./elsewhere.ts";
import { MatchRun, type BegunMatch, type Stage } from "./match-run.ts";
import { lockHeld, matchLease, MatchLost, write } from "./steps.ts";
import { fromPool } from "./venue.ts";

/** A node that plays matches, each on a server of its pool or on one elsewhere. */
export type Hosting = {
  /** How many matches it plays now. */
  running(): number;
  stop(): Promise<void>;
};

const LOOK_MS = 500;
const FORGET_AFTER_MS = 24 * 3_600_000;
const PAUSE_FIRST_MS = 1_000;
/** Longer than a server rests that lacks a map: the match that asks for it would take each one that comes back. */
const POSTPONED_MS = 600_000;
const PAUSE_MAX_MS = 30_000;

/** How many rounds a node plays at once on servers elsewhere: its own work for each is the same as for those here. */
const ROUNDS_ELSEWHERE_MAX = 16;

/** What speaks against this node's servers rather than against a participant. */
const OWN_FAULTS: readonly VoidReason[] = ["NO_SERVER", "START_FAILED", "SERVER_LOST", "NEVER_ENDED", "SCORES_MISSING"];

const SUDDEN_DEATH_MAX_MS = 60_000;
const SLACK_MS = 5_000;

/** How long a round of so many minutes is live here, and for how long one more point is waited for. */
export function limitsOf(round_min: number, timescale: number): Limits {
  return { liveMs: (round_min * 60_000) / timescale, suddenDeathMs: SUDDEN_DEATH_MAX_MS / timescale + SLACK_MS };
}

/** Plays announced matches on this node, as many at once as it has servers here and elsewhere, until stopped. */
export function startHosting(platform: Platform, node: string, stage: Stage): Hosting {
  const host = new Host(platform, node, stage);
  const timer = setInterval(() => void host.look(), LOOK_MS);
  const forget = platform.hub.onMoved((name) => name === MATCHES_TOPIC && void host.look());
  void host.look();
  return {
    running: () => host.running,
    stop: async () => {
      clearInterval(timer);
      forget();
      await host.stop();
    },
  };
}

class Host {
  private readonly platform: Platform;
  private readonly node: string;
  private readonly stage: Stage;
  private readonly runs = new Map<string, { run: MatchRun; isElsewhere: boolean; ended: Promise<void> }>();
  /** Until when which match comes behind others. */
  private readonly postponed = new Map<string, number>();
  private looking: Promise<void> | null = null;
  private lookAgain = false;
  private stopped = false;
  private failures = 0;
  private pausedUntilMs = 0;

  constructor(platform: Platform, node: string, stage: Stage) {
    this.platform = platform;
    this.node = node;
    this.stage = stage;
  }

  get running(): number {
    return this.runs.size;
  }

  /** Says that this node is there, and begins what waits while it has servers. */
  look(): Promise<void> {
    this.lookAgain = true;
    return (this.looking ??= this.lookWhileAsked());
  }

  private async lookWhileAsked(): Promise<void> {
    while (this.lookAgain && !this.stopped) {
      this.lookAgain = false;
      await this.lookOnce().catch((error: unknown) =>
        this.platform.log.warn({ err: error }, "a node could not look for matches; it looks again"),
      );
    }
    this.looking = null;
  }

  /** Its own servers come first: those elsewhere are for what finds no place there. */
  private async lookOnce(): Promise<void> {
    const { clock } = this.platform;
    await this.beat();
    const elsewhere = [...this.runs.values()].filter((run) => run.isElsewhere).length;
    const isPaused = clock.now().getTime() < this.pausedUntilMs;
    let own = isPaused ? 0 : Math.max(0, this.stage.pool.room() - (this.runs.size - elsewhere));
    for (const { id } of await this.waiting(own + ROUNDS_ELSEWHERE_MAX - elsewhere)) {
      if (this.stopped) return;
      const claim = own > 0 ? null : await this.stage.elsewhere.claim();
      if (own <= 0 && !claim) return;
      if ((await this.beginOn(id, claim)) && !claim) own--;
    }
  }

  /** What may begin here next. Matches for which no server elsewhere could be made ready come behind all others for a while. */
  private async waiting(limit: number): Promise<{ id: string }[]> {
    const { db, clock } = this.platform;
    const now = clock.now();
    for (const [id, untilMs] of this.postponed) if (untilMs <= now.getTime()) this.postponed.delete(id);
    // A match that was handed back waits at once, and its run here ends later: the two would share a lease and its fence.
    const notOver = [...this.runs.keys()];
    const fresh = await db.query(waitingMatches, [now, limit, [...notOver, ...this.postponed.keys()]]);
    if (fresh.length > 0 || this.postponed.size === 0) return fresh;
    return db.query(waitingMatches, [now, limit, notOver]);
  }

  /** Begins a match here or on a server elsewhere, which is given back when another node was sooner. */
  private async beginOn(id: string, claim: Claim | null): Promise<boolean> {
    const match = await this.begin(id).catch(async (error: unknown) => {
      await claim?.giveUp();
      throw error;
    });
    if (match) this.run(match, claim);
    else await claim?.giveUp();
    return match !== null;
  }

  /** Says how this node's servers stand, and hears which of them are drained: before each look, so that none is given a match. */
  private async beat(): Promise<void> {
    const { db, clock, random } = this.platform;
    const { pool } = this.stage;
    const at = clock.now();
    const said = pool.servers().map((server) => ({ id: random.id(at), ...server }));
    const wanted = await db.query(beatServers, [pool.place, this.node, JSON.stringify(said), at]);
    const drained = new Set(wanted.filter(({ draining }) => draining).map(({ port }) => port));
    pool.drain(drained);
    await db.query(beatHost, [this.node, said.length - drained.size, this.runs.size, at]);
  }

  /** Takes a match's lease and begins it; null when another node was sooner. */
  private async begin(id: string): Promise<BegunMatch | null> {
    const { db } = this.platform;
    const lease = await holdLease(db, matchLease(id), this.node);
    if (!lease) return null;
    try {
      return await db.transact(async (tx) => {
        const match = await lockHeld(tx, id, lease);
        if (match.phase !== "ANNOUNCED") throw new MatchLost(`match ${id} has begun elsewhere`);
        const roster = await tx.query(rosterOf, [id]);
        const joining = { type: "MatchJoining", attempt: match.attempts + 1 } as const;
        await write(tx, this.platform, id, { phase: "JOINING", attempts: 1, events: [joining] });
        const bots = roster.map(({ bot_id: botId, name }) => ({ botId, name }));
        return { id, lease, map: match.map as MapName, seed: match.seed, bots };
      });
    } catch (error) {
      if (!(error instanceof MatchLost)) throw error;
      await db.query(forgetLease, [id]);
      return null;
    }
  }

  private run(match: BegunMatch, claim: Claim | null): void {
    const run = new MatchRun(this.platform, this.stage, match, claim?.rent ?? fromPool(this.stage.pool));
    const ended = run
      .play()
      .then((end) => (end.phase === "VOIDED" ? end.reason : null))
      .then((reason) => (claim ? this.postpone(match.id, reason) : this.learn(reason)))
      .catch((error: unknown) => this.platform.log.error({ err: error, match: match.id }, "a match broke off"))
      .then(() => claim?.giveUp())
      .finally(() => {
        this.runs.delete(match.id);
        void this.look();
      });
    this.runs.set(match.id, { run, isElsewhere: claim !== null, ended });
  }

  private postpone(id: string, reason: VoidReason | null): void {
    if (reason === "STOPPED") this.postponed.set(id, this.platform.clock.now().getTime() + POSTPONED_MS);
  }

  /** A node whose servers fail takes no match for a while: others may have better ones. */
  private learn(reason: VoidReason | null): void {
    const isOwnFault = reason !== null && OWN_FAULTS.includes(reason);
    this.failures = isOwnFault ? this.failures + 1 : 0;
    if (!isOwnFault) return;
    const pauseMs = Math.min(PAUSE_MAX_MS, PAUSE_FIRST_MS * 2 ** (this.failures - 1));
    this.pausedUntilMs = this.platform.clock.now().getTime() + pauseMs;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.looking;
    for (const { run } of this.runs.values()) run.stop();
    await Promise.race([Promise.all([...this.runs.values()].map(({ ended }) => ended)), sleep(STOP_MAX_MS)]);
    const longGone = new Date(this.platform.clock.now().getTime() - FORGET_AFTER_MS);
    await this.platform.db.query(forgetHosts, [this.node, longGone]);
    await this.platform.db.query(forgetServers, [longGone]);
  }
}

const STOP_MAX_MS = 6_000;
