import { SCENERY_FORMAT, type Scenery } from "./scenery.ts";

const WORD = 4;
/** Text, then arrays of numbers: each begins at a multiple of four, so that it can be read where it lies. */
const padded = (bytes: number): number => Math.ceil(bytes / WORD) * WORD;

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/**
 * A scenery as one file for browsers: "AGMP", the format's number, the length of a JSON text, that text, and what it points
 * to by offset (from the end of the text, in bytes) and length. Numbers are little-endian.
 */
export function packScenery({ name, vertices, corners, groups, pictures, light, items }: Scenery): Uint8Array {
  const parts: Uint8Array[] = [];
  let length = 0;
  const put = (part: ArrayBufferView) => {
    const place = { offset: length, bytes: part.byteLength };
    parts.push(bytesOf(part), new Uint8Array(padded(part.byteLength) - part.byteLength));
    length += padded(part.byteLength);
    return place;
  };
  const head = {
    name,
    vertices: vertices.position.length / 3,
    triangles: corners.length / 3,
    position: put(vertices.position),
    texture: put(vertices.texture),
    light: put(vertices.light),
    colour: put(vertices.colour),
    corners: put(corners),
    groups,
    pictures: pictures.map(({ type, bytes }) => ({ type, ...put(bytes) })),
    lightPicture: { type: "image/png", ...put(light) },
    items: items.map(({ id, className, kind, origin }) => ({ id, className, use: kind.use, origin })),
  };
  const text = Buffer.from(JSON.stringify(head));
  const intro = Buffer.alloc(12 + padded(text.length), " ");
  intro.write("AGMP", "latin1");
  intro.writeUInt32LE(SCENERY_FORMAT, 4);
  intro.writeUInt32LE(padded(text.length), 8);
  text.copy(intro, 12);
  return Uint8Array.from(Buffer.concat([intro, ...parts]));
}
