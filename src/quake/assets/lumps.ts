import { AssetError } from "./asset-error.ts";

/** A part of a map's file: records of one size, each made of 32-bit numbers. */
export type Lump = { view: DataView; count: number; record: number };

/** The parts of a file whose header is a list of offsets and lengths; what points out of the file is refused. */
export class Lumps {
  private readonly view: DataView;
  private readonly directory: DataView;

  /** The directory is given apart because one format hides it. */
  constructor(file: Uint8Array, directory: DataView) {
    this.view = new DataView(file.buffer, file.byteOffset, file.byteLength);
    this.directory = directory;
  }

  bytes(index: number): Uint8Array {
    if (index * 8 + 8 > this.directory.byteLength) throw new AssetError("BAD_FORMAT", "the directory is cut off");
    const offset = this.directory.getInt32(index * 8, true);
    const length = this.directory.getInt32(index * 8 + 4, true);
    if (offset < 0 || length < 0 || offset + length > this.view.byteLength)
      throw new AssetError("BAD_FORMAT", `part ${index} is not within the file`);
    return new Uint8Array(this.view.buffer, this.view.byteOffset + offset, length);
  }

  records(index: number, record: number): Lump {
    const bytes = this.bytes(index);
    if (bytes.byteLength % record !== 0) throw new AssetError("BAD_FORMAT", `part ${index} has half a record`);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return { view, count: bytes.byteLength / record, record };
  }
}

/** One whole number of each record. */
export function integers({ view, count, record }: Lump, offset: number): Int32Array {
  return Int32Array.from({ length: count }, (_none, index) => view.getInt32(index * record + offset, true));
}

/** Some numbers that stand in a row in each record, all in one array. */
export function floats({ view, count, record }: Lump, offset: number, width: number): Float32Array {
  const out = new Float32Array(count * width);
  for (let index = 0; index < count; index++)
    for (let at = 0; at < width; at++)
      out[index * width + at] = view.getFloat32(index * record + offset + at * 4, true);
  return out;
}
