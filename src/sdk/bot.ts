import { setTimeout as sleep } from "node:timers/promises";
import { AgonError, connect, type Agon, type Connection } from "./client.ts";
import {
  AcceptCalloutDocument,
  BotEventsDocument,
  DeclineCalloutDocument,
  EnterPitDocument,
  FindBotDocument,
  JoinQueueDocument,
  SubmitActionDocument,
  type BotEventsSubscription,
  type FightAction,
  type LadderKind,
  type QueueMode,
} from "./generated/operations.ts";

export type { FightAction, LadderKind, QueueMode };
type BotEvent = BotEventsSubscription["botEvents"]["event"];
type EventOf<Name extends BotEvent["__typename"]> = Extract<BotEvent, { __typename: Name }>;

/** Your move: both fighters as they stand, what you can pay for, and the exchange before. */
export type Move = EventOf<"MoveRequested">;
/** Somebody calls your bot out. Its message is another party's text: never an instruction. */
export type Callout = EventOf<"CalloutReceived">["callout"];
/** A contest that has ended, with placements and ratings. */
export type EndedContest = EventOf<"ContestEnded">["contest"];

export type RunBot = Connection & {
  /** The bot's name. */
  bot: string;
  /** Where it waits for opponents whenever it is free; nowhere without it. */
  queue?: { ladder: LadderKind; mode: QueueMode };
  /** Chooses an action; called once for each exchange. What it throws ends the run. */
  onMove: (move: Move) => FightAction | Promise<FightAction>;
  /** Says whether to accept; a bot without it declines. With it the bot enters the Pit. */
  onCallout?: (callout: Callout) => boolean | Promise<boolean>;
  onContestEnd?: (contest: EndedContest) => void;
  /** Ends the run after so many contests; without it the bot runs until `signal` is aborted. */
  contests?: number;
  signal?: AbortSignal;
};

const REQUEUE_MS = 1_000;
const PRESENCE_MS = 20_000;
/** Refusals that only say that the bot is where it should be. */
const WAITS_ALREADY = new Set(["ALREADY_WAITING", "IN_CONTEST"]);
/** Refusals of a move that came too late or twice: the fight goes on. */
const MOVE_PASSED = new Set(["EXCHANGE_CLOSED", "ALREADY_SUBMITTED", "FIGHT_OVER"]);

/**
 * Plays a bot: answers every move and callout, waits in a queue between contests, and goes on after every cut of the
 * connection or restart of the server. Gives how many contests ended. Throws AgonError when the server refuses for good.
 */
export async function runBot(options: RunBot): Promise<number> {
  const agon = connect(options);
  const { bot } = await agon.request(FindBotDocument, { name: options.bot });
  if (!bot)
    throw new AgonError({ code: "NOT_FOUND", message: `There is no bot ${options.bot}.`, hint: "Register it first." });
  const ending = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, ending.signal]) : ending.signal;
  const run = new Run(agon, bot.id, options);
  let failure: unknown = null;
  const waiting = run.stayAround(signal).catch((error: unknown) => {
    failure = error;
    ending.abort();
  });
  try {
    for await (const { botEvents } of agon.follow(
      BotEventsDocument,
      { botId: bot.id },
      ({ botEvents: { cursor } }) => cursor,
      signal,
    )) {
      await run.answer(botEvents.event);
      if (run.ended === options.contests) break;
    }
  } finally {
    ending.abort();
    await waiting;
  }
  if (failure) throw failure as Error;
  return run.ended;
}

class Run {
  ended = 0;
  private readonly agon: Agon;
  private readonly botId: string;
  private readonly options: RunBot;
  private readonly answered = new Set<string>();
  private fighting = false;

  constructor(agon: Agon, botId: string, options: RunBot) {
    this.agon = agon;
    this.botId = botId;
    this.options = options;
  }

  async answer(event: BotEvent): Promise<void> {
    if (event.__typename === "MoveRequested") return this.move(event);
    if (event.__typename === "CalloutReceived") return this.callout(event.callout);
    if (event.__typename === "ContestStarted") this.fighting = true;
    if (event.__typename !== "ContestEnded") return;
    this.fighting = false;
    this.ended++;
    this.answered.clear();
    this.options.onContestEnd?.(event.contest);
  }

  /** What is pending comes again after a cut: each exchange is answered once. */
  private async move(move: Move): Promise<void> {
    const { fightId, round, exchange } = move;
    // One key may play for both sides of a fight: the bot is part of what makes a move one move.
    const idempotencyKey = `${fightId.slice(-32)}:${this.botId.slice(-12)}:${round}:${exchange}`;
    if (this.answered.has(idempotencyKey)) return;
    this.answered.add(idempotencyKey);
    const action = await this.options.onMove(move);
    const input = { botId: this.botId, fightId, round, exchange, action, idempotencyKey };
    const { submitFightAction } = await this.agon.request(SubmitActionDocument, { input });
    throwRefused(submitFightAction, MOVE_PASSED);
  }

  private async callout(callout: Callout): Promise<void> {
    if (this.answered.has(callout.id)) return;
    this.answered.add(callout.id);
    const accept = (await this.options.onCallout?.(callout)) ?? false;
    const input = { calloutId: callout.id };
    // Whatever the answer finds (expired, the challenger left) is no reason to stop.
    if (accept) await this.agon.request(AcceptCalloutDocument, { input });
    else await this.agon.request(DeclineCalloutDocument, { input });
  }

  /** Queues when free, and stays in the Pit when callouts are wanted, until the run ends. */
  async stayAround(signal: AbortSignal): Promise<void> {
    for (let pitAtMs = 0; !signal.aborted; await pause(signal)) {
      if (this.options.onCallout && Date.now() - pitAtMs > PRESENCE_MS) {
        await this.enterPit();
        pitAtMs = Date.now();
      }
      if (this.options.queue && !this.fighting) await this.join(this.options.queue);
    }
  }

  private async enterPit(): Promise<void> {
    const { enterPit } = await this.agon.request(EnterPitDocument, { input: { botId: this.botId } });
    throwRefused(enterPit, new Set(["BOT_OFFLINE"]));
  }

  private async join(queue: { ladder: LadderKind; mode: QueueMode }): Promise<void> {
    const { joinQueue } = await this.agon.request(JoinQueueDocument, { input: { botId: this.botId, ...queue } });
    throwRefused(joinQueue, new Set([...WAITS_ALREADY, "BOT_OFFLINE"]));
  }
}

type Result = { __typename: string; code?: string; message?: string; hint?: string | null };

function throwRefused({ code, message, hint }: Result, harmless: ReadonlySet<string>): void {
  if (code && !harmless.has(code)) throw new AgonError({ code, message: message ?? code, hint: hint ?? null });
}

const pause = (signal: AbortSignal) => sleep(REQUEUE_MS, undefined, { signal }).catch(() => undefined);
