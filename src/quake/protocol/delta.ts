import type { BitReader } from "./bits.ts";
import {
  ARRAY_LENGTH,
  EMPTY_ENTITY,
  ENTITY_FIELDS,
  PLAYER_ARRAYS,
  PLAYER_FIELDS,
  type EntityState,
  type PlayerState,
} from "./fields.ts";
import { ProtocolError } from "./protocol-error.ts";

/** Small whole floats travel as this many bits, moved up by half of their range. */
const SMALL_FLOAT_BITS = 13;
const SMALL_FLOAT_BIAS = 4_096;

type Draft<State> = { -readonly [Name in keyof State]: State[Name] };

/** Reads an entity's change after its number; null when it is gone. The old state itself when nothing changed. */
export function readEntity(reader: BitReader, number: number, from: EntityState): EntityState | null {
  if (reader.flag()) return null;
  if (!reader.flag()) return from.number === number ? from : { ...from, number };
  const changed = fieldCount(reader, ENTITY_FIELDS.length);
  const entity: Draft<EntityState> = { ...from, number };
  for (let index = 0; index < changed; index++) {
    const field = ENTITY_FIELDS[index];
    if (!field || !reader.flag()) continue;
    const [name, width] = field;
    if (!reader.flag()) entity[name] = 0;
    else entity[name] = width === 0 ? readFloat(reader) : readWhole(reader, width);
  }
  return entity;
}

/** Reads an entity that is told from nothing, as the gamestate tells baselines. */
export const readBaseline = (reader: BitReader, number: number): EntityState =>
  readEntity(reader, number, EMPTY_ENTITY) ?? { ...EMPTY_ENTITY, number };

/** Reads the change of one's own player. */
export function readPlayer(reader: BitReader, from: PlayerState): PlayerState {
  const changed = fieldCount(reader, PLAYER_FIELDS.length);
  const player: Draft<PlayerState> = { ...from };
  for (let index = 0; index < changed; index++) {
    const field = PLAYER_FIELDS[index];
    if (!field || !reader.flag()) continue;
    const [name, width] = field;
    player[name] = width === 0 ? readFloat(reader) : readWhole(reader, width);
  }
  if (reader.flag()) for (const name of PLAYER_ARRAYS) player[name] = readArray(reader, name, player[name]);
  return player;
}

function fieldCount(reader: BitReader, max: number): number {
  const count = reader.byte();
  if (count > max) throw new ProtocolError("OUT_OF_RANGE", `a state of ${count} fields`);
  return count;
}

const readFloat = (reader: BitReader): number =>
  reader.flag() ? reader.float() : reader.number(SMALL_FLOAT_BITS) - SMALL_FLOAT_BIAS;

const readWhole = (reader: BitReader, width: number): number =>
  width < 0 ? reader.signed(-width) : reader.number(width);

function readArray(
  reader: BitReader,
  name: (typeof PLAYER_ARRAYS)[number],
  from: readonly number[],
): readonly number[] {
  if (!reader.flag()) return from;
  const mask = reader.number(ARRAY_LENGTH);
  return from.map((old, index) => {
    if ((mask & (1 << index)) === 0) return old;
    return name === "powerups" ? reader.long() : reader.short();
  });
}
