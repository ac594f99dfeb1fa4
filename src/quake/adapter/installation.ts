import { existsSync } from "node:fs";

/** Where the engine and its game lie. */
export type Installation = {
  /** The dedicated server's program. */
  engine: string;
  /** The folder that holds `baseoa` with the game and its maps. */
  data: string;
};

/** Where Debian's packages put them. */
export const DEBIAN: Installation = { engine: "/usr/lib/ioquake3/ioq3ded", data: "/usr/lib/openarena-server" };

/** The package that brings both, with all maps. */
export const PACKAGE = "openarena-server";

/** What a server cannot start without: the game's own archives with rules of play, maps and bots' ways. */
const ARCHIVES = ["pak0.pk3", "pak1-maps.pk3", "pak6-misc.pk3", "pak6-patch085.pk3", "pak6-patch088.pk3"];

/** The archives that are missing; none where maps can be read, and rounds played on servers elsewhere. */
export function missingArchives({ data }: Installation): string[] {
  return missing(ARCHIVES.map((archive) => `${data}/baseoa/${archive}`));
}

/** The files that are missing; none when servers can start. */
export function missingFiles(installation: Installation): string[] {
  return [...missing([installation.engine]), ...missingArchives(installation)];
}

const missing = (files: readonly string[]): string[] => files.filter((file) => !existsSync(file));
