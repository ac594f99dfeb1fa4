import { readFileSync } from "node:fs";

/** One datagram of a recorded session, with what another decoder made of it. */
export type Recorded = {
  t: number;
  dir: "C>S" | "S>C";
  note: string;
  hex: string;
  cmds?: string[];
  gamestate?: { configstrings: number; baselines: number; clientNum: number; checksumFeed: number; serverId: number };
  snap?: {
    serverTime: number;
    flags: number;
    origin: number[];
    velocity: number[];
    hp: number;
    armor: number;
    weapon: number;
    ents: string;
  };
};

export type Recording = { challenge: number; qport: number; clientNum: number; datagrams: Recorded[] };

export const bytesOf = ({ hex }: { hex: string }): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));

/** Objects out of a file of tests/fixtures/quake with one JSON text a line. */
export function fixtureLines<Line>(file: string): Line[] {
  const text = readFileSync(`tests/fixtures/quake/${file}`, "utf8").trim();
  return text.split("\n").map((line) => JSON.parse(line) as Line);
}

/** A session of a client with a real OpenArena server, every datagram of it. */
export function recordedSession(flavour: "modern71" | "xor71"): Recording {
  const [meta, ...datagrams] = fixtureLines<never>(`session-${flavour}.jsonl`);
  return { ...(meta as unknown as Omit<Recording, "datagrams">), datagrams };
}

/** Where the recording client was, as the server itself told it, while it played. */
export function playedPositions(flavour: "modern71" | "xor71"): (readonly [number, number, number])[] {
  return recordedSession(flavour).datagrams.flatMap(({ snap }) => {
    const [x, y, z] = snap?.origin ?? [];
    const isPlaying = snap !== undefined && snap.hp > 0 && (snap.flags & 2) === 0;
    return isPlaying && x !== undefined && y !== undefined && z !== undefined ? [[x, y, z] as const] : [];
  });
}
