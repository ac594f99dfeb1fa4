import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../../platform/logging.ts";
import { joinServer, type Player, type PlayerOptions } from "../adapter/player.ts";
import type { Intent } from "../protocol/link.ts";
import type { SessionEvent } from "../protocol/session.ts";
import type { Snapshot } from "../protocol/snapshot.ts";
import type { MapName } from "../rules/commands.ts";
import { ASK_AIM, readAim } from "../rules/aim.ts";
import { ClientsTell, isRestart } from "../rules/clients-tell.ts";
import { mayHideEvents, newObituaries } from "../rules/obituary.ts";
import { decide, newRound, type Command, type Event, type Limits, type Round, type Seat } from "../rules/round.ts";
import type { Ended, Rent, Venue } from "./venue.ts";

export type Participant = { botId: string; guid: string; name: string };

export type RoundOptions = {
  /** Where it is played. */
  rent: Rent;
  map: MapName;
  participants: readonly Participant[];
  limits: Limits;
  timescale: number;
  log: Logger;
  /** What a bot does after a snapshot of the round itself; until then it stands still. */
  think(botId: string, snapshot: Snapshot): Intent;
  /** Sees whatever a bot is shown, from its joining on. */
  watch?(botId: string, snapshot: Snapshot): void;
  /** Somebody who takes a missing bot's place, or null. */
  findReplacement(botId: string): Promise<Participant | null>;
  tell(event: Event): void;
  /** Ends the round without a result. */
  signal?: AbortSignal;
};

const LOOK_MS = 100;
/** A server is given back though a player of it has not left. */
const LEAVE_MAX_MS = 2_000;

/** Plays one round on a server to its end; gives results by bot, or why there are none. */
export function playRound(options: RoundOptions): Promise<Ended> {
  return new Promise((resolve) => new Runner(options, resolve).start());
}

class Runner {
  private readonly options: RoundOptions;
  private readonly resolve: (ended: Ended) => void;
  private readonly names: Map<string, string>;
  private readonly players = new Map<string, Promise<Player | null>>();
  private readonly eyes = new Set<Eyes>();
  private readonly timer: NodeJS.Timeout;
  private round: Round;
  private venue: Venue | null = null;
  /** What stands for the log of a server whose log nobody reads. */
  private witnesses: ClientsTell | null = null;
  private readonly onAbort = (): void => this.take({ type: "STOP" });
  private deafen = (): void => undefined;

  constructor(options: RoundOptions, resolve: (ended: Ended) => void) {
    this.options = options;
    this.resolve = resolve;
    this.names = new Map(options.participants.map(({ botId, name }) => [botId, name]));
    this.round = newRound(options.participants, performance.now());
    this.timer = setInterval(() => this.look(performance.now()), LOOK_MS);
  }

  start(): void {
    const { signal } = this.options;
    if (signal?.aborted) return this.take({ type: "STOP" });
    signal?.addEventListener("abort", this.onAbort, { once: true });
    void this.rent();
  }

  private async rent(): Promise<void> {
    const venue = await this.options.rent(this.options.map).catch((error: unknown) => {
      this.options.log.error({ err: error }, "no game server could be had");
      return "LATER" as const;
    });
    if (venue === "NONE") return this.take({ type: "NO_SERVER" });
    if (venue === "LATER") return this.take({ type: "STOP" });
    const { round } = this;
    if (round.phase === "COMPLETED" || round.phase === "VOIDED") return venue.release(round);
    this.venue = venue;
    if (venue.onLine) this.deafen = venue.onLine((line) => this.take({ type: "LINE", line, nowMs: performance.now() }));
    else this.witnesses = new ClientsTell();
    void venue.lost.then(() => this.take({ type: "SERVER_LOST" }));
    this.take({ type: "SERVER_READY", nowMs: performance.now() });
  }

  private look(nowMs: number): void {
    this.takeAll(this.witnesses?.look(nowMs) ?? []);
    if (this.round.phase === "LIVE" && nowMs >= this.round.deadlineMs) this.tellSilence(nowMs);
    this.take({ type: "TIME", nowMs });
  }

  /** Who has been sent nothing lately sees nothing of the end. */
  private tellSilence(nowMs: number): void {
    const { timescale } = this.options;
    this.takeAll([...this.eyes].flatMap((each) => each.blindUntil(nowMs, timescale)));
  }

