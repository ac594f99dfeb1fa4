import { join } from "node:path";
import type { Installation } from "../adapter/installation.ts";
import { Archives } from "../assets/archives.ts";
import { loadMap } from "../assets/quake-map.ts";
import { MAPS, type MapName } from "../rules/commands.ts";
import { prepareGround, type Ground } from "./view.ts";

/** The maps of an installation, each read once, on first use. */
export class Grounds {
  private readonly folder: string;
  private archives: Promise<Archives> | null = null;
  private readonly grounds = new Map<MapName, Promise<Ground>>();

  constructor(installation: Installation) {
    this.folder = join(installation.data, "baseoa");
  }

  /** Throws an `AssetError` when the installation has no such map; the next call tries again. */
  of(map: MapName): Promise<Ground> {
    const known = this.grounds.get(map);
    if (known) return known;
    const ground = this.load(map).catch((error: unknown) => {
      this.grounds.delete(map);
      this.archives = null;
      throw error;
    });
    this.grounds.set(map, ground);
    return ground;
  }

  /** Reads all maps, one after the other, so that no round waits for one. */
  async readAll(): Promise<void> {
    for (const map of MAPS) await this.of(map);
  }

  private async load(name: MapName): Promise<Ground> {
    this.archives ??= Archives.open(this.folder);
    return prepareGround(await loadMap(await this.archives, name));
  }
}
