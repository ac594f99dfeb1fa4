import type { Platform } from "../../platform/platform.ts";
import type { Intent } from "../protocol/link.ts";
import type { Snapshot } from "../protocol/snapshot.ts";
import { ACTION_LASTS_MS, eyesTopic, handsTopic, VIEWS_PER_SECOND_MAX, WATCH_LASTS_MS } from "../rules/hands.ts";
import type { StrategyAction } from "../strategy/contract.ts";
import { Thinner } from "../strategy/owed.ts";
import { Pilot } from "../strategy/pilot.ts";
import type { Ground } from "../strategy/view.ts";

/** What is said to the node that plays a match. */
export type HandsMessage =
  /** Somebody wants to see what a bot sees; the first time with the facts of the map. */
  { type: "WATCH"; botId: string; fresh: boolean } | { type: "ACT"; botId: string; action: StrategyAction };

type Seat = {
  pilot: Pilot;
  thinner: Thinner;
  watchedUntilMs: number;
  action: StrategyAction;
  actsUntilMs: number;
};

/** The bots of one match that are played from afar, on the node that plays it: actions come in, views go out. */
export class Hands {
  private readonly platform: Platform;
  private readonly matchId: string;
  private readonly newPilot: () => Pilot;
  private readonly seats = new Map<string, Seat>();
  private readonly leave: () => void;

  constructor(platform: Platform, matchId: string, ground: Ground, roundMs: number) {
    this.platform = platform;
    this.matchId = matchId;
    this.newPilot = () => new Pilot(ground, roundMs);
    this.leave = platform.hub.listen(handsTopic(matchId), (text) => this.hear(JSON.parse(text) as HandsMessage));
  }

  /** What a bot does that somebody plays now; null when nobody does. */
  think(botId: string, snapshot: Snapshot): Intent | null {
    const seat = this.seatOf(botId);
    const nowMs = performance.now();
    const acts = nowMs < seat.actsUntilMs;
    if (nowMs < seat.watchedUntilMs) this.show(botId, seat, snapshot, nowMs);
    else if (acts) seat.pilot.see(snapshot);
    else seat.pilot.follow(snapshot);
    return acts ? seat.pilot.act(seat.action, snapshot) : null;
  }

  private show(botId: string, { pilot, thinner }: Seat, snapshot: Snapshot, nowMs: number): void {
    const view = thinner.take(pilot.see(snapshot), nowMs);
    if (view) this.platform.hub.tell(eyesTopic(this.matchId, botId), JSON.stringify(view));
  }

  private seatOf(botId: string): Seat {
    const known = this.seats.get(botId);
    if (known) return known;
    const thinner = new Thinner(VIEWS_PER_SECOND_MAX);
    const seat = { pilot: this.newPilot(), thinner, watchedUntilMs: 0, action: {}, actsUntilMs: 0 };
    this.seats.set(botId, seat);
    return seat;
  }

  private hear(message: HandsMessage): void {
    const seat = this.seatOf(message.botId);
    const nowMs = performance.now();
    if (message.type === "WATCH") {
      seat.watchedUntilMs = nowMs + WATCH_LASTS_MS;
      if (message.fresh) seat.pilot.tellFacts();
      return;
    }
    seat.action = message.action;
    seat.actsUntilMs = nowMs + ACTION_LASTS_MS;
  }

  /** The round is over: who looks on is let go. */
  close(): void {
    this.leave();
    for (const botId of this.seats.keys()) this.platform.hub.tell(eyesTopic(this.matchId, botId), "");
  }
}
