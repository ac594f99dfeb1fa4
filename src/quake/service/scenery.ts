import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { constants, gzip } from "node:zlib";
import type { Opened } from "../../platform/server/downloads.ts";
import { missingArchives, PACKAGE, type Installation } from "../adapter/installation.ts";
import { Archives } from "../assets/archives.ts";
import { packScenery } from "../assets/scenery-file.ts";
import { loadScenery, SCENERY_FORMAT } from "../assets/scenery.ts";
import { MAPS, safeMap, type MapName } from "../rules/commands.ts";

const ETAG_DIGITS = 32;
const pack = promisify(gzip);

/** How maps look: taken out of the installed game on first use, and kept in a folder after that. */
export class Sceneries {
  private readonly installation: Installation;
  private readonly folder: string;
  private readonly kept = new Map<MapName, Promise<Opened>>();

  constructor(installation: Installation, folder: string) {
    this.installation = installation;
    this.folder = folder;
  }

  /** A map as browsers draw it, or MAP_UNKNOWN or GAME_NOT_INSTALLED. Throws an `AssetError` when the installed game's map cannot be read; the next call tries again. */
  async of(name: string): Promise<Opened> {
    const map = safeMap(name);
    if (!map.ok)
      return {
        ok: false,
        status: 404,
        code: "MAP_UNKNOWN",
        message: "There is no such map.",
        hint: `These are played: ${MAPS.join(", ")}.`,
      };
    const known = this.kept.get(map.value);
    if (known) return known;
    if (missingArchives(this.installation).length > 0) return notInstalled();
    const answer = this.read(map.value).catch((error: unknown) => {
      this.kept.delete(map.value);
      throw error;
    });
    this.kept.set(map.value, answer);
    return answer;
  }

  private async read(map: MapName): Promise<Opened> {
    const file = join(this.folder, `${map}-${SCENERY_FORMAT}-${await this.fingerprint()}.gz`);
    const gzipped = (await readFile(file).catch(() => null)) ?? (await this.extract(map, file));
    const hash = createHash("sha256").update(gzipped).digest("hex");
    const contentType = "application/octet-stream";
    return { ok: true, contentType, document: gzipped, etag: `"${hash.slice(0, ETAG_DIGITS)}"` };
  }

  /** Written beside its place and moved there: two processes at once never read half a file. */
  private async extract(map: MapName, file: string): Promise<Uint8Array> {
    const scenery = packScenery(await loadScenery(await Archives.open(this.archives), map));
    const gzipped = await pack(scenery, { level: constants.Z_BEST_COMPRESSION });
    await mkdir(this.folder, { recursive: true });
    for (const old of await readdir(this.folder))
      if (old.startsWith(`${map}-`)) await rm(join(this.folder, old), { force: true });
    const draft = `${file}.${crypto.randomUUID()}`;
    await writeFile(draft, gzipped);
    await rename(draft, file);
    return gzipped;
  }

  private get archives(): string {
    return join(this.installation.data, "baseoa");
  }

  /** Another package of the game makes other files. */
  private async fingerprint(): Promise<string> {
    const hash = createHash("sha256");
    const names = (await readdir(this.archives)).filter((name) => name.endsWith(".pk3"));
    for (const name of names.toSorted()) {
      const { size, mtimeMs } = await stat(join(this.archives, name));
      hash.update(`${name} ${size} ${mtimeMs}\n`);
    }
    return hash.digest("hex").slice(0, ETAG_DIGITS / 2);
  }
}

const notInstalled = (): Opened => ({
  ok: false,
  status: 503,
  code: "GAME_NOT_INSTALLED",
  message: `Maps are not shown because ${PACKAGE} is not installed here.`,
  hint: "npm run setup:quake installs it.",
});
