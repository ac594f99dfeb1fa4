import { markSeen } from "../bots/service/presence.ts";
import { legalActions } from "../fights/rules/exchange.ts";
import type {
  DeadlineExtended,
  ExchangeRequested,
  RequestedFighter,
  ResolvedSide,
  RevealingFighter,
  RevealRequested,
} from "../fights/rules/fight-events.ts";
import type { Action } from "../fights/rules/pit-rules-1.ts";
import type { QueueLeft } from "../ladder/events.ts";
import type { CloseReason } from "../platform/hub.ts";
import { Mailbox } from "../platform/mailbox.ts";
import type { Platform } from "../platform/platform.ts";
import { readHead, type StoredEvent } from "../platform/streams.ts";
import { cursorOf, isGap, openStream, type StreamGap, type StreamItem } from "../platform/subscribe.ts";
import type { Row } from "../platform/statement.ts";
import { XP_TOLD } from "../xp/events.ts";
import { fightTail, laidTasks, liveContests, openCallouts } from "./store.ts";

type Sided = RequestedFighter & Partial<RevealingFighter> & { side: number };
/** What a fight asks a bot for: an action, or in a sealed fight the hash of one, then what was hashed. */
export type MoveStep = "ACTION" | "COMMIT" | "REVEAL";
/** The move that a fight asks a bot for. */
export type MoveRequested = {
  type: "MoveRequested";
  fightId: string;
  step: MoveStep;
  round: number;
  exchange: number;
  you: Sided;
  opponent: Sided;
  legalActions: Action[];
  last: ResolvedSide[] | null;
};
/** A contest of the bot began or ended. */
export type ContestNews = { type: "ContestStarted" | "ContestEnded"; contestId: string };
/** The bot was called out, or a callout of its own has ended. */
export type CalloutNews = { type: "CalloutReceived" | "CalloutAnswered"; calloutId: string };
/** A task was laid on the bot. */
export type TaskNews = { type: "TaskAssigned"; taskId: string };
/** The bot gained XP, reached a level, or brought its owner an achievement: as it is in the log. */
export type XpNews = StoredEvent & { type: (typeof XP_TOLD)[number] };
/** One item of `botEvents`. */
export type BotItem = {
  cursor: string;
  at: Date;
  pending: boolean;
  event: MoveRequested | ContestNews | CalloutNews | TaskNews | QueueLeft | XpNews | StreamGap;
};

const ALIVE_MS = 15_000;
/** How long a reader may leave no room for what is in the log. */
const STALLED_MS = 10_000;

/**
 * Everything that concerns one bot: first the contests and moves that are open, then its own stream merged with the
 * moves that its fights ask for. While it is open the bot counts as seen every 15 s.
 */
export async function openInbox(
  platform: Platform,
  botId: string,
  after: string | null | undefined,
): Promise<AsyncIterableIterator<BotItem>> {
  const inbox = new Inbox(platform, botId);
  try {
    await inbox.open(after);
  } catch (error) {
    inbox.leave();
    throw error;
  }
  return inbox.mailbox;
}

class Inbox {
  readonly mailbox: Mailbox<BotItem>;
  private readonly platform: Platform;
  private readonly botId: string;
  /** How to leave the fights that go on. */
  private readonly followed = new Map<string, () => void>();
  /** What was given as pending: the bot's stream may tell of it once more. */
  private readonly given = new Set<string>();
  private readonly alive: NodeJS.Timeout;
  private own: AsyncIterableIterator<StreamItem> | null = null;
  private cursor = "";
  private left = false;
  /** Ends a wait for room. */
  private wake: () => void = () => undefined;

  constructor(platform: Platform, botId: string) {
    this.platform = platform;
    this.botId = botId;
    this.mailbox = new Mailbox(platform.settings.subscriberBacklogMax, () => this.leave());
    this.alive = setInterval(() => void this.seen(), ALIVE_MS).unref();
  }

  /** The bot's stream is followed before it is looked what is open: what begins in between is in one of both, or in both. */
  async open(after: string | null | undefined): Promise<void> {
    await this.seen();
    const stream = `bot:${this.botId}`;
    const { db } = this.platform;
    this.cursor = after ?? cursorOf(this.platform, stream, (await readHead(db, stream)).seq);
    this.own = await openStream(this.platform, stream, this.cursor);
    for (const { id } of await db.query(liveContests, [this.botId])) {
      this.given.add(id);
      await this.begin(id, true);
    }
    for (const { id } of await db.query(openCallouts, [this.botId, this.platform.clock.now()])) {
      this.given.add(id);
      this.put({ type: "CalloutReceived", calloutId: id }, true);
    }
    for (const { id } of await db.query(laidTasks, [this.botId])) {
      this.given.add(id);
      this.put({ type: "TaskAssigned", taskId: id }, true);
    }
    void this.pump(this.own);
  }

  /** A contest with the move that it asks for now, then the moves to come. Of one that is over there are none. */
  private async begin(contestId: string, pending: boolean, at?: Date): Promise<void> {
    this.put({ type: "ContestStarted", contestId }, pending, at);
    const stream = `fight:${contestId}`;
    const tail = await this.platform.db.query(fightTail, [stream]);
    // What is not a fight asks for no moves.
    if (this.left || tail.length === 0 || tail.some(({ type }) => type === "FightEnded")) return;
    const open = openRequest(tail);
    if (open) this.ask(contestId, open.request, pending, open.at);
    const leave = this.platform.hub.follow(stream, tail.at(-1)?.seq ?? 0, {
      deliver: (event) => this.onFightEvent(contestId, event),
      close: (reason) => this.end(reason),
    });
    this.followed.set(contestId, leave);
  }

