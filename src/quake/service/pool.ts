import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "../../platform/logging.ts";
import { startGameServer, type GameServer } from "../adapter/game-server.ts";
import type { Installation } from "../adapter/installation.ts";
import { claimFolder } from "../adapter/leftovers.ts";
import { placeOf } from "../adapter/place.ts";
import type { MapName } from "../rules/commands.ts";
import type { ServerState } from "../rules/server-state.ts";

export type PoolOptions = {
  installation: Installation;
  /** Where the servers keep what they write. */
  root: string;
  /** How many there may be. */
  servers: number;
  /** The port of the first; the others' are ten apart. */
  firstPort: number;
  timeLimit_min: number;
  timescale: number;
  log: Logger;
};

/** A server for one round: nobody else has it, and only who knows the password may join. */
export type Rental = {
  server: GameServer;
  password: string;
  /** Gives it back, to be used again. */
  release(): void;
};

export type Pool = {
  /** A server that runs a map, freshly loaded; null when all are taken or none starts. */
  rent(map: MapName): Promise<Rental | null>;
  states(): readonly ServerState[];
  /** By what this pool is known over restarts, and how its places stand, each by its port. */
  readonly place: string;
  servers(): readonly PoolServer[];
  /** From now on these ports' servers, and no others, take no round: a free one ends, a busy one after its round. */
  drain(ports: ReadonlySet<number>): void;
  /** How many rounds may run at once: those of drained servers that are not over count. */
  room(): number;
  stop(): Promise<void>;
};

export type PoolServer = { port: number; state: ServerState; map: string | null };

type Place = {
  number: number;
  state: ServerState;
  server: GameServer | null;
  map: string | null;
  /** Operators want no round on it. */
  drained: boolean;
};

const PORT_DISTANCE = 10;
const PASSWORD_BYTES = 12;
const MAP_MAX_MS = 5_000;

/** Opens a pool of dedicated servers on this machine, and ends those that a killed process left behind. */
export function openPool(options: PoolOptions): Pool {
  const { folder, ended } = claimFolder(options.root, options.log);
  if (ended > 0) options.log.warn({ servers: ended }, "ended Quake servers that a killed process left behind");
  const pool = new ServerPool(options, folder);
  return {
    rent: (map) => pool.rent(map),
    states: () => pool.states(),
    place: placeOf(options.root),
    servers: () => pool.servers(),
    drain: (ports) => pool.drain(ports),
    room: () => pool.room(),
    stop: () => pool.stop(),
  };
}

class ServerPool {
  private readonly options: PoolOptions;
  private readonly folder: string;
  private readonly places: readonly Place[];
  private stopping = false;

  constructor(options: PoolOptions, folder: string) {
    this.options = options;
    this.folder = folder;
    const down = { state: "DOWN", server: null, map: null, drained: false } as const;
    this.places = Array.from({ length: options.servers }, (_none, number) => ({ number, ...down }));
  }

  states(): readonly ServerState[] {
    return this.places.map(shownState);
  }

  servers(): readonly PoolServer[] {
    return this.places.map((place) => ({
      port: this.portOf(place),
      state: shownState(place),
      map: place.server && place.map,
    }));
  }

  drain(ports: ReadonlySet<number>): void {
    for (const place of this.places) {
      place.drained = ports.has(this.portOf(place));
      if (place.drained && place.state === "FREE") void this.end(place);
    }
  }

  room(): number {
    // One whose server is just ending takes no round until that has ended.
    return this.places.filter((place) => isTaken(place) || (!place.drained && place.state !== "DRAINING")).length;
  }

  private portOf({ number }: Place): number {
    return this.options.firstPort + number * PORT_DISTANCE;
  }

  /** Claims a place in the same breath in which it finds it: two rents at once never get one server. */
  async rent(map: MapName): Promise<Rental | null> {
    const place = this.stopping ? undefined : this.bestPlace();
    if (!place) return null;
    place.state = "STARTING";
    place.map = map;
    const password = randomBytes(PASSWORD_BYTES).toString("hex");
    const server = (await this.reused(place, map, password)) ?? (await this.started(place, map, password));
    if (!server || this.stopping) {
      await this.end(place);
      return null;
    }
    place.state = "BUSY";
    return { server, password, release: () => this.release(place, server) };
  }

  async stop(): Promise<void> {
    this.stopping = true;
    for (const place of this.places) if (place.server) place.state = "DRAINING";
    await Promise.all(this.places.map((place) => this.end(place)));
    await rm(this.folder, { recursive: true, force: true });
  }

  private bestPlace(): Place | undefined {
    const open = this.places.filter(({ drained }) => !drained);
    return open.find(({ state }) => state === "FREE") ?? open.find(({ state }) => state === "DOWN");
  }

  /** A free server after it has loaded the map; null when the place has none, or it does not answer. */
  private async reused(place: Place, map: MapName, password: string): Promise<GameServer | null> {
    const { server } = place;
    if (!server) return null;
    const begun = beginsAgain(server, map);
    server.command("set", "g_password", password);
    server.command("map", map);
    if (await begun) return server;
    this.options.log.warn({ port: server.port }, "a Quake server does not answer; another is started");
    await this.end(place);
    place.state = "STARTING";
    return null;
  }

  private async started(place: Place, map: MapName, password: string): Promise<GameServer | null> {
    const { installation, log, timeLimit_min, timescale } = this.options;
    const home = join(this.folder, String(place.number));
    const port = this.portOf(place);
    try {
      const where = { installation, home, port, map, flavour: "MODERN" } as const;
      const server = await startGameServer({ ...where, password, timeLimit_min, timescale });
      place.server = server;
      void this.watch(place, server);
      return server;
    } catch (error) {
      log.error({ err: error }, "a Quake server does not start");
      return null;
    }
  }

  /** A place whose server has ended by itself is down; one that was ended has no server already. */
  private async watch(place: Place, server: GameServer): Promise<void> {
    await server.ended;
    if (place.server !== server) return;
    place.server = null;
    place.state = "DOWN";
  }

  private release(place: Place, server: GameServer): void {
    if (place.server !== server || place.state !== "BUSY") return;
    if (place.drained) void this.end(place);
    else place.state = "FREE";
  }

  private async end(place: Place): Promise<void> {
    const { server } = place;
    place.server = null;
    if (server) place.state = "DRAINING";
    await server?.stop();
    place.state = "DOWN";
  }
}

/** Whether a round has it. */
const isTaken = ({ state }: Place): boolean => state === "STARTING" || state === "BUSY";

/** One that is drained and still has a round finishes it. */
const shownState = (place: Place): ServerState => (place.drained && isTaken(place) ? "DRAINING" : place.state);

/** Whether a server says within its time that this map runs; what its last round still begins is another's. */
function beginsAgain(server: GameServer, map: MapName): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (begun: boolean) => {
      clearTimeout(timer);
      leave();
      resolve(begun);
    };
    const timer = setTimeout(() => settle(false), MAP_MAX_MS);
    const leave = server.onLine((said) => {
      if (said.type === "GAME_BEGAN" && said.map === map) settle(true);
    });
    void server.ended.then(() => settle(false));
  });
}
