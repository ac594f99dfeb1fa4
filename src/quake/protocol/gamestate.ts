import type { BitReader } from "./bits.ts";
import { readBaseline } from "./delta.ts";
import type { EntityState } from "./fields.ts";
import { parseInfo } from "./info-string.ts";
import { ProtocolError } from "./protocol-error.ts";

export const CONFIGSTRINGS_MAX = 1_024;
/** All configstrings of a map together: as much as the engine itself keeps. */
export const CONFIGSTRING_CHARACTERS_MAX = 16_000;
export const ENTITY_NUMBER_BITS = 10;

/** Which configstring is what. */
export const CONFIGSTRING = { serverInfo: 0, systemInfo: 1, intermission: 22, firstPlayer: 544 } as const;

const CONFIGSTRING_OPERATION = 3;
const BASELINE_OPERATION = 4;
const END_OPERATION = 8;

/** Everything that stays the same on a map, until a server command changes it. */
export type Gamestate = {
  readonly configstrings: ReadonlyMap<number, string>;
  readonly baselines: ReadonlyMap<number, EntityState>;
  /** The last server command that is part of this state. */
  readonly commandSequence: number;
  readonly client: number;
  readonly checksumFeed: number;
  /** Names the run of a map; each client message must carry it. */
  readonly serverId: number;
};

/** Reads a gamestate after its operation. */
export function readGamestate(reader: BitReader): Gamestate {
  const commandSequence = reader.long();
  const configstrings = new Map<number, string>();
  const baselines = new Map<number, EntityState>();
  let characters = 0;
  for (let operation = reader.byte(); operation !== END_OPERATION; operation = reader.byte()) {
    if (operation === CONFIGSTRING_OPERATION) {
      const index = reader.short();
      if (index < 0 || index >= CONFIGSTRINGS_MAX) throw new ProtocolError("OUT_OF_RANGE", `configstring ${index}`);
      const text = reader.string();
      characters += text.length;
      if (characters > CONFIGSTRING_CHARACTERS_MAX) throw new ProtocolError("TOO_LONG", "configstrings without end");
      configstrings.set(index, text);
    } else if (operation === BASELINE_OPERATION) {
      const number = reader.number(ENTITY_NUMBER_BITS);
      baselines.set(number, readBaseline(reader, number));
    } else throw new ProtocolError("UNKNOWN_OPERATION", `${operation} in a gamestate`);
  }
  const client = reader.long();
  const checksumFeed = reader.long();
  return {
    configstrings,
    baselines,
    commandSequence,
    client,
    checksumFeed,
    serverId: serverIdOf(configstrings.get(CONFIGSTRING.systemInfo) ?? ""),
  };
}

/** The id of the map's run, out of the configstring `systemInfo`; it changes with each `map` and `map_restart`. */
export function serverIdOf(systemInfo: string): number {
  return Number.parseInt(parseInfo(systemInfo).get("sv_serverid") ?? "0", 10) | 0;
}
