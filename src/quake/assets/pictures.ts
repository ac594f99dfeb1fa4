import { PNG } from "pngjs";
import type { Archives } from "./archives.ts";
import { AssetError } from "./asset-error.ts";

/** A picture that browsers read. */
export type Picture = { type: "image/jpeg" | "image/png"; bytes: Uint8Array };

const SIDE_MAX_PX = 2048;
const HEADER = 18;
/** Kinds of TGA files: plain colours, and the same with runs of one colour. */
const PLAIN = 2;
const RUNS = 10;

/** The picture of a name without its ending; null when no archive has it in a form that is known. */
export async function findPicture(archives: Archives, name: string): Promise<Picture | null> {
  for (const ending of ["jpg", "png"] as const) {
    if (!archives.has(`${name}.${ending}`)) continue;
    const type = ending === "jpg" ? "image/jpeg" : "image/png";
    return { type, bytes: await archives.read(`${name}.${ending}`) };
  }
  if (!archives.has(`${name}.tga`)) return null;
  return { type: "image/png", bytes: pngOfTga(await archives.read(`${name}.tga`)) };
}

type Pixels = { width: number; height: number; rgba: Uint8Array };

/** A TGA file, which no browser reads, as PNG. Throws an `AssetError` when it is none, or larger than 2048 pixels. */
export function pngOfTga(file: Uint8Array): Uint8Array {
  return png(readTga(file));
}

/** Pixels as a PNG file. */
export function png({ width, height, rgba }: Pixels): Uint8Array {
  const image = new PNG({ width, height });
  image.data = Buffer.from(rgba.buffer, rgba.byteOffset, rgba.byteLength);
  let clear = false;
  for (let at = 3; at < rgba.length && !clear; at += 4) clear = rgba[at] !== 255;
  return Uint8Array.from(PNG.sync.write(image, { colorType: clear ? 6 : 2, deflateLevel: 9 }));
}

function readTga(file: Uint8Array): Pixels {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.byteLength < HEADER) throw new AssetError("BAD_FORMAT", "a TGA file that is cut off");
  const [kind, depth, flags] = [view.getUint8(2), view.getUint8(16), view.getUint8(17)];
  const [width, height] = [view.getUint16(12, true), view.getUint16(14, true)];
  if ((kind !== PLAIN && kind !== RUNS) || (depth !== 24 && depth !== 32))
    throw new AssetError("BAD_FORMAT", `a TGA file of kind ${kind} with ${depth} bits`);
  if (width === 0 || height === 0 || width > SIDE_MAX_PX || height > SIDE_MAX_PX)
    throw new AssetError("TOO_LARGE", `a TGA file of ${width} × ${height}`);
  const body = file.subarray(HEADER + view.getUint8(0));
  const colours = kind === PLAIN ? body : unpackRuns(body, width * height, depth / 8);
  if (colours.length < width * height * (depth / 8)) throw new AssetError("BAD_FORMAT", "a TGA file that is cut off");
  const isTopFirst = (flags & 0x20) !== 0;
  return { width, height, rgba: turned({ width, height, bytes: depth / 8, colours, isTopFirst }) };
}

function unpackRuns(packed: Uint8Array, pixels: number, bytes: number): Uint8Array {
  const out = new Uint8Array(pixels * bytes);
  let [from, to] = [0, 0];
  while (to < out.length && from < packed.length) {
    const head = packed[from++] ?? 0;
    const count = (head & 0x7f) + 1;
    const run = head >= 0x80;
    for (let each = 0; each < count && to < out.length; each++, to += bytes)
      out.set(packed.subarray(from + (run ? 0 : each * bytes), from + (run ? 1 : each + 1) * bytes), to);
    from += run ? bytes : count * bytes;
  }
  return out;
}

type Stored = { width: number; height: number; bytes: number; colours: Uint8Array; isTopFirst: boolean };

/** Blue, green, red from the last line to the first, as red, green, blue, alpha from the first to the last. */
function turned({ width, height, bytes, colours, isTopFirst }: Stored): Uint8Array {
  const rgba = new Uint8Array(width * height * 4);
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const from = ((isTopFirst ? row : height - 1 - row) * width + column) * bytes;
      const to = (row * width + column) * 4;
      rgba[to] = colours[from + 2] ?? 0;
      rgba[to + 1] = colours[from + 1] ?? 0;
      rgba[to + 2] = colours[from] ?? 0;
      rgba[to + 3] = bytes === 4 ? (colours[from + 3] ?? 255) : 255;
    }
  return rgba;
}
