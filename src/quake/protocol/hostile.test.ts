import { describe, expect, test } from "vitest";
import { chances } from "../../../tests/harness/chances.ts";
import { hostile, playing, RECORDINGS } from "../../../tests/harness/quake-noise.ts";
import { BitReader, BitWriter, MESSAGE_BYTES_MAX } from "./bits.ts";
import { Configstrings } from "./configstrings.ts";
import { formatInfo, parseInfo } from "./info-string.ts";
import { IDLE, Link } from "./link.ts";
import { Channel, CHANNEL_FLAVOURS, FRAGMENT_BYTES } from "./netchan.ts";
import { askConnection, outOfBand, readOutOfBand } from "./out-of-band.ts";
import { Session } from "./session.ts";
import { ProtocolError, type ProtocolFault } from "./protocol-error.ts";

const PACKETS = 6_000;
const PACKETS_A_SESSION = 60;

/** What a call throws by the protocol's name; null when it throws nothing. Any other error is the test's. */
function faultOf(call: () => unknown): ProtocolFault | null {
  try {
    call();
    return null;
  } catch (error) {
    if (error instanceof ProtocolError) return error.fault;
    throw error;
  }
}

describe.each(CHANNEL_FLAVOURS)("a %s client", (flavour) => {
  test("takes whatever comes, and throws nothing but ProtocolError", () => {
    const chance = chances(flavour.length);
    const faults = new Map<ProtocolFault | null, number>();
    for (let sent = 0; sent < PACKETS; sent += PACKETS_A_SESSION) {
      const { session, rest } = playing(flavour);
      for (let index = 0; index < PACKETS_A_SESSION; index++) {
        const fault = faultOf(() => session.receive(hostile(chance, rest), 10_000));
        faults.set(fault, (faults.get(fault) ?? 0) + 1);
        session.send(IDLE, 10_000);
      }
    }
    for (const fault of ["TRUNCATED", "OUT_OF_RANGE", "UNKNOWN_OPERATION"] as const)
      expect(faults.get(fault)).toBeGreaterThan(0);
  });

  test("throws nothing but ProtocolError at bodies of noise behind a right header", () => {
    const chance = chances(17);
    const { challenge, qport } = RECORDINGS[flavour];
    for (let sent = 0; sent < PACKETS / 4; sent += PACKETS_A_SESSION) {
      const { session } = playing(flavour);
      const forger = new Channel({ flavour, challenge, qport }, "SERVER");
      for (let skipped = 0; skipped < 40; skipped++) forger.send(new Uint8Array(1));
      for (let index = 0; index < PACKETS_A_SESSION; index++) {
        const body = Uint8Array.from({ length: 1 + Math.floor(chance() * 400) }, () => Math.floor(chance() * 256));
        body[0] = 0xaa;
        for (const datagram of forger.send(body)) faultOf(() => session.receive(datagram, 10_000));
      }
    }
  });

  test("keeps no more than one message of fragments without end", () => {
    const terms = { flavour, challenge: 5, qport: 1 };
    const client = new Channel(terms);
    const endless = new Channel(terms, "SERVER").send(new Uint8Array(MESSAGE_BYTES_MAX));
    const [first] = endless;
    if (!first) throw new Error("a message has a fragment");
    const headerBytes = flavour === "MODERN" ? 8 : 4;
    const faults = Array.from({ length: 20 }, (_none, index) => {
      const fragment = Buffer.from(first);
      fragment.writeUInt16LE(index * FRAGMENT_BYTES, headerBytes);
      return faultOf(() => client.receive(fragment));
    });
    // Twelve fit; the thirteenth would be too much, and what then comes continues nothing.
    expect(faults.indexOf("TOO_LONG")).toBe(12);
    expect(faults.filter((fault) => fault !== null)).toHaveLength(1);
  });
});

const terms = { flavour: "MODERN", challenge: 5, qport: 1 } as const;

