import { readdir } from "node:fs/promises";
import { join } from "node:path";
import yauzl from "yauzl";
import { AssetError } from "./asset-error.ts";

/** The largest file of a map is about 25 MB; what says to be larger is not unpacked. */
const FILE_BYTES_MAX = 64 * 2 ** 20;

type Place = { archive: string; entry: yauzl.Entry };

/** The game's archives in a folder, seen as one: of files with one name, that of the last archive by name counts. */
export class Archives {
  private readonly places: ReadonlyMap<string, Place>;

  private constructor(places: ReadonlyMap<string, Place>) {
    this.places = places;
  }

  /** Reads the lists of all `.pk3` files in a folder, and none of their contents. */
  static async open(folder: string): Promise<Archives> {
    const places = new Map<string, Place>();
    const names = (await readdir(folder)).filter((name) => name.endsWith(".pk3"));
    for (const name of names.toSorted()) {
      const archive = join(folder, name);
      for (const entry of await listArchive(archive)) places.set(entry.fileName.toLowerCase(), { archive, entry });
    }
    return new Archives(places);
  }

  has(name: string): boolean {
    return this.places.has(name.toLowerCase());
  }

  /** The names of the files in a folder that end so, in small letters and in the order of the alphabet. */
  names(folder: string, ending: string): string[] {
    return [...this.places.keys()].filter((name) => name.startsWith(folder) && name.endsWith(ending)).toSorted();
  }

  /** The bytes of a file; capital letters do not matter. Throws an `AssetError`. */
  async read(name: string): Promise<Uint8Array> {
    const place = this.places.get(name.toLowerCase());
    if (!place) throw new AssetError("NOT_FOUND", `no archive has ${name}`);
    if (place.entry.uncompressedSize > FILE_BYTES_MAX) throw new AssetError("TOO_LARGE", name);
    const zip = await yauzl.openPromise(place.archive, { lazyEntries: true, autoClose: false });
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of await zip.openReadStreamPromise(place.entry)) chunks.push(chunk as Buffer);
      return Uint8Array.from(Buffer.concat(chunks));
    } catch (error) {
      throw new AssetError("BAD_FORMAT", `${name} in ${place.archive}`, { cause: error });
    } finally {
      zip.close();
    }
  }
}

async function listArchive(archive: string): Promise<yauzl.Entry[]> {
  try {
    const zip = await yauzl.openPromise(archive, { lazyEntries: true });
    const entries: yauzl.Entry[] = [];
    for await (const entry of zip.eachEntry()) entries.push(entry);
    return entries;
  } catch (error) {
    throw new AssetError("BAD_FORMAT", `${archive} is not an archive`, { cause: error });
  }
}
