import { MESSAGE_BYTES_MAX } from "./bits.ts";
import { ProtocolError } from "./protocol-error.ts";

/** MODERN packets carry a checksum; LEGACY ones carry none, and their bodies are scrambled (`scramble.ts`). */
export const CHANNEL_FLAVOURS = ["MODERN", "LEGACY"] as const;
export type ChannelFlavour = (typeof CHANNEL_FLAVOURS)[number];

/** What both ends of a channel have agreed on. */
export type ChannelTerms = { flavour: ChannelFlavour; challenge: number; qport: number };

/** Which end this is: only a client's packets carry its qport. */
export type ChannelEnd = "CLIENT" | "SERVER";

export type Received = { sequence: number; message: Uint8Array };

const FRAGMENT_BIT = 0x8000_0000;
/** A fragment of exactly this length is not the last one. */
export const FRAGMENT_BYTES = 1_300;

/** Binds a packet to its connection, so that nobody else's is taken for it. */
const checksum = (challenge: number, sequence: number): number => challenge ^ Math.imul(sequence, challenge);

/** One end of a channel of numbered packets over datagrams that may be lost, repeated or late. */
export class Channel {
  readonly terms: ChannelTerms;
  private readonly end: ChannelEnd;
  private outgoing = 1;
  private incoming = 0;
  private fragments: { sequence: number; parts: Uint8Array[]; length: number } | null = null;

  constructor(terms: ChannelTerms, end: ChannelEnd = "CLIENT") {
    this.terms = terms;
    this.end = end;
  }

  /** The number of the last message that came whole. */
  get lastReceived(): number {
    return this.incoming;
  }

  /** The number of the next message that goes out. */
  get nextSequence(): number {
    return this.outgoing;
  }

  /** The datagrams of one message. */
  send(message: Uint8Array): Uint8Array[] {
    if (message.length > MESSAGE_BYTES_MAX) throw new ProtocolError("TOO_LONG", `a message of ${message.length} bytes`);
    const sequence = this.outgoing++;
    if (message.length < FRAGMENT_BYTES) return [Buffer.concat([this.header(sequence), message])];
    const datagrams: Uint8Array[] = [];
    for (let start = 0; start <= message.length; start += FRAGMENT_BYTES) {
      const part = message.subarray(start, start + FRAGMENT_BYTES);
      const place = Buffer.alloc(4);
      place.writeUInt16LE(start, 0);
      place.writeUInt16LE(part.length, 2);
      datagrams.push(Buffer.concat([this.header(sequence, FRAGMENT_BIT), place, part]));
    }
    return datagrams;
  }

  /** The message that a datagram completes; null when it is old, a repetition, or more fragments must come. */
  receive(datagram: Uint8Array): Received | null {
    const view = viewOf(datagram);
    const headerBytes = this.headerBytes("other");
    if (datagram.length < headerBytes) throw new ProtocolError("TRUNCATED", "a packet shorter than its header");
    const marked = view.getUint32(0, true);
    const isFragment = marked >= FRAGMENT_BIT;
    const sequence = isFragment ? marked - FRAGMENT_BIT : marked;
    this.check(view, headerBytes, sequence);
    if (sequence <= this.incoming) return null;
    const body = datagram.subarray(headerBytes);
    const message = isFragment ? this.joined(sequence, body) : body;
    if (!message) return null;
    if (message.length > MESSAGE_BYTES_MAX) throw new ProtocolError("TOO_LONG", "a message of more than 16 KiB");
    this.incoming = sequence;
    this.fragments = null;
    return { sequence, message };
  }

  private header(sequence: number, mark = 0): Buffer {
    const { challenge, flavour, qport } = this.terms;
    const header = Buffer.alloc(this.headerBytes("own"));
    header.writeUInt32LE(sequence + mark, 0);
    if (this.end === "CLIENT") header.writeUInt16LE(qport, 4);
    if (flavour === "MODERN") header.writeInt32LE(checksum(challenge, sequence), header.length - 4);
    return header;
  }

  private headerBytes(whose: "own" | "other"): number {
    const fromClient = (whose === "own") === (this.end === "CLIENT");
    return 4 + (fromClient ? 2 : 0) + (this.terms.flavour === "MODERN" ? 4 : 0);
  }

  private check(view: DataView, headerBytes: number, sequence: number): void {
    const { challenge, flavour, qport } = this.terms;
    if (flavour === "MODERN" && view.getInt32(headerBytes - 4, true) !== checksum(challenge, sequence))
      throw new ProtocolError("BAD_CHECKSUM", "a packet of another connection");
    if (this.end === "SERVER" && view.getUint16(4, true) !== qport)
      throw new ProtocolError("BAD_CHECKSUM", "a packet of another client");
  }

  /** The message whose last part this is. Parts that do not continue what is there are dropped. */
  private joined(sequence: number, body: Uint8Array): Uint8Array | null {
    if (body.length < 4) throw new ProtocolError("TRUNCATED", "a fragment shorter than its header");
    const view = viewOf(body);
    const [start, length] = [view.getUint16(0, true), view.getUint16(2, true)];
    if (length > FRAGMENT_BYTES || body.length < 4 + length)
      throw new ProtocolError("BAD_FRAGMENT", `a fragment of ${length} bytes`);
    if (this.fragments?.sequence !== sequence) this.fragments = { sequence, parts: [], length: 0 };
    const { fragments } = this;
    if (start !== fragments.length) return null;
    if (start + length > MESSAGE_BYTES_MAX) throw new ProtocolError("TOO_LONG", "fragments of more than 16 KiB");
    fragments.parts.push(Uint8Array.from(body.subarray(4, 4 + length)));
    fragments.length += length;
    return length === FRAGMENT_BYTES ? null : Buffer.concat(fragments.parts);
  }
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
