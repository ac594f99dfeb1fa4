import { randomInt } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startGameServer, type GameServer, type ServerOptions } from "../../src/quake/adapter/game-server.ts";
import { DEBIAN } from "../../src/quake/adapter/installation.ts";

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
