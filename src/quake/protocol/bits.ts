import { CODE_LENGTHS, CODES, lengthOf, lookUp } from "./huffman.ts";
import { ProtocolError } from "./protocol-error.ts";

/** The longest message, in bytes. */
export const MESSAGE_BYTES_MAX = 16_384;
const STRING_CHARACTERS_MAX = 8_191;
const PERCENT = 37;
const DOT = 46;
const ASCII_MAX = 127;

const floats = new Float32Array(1);
const words = new Int32Array(floats.buffer);

/** The 32 bits of a float, as a signed integer. */
export function bitsOfFloat(value: number): number {
  floats[0] = value;
  return words[0] ?? 0;
}

function floatOfBits(bits: number): number {
  words[0] = bits;
  return floats[0] ?? 0;
}

/** What a character becomes in a message: format signs and what is beyond ASCII are dots. */
const tamed = (byte: number): number => (byte === PERCENT || byte > ASCII_MAX ? DOT : byte);

/** Reads a message: the odd bits of a number raw, lowest first, its whole bytes by the static Huffman code. */
export class BitReader {
  private readonly bytes: Uint8Array;
  private readonly end: number;
  private bit: number;

  constructor(bytes: Uint8Array, byteOffset = 0) {
    this.bytes = bytes;
    this.bit = byteOffset * 8;
    this.end = bytes.length * 8;
  }

  /** The byte after the one that is being read. */
  get bytePosition(): number {
    return (this.bit + 7) >> 3;
  }

  /** One raw bit. */
  flag(): boolean {
    return this.raw(1) === 1;
  }

  /** An unsigned number of 1 to 31 bits; of 32 bits a signed one. */
  number(bits: number): number {
    const odd = bits & 7;
    let value = odd === 0 ? 0 : this.raw(odd);
    for (let shift = odd; shift < bits; shift += 8) value |= this.symbol() << shift;
    return value;
  }

  /** A number in two's complement of so many bits. */
  signed(bits: number): number {
    const unused = 32 - bits;
    return (this.number(bits) << unused) >> unused;
  }

  byte(): number {
    return this.symbol();
  }

  short(): number {
    return this.signed(16);
  }

  long(): number {
    return this.number(32);
  }

  float(): number {
    return floatOfBits(this.number(32));
  }

  /** Text up to its zero byte. */
  string(): string {
    let text = "";
    for (let byte = this.symbol(); byte !== 0; byte = this.symbol()) {
      if (text.length === STRING_CHARACTERS_MAX) throw new ProtocolError("BAD_STRING", "a string has no end");
      text += String.fromCharCode(tamed(byte));
    }
    return text;
  }

  private raw(bits: number): number {
    const value = (this.window() >> (this.bit & 7)) & ((1 << bits) - 1);
    this.advance(bits);
    return value;
  }

  private symbol(): number {
    const entry = lookUp(this.window() >> (this.bit & 7));
    if (entry === 0) throw new ProtocolError("OUT_OF_RANGE", "no code begins with these bits");
    this.advance(lengthOf(entry));
    return entry & 255;
  }

  /** The 24 bits from the current byte on; beyond the end they are zeros, which `advance` refuses. */
  private window(): number {
    const at = this.bit >> 3;
    const { bytes } = this;
    return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
  }

  private advance(bits: number): void {
    this.bit += bits;
    if (this.bit > this.end) throw new ProtocolError("TRUNCATED", "a message ends before its end");
  }
}

/** Writes a message; the inverse of `BitReader`. */
export class BitWriter {
  private readonly bytes = new Uint8Array(MESSAGE_BYTES_MAX);
  private bit = 0;

  flag(value: boolean): void {
    this.raw(value ? 1 : 0, 1);
  }

  /** The lowest `bits` bits of a number, signed or not. */
  number(value: number, bits: number): void {
    const odd = bits & 7;
    if (odd > 0) this.raw(value & ((1 << odd) - 1), odd);
    for (let shift = odd; shift < bits; shift += 8) this.byte((value >> shift) & 255);
  }

  byte(value: number): void {
    this.raw(CODES[value & 255] ?? 0, CODE_LENGTHS[value & 255] ?? 0);
  }

  short(value: number): void {
    this.number(value, 16);
  }

  long(value: number): void {
    this.number(value, 32);
  }

  float(value: number): void {
    this.number(bitsOfFloat(value), 32);
  }

  /** Text and its zero byte. Zero bytes inside end it. */
  string(text: string): void {
    for (let index = 0; index < text.length && text.charCodeAt(index) !== 0; index++)
      this.byte(tamed(text.charCodeAt(index)));
    this.byte(0);
  }

  /** The message so far: its last byte is the one after the last full one, even when nothing is in it. */
  finish(): Uint8Array {
    return this.bytes.slice(0, (this.bit >> 3) + 1);
  }

  private raw(bits: number, length: number): void {
    if (this.bit + length > (MESSAGE_BYTES_MAX - 1) * 8) throw new ProtocolError("TOO_LONG", "a message is full");
    const at = this.bit >> 3;
    const shifted = bits << (this.bit & 7);
    const { bytes } = this;
    bytes[at] = (bytes[at] ?? 0) | (shifted & 255);
    bytes[at + 1] = (bytes[at + 1] ?? 0) | ((shifted >> 8) & 255);
    bytes[at + 2] = (bytes[at + 2] ?? 0) | ((shifted >> 16) & 255);
    this.bit += length;
  }
}
