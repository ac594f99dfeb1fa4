import { requireBot } from "../../bots/service/bots.ts";
import { heartbeat } from "../../bots/service/presence.ts";
import type { CloseReason } from "../../platform/hub.ts";
import { Mailbox } from "../../platform/mailbox.ts";
import type { Platform } from "../../platform/platform.ts";
import type { SignedIn } from "../../platform/viewer.ts";
import { assignedTopic, offersTopic } from "../events.ts";
import { assignedTo, claimable, scopesOf } from "../store/tasks.ts";
import { rest } from "./boards.ts";

/** What a bot may begin with now: what was laid on it, and what it may claim, best first. */
export type Offers = { botId: string; assigned: string[]; claimable: string[] };

const OFFERED_MAX = 10;
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
    const topics = [...(found?.scopes ?? []).map(offersTopic), assignedTopic(this.botId)];
    const sink = {
      deliver: () => {
        this.moved = true;
        // A full mailbox already says that something moved.
        return this.mailbox.deliver(null) || true;
      },
      close: (reason: CloseReason) => {
        this.leave();
        this.mailbox.close(reason);
      },
    };
    this.leaving = topics.map((topic) => hub.watch(topic, sink));
    this.timers.push(setInterval(() => void this.seen(), ALIVE_MS).unref());
    // A feed that another node moved without a bus, or a back-off that ended there, is seen a little later.
    this.timers.push(setInterval(() => void this.mailbox.deliver(null), LOOK_MS).unref());
    await this.seen();
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
    const { db } = this.platform;
    if (!(await requireBot(db, this.viewer, this.botId)).ok) return null;
    const [assigned, open] = await Promise.all([
      db.query(assignedTo, [this.botId]),
      db.query(claimable, [this.botId, OFFERED_MAX]),
    ]);
    return { botId: this.botId, assigned: assigned.map(({ id }) => id), claimable: open.map(({ id }) => id) };
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
