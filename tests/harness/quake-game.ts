import { randomInt } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startGameServer, type GameServer, type ServerOptions } from "../../src/quake/adapter/game-server.ts";
import { DEBIAN, type Installation } from "../../src/quake/adapter/installation.ts";
import { openRcon } from "../../src/quake/adapter/rcon.ts";
import { readVariable } from "../../src/quake/rules/remote.ts";

/** Servers of tests that run side by side are far apart; the engine takes a neighbour when a port is taken. */
export const somePort = (): number => 30_000 + randomInt(2_000) * 10;

export const PASSWORD = "pass-1";

/** A real OpenArena server in a folder of its own, on aggressor. */
export async function startGame(given: Partial<ServerOptions> = {}): Promise<GameServer> {
  const home = await mkdtemp(join(tmpdir(), "agon-quake-"));
  const terms = {
    installation: DEBIAN,
    home,
    port: somePort(),
    map: "aggressor",
    flavour: "MODERN",
    password: PASSWORD,
  } as const;
  const server = await startGameServer({ ...terms, timeLimit_min: 2, timescale: 1, ...given });
  void server.ended.then(() => rm(home, { recursive: true, force: true }));
  return server;
}

export const RCON_PASSWORD = "right";

/** A server that is elsewhere to the arena: commanded by RCON alone, with `PASSWORD` as its own password of the game. */
export async function startElsewhere(given: Partial<ServerOptions> = {}): Promise<GameServer> {
  const server = await startGame(given);
  server.command("set", "rconpassword", RCON_PASSWORD);
  return server;
}

/** The game without the archive of most maps: it has aggressor, and none of the others of matches. */
export async function gameOfOneMap(): Promise<Installation & { remove(): Promise<void> }> {
  const data = await mkdtemp(join(tmpdir(), "agon-one-map-"));
  await mkdir(join(data, "baseoa"));
  const files = await readdir(join(DEBIAN.data, "baseoa"));
  for (const file of files.filter((name) => /\.(pk3|so)$/.test(name) && name !== "pak1-maps.pk3"))
    await symlink(join(DEBIAN.data, "baseoa", file), join(data, "baseoa", file));
  return { engine: DEBIAN.engine, data, remove: () => rm(data, { recursive: true, force: true }) };
}

/** The password that such a server wants of its players now. */
export async function gamePasswordOf({ port }: GameServer): Promise<string | null> {
  const rcon = await openRcon({ host: "127.0.0.1", port, password: RCON_PASSWORD });
  const answer = await rcon.command("g_password");
  rcon.close();
  return answer.ok ? readVariable("g_password", answer.text) : null;
}
