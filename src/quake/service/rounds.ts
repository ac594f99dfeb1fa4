import { randomInt } from "node:crypto";
import type { Logger } from "../../platform/logging.ts";
import { joinServer, type Player, type PlayerOptions } from "../adapter/player.ts";
import type { Intent } from "../protocol/link.ts";
import type { Snapshot } from "../protocol/snapshot.ts";
import type { MapName } from "../rules/commands.ts";
import { ASK_AIM, readAim } from "../rules/aim.ts";
import { mayHideEvents, newObituaries } from "../rules/obituary.ts";
import { decide, newRound, type Command, type Event, type Limits, type Round, type Seat } from "../rules/round.ts";
import type { Pool, Rental } from "./pool.ts";

export type Participant = { botId: string; guid: string; name: string };

export type RoundOptions = {
  pool: Pool;
  map: MapName;
  participants: readonly Participant[];
  limits: Limits;
  timescale: number;
  log: Logger;
  /** What a bot does after a snapshot. */
  think(botId: string, snapshot: Snapshot): Intent;
  /** Somebody who takes a missing bot's place, or null. */
  findReplacement(botId: string): Promise<Participant | null>;
  tell(event: Event): void;
  /** Ends the round without a result. */
  signal?: AbortSignal;
};

export type Ended = Extract<Round, { phase: "COMPLETED" | "VOIDED" }>;

const LOOK_MS = 100;

/** Plays one round on a server of the pool to its end; gives results by bot, or why there are none. */
export function playRound(options: RoundOptions): Promise<Ended> {
  return new Promise((resolve) => new Runner(options, resolve).start());
}

class Runner {
  private readonly options: RoundOptions;
  private readonly resolve: (ended: Ended) => void;
  private readonly names: Map<string, string>;
  private readonly players = new Map<string, Promise<Player | null>>();
  private readonly timer: NodeJS.Timeout;
  private round: Round;
  private rental: Rental | null = null;
  private readonly onAbort = (): void => this.take({ type: "STOP" });
  private deafen = (): void => undefined;

  constructor(options: RoundOptions, resolve: (ended: Ended) => void) {
    this.options = options;
    this.resolve = resolve;
    this.names = new Map(options.participants.map(({ botId, name }) => [botId, name]));
    this.round = newRound(options.participants, performance.now());
    this.timer = setInterval(() => this.take({ type: "TIME", nowMs: performance.now() }), LOOK_MS);
  }

  start(): void {
    const { signal } = this.options;
    if (signal?.aborted) return this.take({ type: "STOP" });
    signal?.addEventListener("abort", this.onAbort, { once: true });
    void this.rent();
  }

  private async rent(): Promise<void> {
    const rental = await this.options.pool.rent(this.options.map);
    if (!rental) return this.take({ type: "NO_SERVER" });
    if (this.round.phase !== "ACQUIRE") return rental.release();
    this.rental = rental;
    this.deafen = rental.server.onLine((line) => this.take({ type: "LINE", line, nowMs: performance.now() }));
    void rental.server.ended.then(() => this.take({ type: "SERVER_LOST" }));
    this.take({ type: "SERVER_READY", nowMs: performance.now() });
  }

  /** One command at a time: what follows from one is done before the next is decided. */
  private take(command: Command): void {
    const before = this.round;
    const { round, events } = decide(before, command, this.options.limits);
    this.round = round;
    if (round.phase === "VOIDED" && round.reason === "SCORE_MISMATCH") this.alarm(before);
    for (const event of events) {
      this.options.tell(event);
      this.follow(event);
    }
  }

  /** What an operator needs to find out who was wrong. */
  private alarm(round: Round): void {
    if (!("obituaries" in round)) return;
    const { kills, obituaries, blindness } = round;
    const finals = "finals" in round ? [...round.finals] : [];
    const evidence = { kills, obituaries, blindness, scores: [...round.scores], finals };
    this.options.log.error(evidence, "log, scores and clients of a match do not agree: it is void");
  }

  private follow(event: Event): void {
    switch (event.type) {
      case "CONNECT":
        for (const seat of event.seats) this.connect(seat);
        return;
      case "FIND_REPLACEMENT":
        void this.replace(event.for);
        return;
      case "RESTART_MAP":
        this.rental?.server.command("map_restart", "0");
        return;
      case "ASK_AIM":
        for (const joining of this.players.values()) void joining.then((player) => player?.command(ASK_AIM));
        return;
      case "COMPLETED":
      case "VOIDED":
        void this.close();
        return;
      case "ROSTER_FROZEN":
      case "STARTED":
      case "KILL":
      case "SCORE":
        return;
    }
  }

  private connect({ botId, guid }: Seat): void {
    const { rental, options } = this;
    if (!rental) return;
    const { server, password } = rental;
    // Servers count what comes from an address: each player has one of its own.
    const from = `127.${randomInt(1, 255)}.${randomInt(1, 255)}.${randomInt(1, 255)}`;
    const name = this.names.get(botId) ?? "bot";
    const where = {
      host: "127.0.0.1",
      port: server.port,
      from,
      flavour: "MODERN",
      timescale: options.timescale,
    } as const;
    const joining = this.join({ ...where, name, guid, password }, botId);
    this.players.set(botId, joining);
  }

  /** A player who listens and plays; null when it cannot even begin to join. */
  private async join(options: PlayerOptions, botId: string): Promise<Player | null> {
    try {
      const joined = await joinServer(options);
      if (joined.ok) this.listen(botId, joined.player);
      else this.options.log.warn({ botId, refusal: joined.refusal }, "a bot's name is none for a Quake server");
      if (joined.ok) return joined.player;
    } catch (error) {
      this.options.log.error({ err: error, botId }, "a Quake player has no socket");
    }
    this.take({ type: "PLAYER_GONE", botId, nowMs: performance.now() });
    return null;
  }

  private listen(botId: string, player: Player): void {
    let before: { snapshot: Snapshot; atMs: number } | null = null;
    player.onEvent((event) => {
      if (event.type === "REFUSED" || event.type === "DROPPED")
        this.take({ type: "PLAYER_GONE", botId, nowMs: performance.now() });
      const aim = event.type === "COMMAND" ? readAim(event.text) : null;
      if (aim) this.take({ type: "AIM", botId, aim });
      if (event.type !== "SNAPSHOT") return;
      const { snapshot } = event;
      const nowMs = performance.now();
      if (before && mayHideEvents(before.snapshot.serverTime, snapshot.serverTime))
        this.take({ type: "BLIND", blindness: { witness: botId, fromMs: before.atMs, toMs: nowMs } });
      const seen = newObituaries(botId, before?.snapshot.entities ?? [], snapshot.entities);
      for (const obituary of seen) this.take({ type: "OBITUARY", obituary });
      before = { snapshot, atMs: nowMs };
      player.act(this.options.think(botId, snapshot));
    });
  }

  private async replace(botId: string): Promise<void> {
    const leaving = this.players.get(botId);
    this.players.delete(botId);
    await leaving?.then((player) => player?.leave());
    const by = await this.options.findReplacement(botId);
    if (by) this.names.set(by.botId, by.name);
    this.take({ type: "REPLACEMENT", for: botId, by, nowMs: performance.now() });
  }

  private async close(): Promise<void> {
    clearInterval(this.timer);
    this.options.signal?.removeEventListener("abort", this.onAbort);
    this.deafen();
    await Promise.allSettled([...this.players.values()].map((joining) => joining.then((player) => player?.leave())));
    this.rental?.release();
    if (this.round.phase === "COMPLETED" || this.round.phase === "VOIDED") this.resolve(this.round);
  }
}
