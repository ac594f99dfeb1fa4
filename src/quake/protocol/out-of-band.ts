import { compress } from "./adaptive-huffman.ts";
import { formatInfo } from "./info-string.ts";
import { ProtocolError } from "./protocol-error.ts";

export const PROTOCOL_VERSION = 71;
export const GAME_NAME = "Quake3Arena";

const MARK = 0xff;
const MARK_BYTES = 4;
const CONNECT = "connect ";
/** Refusals and answers of the console are shorter than this. */
const TEXT_CHARACTERS_MAX = 16_384;

/** What a server says outside of a connection. */
export type OutOfBand =
  | { kind: "challenge"; challenge: number; clientChallenge: number | null; protocol: number | null }
  | { kind: "connected"; challenge: number | null }
  | { kind: "print"; text: string }
  | { kind: "info"; info: string }
  | { kind: "status"; info: string; players: readonly string[] }
  | { kind: "disconnected" }
  | { kind: "unknown"; command: string };

/** Whether a datagram stands outside of a connection. */
export const isOutOfBand = (datagram: Uint8Array): boolean =>
  datagram.length >= MARK_BYTES && datagram.subarray(0, MARK_BYTES).every((byte) => byte === MARK);

/** A datagram with a command outside of a connection. */
export const outOfBand = (text: string): Uint8Array =>
  Uint8Array.from([MARK, MARK, MARK, MARK, ...Buffer.from(text, "latin1")]);

/** Asks for the right to connect. */
export const askChallenge = (clientChallenge: number): Uint8Array =>
  outOfBand(`getchallenge ${clientChallenge} ${GAME_NAME}`);

/** Asks for a place on the server; a value that would break the packet is refused. */
export function askConnection(userinfo: Readonly<Record<string, string | number>>): Uint8Array {
  const info = formatInfo(userinfo);
  if (info === null) throw new ProtocolError("BAD_STRING", "a value of the userinfo would break it");
  return Uint8Array.from([...outOfBand(CONNECT), ...compress(Buffer.from(`"${info}"`, "latin1"))]);
}

/** Reads what a server says outside of a connection. */
export function readOutOfBand(datagram: Uint8Array): OutOfBand {
  if (!isOutOfBand(datagram)) throw new ProtocolError("OUT_OF_RANGE", "no mark of a packet outside of a connection");
  if (datagram.length > TEXT_CHARACTERS_MAX) throw new ProtocolError("TOO_LONG", "a packet of more than 16 KiB");
  const text = Buffer.from(datagram.buffer, datagram.byteOffset, datagram.length).toString("latin1", MARK_BYTES);
  const [line = "", ...rest] = text.split("\n");
  const [command = "", ...words] = line.trim().split(/\s+/);
  switch (command) {
    case "challengeResponse":
      return {
        kind: "challenge",
        challenge: required(words[0]),
        clientChallenge: whole(words[1]),
        protocol: whole(words[2]),
      };
    case "connectResponse":
      return { kind: "connected", challenge: whole(words[0]) };
    case "print":
      return { kind: "print", text: rest.join("\n") };
    case "infoResponse":
      return { kind: "info", info: rest[0] ?? "" };
    case "statusResponse":
      return { kind: "status", info: rest[0] ?? "", players: rest.slice(1).filter((player) => player !== "") };
    case "disconnect":
      return { kind: "disconnected" };
    default:
      return { kind: "unknown", command: command.slice(0, 32) };
  }
}

function whole(word: string | undefined): number | null {
  return word !== undefined && /^-?\d{1,10}$/.test(word) ? Number(word) | 0 : null;
}

function required(word: string | undefined): number {
  const number = whole(word);
  if (number === null) throw new ProtocolError("BAD_STRING", "a challenge that is no number");
  return number;
}
