import { markSeen } from "../../bots/service/presence.ts";
import type { CloseReason } from "../../platform/hub.ts";
import { Mailbox } from "../../platform/mailbox.ts";
import type { Platform } from "../../platform/platform.ts";
import { assignedTopic, offersTopic } from "../events.ts";
import { assignedTo, claimable, scopesOf } from "../store/tasks.ts";

/** What a bot may begin with now: what was laid on it, and what it may claim, best first. */
export type Offers = { botId: string; assigned: string[]; claimable: string[] };

const OFFERED_MAX = 10;
const ALIVE_MS = 15_000;
const LOOK_MS = 10_000;

/**
 * What a bot can work on, at once and then whenever there is something new for it; while it is open the bot counts as seen.
 * A feed: the newest state wins, and nothing is told while there is nothing.
 */
export async function openOffers(platform: Platform, botId: string): Promise<AsyncIterableIterator<Offers>> {
  const offers = new OfferFeed(platform, botId);
  await offers.open();
  return offers.iterator();
}

class OfferFeed {
  private readonly platform: Platform;
  private readonly botId: string;
  private readonly mailbox: Mailbox<null>;
  private readonly timers: NodeJS.Timeout[] = [];
  private leaving: (() => void)[] = [];
  private moved = true;
  private told = "";

  constructor(platform: Platform, botId: string) {
    this.platform = platform;
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
      return: async () => {
        await this.mailbox.return();
        this.leave();
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }

  private async next(): Promise<IteratorResult<Offers>> {
    for (;;) {
      const { done } = await this.mailbox.next();
      if (done) return { done: true, value: undefined };
      const moved = this.moved;
      this.moved = false;
      const offers = await this.look();
      const isNew = moved || JSON.stringify(offers) !== this.told;
      this.told = JSON.stringify(offers);
      if (isNew && offers.assigned.length + offers.claimable.length > 0) return { done: false, value: offers };
    }
  }

  private async look(): Promise<Offers> {
    const { db } = this.platform;
    const [assigned, open] = await Promise.all([
      db.query(assignedTo, [this.botId]),
      db.query(claimable, [this.botId, OFFERED_MAX]),
    ]);
    return { botId: this.botId, assigned: assigned.map(({ id }) => id), claimable: open.map(({ id }) => id) };
  }

  private async seen(): Promise<void> {
    await markSeen(this.platform, this.botId).catch((error: unknown) =>
      this.platform.log.warn({ error }, "a sign of life could not be written; the next one tries again"),
    );
  }

  private leave(): void {
    for (const timer of this.timers) clearInterval(timer);
    for (const leave of this.leaving) leave();
  }
}
