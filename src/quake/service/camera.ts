import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { encodeNodeId } from "../../platform/node-id.ts";
import type { Platform } from "../../platform/platform.ts";
import { SNAPSHOT_FLAG, type Snapshot } from "../protocol/snapshot.ts";
import { FRAME_MS, framesTopic, mergeFrame, type Items } from "../rules/frames.ts";
import { dropsAfter, takenAfter, takenFirst, type Spot, type Stock } from "../rules/items.ts";
import { encodeReplay, type Frame, type ReplayItem, type ReplayKill, type ReplayScore } from "../rules/replay.ts";
import type { Event } from "../rules/round.ts";
import type { Kill } from "../rules/score.ts";
import { writeReplay } from "../store/replays.ts";
import type { Epilogue } from "./cast.ts";
import type { MatchBot } from "./replace.ts";

/** Which match is filmed, with its bots in the order of the roster. */
export type Filmed = { matchId: string; map: string; bots: readonly MatchBot[]; timescale: number };

/** What a match looked like, packed: its SHA-256 in hex as it is downloaded, and what writes it. */
export type Reel = { sha256: string; write: Epilogue };

/** What a bot was shown last, and at which time of the server its round began; null while that has not. */
type Shown = { snapshot: Snapshot; beganAtMs: number | null };

const packed = promisify(gzip);
const NOTHING: Stock = { spots: [], isTold: () => false, nameOf: () => undefined };

/**
 * Films one match on the node that plays it: what its players are shown becomes frames, which everybody is told later than
 * they happened, and a replay, which is written with the match's results.
 */
export class Camera {
  private readonly platform: Platform;
  private readonly filmed: Filmed;
  /** By side. */
  private readonly bots: MatchBot[];
  private readonly shown = new Map<string, Shown>();
  private readonly frames: Frame[] = [];
  private readonly kills: ReplayKill[] = [];
  private readonly scores: ReplayScore[] = [];
  private readonly screen: Screen;
  private stock: Stock = NOTHING;
  private items: Items = { taken: [], drops: [] };
  private isLive = false;
  private isOver = false;
  private beganAtMs: number | null = null;
  private startedAtMs = 0;
  /** The time of the server whose frame waits until everybody was shown it. */
  private pendingMs: number | null = null;

  constructor(platform: Platform, filmed: Filmed) {
    this.platform = platform;
    this.filmed = filmed;
    this.bots = [...filmed.bots];
    this.screen = new Screen(platform, filmed.matchId);
  }

  /** From now on it looks at these items, too. */
  lookAt(stock: Stock): void {
    this.stock = stock;
    this.items = { taken: takenFirst(stock), drops: [] };
  }

  /** Another takes the place of a bot that did not come. */
  replace(botId: string, by: MatchBot): void {
    this.shown.delete(botId);
    this.bots.splice(this.sideOf(botId), 1, by);
  }

  /** A bot was shown this. */
  see(botId: string, snapshot: Snapshot): void {
    if (this.isOver || this.sideOf(botId) === -1) return;
    if (this.pendingMs !== null && snapshot.serverTime > this.pendingMs) this.shoot();
    this.shown.set(botId, { snapshot, beganAtMs: this.beginningOf(botId, snapshot) });
    if (this.isLive) this.wait(snapshot.serverTime);
  }

  /** A map that is begun again turns a flag of its snapshots around. */
  private beginningOf(botId: string, { flags, serverTime }: Snapshot): number | null {
    const before = this.shown.get(botId);
    const isNew = before && ((before.snapshot.flags ^ flags) & SNAPSHOT_FLAG.serverCount) !== 0;
    return isNew ? serverTime : (before?.beganAtMs ?? null);
  }

  /** A frame is due once in a while; it waits for what the others are shown at the same time. */
  private wait(serverTime: number): void {
    const playing = [...this.shown.values()].filter(({ beganAtMs }) => beganAtMs !== null);
    if (playing.length === 0) return;
    this.beganAtMs ??= Math.min(...playing.map(({ beganAtMs }) => beganAtMs ?? serverTime));
    const turn = Math.floor((serverTime - this.beganAtMs) / FRAME_MS);
    const last = Math.floor((this.frames.at(-1)?.atMs ?? -FRAME_MS) / FRAME_MS);
    if (turn > last) this.pendingMs ??= serverTime;
    const { pendingMs, bots } = this;
    if (pendingMs === null || playing.length < bots.length) return;
    if (playing.every(({ snapshot }) => snapshot.serverTime >= pendingMs)) this.shoot();
  }

