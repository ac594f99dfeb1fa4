import { CONFIGSTRING, type Gamestate } from "../protocol/gamestate.ts";
import type { SessionEvent } from "../protocol/session.ts";
import type { Snapshot } from "../protocol/snapshot.ts";
import { AWARDS, NO_AWARDS, type Awards } from "./aim.ts";
import type { ConsoleLine, Slot } from "./console.ts";
import { newObituaries } from "./obituary.ts";
import type { Command } from "./round.ts";
import type { Obituary } from "./score.ts";

/** When no client has heard of the server for so long, it is gone. */
export const SILENT_MS = 5_000;
/** Of game time: who has died lies longer than this, and clients are shown a death for less. */
const SAME_DEATH_MS = 1_000;
/** Four bots die under a thousand times in the longest round, of twenty minutes: a server that tells of more has no game. */
export const DEATHS_MAX = 2_000;
/** Of each death all four are told, and what it gives: each of these is kept, and some are rows. */
export const TOLD_MAX = 5 * DEATHS_MAX;
const PLAYERS_MAX = 64;
/** Where a player's counts stand. */
const PERSISTENT = { score: 0, died: 8, impressive: 9, excellent: 10, gauntlet: 13 } as const;
const AWARDED_AT_ONCE_MAX = 4;

type Client = {
  guid: string;
  slot: Slot | null;
  serverId: number | null;
  /** Who is there, as far as it was told. */
  players: Set<Slot>;
  snapshot: Snapshot | null;
  score: number;
  died: number;
  awards: Awards;
  /** How many restarts of the map it has heard of. */
  restarts: number;
  /** It was told that the round is over; its next snapshot says how. */
  isEnding: boolean;
  final: number | null;
  heardAtMs: number;
};

/** Whether a server's command tells that the map begins anew. */
export const isRestart = (command: string): boolean => command.startsWith("map_restart");

/**
 * Makes of what our own clients are told what a server's log would say, where there is none: a round goes by it. Deaths are
 * those that any of them saw, scores are their own, and the end is when all of them have been told of it.
 */
export class ClientsTell {
  private readonly clients = new Map<string, Client>();
  private hasBegun = false;
  private deaths: { key: string; atMs: number }[] = [];
  /** The server's time of the first snapshot after the end: later deaths are not of the round. */
  private endAtMs = Number.POSITIVE_INFINITY;
  private isOver = false;
  private told = 0;
  private deathsTold = 0;

  /** A client of ours is about to join. */
  seat(botId: string, guid: string, nowMs: number): void {
    const joining = { slot: null, serverId: null, players: new Set<Slot>(), snapshot: null };
    const counted = { score: 0, died: 0, awards: NO_AWARDS, restarts: 0, isEnding: false, final: null };
    this.clients.set(botId, { guid, ...joining, ...counted, heardAtMs: nowMs });
  }

  /** It will not play. */
  leave(botId: string): void {
    this.clients.delete(botId);
  }

  /** What follows from the passing of time. */
  look(nowMs: number): Command[] {
    const all = [...this.clients.values()];
    const isGone = all.length > 0 && all.every(({ heardAtMs }) => nowMs - heardAtMs > SILENT_MS);
    return isGone ? [{ type: "SERVER_LOST" }] : [];
  }

  /** What follows from what one client was told. */
  hear(botId: string, event: SessionEvent, nowMs: number): Command[] {
    const client = this.clients.get(botId);
    if (!client || this.isOver) return [];
    client.heardAtMs = nowMs;
    const told = this.follow(botId, client, event, nowMs);
    this.told += told.length;
    this.deathsTold += told.filter(({ type }) => type === "DEATH").length;
    return this.told > TOLD_MAX || this.deathsTold > DEATHS_MAX ? [{ type: "SERVER_LOST" }] : told;
  }

  private follow(botId: string, client: Client, event: SessionEvent, nowMs: number): Command[] {
    switch (event.type) {
      case "GAMESTATE":
        return this.place(client, event.gamestate, nowMs);
      case "ENTERED":
        return client.slot === null ? [] : [line({ type: "BEGAN", slot: client.slot }, nowMs)];
      case "COMMAND":
        return isRestart(event.text) ? this.restart(client, nowMs) : [];
      case "CONFIGSTRING":
        return this.read(client, event.index, event.text);
      case "SNAPSHOT":
        return this.see(botId, client, event.snapshot, nowMs);
      case "CONNECTED":
      case "REFUSED":
      case "DROPPED":
        return [];
    }
  }

  /** Another run of the server than the one that it joined is none of ours. Guids are told to nobody: a client knows its own. */
  private place(client: Client, { client: slot, serverId, configstrings }: Gamestate, nowMs: number): Command[] {
    if (client.serverId !== null && client.serverId !== serverId) return [{ type: "SERVER_LOST" }];
    client.serverId = serverId;
    client.slot = slot;
    const lost = [...configstrings].flatMap(([index, text]) => this.read(client, index, text));
    return [line({ type: "IDENTIFIED", slot, guid: client.guid }, nowMs), ...lost];
  }