test.each([
  ["a datagram of another connection", () => modern(6).receive(packet(5)), "BAD_CHECKSUM"],
  ["a packet shorter than its header", () => modern(5).receive(new Uint8Array(7)), "TRUNCATED"],
  ["a fragment that is longer than its packet", () => modern(5).receive(packet(5, true)), "BAD_FRAGMENT"],
  ["a message that is longer than all", () => modern(5).send(new Uint8Array(MESSAGE_BYTES_MAX + 1)), "TOO_LONG"],
  [
    "a message without its end",
    () => new BitReader(new Uint8Array(1)).long() + new BitReader(new Uint8Array(0)).byte(),
    "TRUNCATED",
  ],
  ["a name with a quote", () => askConnection({ name: 'a" rcon "b' }), "BAD_STRING"],
  ["a name with a backslash", () => askConnection({ name: "a\\password\\b" }), "BAD_STRING"],
  ["a chat that begins a line of the log", () => new Link(terms, 1).command("say x\nKill: 0 1 3: a"), "BAD_STRING"],
  ["a session whose name would break its packet", () => session({ name: 'x" "y' }), "BAD_STRING"],
  ["a session whose userinfo is too long", () => session({ name: "x".repeat(1_000) }), "BAD_STRING"],
  ["a challenge that is no number", () => readOutOfBand(outOfBand("challengeResponse x")), "BAD_STRING"],
  ["a configstring beyond the last one", () => new Configstrings().hear('cs 1024 "x"'), "OUT_OF_RANGE"],
] as const)("%s is refused by name", (_sentence, call, fault) => expect(faultOf(call)).toBe(fault));

const session = (userinfo: Record<string, string>) =>
  new Session({ userinfo, qport: 65_535, clientChallenge: 1, flavour: "MODERN", timescale: 1 });
const modern = (challenge: number) => new Channel({ flavour: "MODERN", challenge, qport: 1 });

function packet(challenge: number, broken = false): Uint8Array {
  const sender = new Channel({ flavour: "MODERN", challenge, qport: 1 }, "SERVER");
  // The first packet's checksum is zero whatever the connection.
  sender.send(new Uint8Array(1));
  const datagram = sender.send(new Uint8Array(broken ? FRAGMENT_BYTES : 10))[0] ?? new Uint8Array();
  return broken ? datagram.subarray(0, 100) : datagram;
}

test("a client takes no more commands than fit into a message, which then goes out in fragments", () => {
  const link = new Link(terms, 1);
  const taken = Array.from({ length: 80 }, () => link.command("say ".padEnd(500, "~")));
  expect(taken.filter((said) => said)).toHaveLength(16);
  expect(link.send(IDLE, 0).length).toBeGreaterThan(1);
});

test.each([
  ["a configstring in three pieces", ['bcs0 5 "ab', 'bcs1 5 "cd', 'bcs2 5 "ef"\n'], "abcdef"],
  ["pieces of another one in between are not taken", ['bcs0 5 "ab"', 'bcs1 6 "xx"', 'bcs2 5 "ef"'], "abef"],
  ["an end without a beginning", ['bcs2 5 "ef"'], ""],
  ["a change with its line feed", ['cs 5 "new"\n'], "new"],
] as const)("%s", (_sentence, commands, text) => {
  const strings = new Configstrings();
  for (const command of commands) strings.hear(command);
  expect(strings.get(5)).toBe(text);
});

test.each([
  [0, 1],
  [1, 1],
  [-1, -16],
  [-32_768, -16],
  [5, 3],
  [1_023, 10],
  [524_287, 19],
  [-2_147_483_648, -32],
])("%i comes back out of a field of %i bits", (value, width) => {
  const writer = new BitWriter();
  writer.flag(true);
  writer.number(value, Math.abs(width));
  writer.string("100% süß");
  const reader = new BitReader(writer.finish());
  expect(reader.flag()).toBe(true);
  expect(width < 0 ? reader.signed(-width) : reader.number(width)).toBe(value);
  expect(reader.string()).toBe("100. s..");
});

const SPACES = " ".repeat(2_000_000);

test.each<[string, string, string | null]>([
  ["a text in quotes", 'cs 5 "some text"', "some text"],
  ["a text without quotes", "cs 5 text", "text"],
  ["a text whose quote is not closed", 'cs 5 "text ', "text "],
  ["nothing in quotes, and a line's end", 'cs 5 ""\n', ""],
  ["something behind the quotes", 'cs 5 "text" more', null],
  ["no number", 'cs x "text"', null],
  // A pattern that tries all lengths of all spaces would be at these for hours.
  ["megabytes of space with something behind the quotes", `cs 5 "${SPACES}"x`, null],
  ["megabytes of space behind the quotes, and something", `cs 5 ""${SPACES}x`, null],
  ["megabytes of space in quotes", `cs 5 "${SPACES}"`, SPACES],
])("a configstring's command with %s is read in one go", (_sentence, command, text) => {
  expect(new Configstrings().hear(command)?.text ?? null).toBe(text);
});

test("an info string gives back what was put in, and refuses what would break it", () => {
  expect(parseInfo(formatInfo({ name: "^1Al pha", rate: 25_000 }) ?? "")).toEqual(
    new Map([
      ["name", "^1Al pha"],
      ["rate", "25000"],
    ]),
  );
  expect(formatInfo({ name: "a;quit" })).toBeNull();
  expect(formatInfo({ name: "x".repeat(1_024) })).toBeNull();
});
