import { GraphQLError } from "graphql";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import type { CloseReason } from "./hub.ts";
import type { Platform } from "./platform.ts";
import { Mailbox } from "./mailbox.ts";
import { readHead, type StoredEvent } from "./streams.ts";

/** Events in between are not kept: from `fromSeq` to `toSeq`, both included. */
export type StreamGap = { type: "StreamGap"; fromSeq: number; toSeq: number; at: Date };

/** What a subscription of a logged stream gives. */
export type StreamItem = { cursor: string; at: Date; event: StoredEvent | StreamGap };

/** The items of a stream behind a cursor, which is its `start`. */
export type StreamItems = AsyncIterableIterator<StreamItem> & { readonly start: string };

/** Whether an item tells of lost history. */
export function isGap(event: StoredEvent | StreamGap): event is StreamGap {
  return event.type === "StreamGap" && !("stream" in event);
}

/** The cursor's text of an event. */
export function cursorOf(platform: Pick<Platform, "epoch">, stream: string, seq: number): string {
  return encodeCursor({ stream, epoch: platform.epoch, seq });
}

const badCursor = (hint: string) =>
  new GraphQLError("This cursor is of another stream.", {
    extensions: { code: "INVALID_CURSOR", hint, path: ["after"] },
  });

/** Behind which number of a stream a query's `after` lies, 0 without one; refuses cursors of other streams and epochs. */
export function seqAfter({ epoch }: Pick<Platform, "epoch">, stream: string, after: string | null | undefined): number {
  if (after == null) return 0;
  const cursor = decodeCursor(after);
  if (cursor?.stream !== stream || cursor.epoch !== epoch)
    throw badCursor("Pass a cursor that this very contest gave, or none to read from its start.");
  return cursor.seq;
}

/**
 * A logged stream from a cursor on: what is stored after it, then what comes, in order, without gap or duplicate. A
 * cursor of pruned history or of another epoch gives one StreamGap, then goes on from now. Without a cursor it starts now.
 */
export async function openStream(
  platform: Platform,
  stream: string,
  after: string | null | undefined,
): Promise<StreamItems> {
  const head = await readHead(platform.db, stream);
  const cursor = after == null ? { stream, epoch: platform.epoch, seq: head.seq } : decodeCursor(after);
  if (!cursor || cursor.stream !== stream)
    throw badCursor("Pass a cursor that a query or event of this very stream gave.");
  const lost = cursor.epoch !== platform.epoch || cursor.seq < head.prunedSeq || cursor.seq > head.seq;
  const from = lost ? head.seq : cursor.seq;
  let leave: () => void = () => undefined;
  const mailbox = new Mailbox<StoredEvent>(platform.settings.subscriberBacklogMax, () => leave());
  leave = platform.hub.follow(stream, from, mailbox);
  const gap: StreamGap | null = lost
    ? { type: "StreamGap", fromSeq: Math.min(cursor.seq + 1, head.seq), toSeq: head.seq, at: platform.clock.now() }
    : null;
  const start = cursorOf(platform, stream, from);
  return items(platform, stream, mailbox, { start, first: gap && { cursor: start, at: gap.at, event: gap } });
}

function items(
  platform: Platform,
  stream: string,
  mailbox: Mailbox<StoredEvent>,
  { start, first }: { start: string; first: StreamItem | null },
): StreamItems {
  let gap = first;
  const iterator: StreamItems = {
    start,
    async next() {
      if (gap) {
        const value = gap;
        gap = null;
        return { done: false, value };
      }
      const { done, value } = await mailbox.next();
      if (done) return { done: true, value: undefined };
      return { done: false, value: { cursor: cursorOf(platform, stream, value.seq), at: value.at, event: value } };
    },
    async return() {
      await mailbox.return();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}

/** Movements of a feed, or of several as one: one at once, then one whenever it moved since the last was taken. Newest wins. */
export function openFeed(platform: Platform, ...topics: readonly string[]): AsyncIterableIterator<null> {
  let leave: () => void = () => undefined;
  const mailbox = new Mailbox<null>(1, () => leave());
  // A full mailbox already says that the feed moved; nothing is lost by not saying it twice.
  const sink = {
    deliver: (item: null) => mailbox.deliver(item) || true,
    close: (reason: CloseReason) => mailbox.close(reason),
  };
  const ways = topics.map((topic) => platform.hub.watch(topic, sink));
  leave = () => ways.forEach((way) => way());
  mailbox.deliver(null);
  return mailbox;
}
