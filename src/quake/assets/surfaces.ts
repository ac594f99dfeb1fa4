import { AssetError } from "./asset-error.ts";
import { floats, integers, Lumps, type Lump } from "./lumps.ts";

/** What is drawn of a version 46 map: flat and free surfaces, cut into triangles. Curves and flares are left out. */
export type Surfaces = {
  materials: readonly { name: string; flags: number }[];
  /** Three numbers each, in the units of the map. */
  positions: Float32Array;
  normals: Float32Array;
  /** Two numbers each: where a vertex lies on its picture, and on its page of light. */
  texture: Float32Array;
  light: Float32Array;
  /** Four bytes each: the light of a surface that has no page. */
  colours: Uint8Array;
  faces: readonly Face[];
  /** Pages of light, each 128 × 128 pixels of three bytes. */
  pages: readonly Uint8Array[];
};

/** One surface: its triangles name vertices of the map by number, three each. */
export type Face = { material: number; page: number; triangles: Uint32Array };

/** The side of a page of light, in pixels. */
export const PAGE_PX = 128;
const PAGE_BYTES = PAGE_PX * PAGE_PX * 3;
const HEADER = 8;
const LUMPS = 17;
const NAME_BYTES = 64;
const LUMP = { materials: 1, vertices: 10, corners: 11, surfaces: 13, pages: 14 } as const;
/** Kinds of surfaces that come with triangles: a polygon and a free mesh. */
const DRAWN: readonly number[] = [1, 3];

/** Reads what of a map can be drawn. Throws an `AssetError` when its parts do not fit together. */
export function readSurfaces(file: Uint8Array): Surfaces {
  if (file.byteLength < HEADER + LUMPS * 8) throw new AssetError("BAD_FORMAT", "not a map");
  const lumps = new Lumps(file, new DataView(file.buffer, file.byteOffset + HEADER, LUMPS * 8));
  const vertices = lumps.records(LUMP.vertices, 44);
  return {
    materials: readMaterials(lumps.records(LUMP.materials, 72)),
    positions: floats(vertices, 0, 3),
    texture: floats(vertices, 12, 2),
    light: floats(vertices, 20, 2),
    normals: floats(vertices, 28, 3),
    colours: readColours(vertices),
    faces: readFaces(lumps, vertices.count),
    pages: readPages(lumps.bytes(LUMP.pages)),
  };
}

function readMaterials({ view, count, record }: Lump): Surfaces["materials"] {
  return Array.from({ length: count }, (_none, index) => {
    const name = Buffer.from(view.buffer, view.byteOffset + index * record, NAME_BYTES).toString("latin1");
    return { name: name.replace(/\0[^]*$/, ""), flags: view.getInt32(index * record + NAME_BYTES, true) };
  });
}

function readColours({ view, count, record }: Lump): Uint8Array {
  const colours = new Uint8Array(count * 4);
  for (let index = 0; index < count; index++)
    for (let at = 0; at < 4; at++) colours[index * 4 + at] = view.getUint8(index * record + 40 + at);
  return colours;
}

function readFaces(lumps: Lumps, vertices: number): Face[] {
  const records = lumps.records(LUMP.surfaces, 104);
  const corners = integers(lumps.records(LUMP.corners, 4), 0);
  const fields = [0, 8, 12, 20, 24, 28].map((offset) => integers(records, offset));
  const faces: Face[] = [];
  for (let index = 0; index < records.count; index++) {
    const [material = 0, kind = 0, first = 0, corner = 0, count = 0, page = -1] = fields.map((field) => field[index]);
    if (!DRAWN.includes(kind)) continue;
    if (corner < 0 || count < 0 || count % 3 !== 0 || corner + count > corners.length)
      throw new AssetError("BAD_FORMAT", `surface ${index} has no corners ${corner} to ${corner + count}`);
    const triangles = Uint32Array.from(corners.subarray(corner, corner + count), (at) => first + at);
    if (triangles.some((vertex) => vertex >= vertices))
      throw new AssetError("BAD_FORMAT", `surface ${index} names a vertex that is not there`);
    faces.push({ material, page, triangles });
  }
  return faces;
}

function readPages(bytes: Uint8Array): Uint8Array[] {
  const count = Math.floor(bytes.byteLength / PAGE_BYTES);
  return Array.from({ length: count }, (_none, page) => bytes.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES));
}
