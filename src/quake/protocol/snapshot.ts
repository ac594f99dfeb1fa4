import { type BitReader } from "./bits.ts";
import { readEntity, readPlayer } from "./delta.ts";
import { EMPTY_ENTITY, EMPTY_PLAYER, type EntityState, type PlayerState } from "./fields.ts";
import { ENTITY_NUMBER_BITS } from "./gamestate.ts";
import { ProtocolError } from "./protocol-error.ts";

/** Bits of a snapshot's flags. */
export const SNAPSHOT_FLAG = { rateDelayed: 1, notActive: 2, serverCount: 4 } as const;
/** How many snapshots back a change may refer. */
export const SNAPSHOTS_KEPT = 32;
const AREA_BYTES_MAX = 32;
const LAST_ENTITY = (1 << ENTITY_NUMBER_BITS) - 1;

/** The world at one moment, as far as this client's player might see it. */
export type Snapshot = {
  /** The server message that brought it. */
  readonly sequence: number;
  readonly serverTime: number;
  readonly flags: number;
  readonly player: PlayerState;
  /** By number, ascending. */
  readonly entities: readonly EntityState[];
};

type Known = {
  /** The snapshot that a message brought, while it is kept. */
  snapshotOf(sequence: number): Snapshot | undefined;
  baselines: ReadonlyMap<number, EntityState>;
};

/** Reads a snapshot after its operation; null when the one that it refers to never came or is no longer kept. */
export function readSnapshot(reader: BitReader, sequence: number, known: Known): Snapshot | null {
  const serverTime = reader.long();
  const back = reader.byte();
  const flags = reader.byte();
  const base = back === 0 ? undefined : known.snapshotOf(sequence - back);
  if (back !== 0 && (!base || back >= SNAPSHOTS_KEPT)) return null;
  skipAreas(reader);
  const player = readPlayer(reader, base?.player ?? EMPTY_PLAYER);
  const entities = readEntities(reader, base?.entities ?? [], known.baselines);
  return { sequence, serverTime, flags, player, entities };
}

function skipAreas(reader: BitReader): void {
  const count = reader.byte();
  if (count > AREA_BYTES_MAX) throw new ProtocolError("OUT_OF_RANGE", `${count} bytes of areas`);
  for (let index = 0; index < count; index++) reader.byte();
}

/** Walks the old list and the changes side by side: both ascend by number. */
function readEntities(
  reader: BitReader,
  old: readonly EntityState[],
  baselines: ReadonlyMap<number, EntityState>,
): EntityState[] {
  const entities: EntityState[] = [];
  let at = 0;
  let previous = -1;
  for (;;) {
    const number = reader.number(ENTITY_NUMBER_BITS);
    for (let kept = old[at]; kept && kept.number < number; kept = old[++at]) entities.push(kept);
    if (number === LAST_ENTITY) return entities;
    if (number <= previous) throw new ProtocolError("OUT_OF_RANGE", "entities out of order");
    previous = number;
    const before = old[at]?.number === number ? old[at++] : baselines.get(number);
    const entity = readEntity(reader, number, before ?? EMPTY_ENTITY);
    if (entity) entities.push(entity);
  }
}
