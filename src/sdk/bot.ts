import { emitWarning } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { AgonError, connect, type Agon, type Connection } from "./client.ts";
import { commitmentOf, sealed, type Secret, type Turn } from "./commitments.ts";
import {
  AcceptCalloutDocument,
  BotEventsDocument,
  CommitActionDocument,
  DeclineCalloutDocument,
  EnterPitDocument,
  FindBotDocument,
  JoinQueueDocument,
  LeavePitDocument,
  LeaveQueueDocument,
  RevealActionDocument,
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
/** How a contest ended for your bot: VOIDED counts for nobody. */
export type ContestResult = "WON" | "LOST" | "DRAWN" | "VOIDED";
/** A contest's end as your bot sees it; `eloGained` is null where nothing was rated. */
export type Ended = { result: ContestResult; eloGained: number | null; contest: EndedContest };

/**
 * What plays a bot:
 *
 *     await runBot({
 *       url: "http://127.0.0.1:4000", key: "cq_…", bot: "YourBot",
 *       queue: { ladder: "PIT", mode: "PRACTICE" },
 *       onMove: ({ legalActions }) => legalActions[0] ?? "RECOVER",
 *       onEnd: ({ result }) => console.log(result),
 *       signal: AbortSignal.timeout(600_000),
 *     });
 */
export type RunBot = Connection & {
  /** The bot's name. */
  bot: string;
  /**
   * Where it waits for opponents whenever it is free; nowhere without it. A wait that expired while the bot was cut off
   * begins again at once; one that you ended by leaveQueue does not before the bot is run again. `sealed` asks for sealed
   * fights; they are played like any other, and a bot is ready for one whoever asks for it.
   */
  queue?: { ladder: LadderKind; mode: QueueMode; sealed?: boolean };
  /**
   * Chooses an action; called once for each exchange. In a sealed fight the run commits to it and reveals it by itself. What it throws ends the run. For an action that is not in
   * `move.legalActions`, RECOVER is played, or the first legal action where RECOVER is not legal, and `onError` hears of it.
   */
  onMove: (move: Move) => FightAction | Promise<FightAction>;
  /**
   * Hears of an ILLEGAL_ACTION of `onMove`, and of a NONCE_LOST: an earlier run committed to a move that nobody can reveal any
   * more. Without it, Node prints a warning. The move does not wait for it. What it throws ends the run.
   */
  onError?: (error: AgonError, move: Move) => void | Promise<void>;
  /** Says whether to accept; a bot without it declines. With it the bot enters the Pit. */
  onCallout?: (callout: Callout) => boolean | Promise<boolean>;
  /** Hears how each contest ended; the next event waits for it. What it throws ends the run. */
  onEnd?: (ended: Ended) => void | Promise<void>;
  /** Ends the run after so many contests; without it the bot runs until `signal` is aborted. */
  contests?: number;
};

const TICK_MS = 1_000;
const REJOIN_MS = 5_000;
const LEAVE_MS = 3_000;
const PRESENCE_MS = 20_000;
const CALLOUTS_KEPT_MAX = 256;
/** Refusals that only say that the bot is where it should be, or will be once its inbox is open. */
const WAITS_ALREADY = ["ALREADY_WAITING", "IN_CONTEST", "BOT_OFFLINE"];
/** The server is away for longer than a request waits; the stream comes back with what is pending. */
const AWAY = ["UNREACHABLE", "INTERNAL"];
/** Refusals of a move that came too late or twice, by an earlier run perhaps: the fight goes on. */
const MOVE_PASSED = ["EXCHANGE_CLOSED", "ALREADY_SUBMITTED", "FIGHT_OVER", "IDEMPOTENCY_KEY_REUSED"];
/** Refusals of a commitment that an earlier run has made: this one does not know what it was. */
const COMMITTED_BEFORE = ["ALREADY_COMMITTED", "IDEMPOTENCY_KEY_REUSED"];
const REVEAL_PASSED = ["ALREADY_REVEALED", "NOT_COMMITTED"];

/**
 * Plays a bot: answers every move and callout, waits in a queue between contests, and goes on after every cut of the
 * connection or restart of the server. Gives how many contests ended, also when `signal` was aborted; by then the bot has
 * left its queue and the Pit, so that nobody meets it while it is not played. A fight that still goes on is not conceded:
 * run the bot again to take it up. Throws AgonError when the server refuses for good, and what your own code threw.
 */
export async function runBot(options: RunBot): Promise<number> {
  const ending = new AbortController();
  const signal = AbortSignal.any([ending.signal, ...(options.signal ? [options.signal] : [])]);
  const failures: unknown[] = [];
  const fail = (error: unknown) => {
    // What a request says because it was stopped is no failure.
    if (!signal.aborted) failures.push(error);
    ending.abort();
  };
  const run = new Run({ ...options, signal }, fail);
  const work = run.start().then(() => ending.abort(), fail);
  // An answer that your code still thinks about does not keep the run.
  await Promise.race([work, aborted(signal)]);
  await run.leave();
  if (failures.length > 0) throw failures[0];
  return run.ended;
}

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) =>
    signal.aborted ? resolve() : signal.addEventListener("abort", () => resolve(), { once: true }),
  );

