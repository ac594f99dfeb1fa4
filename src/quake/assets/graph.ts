import { AssetError } from "./asset-error.ts";
import { floats, integers, Lumps } from "./lumps.ts";
import type { Vector } from "./vector.ts";

/** How one goes from an area to the next, by the number in the file. */
export const TRAVEL = {
  walk: 2,
  crouch: 3,
  barrierJump: 4,
  jump: 5,
  ladder: 6,
  walkOffLedge: 7,
  swim: 8,
  waterJump: 9,
  teleport: 10,
  elevator: 11,
  jumpPad: 18,
} as const;

/** Bits of what an area holds that does harm; the last is set by who made the ways, for pits above all. */
export const HELD = { lava: 0x2, slime: 0x4, doNotEnter: 0x1_00 } as const;

/** A way from one area to another. */
export type Reach = {
  from: number;
  to: number;
  start: Vector;
  end: Vector;
  travel: number;
  /** Game milliseconds. */
  takesMs: number;
};

/** The ways of a map for players on foot: convex areas, and how one leads to the next. */
export type Graph = {
  areas: number;
  /** The middle of each area; area 0 is none. */
  centre(area: number): Vector;
  /** Bits of what each area holds. */
  held(area: number): number;
  /** Ways by number; those out of an area are in a row. */
  reaches: readonly Reach[];
  /** The ways out of an area. */
  from(area: number): readonly number[];
  /** The ways into an area. */
  into(area: number): readonly number[];
  /** The area that a player whose origin is here is in; 0 is none. */
  areaAt(point: Vector): number;
};

const IDENT = "EAAS";
const VERSION = 5;
const LUMPS = 14;
const DIRECTORY = 12;
const HIDDEN_FROM = 8;
const HIDING_FACTOR = 119;
const MS_PER_TICK = 10;
/** Above these bits stand the teams for which a way is closed. */
const TRAVEL_MASK = 0xff_ff_ff;
const LUMP = { planes: 2, areas: 7, settings: 8, reaches: 9, nodes: 10 } as const;

/** Reads the ways of a map. Throws an `AssetError`. */
export function readGraph(file: Uint8Array): Graph {
  const header = revealed(file);
  if (Buffer.from(file.subarray(0, 4)).toString("latin1") !== IDENT) throw new AssetError("BAD_FORMAT", "no ways");
  const version = header.getInt32(4, true);
  if (version !== VERSION) throw new AssetError("BAD_FORMAT", `ways of version ${version}`);
  const lumps = new Lumps(file, new DataView(header.buffer, DIRECTORY, LUMPS * 8));
  const centres = floats(lumps.records(LUMP.areas, 48), 36, 3);
  const areas = centres.length / 3;
  const held = integers(lumps.records(LUMP.settings, 28), 0);
  const from = waysOut(lumps, areas);
  const reaches = readReaches(lumps, from);
  const into: number[][] = Array.from({ length: areas }, () => []);
  for (const [number, { to }] of reaches.entries()) into[to]?.push(number);
  return {
    areas,
    reaches,
    centre: (area) => [centres[area * 3] ?? 0, centres[area * 3 + 1] ?? 0, centres[area * 3 + 2] ?? 0],
    held: (area) => held[area] ?? 0,
    from: (area) => from[area] ?? [],
    into: (area) => into[area] ?? [],
    areaAt: readTree(lumps, areas),
  };
}

/** The header's bytes after the version are hidden by a simple sum. */
function revealed(file: Uint8Array): DataView {
  if (file.byteLength < DIRECTORY + LUMPS * 8) throw new AssetError("BAD_FORMAT", "no ways");
  const header = file
    .slice(0, DIRECTORY + LUMPS * 8)
    .map((byte, index) => (index < HIDDEN_FROM ? byte : byte ^ (((index - HIDDEN_FROM) * HIDING_FACTOR) & 0xff)));
  return new DataView(header.buffer);
}

/** The numbers of the ways out of each area. */
function waysOut(lumps: Lumps, areas: number): number[][] {
  const settings = lumps.records(LUMP.settings, 28);
  if (settings.count !== areas) throw new AssetError("BAD_FORMAT", "areas without settings");
  const counts = integers(settings, 20);
  const total = lumps.records(LUMP.reaches, 44).count;
  return Array.from(integers(settings, 24), (first, area) => {
    const count = counts[area] ?? 0;
    if (count < 0 || (count > 0 && (first < 0 || first + count > total)))
      throw new AssetError("BAD_FORMAT", `area ${area} has ways that are not there`);
    return Array.from({ length: count }, (_none, index) => first + index);
  });
}

function readReaches(lumps: Lumps, from: readonly (readonly number[])[]): Reach[] {
  const records = lumps.records(LUMP.reaches, 44);
  const origin = new Int32Array(records.count);
  for (const [area, numbers] of from.entries()) for (const number of numbers) origin[number] = area;
  const [to, travel] = [integers(records, 0), integers(records, 36)];
  const places = floats(records, 12, 6);
  const place = (at: number): Vector => [places[at] ?? 0, places[at + 1] ?? 0, places[at + 2] ?? 0];
  return Array.from({ length: records.count }, (_none, number) => {
    const target = to[number] ?? 0;
    if (target < 0 || target >= from.length) throw new AssetError("BAD_FORMAT", `no area ${target}`);
    return {
      from: origin[number] ?? 0,
      to: target,
      start: place(number * 6),
      end: place(number * 6 + 3),
      travel: (travel[number] ?? 0) & TRAVEL_MASK,
      takesMs: records.view.getUint16(number * 44 + 40, true) * MS_PER_TICK,
    };
  });
}

/** Finds areas by the tree of the file: positive children are nodes, negative ones areas, zero is solid. */
function readTree(lumps: Lumps, areas: number): Graph["areaAt"] {
  const planes = floats(lumps.records(LUMP.planes, 20), 0, 4);
  const nodes = lumps.records(LUMP.nodes, 12);
  const [plane, front, back] = [integers(nodes, 0), integers(nodes, 4), integers(nodes, 8)];
  for (const child of [...front, ...back])
    if (child >= nodes.count || -child >= areas) throw new AssetError("BAD_FORMAT", `no area behind ${child}`);
  return (point) => {
    let node = 1;
    // A tree is no deeper than it has nodes; one with a ring would never end.
    for (let depth = 0; node > 0 && depth < nodes.count; depth++) {
      const at = (plane[node] ?? 0) * 4;
      const height =
        point[0] * (planes[at] ?? 0) +
        point[1] * (planes[at + 1] ?? 0) +
        point[2] * (planes[at + 2] ?? 0) -
        (planes[at + 3] ?? 0);
      node = (height > 0 ? front[node] : back[node]) ?? 0;
    }
    return node < 0 ? -node : 0;
  };
}
