import type { BitReader } from "./bits.ts";
import type { EntityState } from "./fields.ts";
import { readGamestate, type Gamestate } from "./gamestate.ts";
import { ProtocolError } from "./protocol-error.ts";
import { readSnapshot, type Snapshot } from "./snapshot.ts";

/** One thing that a server message says. */
export type Said =
  | { kind: "command"; sequence: number; text: string }
  | { kind: "gamestate"; gamestate: Gamestate }
  | { kind: "snapshot"; snapshot: Snapshot }
  /** A snapshot that is told relative to one which never came. */
  | { kind: "unreadable" };

/** What earlier messages told, to which this one refers. */
export type Known = {
  snapshotOf(sequence: number): Snapshot | undefined;
  baselines: ReadonlyMap<number, EntityState>;
};

const OPERATION = { nothing: 1, gamestate: 2, command: 5, snapshot: 7, end: 8 } as const;

/** Reads a server message after the acknowledgement that it begins with. */
export function readServerMessage(reader: BitReader, sequence: number, known: Known): Said[] {
  const said: Said[] = [];
  let { baselines, snapshotOf } = known;
  for (;;) {
    const operation = reader.byte();
    switch (operation) {
      case OPERATION.nothing:
        break;
      case OPERATION.command:
        said.push({ kind: "command", sequence: reader.long(), text: reader.string() });
        break;
      case OPERATION.gamestate: {
        const gamestate = readGamestate(reader);
        ({ baselines } = gamestate);
        snapshotOf = () => undefined;
        said.push({ kind: "gamestate", gamestate });
        break;
      }
      case OPERATION.snapshot: {
        const snapshot = readSnapshot(reader, sequence, { snapshotOf, baselines });
        if (!snapshot) return [...said, { kind: "unreadable" }];
        said.push({ kind: "snapshot", snapshot });
        break;
      }
      case OPERATION.end:
        return said;
      default:
        throw new ProtocolError("UNKNOWN_OPERATION", `${operation} in a server message`);
    }
  }
}