class Run {
  ended = 0;
  private botId = "";
  private readonly agon: Agon;
  private readonly options: RunBot & { signal: AbortSignal };
  private readonly fail: (error: unknown) => void;
  /** By fight: the move that waits for an answer, or null while the newest one is being answered. */
  private readonly asked = new Map<string, Move | null>();
  /** By fight: the step that was answered last. What is pending comes again after a cut. */
  private readonly answered = new Map<string, string>();
  /** By fight: what was committed to in its newest sealed exchange, until it ends. */
  private readonly secrets = new Map<string, Secret & { turn: string }>();
  private readonly calledOut = new Set<string>();
  private readonly live = new Set<string>();
  private joinAtMs = 0;
  /** Whether somebody took the bot out of its queue: it was not this run, which leaves when it ends. */
  private takenOut = false;
  /** Ends the pause before the next look at the queue. */
  private tick = new AbortController();

  constructor(options: RunBot & { signal: AbortSignal }, fail: (error: unknown) => void) {
    this.agon = connect(options);
    this.options = options;
    this.fail = fail;
  }

  /** Runs until the contests that were asked for have ended or the signal is aborted. */
  async start(): Promise<void> {
    const { bot: name } = this.options;
    const { bot } = await this.agon.request(FindBotDocument, { name });
    if (!bot)
      throw new AgonError({ code: "NOT_FOUND", message: `There is no bot ${name}.`, hint: "Register it first." });
    this.botId = bot.id;
    void this.stayAround().catch(this.fail);
    const items = this.agon.follow(BotEventsDocument, { botId: bot.id }, ({ botEvents }) => botEvents.cursor);
    for await (const { botEvents } of items) {
      await this.hear(botEvents.event);
      if (this.ended === this.options.contests) return;
    }
  }

  private async hear(event: BotEvent): Promise<void> {
    if (event.__typename === "MoveRequested") this.ask(event);
    if (event.__typename === "CalloutReceived") void this.callout(event.callout).catch(this.fail);
    if (event.__typename === "ContestStarted") this.live.add(event.contest.id);
    // What ended in the gap is not told any more: joining the queue finds out.
    if (event.__typename === "StreamGap") this.live.clear();
    if (event.__typename === "QueueLeft" && event.ladder === this.options.queue?.ladder) this.leftQueue(event);
    if (event.__typename === "ContestEnded") await this.end(event.contest);
  }

  /** A pairing is not told as QueueLeft: what was told is the owner's wish, or an absence that is over now. */
  private leftQueue({ reason }: EventOf<"QueueLeft">): void {
    this.takenOut = reason === "LEFT";
    if (this.takenOut) return;
    this.joinAtMs = 0;
    this.tick.abort();
  }

  private async end(contest: EndedContest): Promise<void> {
    this.ended++;
    this.live.delete(contest.id);
    this.answered.delete(contest.id);
    this.secrets.delete(contest.id);
    this.joinAtMs = 0;
    await this.options.onEnd?.(endedFor(this.botId, contest));
  }

