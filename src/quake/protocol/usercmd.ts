import type { BitWriter } from "./bits.ts";

/** What a player does in a moment; the server moves the player by it. */
export type UserCommand = {
  /** Game time in milliseconds; each command's is higher than the last one's. */
  readonly serverTime: number;
  /** Pitch, yaw and roll as 16-bit angles, from which the player's delta angles are taken off. */
  readonly angles: readonly [number, number, number];
  /** -127 to 127. */
  readonly forward: number;
  readonly right: number;
  /** From 10 on the player jumps, below zero it crouches. */
  readonly up: number;
  /** A sum of `BUTTON`s. */
  readonly buttons: number;
  /** The wanted weapon. */
  readonly weapon: number;
};

export const BUTTON = { attack: 1, useItem: 4, walk: 16 } as const;

/** What the first command of a message is told from. */
export const NO_COMMAND: UserCommand = {
  serverTime: 0,
  angles: [0, 0, 0],
  forward: 0,
  right: 0,
  up: 0,
  buttons: 0,
  weapon: 0,
};

const ANGLE_BITS = 16;
const BUTTON_BITS = 16;
const MOVE_BITS = 8;
const SHORT_TIME_MAX = 255;
const HASHED_CHARACTERS = 32;
const PERCENT = 37;
const DOT = 46;
const ASCII_MAX = 127;

/** An angle in degrees as the 16 bits that a command carries, relative to the player's own delta. */
export const angle16 = (degrees: number, delta: number): number =>
  (Math.round((degrees * 65_536) / 360) - delta) & 65_535;

/** The hash of a server command that is part of the key of commands. */
export function commandHash(text: string): number {
  let hash = 0;
  for (let index = 0; index < Math.min(text.length, HASHED_CHARACTERS); index++) {
    const code = text.charCodeAt(index);
    hash = (hash + (code > ASCII_MAX || code === PERCENT ? DOT : code) * (119 + index)) | 0;
  }
  return hash ^ (hash >> 10) ^ (hash >> 20);
}

/** Writes the difference of two commands; the key binds it to what this client has heard. */
export function writeCommand(writer: BitWriter, key: number, from: UserCommand, to: UserCommand): void {
  const elapsed_ms = to.serverTime - from.serverTime;
  const isShort = elapsed_ms >= 0 && elapsed_ms <= SHORT_TIME_MAX;
  writer.flag(isShort);
  writer.number(isShort ? elapsed_ms : to.serverTime, isShort ? 8 : 32);
  const [before, after] = [valuesOf(from), valuesOf(to)];
  const isSame = after.every(([value], index) => value === before[index]?.[0]);
  writer.flag(!isSame);
  if (isSame) return;
  const ownKey = key ^ to.serverTime;
  for (const [index, [value, bits]] of after.entries()) {
    const changed = value !== before[index]?.[0];
    writer.flag(changed);
    if (changed) writer.number((value ^ ownKey) & ((1 << bits) - 1), bits);
  }
}

/** The values of a command in their order on the wire, with their widths in bits. */
const valuesOf = ({ angles, forward, right, up, buttons, weapon }: UserCommand) =>
  [
    [angles[0], ANGLE_BITS],
    [angles[1], ANGLE_BITS],
    [angles[2], ANGLE_BITS],
    [forward, MOVE_BITS],
    [right, MOVE_BITS],
    [up, MOVE_BITS],
    [buttons, BUTTON_BITS],
    [weapon, MOVE_BITS],
  ] as const;