  private takeAll(commands: readonly Command[]): void {
    for (const command of commands) this.take(command);
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
        this.venue?.restartMap(() => this.round.phase !== "START");
        return;
      case "ASK_AIM":
        this.tellSilence(performance.now());
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
    const { venue, options, names } = this;
    if (!venue) return;
    const { host, port, flavour, password } = venue;
    const where = { host, port, flavour, from: venue.from(), timescale: options.timescale };
    this.witnesses?.seat(botId, guid, performance.now());
    const joining = this.join({ ...where, name: names.get(botId) ?? "bot", guid, password }, botId);
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
    const eyes = new Eyes(botId);
    this.eyes.add(eyes);
    let plays = false;
    player.onEvent((event) => {
      const nowMs = performance.now();
      plays ||= this.isBeginning(event);
      if (event.type === "REFUSED" || event.type === "DROPPED") this.take({ type: "PLAYER_GONE", botId, nowMs });
      const aim = event.type === "COMMAND" ? readAim(event.text) : null;
      if (aim) this.take({ type: "AIM", botId, aim });
      this.takeAll(this.witnesses?.hear(botId, event, nowMs) ?? []);
      if (event.type !== "SNAPSHOT") return;
      const { blindness, obituaries } = eyes.see(event.snapshot, nowMs);
      this.takeAll(blindness);
      // Without a log deaths are those that clients saw, and were told with them.
      if (!this.witnesses) this.takeAll(obituaries);
      this.options.watch?.(botId, event.snapshot);
      // Whatever is learnt or timed before would be of another game.
      if (plays) player.act(this.options.think(botId, event.snapshot));
    });
  }

  /** A client is told of the restart for its round before it is sent the first snapshot of that. */
  private isBeginning(event: SessionEvent): boolean {
    const { phase } = this.round;
    return (phase === "START" || phase === "LIVE") && event.type === "COMMAND" && isRestart(event.text);
  }

  private async replace(botId: string): Promise<void> {
    const leaving = this.players.get(botId);
    this.players.delete(botId);
    this.witnesses?.leave(botId);
    await leaving?.then((player) => player?.leave());
    const by = await this.options.findReplacement(botId);
    if (by) this.names.set(by.botId, by.name);
    this.take({ type: "REPLACEMENT", for: botId, by, nowMs: performance.now() });
  }

  private async close(): Promise<void> {
    clearInterval(this.timer);
    this.options.signal?.removeEventListener("abort", this.onAbort);
    this.deafen();
    const leaving = [...this.players.values()].map((joining) => joining.then((player) => player?.leave()));
    await Promise.race([Promise.allSettled(leaving), sleep(LEAVE_MAX_MS)]);
    const { round } = this;
    if (round.phase !== "COMPLETED" && round.phase !== "VOIDED") return;
    await this.venue?.release(round);
    this.resolve(round);
  }
}

/** What one client's snapshots show of deaths, and hide. */
class Eyes {
  private readonly witness: string;
  private before: { snapshot: Snapshot; atMs: number } | null = null;

  constructor(witness: string) {
    this.witness = witness;
  }

  see(snapshot: Snapshot, nowMs: number): { blindness: Command[]; obituaries: Command[] } {
    const { witness, before } = this;
    this.before = { snapshot, atMs: nowMs };
    const isBlind = before && mayHideEvents(before.snapshot.serverTime, snapshot.serverTime);
    const seen = newObituaries(witness, before?.snapshot.entities ?? [], snapshot.entities);
    return {
      blindness: isBlind ? [this.blind(before.atMs, nowMs)] : [],
      obituaries: seen.map((obituary) => ({ type: "OBITUARY", obituary })),
    };
  }

  /** That nothing came for too long, by this machine's time: of what was not sent there is no time of the game. */
  blindUntil(nowMs: number, timescale: number): Command[] {
    const { before } = this;
    return before && mayHideEvents(0, (nowMs - before.atMs) * timescale) ? [this.blind(before.atMs, nowMs)] : [];
  }

  private readonly blind = (fromMs: number, toMs: number): Command => ({
    type: "BLIND",
    blindness: { witness: this.witness, fromMs, toMs },
  });
}