  /** A newer request of the same fight takes the place of one that was not looked at yet: its exchange is over. */
  private ask(move: Move): void {
    const deciding = this.asked.has(move.fightId);
    this.asked.set(move.fightId, move);
    if (!deciding) void this.play(move.fightId).catch(this.fail);
  }

  private async play(fightId: string): Promise<void> {
    for (let move = this.asked.get(fightId); move; move = this.asked.get(fightId)) {
      this.asked.set(fightId, null);
      await this.move(move);
    }
    this.asked.delete(fightId);
  }

  private async move(move: Move): Promise<void> {
    const { fightId, round, exchange, step } = move;
    const asked = `${round}:${exchange}:${step}`;
    if (this.answered.get(fightId) === asked) return;
    this.answered.set(fightId, asked);
    const refusal = await this.answer(move);
    if (refusal && AWAY.includes(refusal)) this.answered.delete(fightId);
  }

  /** Answers a move as its step asks; gives a refusal that does no harm. */
  private async answer(move: Move): Promise<string | null> {
    const { fightId, round, exchange, step } = move;
    // One key may play for both sides of a fight: the bot is part of what makes a move one move.
    const idempotencyKey = `${fightId.slice(-32)}:${this.botId.slice(-12)}:${round}:${exchange}:${step}`;
    const turn = { botId: this.botId, fightId, round, exchange, idempotencyKey };
    if (step === "REVEAL") return this.reveal(move, turn);
    if (step === "COMMIT") return this.commit(move, turn);
    const action = this.legal(await this.options.onMove(move), move);
    return unless([...MOVE_PASSED, ...AWAY], this.agon.mutate(SubmitActionDocument, { input: { ...turn, action } }));
  }

  private async commit(move: Move, turn: Turn & { idempotencyKey: string }): Promise<string | null> {
    const { fightId, round, exchange } = turn;
    const numbers = `${round}:${exchange}`;
    // What was sent once may have arrived, though its answer did not: the same is sent again.
    const before = this.secrets.get(fightId);
    const secret =
      before?.turn === numbers
        ? before
        : { ...sealed(this.legal(await this.options.onMove(move), move)), turn: numbers };
    this.secrets.set(fightId, secret);
    const input = { ...turn, hash: commitmentOf(turn, secret) };
    const harmless = [...COMMITTED_BEFORE, ...MOVE_PASSED, ...AWAY];
    const refusal = await unless(harmless, this.agon.mutate(CommitActionDocument, { input }));
    if (refusal && COMMITTED_BEFORE.includes(refusal)) this.secrets.delete(fightId);
    return refusal;
  }

  private async reveal(move: Move, turn: Turn & { idempotencyKey: string }): Promise<string | null> {
    const secret = this.secrets.get(turn.fightId);
    if (secret?.turn !== `${turn.round}:${turn.exchange}`) {
      void this.report(nonceLost(), move).catch(this.fail);
      return null;
    }
    const { action, nonce } = secret;
    const harmless = [...REVEAL_PASSED, ...MOVE_PASSED, ...AWAY];
    return unless(harmless, this.agon.mutate(RevealActionDocument, { input: { ...turn, action, nonce } }));
  }

  /** What is played for an answer of `onMove`. An illegal one costs a move, not the run. */
  private legal(action: FightAction, move: Move): FightAction {
    if (move.legalActions.includes(action)) return action;
    const fallback = move.legalActions.includes("RECOVER") ? "RECOVER" : (move.legalActions[0] ?? "RECOVER");
    void this.report(illegal(action, fallback), move).catch(this.fail);
    return fallback;
  }

  private async report(error: AgonError, move: Move): Promise<void> {
    const { onError } = this.options;
    if (onError) await onError(error, move);
    else emitWarning(error);
  }

