import type { CloseReason } from "../../platform/hub.ts";
import { Mailbox } from "../../platform/mailbox.ts";
import type { Platform } from "../../platform/platform.ts";
import type { StoredEvent } from "../../platform/streams.ts";
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
  /** Who follows now: a look for those who have left tells nothing. */
  private following = 0;
  /** What ended since a look began, which may still show it. */
  private readonly ended = new Set<string>();

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
    this.following++;
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
    while (this.lookAgain) {
      this.lookAgain = false;
      await this.lookOnce().catch((error: unknown) =>
        this.platform.log.warn(
          { err: error },
          "the kill feed could not look for matches; it looks again when one moves",
        ),
      );
    }
    this.looking = false;
  }

  private async lookOnce(): Promise<void> {
    const { following } = this;
    this.ended.clear();
    const open = await this.platform.db.query(openMatches, []);
    if (this.ignoreMoves === null || this.following !== following) return;
    const fresh = open.filter(({ id }) => !this.followed.has(id) && !this.ended.has(id));
    // Each with the number of its last event as of this very look: whatever ends after it is heard of.
    for (const { id, last_seq } of fresh) this.follow(id, this.hasLooked ? 0 : last_seq);
    this.hasLooked = true;
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
    this.ended.add(matchId);
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
