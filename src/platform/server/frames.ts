import type { Duplex } from "node:stream";
import type { ExecutionResult } from "graphql";

/** One event's answer, serialised once for everybody: JSON in UTF-8. Frames of a feed have no cursor. */
export type Frame = { cursor: string | null; payload: Buffer };

/** The frame of what a subscription's source gave and what came of it. */
export function frameOf(event: unknown, result: ExecutionResult): Frame {
  const json = JSON.stringify(result);
  // Memory of its own: a slice of a pool would keep the whole pool for as long as the frame is kept.
  const payload = Buffer.allocUnsafeSlow(Buffer.byteLength(json));
  payload.write(json);
  return { cursor: cursorOf(event), payload };
}

/** The cursor of what a subscription's source gave; null for a feed. */
export function cursorOf(event: unknown): string | null {
  if (typeof event !== "object" || event === null || !("cursor" in event)) return null;
  return typeof event.cursor === "string" ? event.cursor : null;
}

/** Where a subscriber's frames go. */
export type Receiver = {
  /** Writes at once; false when the subscriber is gone or was let go. */
  give(batch: Batch): boolean;
  /** Waits until there is room again; false when the subscriber is gone or was let go. */
  drained(): Promise<boolean>;
};

type Template = { bytes: Buffer; tails: readonly number[] };

const HEAD = Buffer.from('{"type":"next","payload":');
const TAIL = Buffer.from(',"id":');

/** The end of a subscriber's frames on a socket: its id, which stands last so that all before it is the same for all. */
export const tailOf = (id: string): Buffer => Buffer.from(`${JSON.stringify(id)}}`);

/** Frames that go out together, laid out once for each transport and not once for each subscriber. */
export class Batch {
  private readonly frames: readonly Frame[];
  private readonly templates = new Map<number, Template>();
  private stream: Buffer | null = null;

  constructor(frames: readonly Frame[]) {
    this.frames = frames;
  }

  /** Server-sent events. The id is the cursor, so that an EventSource resumes by itself. */
  get eventStream(): Buffer {
    this.stream ??= Buffer.concat(
      this.frames.flatMap(({ cursor, payload }) => [
        Buffer.from(cursor === null ? "event: next\ndata: " : `id: ${cursor}\nevent: next\ndata: `),
        payload,
        Buffer.from("\n\n"),
      ]),
    );
    return this.stream;
  }

  /**
   * WebSocket messages. Subscribers whose ids are equally long get the very same bytes but for the id, which is written
   * into place: as long as the kernel takes them at once, one piece of memory serves all.
   */
  writeMessages(wire: Duplex, tail: Buffer): void {
    const template = this.templates.get(tail.length) ?? this.layOut(tail.length);
    for (const at of template.tails) template.bytes.set(tail, at);
    wire.write(template.bytes);
    // What could not leave at once is still held by this wire: the next subscriber gets bytes of its own.
    if (wire.writableLength > 0) this.templates.delete(tail.length);
  }

  private layOut(tailLength: number): Template {
    const parts: Buffer[] = [];
    const tails: number[] = [];
    let length = 0;
    const put = (part: Buffer) => (length += part.length) && parts.push(part);
    for (const { payload } of this.frames) {
      put(headerOf(HEAD.length + payload.length + TAIL.length + tailLength));
      for (const part of [HEAD, payload, TAIL]) put(part);
      tails.push(length);
      put(Buffer.allocUnsafe(tailLength));
    }
    const template = { bytes: Buffer.concat(parts, length), tails };
    this.templates.set(tailLength, template);
    return template;
  }
}

/** The header of a whole, unmasked text message (RFC 6455, 5.2). */
function headerOf(length: number): Buffer {
  if (length < 126) return Buffer.from([0x81, length]);
  if (length < 65_536) return Buffer.from([0x81, 126, length >> 8, length & 255]);
  const header = Buffer.alloc(10);
  header.set([0x81, 127]);
  header.writeBigUInt64BE(BigInt(length), 2);
  return header;
}