  /** The first restart begins the round; one that is not ours ends it, and so do players who are none of ours. */
  private restart(client: Client, nowMs: number): Command[] {
    client.restarts++;
    client.snapshot = null;
    client.score = 0;
    client.died = 0;
    client.awards = NO_AWARDS;
    if (client.restarts > 1) return [{ type: "SERVER_LOST" }];
    const begun = this.hasBegun ? [] : [line({ type: "GAME_BEGAN", map: "" }, nowMs)];
    this.hasBegun = true;
    return [...begun, ...this.strangersOf(client)];
  }

  private read(client: Client, index: number, text: string): Command[] {
    if (index === CONFIGSTRING.intermission && text === "1" && client.restarts > 0) client.isEnding = true;
    const slot = index - CONFIGSTRING.firstPlayer;
    if (slot < 0 || slot >= PLAYERS_MAX) return [];
    if (text === "") client.players.delete(slot);
    else client.players.add(slot);
    return client.restarts > 0 ? this.strangersOf(client) : [];
  }

  /** A server with players who are none of ours is not ours any more. Until the round began ours still come and go. */
  private strangersOf({ players }: Client): Command[] {
    const own = new Set([...this.clients.values()].map(({ slot }) => slot));
    return [...players].every((slot) => own.has(slot)) ? [] : [{ type: "SERVER_LOST" }];
  }

  /** What a client saw before it heard of the restart is not of the round. */
  private see(botId: string, client: Client, snapshot: Snapshot, nowMs: number): Command[] {
    const before = client.snapshot?.entities ?? [];
    client.snapshot = snapshot;
    const { slot } = client;
    if (client.restarts === 0 || slot === null || snapshot.player.client !== slot) return [];
    if (client.isEnding) this.endAtMs = Math.min(this.endAtMs, snapshot.serverTime);
    const isLate = snapshot.serverTime > this.endAtMs;
    const seen = isLate ? [] : newObituaries(botId, before, snapshot.entities);
    const told = seen.flatMap((obituary) => this.witness(obituary, snapshot.serverTime, nowMs));
    return [...told, ...this.honour(client, slot, snapshot, nowMs), ...this.count(client, slot, snapshot, nowMs)];
  }

  /** The game counts a player's awards, and tells them to the player alone. */
  private honour(client: Client, slot: Slot, { player }: Snapshot, nowMs: number): Command[] {
    if (client.final !== null) return [];
    const before = client.awards;
    client.awards = {
      excellent: player.persistent[PERSISTENT.excellent] ?? 0,
      impressive: player.persistent[PERSISTENT.impressive] ?? 0,
      gauntlet: player.persistent[PERSISTENT.gauntlet] ?? 0,
    };
    return AWARDS.flatMap((award) =>
      Array.from({ length: Math.min(AWARDED_AT_ONCE_MAX, client.awards[award] - before[award]) }, () =>
        line({ type: "AWARDED", slot, award }, nowMs),
      ),
    );
  }

  private witness(obituary: Obituary, atMs: number, nowMs: number): Command[] {
    const { killer, victim, means } = obituary;
    const key = `${killer} ${victim} ${means}`;
    const isKnown = this.deaths.some((death) => death.key === key && Math.abs(death.atMs - atMs) < SAME_DEATH_MS);
    if (isKnown) return [{ type: "OBITUARY", obituary }];
    this.deaths = [...this.deaths.filter((death) => atMs - death.atMs < SAME_DEATH_MS), { key, atMs }];
    return [
      { type: "DEATH", death: { killer, victim, means }, nowMs },
      { type: "OBITUARY", obituary },
    ];
  }

  private count(client: Client, slot: Slot, { player }: Snapshot, nowMs: number): Command[] {
    if (client.final !== null) return [];
    const score = player.persistent[PERSISTENT.score] ?? 0;
    const times = player.persistent[PERSISTENT.died] ?? 0;
    const changed: Command[] = score === client.score ? [] : [line({ type: "SCORED", slot, score }, nowMs)];
    // Scores alone would not show each death that nobody saw: a suicide costs a point, but not always.
    if (times !== client.died) changed.push({ type: "DIED", slot, times });
    client.score = score;
    client.died = times;
    if (!client.isEnding) return changed;
    client.final = score;
    return [...changed, ...this.end(nowMs)];
  }

  private end(nowMs: number): Command[] {
    const all = [...this.clients.values()];
    if (all.some(({ final }) => final === null)) return [];
    this.isOver = true;
    const finals = all.flatMap(({ slot, final }) =>
      slot === null || final === null ? [] : [line({ type: "FINAL_SCORE", slot, score: final }, nowMs)],
    );
    return [line({ type: "GAME_OVER", reason: "told by all clients" }, nowMs), ...finals];
  }
}

const line = (said: ConsoleLine, nowMs: number): Command => ({ type: "LINE", line: said, nowMs });