  private shoot(): void {
    this.pendingMs = null;
    const sightings = [...this.shown].flatMap(([botId, { snapshot, beganAtMs }]) =>
      beganAtMs === null ? [] : [{ side: this.sideOf(botId), snapshot }],
    );
    const snapshots = sightings.map(({ snapshot }) => snapshot);
    const items = {
      taken: takenAfter(this.items.taken, this.stock, snapshots),
      drops: dropsAfter(this.items.drops, this.stock, snapshots),
    };
    const frame = mergeFrame(sightings, this.beganAtMs ?? 0, items);
    if (!frame) return;
    this.items = items;
    this.frames.push(frame);
    this.screen.show(JSON.stringify(frame));
  }

  /** What the round tells. Kills and scores become a part of the replay. */
  hear(event: Event): void {
    switch (event.type) {
      case "RESTART_MAP":
        for (const shown of this.shown.values()) shown.beganAtMs = null;
        this.items = { taken: takenFirst(this.stock), drops: [] };
        return;
      case "STARTED":
        this.isLive = true;
        this.startedAtMs = performance.now();
        return;
      case "KILL":
        this.kills.push(this.replayKill(event.kill));
        return;
      case "SCORE":
        this.scores.push({ atMs: this.passedMs(), side: this.sideOf(event.botId), score: event.score });
        return;
      case "COMPLETED":
      case "VOIDED":
        this.isOver = true;
        // What was not live yet may begin anew elsewhere.
        if (this.isLive) this.screen.end();
        return;
      case "CONNECT":
      case "FIND_REPLACEMENT":
      case "ROSTER_FROZEN":
      case "ASK_AIM":
        return;
    }
  }

  private replayKill({ killer, victim, means, suicide, atMs }: Kill): ReplayKill {
    const side = killer === null ? null : this.sideOf(killer);
    const at = Math.round(atMs * this.filmed.timescale);
    return { number: this.kills.length + 1, atMs: at, killer: side, victim: this.sideOf(victim), means, suicide };
  }

  /** Game milliseconds since the round began, by this machine's clock as deaths have them. */
  private passedMs(): number {
    return Math.round((performance.now() - this.startedAtMs) * this.filmed.timescale);
  }

  private sideOf(botId: string): number {
    return this.bots.findIndex((bot) => bot.botId === botId);
  }

  /** Packs the replay before the transaction in which it is written, if the match counts; null where there is none. */
  async finish(): Promise<Reel | null> {
    const { frames, kills, scores, platform } = this;
    const { matchId, map } = this.filmed;
    if (frames.length === 0) return null;
    const lengthMs = Math.max(frames.at(-1)?.atMs ?? 0, kills.at(-1)?.atMs ?? 0, scores.at(-1)?.atMs ?? 0);
    const players = this.bots.map(({ botId, name }, side) => ({ side, bot: encodeNodeId("Bot", botId), name }));
    const match = encodeNodeId("QuakeMatch", matchId);
    const items = this.stock.spots.map(itemOf);
    const text = JSON.stringify(encodeReplay({ match, map, lengthMs, players, kills, scores, items, frames }));
    const digest = createHash("sha256").update(text).digest();
    const document = await packed(text);
    return {
      sha256: digest.toString("hex"),
      write: async (tx, counts) => {
        if (!counts) return;
        const values = [matchId, frames.length, lengthMs, document, digest, platform.clock.now()];
        await tx.query(writeReplay, values);
      },
    };
  }
}

const itemOf = ({ id, name, at: [x, y, z] }: Spot): ReplayItem => ({
  id,
  name,
  x: Math.round(x) + 0,
  y: Math.round(y) + 0,
  z: Math.round(z) + 0,
});

/** Shows everybody, on this node and others, a match so much later than it happened. */
class Screen {
  private readonly platform: Platform;
  private readonly topic: string;
  private readonly waiting: { text: string; dueMs: number }[] = [];
  private timer: NodeJS.Timeout | null = null;

  constructor(platform: Platform, matchId: string) {
    this.platform = platform;
    this.topic = framesTopic(matchId);
  }

  show(text: string): void {
    this.waiting.push({ text, dueMs: performance.now() + this.platform.settings.matchFrameDelayMs });
    this.timer ??= this.next();
  }

  /** After the last frame nothing comes. */
  end(): void {
    this.show("");
  }

  private next(): NodeJS.Timeout | null {
    const [first] = this.waiting;
    if (!first) return null;
    return setTimeout(() => this.tellDue(), Math.max(0, first.dueMs - performance.now())).unref();
  }

  private tellDue(): void {
    const nowMs = performance.now();
    const due = this.waiting.findIndex(({ dueMs }) => dueMs > nowMs);
    const told = this.waiting.splice(0, due === -1 ? this.waiting.length : due);
    for (const { text } of told) this.platform.hub.tell(this.topic, text);
    this.timer = this.next();
  }
}
