import { markSeen } from "../bots/service/presence.ts";
import { legalActions } from "../fights/rules/exchange.ts";
import type { ExchangeRequested, RequestedFighter, ResolvedSide } from "../fights/rules/fight-events.ts";
import type { Action } from "../fights/rules/pit-rules-1.ts";
import { Mailbox } from "../platform/mailbox.ts";
import type { Platform } from "../platform/platform.ts";
import { readHead, type StoredEvent } from "../platform/streams.ts";
import { cursorOf, isGap, openStream, type StreamGap, type StreamItem } from "../platform/subscribe.ts";
import { liveFights, openCallouts } from "./store.ts";

type Sided = RequestedFighter & { side: number };
/** The move that a fight asks a bot for. */
export type MoveRequested = {
  type: "MoveRequested";
  fightId: string;
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
/** One item of `botEvents`. */
export type BotItem = {
  cursor: string;
  at: Date;
  pending: boolean;
  event: MoveRequested | ContestNews | CalloutNews | StreamGap;
};

const ALIVE_MS = 15_000;

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
  await inbox.open(after);
  return inbox.mailbox;
}

class Inbox {
  readonly mailbox: Mailbox<BotItem>;
  private readonly platform: Platform;
  private readonly botId: string;
  private readonly followed = new Map<string, () => void>();
  private readonly calledOut = new Set<string>();
  private readonly alive: NodeJS.Timeout;
  private own: AsyncIterableIterator<StreamItem> | null = null;
  private cursor = "";

  constructor(platform: Platform, botId: string) {
    this.platform = platform;
    this.botId = botId;
    this.mailbox = new Mailbox(platform.settings.subscriberBacklogMax, () => this.leave());
    this.alive = setInterval(() => void this.seen(), ALIVE_MS).unref();
  }

  async open(after: string | null | undefined): Promise<void> {
    await this.seen();
    const stream = `bot:${this.botId}`;
    const { db } = this.platform;
    const start = cursorOf(this.platform, stream, (await readHead(db, stream)).seq);
    this.cursor = after ?? start;
    this.own = await openStream(this.platform, stream, after ?? start);
    for (const { id } of await db.query(liveFights, [this.botId])) await this.join(id);
    const callouts = await db.query(openCallouts, [this.botId, this.platform.clock.now()]);
    for (const { id } of callouts) this.callOut(id, true);
    void this.pump(this.own);
  }

  /** The open contest and its open move, then the moves to come. */
  private async join(fightId: string): Promise<void> {
    this.put({ type: "ContestStarted", contestId: fightId }, true);
    const stream = `fight:${fightId}`;
    const { seq } = await readHead(this.platform.db, stream);
    // An open request is the newest event of its fight: reading on from the one before gives it as pending.
    this.follow(fightId, Math.max(0, seq - 1), true);
  }

  private follow(fightId: string, afterSeq: number, open: boolean): void {
    if (this.followed.has(fightId)) return;
    let pending = open;
    const leave = this.platform.hub.follow(`fight:${fightId}`, afterSeq, {
      deliver: (event) => {
        const delivered = this.onFightEvent(fightId, event, pending);
        pending = false;
        return delivered;
      },
      close: (reason) => this.mailbox.close(reason),
    });
    this.followed.set(fightId, leave);
  }

  private onFightEvent(fightId: string, event: StoredEvent, pending: boolean): boolean {
    if (event.type === "FightEnded") {
      this.followed.get(fightId)?.();
      return true;
    }
    if (event.type !== "ExchangeRequested") return true;
    return this.put(moveOf(fightId, this.botId, event.body as unknown as ExchangeRequested), pending, event.at);
  }

  private async pump(items: AsyncIterableIterator<StreamItem>): Promise<void> {
    try {
      for await (const { cursor, event } of items) {
        this.cursor = cursor;
        this.take(event);
      }
    } catch (error) {
      this.platform.log.debug({ error }, "a bot's stream was closed");
      this.mailbox.close("SLOW_CONSUMER");
    }
  }

  private take(event: StoredEvent | StreamGap): void {
    if (isGap(event)) return void this.put(event, false);
    const { type, at, body } = event;
    if (type === "ContestStarted") this.begin(body["contestId"] as string, at);
    if (type === "ContestEnded") this.put({ type, contestId: body["contestId"] as string }, false, at);
    if (type === "CalloutReceived") this.callOut(body["calloutId"] as string, false, at);
    if (type === "CalloutAnswered") this.put({ type, calloutId: body["calloutId"] as string }, false, at);
  }

  private begin(contestId: string, at: Date): void {
    if (this.followed.has(contestId)) return;
    this.put({ type: "ContestStarted", contestId }, false, at);
    this.follow(contestId, 0, false);
  }

  private callOut(calloutId: string, pending: boolean, at?: Date): void {
    if (this.calledOut.has(calloutId)) return;
    this.calledOut.add(calloutId);
    this.put({ type: "CalloutReceived", calloutId }, pending, at);
  }

  private put(event: BotItem["event"], pending: boolean, at: Date = this.platform.clock.now()): boolean {
    const delivered = this.mailbox.deliver({ cursor: this.cursor, at, pending, event });
    if (!delivered) this.mailbox.close("SLOW_CONSUMER");
    return delivered;
  }

  private async seen(): Promise<void> {
    await markSeen(this.platform, this.botId).catch((error: unknown) =>
      this.platform.log.warn({ error }, "a bot's presence was not written"),
    );
  }

  private leave(): void {
    clearInterval(this.alive);
    for (const leaveFight of this.followed.values()) leaveFight();
    void this.own?.return?.();
  }
}

function moveOf(fightId: string, botId: string, { round, exchange, fighters, last }: ExchangeRequested): MoveRequested {
  const sides = fighters.map((fighter, side) => ({ ...fighter, side }));
  const you = sides.find((fighter) => fighter.botId === botId);
  const opponent = sides.find((fighter) => fighter.botId !== botId);
  if (!you || !opponent) throw new Error(`bot ${botId} is not in fight ${fightId}`);
  return { type: "MoveRequested", fightId, round, exchange, you, opponent, legalActions: legalActions(you), last };
}
