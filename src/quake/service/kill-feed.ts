import type { CloseReason } from "../../platform/hub.ts";
import { Mailbox } from "../../platform/mailbox.ts";
import type { Platform } from "../../platform/platform.ts";
import { readHeads, type StoredEvent } from "../../platform/streams.ts";
import { MATCHES_TOPIC } from "../events.ts";
import { openMatches } from "../store.ts";
import { matchStream } from "./steps.ts";

/** A death in some match, as its log has it. */
export type FeedKill = { matchId: string; event: StoredEvent };

const feeds = new WeakMap<Platform, KillFeed>();

/** Deaths of all matches from now on. A feed: nothing is kept, and who cannot follow is let go. */
export function openKillFeed(platform: Platform): AsyncIterableIterator<FeedKill> {
  const feed = feeds.get(platform) ?? new KillFeed(platform);
  feeds.set(platform, feed);
  return feed.open();
}

/** Follows the streams of all matches that go on, once for all of a process's subscribers, and only while there are some. */
class KillFeed {
  private readonly platform: Platform;
  private readonly mailboxes = new Set<Mailbox<FeedKill>>();
  private readonly followed = new Map<string, () => void>();
  private ignoreMoves: (() => void) | null = null;
  private looking = false;
  /** Not until a look has succeeded is a match that is found there a new one. */
  private hasLooked = false;
  private lookAgain = false;

  constructor(platform: Platform) {
    this.platform = platform;
  }

  open(): AsyncIterableIterator<FeedKill> {
    const mailbox: Mailbox<FeedKill> = new Mailbox(this.platform.settings.subscriberBacklogMax, () =>
      this.leave(mailbox),
    );
    this.mailboxes.add(mailbox);
    if (this.ignoreMoves === null) this.begin();
    return mailbox;
  }

  private begin(): void {
    const ignore = this.platform.hub.watch(MATCHES_TOPIC, {
      deliver: () => {
        void this.look();
        return true;
      },
      close: (reason) => this.closeAll(reason),
    });
    this.ignoreMoves = ignore;
    this.hasLooked = false;
    void this.look();
  }

  private leave(mailbox: Mailbox<FeedKill>): void {
    this.mailboxes.delete(mailbox);
    if (this.mailboxes.size === 0) this.end();
  }

  private end(): void {
    this.ignoreMoves?.();
    this.ignoreMoves = null;
    for (const unfollow of this.followed.values()) unfollow();
    this.followed.clear();
  }

  private closeAll(reason: CloseReason): void {
    for (const mailbox of [...this.mailboxes]) mailbox.close(reason);
    this.mailboxes.clear();
    this.end();
  }

  /** What is found at the beginning is followed from now on, what comes later from its first event. */
  private async look(): Promise<void> {
    this.lookAgain = true;
    if (this.looking) return;
    this.looking = true;
    try {
      while (this.lookAgain) {
        this.lookAgain = false;
        await this.lookOnce();
      }
    } catch (error) {
      this.platform.log.warn({ err: error }, "the kill feed could not look for matches; it looks again when one moves");
    } finally {
      this.looking = false;
    }
  }

  private async lookOnce(): Promise<void> {
    const { db } = this.platform;
    const open = (await db.query(openMatches, [])).map(({ id }) => id);
    const fresh = open.filter((id) => !this.followed.has(id));
    const heads = this.hasLooked ? new Map<string, number>() : await readHeads(db, fresh.map(matchStream));
    if (this.ignoreMoves === null) return;
    this.hasLooked = true;
    for (const id of fresh) this.follow(id, heads.get(matchStream(id)) ?? 0);
  }

  private follow(matchId: string, afterSeq: number): void {
    const unfollow = this.platform.hub.follow(matchStream(matchId), afterSeq, {
      deliver: (event) => {
        if (event.type === "MatchKill") this.tell({ matchId, event });
        if (event.type === "MatchCompleted" || event.type === "MatchVoided") this.unfollow(matchId);
        return true;
      },
      close: (reason) => this.closeAll(reason),
    });
    this.followed.set(matchId, unfollow);
  }

  private unfollow(matchId: string): void {
    this.followed.get(matchId)?.();
    this.followed.delete(matchId);
  }

  private tell(kill: FeedKill): void {
    for (const mailbox of [...this.mailboxes]) {
      if (mailbox.deliver(kill)) continue;
      mailbox.close("SLOW_CONSUMER");
      this.leave(mailbox);
    }
  }
}
