import { AssetError } from "./asset-error.ts";
import { floats, integers, Lumps, type Lump } from "./lumps.ts";

/** Bits that say what a brush is made of. */
export const CONTENTS = { solid: 0x1, lava: 0x8, slime: 0x10, water: 0x20, playerClip: 0x1_00_00 } as const;

/** The numbers of a version 46 map that collision, sight and play need, each kind of field in one array. */
export type Bsp = {
  /** The text of all entities. */
  entities: string;
  planes: { normal: Float32Array; distance: Float32Array };
  nodes: { plane: Int32Array; front: Int32Array; back: Int32Array };
  leafs: { cluster: Int32Array; firstBrush: Int32Array; brushes: Int32Array };
  leafBrushes: Int32Array;
  brushes: { firstSide: Int32Array; sides: Int32Array; contents: Int32Array };
  /** The plane of each side of each brush. */
  sidePlanes: Int32Array;
  /** The world, then doors, lifts and triggers. */
  models: { minimum: Float32Array; maximum: Float32Array; firstBrush: Int32Array; brushes: Int32Array };
  /** Which cluster may see which: a row of bits for each; no rows when the map was not reckoned. */
  visible: { clusters: number; rowBytes: number; bits: Uint8Array };
  /** Curved surfaces, which traces do not know. */
  patches: number;
};

const IDENT = "IBSP";
const VERSION = 46;
const LUMPS = 17;
const HEADER = 8;
const PATCH = 2;
const LUMP = {
  entities: 0,
  materials: 1,
  planes: 2,
  nodes: 3,
  leafs: 4,
  leafBrushes: 6,
  models: 7,
  brushes: 8,
  sides: 9,
  surfaces: 13,
  visible: 16,
} as const;

/** Reads a map. Throws an `AssetError` when it is none, or when one part of it names what another does not have. */
export function readBsp(file: Uint8Array): Bsp {
  const header = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.byteLength < HEADER + LUMPS * 8 || text(file.subarray(0, 4)) !== IDENT)
    throw new AssetError("BAD_FORMAT", "not a map");
  const version = header.getInt32(4, true);
  if (version !== VERSION) throw new AssetError("BAD_FORMAT", `a map of version ${version}`);
  const lumps = new Lumps(file, new DataView(file.buffer, file.byteOffset + HEADER, LUMPS * 8));
  const bsp = readParts(lumps);
  checkReferences(bsp);
  return bsp;
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

function readParts(lumps: Lumps): Bsp {
  const planes = lumps.records(LUMP.planes, 16);
  const nodes = lumps.records(LUMP.nodes, 36);
  const leafs = lumps.records(LUMP.leafs, 48);
  const models = lumps.records(LUMP.models, 40);
  const sides = lumps.records(LUMP.sides, 8);
  const kinds = integers(lumps.records(LUMP.surfaces, 104), 8);
  return {
    entities: text(lumps.bytes(LUMP.entities)).replace(/\0[^]*$/, ""),
    planes: { normal: floats(planes, 0, 3), distance: floats(planes, 12, 1) },
    nodes: { plane: integers(nodes, 0), front: integers(nodes, 4), back: integers(nodes, 8) },
    leafs: { cluster: integers(leafs, 0), firstBrush: integers(leafs, 40), brushes: integers(leafs, 44) },
    leafBrushes: integers(lumps.records(LUMP.leafBrushes, 4), 0),
    brushes: readBrushes(lumps),
    sidePlanes: integers(sides, 0),
    models: {
      minimum: floats(models, 0, 3),
      maximum: floats(models, 12, 3),
      firstBrush: integers(models, 32),
      brushes: integers(models, 36),
    },
    visible: readVisible(lumps.bytes(LUMP.visible)),
    patches: kinds.filter((kind) => kind === PATCH).length,
  };
}

/** What a brush is made of stands at its material. */
function readBrushes(lumps: Lumps): Bsp["brushes"] {
  const brushes: Lump = lumps.records(LUMP.brushes, 12);
  const contentsOf = integers(lumps.records(LUMP.materials, 72), 68);
  const contents = integers(brushes, 8).map((material) => {
    if (material < 0 || material >= contentsOf.length) throw new AssetError("BAD_FORMAT", `no material ${material}`);
    return contentsOf[material] ?? 0;
  });
  return { firstSide: integers(brushes, 0), sides: integers(brushes, 4), contents };
}

function readVisible(bytes: Uint8Array): Bsp["visible"] {
  if (bytes.byteLength < 8) return { clusters: 0, rowBytes: 0, bits: new Uint8Array() };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [clusters, rowBytes] = [view.getInt32(0, true), view.getInt32(4, true)];
  const bits = bytes.slice(8);
  if (clusters < 0 || rowBytes < 0 || clusters > rowBytes * 8 || bits.length < clusters * rowBytes)
    throw new AssetError("BAD_FORMAT", "the table of sight is cut off");
  return { clusters, rowBytes, bits };
}

/** A broken file is refused here, so that no trace ever meets what is not there. */
function checkReferences({ planes, nodes, leafs, leafBrushes, brushes, sidePlanes, models }: Bsp): void {
  const within = (name: string, numbers: Int32Array, count: number) => {
    for (const number of numbers)
      if (number < 0 || number >= count) throw new AssetError("BAD_FORMAT", `no ${name} ${number}`);
  };
  const ranges = (name: string, first: Int32Array, counts: Int32Array, count: number) => {
    for (const [index, start] of first.entries()) {
      const length = counts[index] ?? 0;
      if (length < 0 || (length > 0 && (start < 0 || start + length > count)))
        throw new AssetError("BAD_FORMAT", `no ${name} ${start} to ${start + length}`);
    }
  };
  if (nodes.plane.length === 0 || models.firstBrush.length === 0) throw new AssetError("BAD_FORMAT", "an empty map");
  within("plane", nodes.plane, planes.distance.length);
  within("plane", sidePlanes, planes.distance.length);
  within("brush", leafBrushes, brushes.contents.length);
  ranges("brush", leafs.firstBrush, leafs.brushes, leafBrushes.length);
  ranges("side", brushes.firstSide, brushes.sides, sidePlanes.length);
  ranges("brush", models.firstBrush, models.brushes, brushes.contents.length);
  checkTree(nodes, leafs.cluster.length);
}

/** Children come after their parent in the file, so that a walk down the tree ends. */
function checkTree({ front, back }: Bsp["nodes"], leafs: number): void {
  for (const children of [front, back])
    for (const [parent, child] of children.entries()) {
      const exists = child >= 0 ? child > parent && child < front.length : -1 - child < leafs;
      if (!exists) throw new AssetError("BAD_FORMAT", `node ${parent} has no child ${child}`);
    }
}
