import { IDLE } from "../../src/quake/protocol/link.ts";
import type { ChannelFlavour } from "../../src/quake/protocol/netchan.ts";
import { outOfBand } from "../../src/quake/protocol/out-of-band.ts";
import { Session } from "../../src/quake/protocol/session.ts";
import { bytesOf, recordedSession } from "./quake-recording.ts";

export const RECORDINGS = { MODERN: recordedSession("modern71"), LEGACY: recordedSession("xor71") } as const;

/** A client in the middle of a game, and what the server then sent. */
export function playing(flavour: ChannelFlavour) {
  const { datagrams, qport } = RECORDINGS[flavour];
  const clientChallenge = Number(datagrams[0]?.note.split(" ")[2]);
  const session = new Session({ userinfo: {}, qport, clientChallenge, flavour, timescale: 1 });
  for (const recorded of datagrams.slice(0, 60))
    if (recorded.dir === "C>S") session.send(IDLE, recorded.t);
    else session.receive(bytesOf(recorded), recorded.t);
  if (session.phase !== "CONNECTED") throw new Error("the recording does not connect");
  return {
    session,
    rest: datagrams
      .slice(60)
      .filter(({ dir }) => dir === "S>C")
      .map(bytesOf),
  };
}

/** Bytes that nobody sent: noise, or a real datagram cut, changed, or continued by noise. */
export function hostile(chance: () => number, real: readonly Uint8Array[]): Uint8Array {
  const noise = (length: number) => Uint8Array.from({ length }, () => Math.floor(chance() * 256));
  const original = real[Math.floor(chance() * real.length)] ?? noise(40);
  const kept = original.slice(0, Math.floor(chance() * (original.length + 1)));
  switch (Math.floor(chance() * 5)) {
    case 0:
      return noise(Math.floor(chance() * 1_500));
    case 1:
      return kept;
    case 2:
      return Uint8Array.from([...kept, ...noise(Math.floor(chance() * 200))]);
    case 3:
      return outOfBand(Buffer.from(noise(Math.floor(chance() * 60))).toString("latin1"));
    default: {
      const changed = Uint8Array.from(original);
      for (let count = 1 + Math.floor(chance() * 4); count > 0; count--)
        changed[8 + Math.floor(chance() * (changed.length - 8))] = Math.floor(chance() * 256);
      return changed;
    }
  }
}
