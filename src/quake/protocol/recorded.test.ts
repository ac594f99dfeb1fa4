import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { bytesOf, recordedSession, type Recorded } from "../../../tests/harness/quake-recording.ts";
import { readClientMessage } from "../../../tests/harness/quake-server.ts";
import { writeClientMessage } from "./client-message.ts";
import { CODE_LENGTHS, CODES } from "./huffman.ts";
import { parseInfo } from "./info-string.ts";
import { Channel } from "./netchan.ts";
import { askChallenge, askConnection } from "./out-of-band.ts";
import { clientKey, scramble, SCRAMBLED_FROM } from "./scramble.ts";
import { Session, type SessionEvent } from "./session.ts";
import { IDLE } from "./link.ts";
import type { Snapshot } from "./snapshot.ts";

const FLAVOURS = [
  ["MODERN", "modern71", 181],
  ["LEGACY", "xor71", 183],
] as const;

const connectNote = (datagrams: Recorded[]) => datagrams.find(({ note }) => note.startsWith("connect "));

/** A session that is about to hear the recorded answers. */
function listener(flavour: "MODERN" | "LEGACY", file: "modern71" | "xor71") {
  const { datagrams, qport } = recordedSession(file);
  const asked = datagrams[0]?.note.split(" ")[2];
  const session = new Session({ userinfo: {}, qport, clientChallenge: Number(asked), flavour, timescale: 1 });
  return { session, datagrams };
}

/** What a snapshot says, in the words of the recording. */
const retold = ({ serverTime, flags, player, entities }: Snapshot) => ({
  serverTime,
  flags,
  origin: [player.originX, player.originY, player.originZ],
  velocity: [player.velocityX, player.velocityY, player.velocityZ],
  hp: player.stats[0],
  armor: player.stats[4],
  weapon: player.weapon,
  ents: entities.map(({ number }) => number).join(","),
});

const gamestateOf = (events: readonly SessionEvent[]) =>
  events
    .flatMap((event) => (event.type === "GAMESTATE" ? [event.gamestate] : []))
    .map(({ configstrings, baselines, client, checksumFeed, serverId }) => ({
      configstrings: configstrings.size,
      baselines: baselines.size,
      clientNum: client,
      checksumFeed,
      serverId,
    }))[0];

const snapshotsOf = (events: readonly SessionEvent[]) =>
  events.flatMap((event) => (event.type === "SNAPSHOT" ? [event.snapshot] : []));

test("the static code is the one of the protocol", () => {
  const codes = Array.from(CODES, (code, byte) => [code, CODE_LENGTHS[byte]]);
  expect(createHash("sha256").update(JSON.stringify(codes)).digest("hex")).toBe(
    "a96dd52e9c3f44697c68f2a472d49653d938cacaf0d5dac623eae913a89fc888",
  );
});

describe.each(FLAVOURS)("a recorded %s session", (flavour, file, snapshots) => {
  test("is understood to the last snapshot, command and configstring", () => {
    const { session, datagrams } = listener(flavour, file);
    let seen = 0;
    for (const recorded of datagrams) {
      if (recorded.dir === "C>S") {
        session.send(IDLE, recorded.t);
        continue;
      }
      const events = session.receive(bytesOf(recorded), recorded.t);
      const commands = events.flatMap((event) => {
        if (event.type === "COMMAND") return [event.text.trim()];
        return event.type === "CONFIGSTRING" ? [`cs ${event.index} "${event.text}"`] : [];
      });
      expect(commands.map((text) => text.replaceAll("\n", ""))).toEqual(
        (recorded.cmds ?? []).map((text) => text.trim().replaceAll("\n", "")),
      );
      expect(gamestateOf(events)).toEqual(recorded.gamestate);
      const [snapshot] = snapshotsOf(events);
      expect(snapshot ? retold(snapshot) : undefined).toEqual(recorded.snap);
      if (snapshot) seen++;
    }
    expect(seen).toBe(snapshots);
    expect(session.configstring(6)).toBe("1");
  });

  test("was begun by the very packets that this client writes", () => {
    const { datagrams } = recordedSession(file);
    const [first] = datagrams;
    const connect = connectNote(datagrams);
    if (!first || !connect) throw new Error("the recording begins with the two questions");
    expect(hexOf(askChallenge(Number(first.note.split(" ")[2])))).toBe(first.hex);
    const userinfo = Object.fromEntries(parseInfo(connect.note.split('"')[1] ?? ""));
    const inItsOwnCase = (connect.note.split('"')[1] ?? "").split("\\").filter((_part, index) => index % 2 === 1);
    const cased = Object.fromEntries(inItsOwnCase.map((key) => [key, userinfo[key.toLowerCase()] ?? ""]));
    expect(hexOf(askConnection(cased))).toBe(connect.hex);
  });

  test("moved its player by the very packets that this client writes", () => {
    const { datagrams, challenge, qport } = recordedSession(file);
    const { session } = listener(flavour, file);
    const channel = new Channel({ flavour, challenge, qport });
    const memory = new Memory();
    let written = 0;
    for (const recorded of datagrams) {
      if (recorded.dir === "S>C") {
        memory.learn(session.receive(bytesOf(recorded), recorded.t));
        continue;
      }
      session.send(IDLE, recorded.t);
      if (!recorded.note.startsWith("seq=")) continue;
      const body = bytesOf(recorded).subarray(flavour === "MODERN" ? 10 : 6);
      const acknowledged = Number(/ack=(\d+)/.exec(recorded.note)?.[1]);
      const { texts, checksumFeed } = memory;
      const message = readClientMessage(body, { flavour, challenge, texts, checksumFeed });
      expect(message.acknowledged).toBe(acknowledged);
      const again = writeClientMessage(message);
      if (flavour === "LEGACY")
        scramble(
          again,
          SCRAMBLED_FROM.client,
          clientKey(challenge, message.serverId, acknowledged),
          message.commandText,
        );
      expect(channel.send(again).map(hexOf)).toEqual([recorded.hex]);
      written += message.moves.length > 0 ? 1 : 0;
    }
    expect(written).toBeGreaterThan(260);
  });
});

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** What the recorder had learnt from the server: the text of each command by its number, and the map's part of the key. */
class Memory {
  readonly texts = new Map<number, string>();
  checksumFeed = 0;
  private last = 0;

  learn(events: readonly SessionEvent[]): void {
    for (const event of events) {
      if (event.type === "GAMESTATE") {
        this.checksumFeed = event.gamestate.checksumFeed;
        this.last = event.gamestate.commandSequence;
      }
      if (event.type === "COMMAND") this.texts.set(++this.last, event.text);
      if (event.type === "CONFIGSTRING") this.texts.set(++this.last, `cs ${event.index} "${event.text}"\n`);
    }
  }
}