  private onFightEvent(fightId: string, { type, body, at }: StoredEvent): boolean {
    if (type === "ExchangeRequested" || type === "RevealRequested")
      return this.ask(fightId, body as unknown as Request, false, at);
    if (type !== "FightEnded") return true;
    this.followed.get(fightId)?.();
    this.followed.delete(fightId);
    return true;
  }

  /** Gives the bot what a fight asks it for; nothing where it has nothing to reveal. */
  private ask(fightId: string, request: Request, pending: boolean, at: Date): boolean {
    const move = moveOf(fightId, this.botId, request);
    return move ? this.put(move, pending, at) : true;
  }

  private async pump(items: AsyncIterableIterator<StreamItem>): Promise<void> {
    try {
      for await (const { cursor, event } of items) {
        await this.room();
        this.cursor = cursor;
        await this.take(event);
      }
    } catch (error) {
      this.platform.log.debug({ error }, "a bot's stream was closed");
      const { extensions } = error as { extensions?: { code?: unknown } };
      const code = extensions?.code;
      this.end(code === "SERVER_STOPPING" || code === "HISTORY_REPLACED" ? code : "SLOW_CONSUMER");
    }
  }

  /** What is in the log waits until its reader has room, however far it is behind; moves that are asked for now do not. */
  private async room(): Promise<void> {
    if (this.left || this.mailbox.hasRoom()) return;
    const stalled = setTimeout(() => this.end("SLOW_CONSUMER"), STALLED_MS).unref();
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      this.mailbox.onRoom(resolve);
    });
    clearTimeout(stalled);
  }

  private async take(event: StoredEvent | StreamGap): Promise<void> {
    if (isGap(event)) return void this.put(event, false);
    const { type, at, body } = event;
    const [contestId, calloutId, taskId] = ["contestId", "calloutId", "taskId"].map((name) => body[name] as string) as [
      string,
      string,
      string,
    ];
    if (type === "ContestStarted" && !this.given.delete(contestId)) await this.begin(contestId, false, at);
    if (type === "ContestEnded") this.put({ type, contestId }, false, at);
    if (type === "CalloutReceived" && !this.given.delete(calloutId)) this.put({ type, calloutId }, false, at);
    if (type === "CalloutAnswered") this.put({ type, calloutId }, false, at);
    if (type === "TaskAssigned" && !this.given.delete(taskId)) this.put({ type, taskId }, false, at);
    if (type === "QueueLeft") this.put(body as unknown as QueueLeft, false, at);
    if (isXpNews(event)) this.put(event, false, at);
  }

  private put(event: BotItem["event"], pending: boolean, at: Date = this.platform.clock.now()): boolean {
    if (this.left) return false;
    const delivered = this.mailbox.deliver({ cursor: this.cursor, at, pending, event });
    if (!delivered) this.end("SLOW_CONSUMER");
    return delivered;
  }

  private async seen(): Promise<void> {
    await markSeen(this.platform, this.botId).catch((error: unknown) =>
      this.platform.log.warn({ error }, "a bot's presence was not written"),
    );
  }

  /** Ends the stream with a reason: whoever reads it too slowly does not keep its bot online. */
  private end(reason: CloseReason): void {
    this.leave();
    this.mailbox.close(reason);
  }

  leave(): void {
    this.left = true;
    clearInterval(this.alive);
    for (const leaveFight of this.followed.values()) leaveFight();
    this.followed.clear();
    this.wake();
    void this.own?.return?.();
  }
}

const isXpNews = (event: StoredEvent): event is XpNews => (XP_TOLD as readonly string[]).includes(event.type);

type Request = ExchangeRequested | RevealRequested;

/** The request that a fight's tail leaves open, with the deadlines that an outage has moved; null when there is none. */
function openRequest(tail: Row<typeof fightTail>[]): { request: Request; at: Date } | null {
  const isRequest = ({ type }: Row<typeof fightTail>) => type === "ExchangeRequested" || type === "RevealRequested";
  const index = tail.findLastIndex(isRequest);
  const [asked, ...later] = tail.slice(Math.max(0, index));
  if (!asked || !isRequest(asked) || later.some(({ type }) => type !== "DeadlineExtended")) return null;
  const request = JSON.parse(asked.text) as Request;
  const moved = later.at(-1);
  const shown = moved ? (JSON.parse(moved.text) as DeadlineExtended).fighters : [];
  const fighters = request.fighters.map((fighter, side) => ({ ...fighter, ...shown[side] }));
  return { request: { ...request, fighters } as Request, at: asked.at };
}

function moveOf(fightId: string, botId: string, request: Request): MoveRequested | null {
  const { round, exchange } = request;
  const sides = request.fighters.map((fighter, side): Sided => ({ ...fighter, side }));
  const you = sides.find((fighter) => fighter.botId === botId);
  const opponent = sides.find((fighter) => fighter.botId !== botId);
  if (!you || !opponent) throw new Error(`bot ${botId} is not in fight ${fightId}`);
  const step = stepOf(request);
  if (step === "REVEAL" && you.commitment === null) return null;
  const last = request.type === "ExchangeRequested" ? request.last : null;
  return {
    type: "MoveRequested",
    fightId,
    step,
    round,
    exchange,
    you,
    opponent,
    legalActions: legalActions(you),
    last,
  };
}

function stepOf(request: Request): MoveStep {
  if (request.type === "RevealRequested") return "REVEAL";
  return request.sealed ? "COMMIT" : "ACTION";
}