  private async callout(callout: Callout): Promise<void> {
    if (this.calledOut.has(callout.id)) return;
    this.calledOut.add(callout.id);
    const [oldest] = this.calledOut;
    if (this.calledOut.size > CALLOUTS_KEPT_MAX && oldest) this.calledOut.delete(oldest);
    const accept = (await this.options.onCallout?.(callout)) ?? false;
    const input = { calloutId: callout.id };
    // Whatever the answer finds (expired, the challenger left) is no reason to stop.
    const answer = accept ? AcceptCalloutDocument : DeclineCalloutDocument;
    await unless(AWAY, this.agon.request<unknown, { input: typeof input }>(answer, { input }));
  }

  /** Queues when free, and stays in the Pit when callouts are wanted, until the run ends. */
  private async stayAround(): Promise<void> {
    const { signal, onCallout } = this.options;
    for (let pitAtMs = 0; !signal.aborted; await this.pause()) {
      if (onCallout && Date.now() - pitAtMs > PRESENCE_MS) {
        await unless(["BOT_OFFLINE", ...AWAY], this.agon.mutate(EnterPitDocument, { input: { botId: this.botId } }));
        pitAtMs = Date.now();
      }
      if (this.live.size === 0 && Date.now() >= this.joinAtMs) await this.join();
    }
  }

  /** Who waits is asked again now and then: a wait expires when its bot was offline for too long. */
  private async join(): Promise<void> {
    const { queue } = this.options;
    if (!queue || this.takenOut) return;
    // Set before it is asked: what is told meanwhile (the wait has expired) moves it again.
    this.joinAtMs = Date.now() + REJOIN_MS;
    const refusal = await unless(
      [...WAITS_ALREADY, ...AWAY],
      this.agon.mutate(JoinQueueDocument, { input: { botId: this.botId, ...queue } }),
    );
    if (refusal !== null && refusal !== "ALREADY_WAITING") this.joinAtMs = 0;
  }

  private async pause(): Promise<void> {
    const signal = AbortSignal.any([this.options.signal, this.tick.signal]);
    await sleep(TICK_MS, undefined, { signal }).catch(() => undefined);
    this.tick = new AbortController();
  }

  /** Best effort: who does not get through leaves by silence. */
  async leave(): Promise<void> {
    const { queue, onCallout } = this.options;
    if (this.botId === "") return;
    const agon = connect({ ...this.options, signal: AbortSignal.timeout(LEAVE_MS) });
    const leaving: Promise<unknown>[] = [];
    if (queue) leaving.push(agon.mutate(LeaveQueueDocument, { input: { botId: this.botId, ladder: queue.ladder } }));
    if (onCallout) leaving.push(agon.mutate(LeavePitDocument, { input: { botId: this.botId } }));
    await Promise.allSettled(leaving);
  }
}

function endedFor(botId: string, contest: EndedContest): Ended {
  const you = contest.participants.find(({ bot }) => bot.id === botId);
  const gained = you?.ratingAfter == null || you.ratingBefore == null ? null : you.ratingAfter - you.ratingBefore;
  return { result: resultOf(botId, contest), eloGained: gained, contest };
}

function resultOf(botId: string, { status, participants }: EndedContest): ContestResult {
  if (status !== "COMPLETED") return "VOIDED";
  const winners = participants.filter(({ placement }) => placement === 1);
  if (winners.length > 1) return "DRAWN";
  return winners[0]?.bot.id === botId ? "WON" : "LOST";
}

/** Waits for a mutation and gives the refusal's code where it is one of the harmless ones; throws every other. */
async function unless(harmless: readonly string[], mutation: Promise<unknown>): Promise<string | null> {
  try {
    await mutation;
    return null;
  } catch (error) {
    if (error instanceof AgonError && harmless.includes(error.code)) return error.code;
    throw error;
  }
}

const illegal = (action: string, fallback: FightAction) =>
  new AgonError({
    code: "ILLEGAL_ACTION",
    message: `onMove gave ${action}, which is not legal now; ${fallback} was played.`,
    hint: "Choose one of move.legalActions.",
    path: ["input", "action"],
  });

const nonceLost = () =>
  new AgonError({
    code: "NONCE_LOST",
    message: "An earlier run committed to this move, and its nonce is gone with it: it times out, which counts double.",
    hint: "Let a run finish its sealed fights.",
  });
