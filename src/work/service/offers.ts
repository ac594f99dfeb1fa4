import { heartbeat } from "../../bots/service/presence.ts";
import type { CloseReason } from "../../platform/hub.ts";
import { Mailbox } from "../../platform/mailbox.ts";
import type { Platform } from "../../platform/platform.ts";
import { rest } from "../../platform/rest.ts";
import { reachesBot, type SignedIn } from "../../platform/viewer.ts";
import { assignedTopic, offersTopic } from "../events.ts";
import { scopesOf } from "../store/tasks.ts";
import { looksOf } from "./offer-looks.ts";

/** What a bot may begin with now: what was laid on it, and what it may claim, best first. */
export type Offers = { botId: string; assigned: string[]; claimable: string[] };

const ALIVE_MS = 15_000;
const LOOK_MS = 10_000;
/** However much moves in its lanes, a bot's offers cost so many looks. */
const REST_MS = 250;

/**
 * What a bot can work on, at once and then whenever there is something new for it; while it is open the bot counts as seen.
 * A feed: the newest state wins, and nothing is told while there is nothing. Ends when the bot may not play any more.
 */
export async function openOffers(
  platform: Platform,
  viewer: SignedIn,
  botId: string,
): Promise<AsyncIterableIterator<Offers>> {
  const offers = new OfferFeed(platform, viewer, botId);
  await offers.open();
  return offers.iterator();
}

class OfferFeed {
  private readonly platform: Platform;
  private readonly viewer: SignedIn;
  private readonly botId: string;
  private readonly mailbox: Mailbox<null>;
  private readonly timers: NodeJS.Timeout[] = [];
  private leaving: (() => void)[] = [];
  private moved = true;
  private told = "";
  private restUntil = 0;
  /** When each scope moved last, and from when on a look is new enough for one that did not. */
  private readonly movedAtMs = new Map<string, number>();
  private newEnoughMs = performance.now();
  private readonly left = new AbortController();

  constructor(platform: Platform, viewer: SignedIn, botId: string) {
    this.platform = platform;
    this.viewer = viewer;
    this.botId = botId;
    this.mailbox = new Mailbox<null>(1, () => this.leave());
  }

  async open(): Promise<void> {
    const { db, hub } = this.platform;
    const [found] = await db.query(scopesOf, [this.botId]);
    const sink = (scope: string | null) => ({
      deliver: () => {
        this.moved = true;
        if (scope !== null) this.movedAtMs.set(scope, performance.now());
        // A full mailbox already says that something moved.
        return this.mailbox.deliver(null) || true;
      },
      close: (reason: CloseReason) => {
        this.leave();
        this.mailbox.close(reason);
      },
    });
    this.leaving = [
      ...(found?.scopes ?? []).map((scope) => hub.watch(offersTopic(scope), sink(scope))),
      hub.watch(assignedTopic(this.botId), sink(null)),
    ];
    this.timers.push(setInterval(() => void this.seen(), ALIVE_MS).unref());
    // A feed that another node moved without a bus, or a back-off that ended there, is seen a little later.
    this.timers.push(setInterval(() => this.lookAgain(), LOOK_MS).unref());
    await this.seen();
    this.newEnoughMs = performance.now();
    this.mailbox.deliver(null);
  }

  private lookAgain(): void {
    this.newEnoughMs = performance.now() - LOOK_MS / 2;
    this.mailbox.deliver(null);
  }

  iterator(): AsyncIterableIterator<Offers> {
    const iterator: AsyncIterableIterator<Offers> = {
      next: () => this.next(),
      return: () => this.end(),
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }

  private async next(): Promise<IteratorResult<Offers>> {
    for (;;) {
      await rest(this.restUntil - performance.now(), this.left.signal);
      if ((await this.mailbox.next()).done) return this.end();
      const moved = this.moved;
      this.moved = false;
      const offers = await this.look();
      if (!offers) return this.end();
      this.restUntil = performance.now() + REST_MS;
      const isNew = moved || JSON.stringify(offers) !== this.told;
      this.told = JSON.stringify(offers);
      if (isNew && offers.assigned.length + offers.claimable.length > 0) return { done: false, value: offers };
    }
  }

  private async end(): Promise<IteratorResult<Offers>> {
    await this.mailbox.return();
    this.leave();
    return { done: true, value: undefined };
  }

  /** What the bot can begin with; null when it may not any more. */
  private async look(): Promise<Offers | null> {
    const looks = looksOf(this.platform.db);
    const bot = await looks.bot(this.botId);
    const isOwn = bot?.owner_id === this.viewer.userId && reachesBot(this.viewer, this.botId);
    if (!bot || !isOwn || bot.barred) return null;
    const since = (scope: string) => Math.max(this.movedAtMs.get(scope) ?? 0, this.newEnoughMs);
    const claimable = await looks.best(bot.scopes, bot.capabilities, since);
    return { botId: this.botId, assigned: bot.assigned, claimable };
  }

  private async seen(): Promise<void> {
    // Asked anew each time whose bot it is, and whether it may play: what may not is not online.
    await heartbeat(this.platform, this.viewer, { botId: this.botId }).catch((error: unknown) =>
      this.platform.log.warn({ error }, "a sign of life could not be written; the next one tries again"),
    );
  }

  private leave(): void {
    this.left.abort();
    for (const timer of this.timers) clearInterval(timer);
    for (const leave of this.leaving) leave();
  }
}
