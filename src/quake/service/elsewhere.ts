import { holdLease, releaseLease, type Lease } from "../../platform/leases.ts";
import type { Platform } from "../../platform/platform.ts";
import { SERVERS_TOPIC } from "../events.ts";
import type { ChannelFlavour } from "../protocol/netchan.ts";
import type { MapName } from "../rules/commands.ts";
import type { RemoteFault, RoundFault } from "../rules/remote.ts";
import type { VoidReason } from "../rules/round.ts";
import { renewLease } from "../store.ts";
import { beginRental, endRental, freeRemotes, playRental, serverLease } from "../store/remotes.ts";
import { gameSeal, makeReady, tidyUp, type KnownRemote, type Way } from "./remote.ts";
import { someLoopback, type Ended, type Rent, type Rented, type Venue } from "./venue.ts";
import type { Ways } from "./ways.ts";

/** A server elsewhere that this node holds for one match. */
export type Claim = {
  rent: Rent;
  /** Gives it back where no round has asked for it; where one has, waits until it is given back. */
  giveUp(): Promise<void>;
};

const PASSWORD_BYTES = 12;
const RENEW_MS = 1_000;
const REST_MS = 30_000;
/** Somebody must bring the map there. */
const MAP_REST_MS = 300_000;

/** Why a round was void that its server may be to blame for: it takes none for a while. One without a server had none in time. */
const BLAMED: readonly VoidReason[] = [
  "NO_SERVER",
  "START_FAILED",
  "SERVER_LOST",
  "NEVER_ENDED",
  "SCORES_MISSING",
  "SCORE_MISMATCH",
];

function isBlamed(ended: Ended): boolean {
  if (ended.phase === "COMPLETED") return false;
  const nobodyCame = ended.reason === "JOIN_FAILED" && ended.requeue.length === 0;
  return nobodyCame || BLAMED.includes(ended.reason);
}

/** Servers elsewhere for the matches of this node, each held by a lease while a round is played on it. */
export class Elsewhere {
  private readonly platform: Platform;
  private readonly node: string;
  private readonly ways: Ways;
  private readonly timeLimit_min: number;

  constructor(platform: Platform, node: string, ways: Ways, timeLimit_min: number) {
    this.platform = platform;
    this.node = node;
    this.ways = ways;
    this.timeLimit_min = timeLimit_min;
  }

  /** Takes a free server for one match; null where there is none. */
  async claim(): Promise<Claim | null> {
    const { db, clock, random } = this.platform;
    const now = clock.now();
    for (const server of await db.query(freeRemotes, [now])) {
      const lease = await holdLease(db, serverLease(server.id), `${this.node}:round:${random.id(now)}`);
      if (!lease) continue;
      const [taken] = await db.query(beginRental, [server.id, lease.name, lease.fence, now]);
      if (taken) return new HeldServer(this.platform, this.ways, { server, lease, timeLimit_min: this.timeLimit_min });
      await releaseLease(db, lease);
    }
    return null;
  }
}

type Fault = RemoteFault | RoundFault;
type Held = { server: KnownRemote; lease: Lease; timeLimit_min: number };

/** A server elsewhere from its claim to its return. Whatever goes wrong on the way, its row says that it is to be made ready again. */
class HeldServer implements Claim {
  private readonly platform: Platform;
  private readonly ways: Ways;
  private readonly held: Held;
  private readonly renewal: NodeJS.Timeout;
  private renewing: Promise<void> = Promise.resolve();
  private readonly lost: Promise<void>;
  private lose = (): void => undefined;
  private isLost = false;
  private isRented = false;
  private readonly returned: Promise<void>;
  private tellReturned = (): void => undefined;

  constructor(platform: Platform, ways: Ways, held: Held) {
    this.platform = platform;
    this.ways = ways;
    this.held = held;
    this.lost = new Promise((resolve) => {
      this.lose = () => {
        this.isLost = true;
        resolve();
      };
    });
    this.returned = new Promise((resolve) => (this.tellReturned = resolve));
    this.renewal = setInterval(() => void (this.renewing = this.renew()), RENEW_MS);
  }

  readonly rent: Rent = async (map) => {
    this.isRented = true;
    try {
      return await this.prepare(map);
    } catch (error) {
      await this.letGo();
      throw error;
    }
  };

  async giveUp(): Promise<void> {
    if (!this.isRented) await this.end(null, null);
    await this.returned;
  }

  private async prepare(map: MapName): Promise<Rented> {
    const way = await this.ways.to(this.held.server);
    if (!way.ok) return this.notReady(null, way.fault);
    const password = this.platform.random.bytes(PASSWORD_BYTES).toString("hex");
    const { timeLimit_min } = this.held;
    const failure = await makeReady(way, { map, password, timeLimit_min });
    if (failure) return this.notReady(way, failure);
    return (await this.play(map)) ? this.venue(way, password) : this.notReady(way, "BUSY");
  }

  private venue(way: Way, password: string): Venue {
    const { server } = this.held;
    return venueAt(way, {
      port: server.port,
      flavour: server.flavour === "LEGACY" ? "LEGACY" : "MODERN",
      password,
      lost: this.lost,
      release: (ended) => this.end(way, isBlamed(ended) ? "ROUND_FAILED" : null),
    });
  }

  private async notReady(way: Way | null, fault: Fault): Promise<Rented> {
    this.platform.log.warn({ server: this.held.server.id, fault }, "a game server elsewhere could not be made ready");
    await this.end(way, fault);
    return "LATER";
  }

  private async renew(): Promise<void> {
    const { name, fence } = this.held.lease;
    try {
      const [held] = await this.platform.db.query(renewLease, [name, fence]);
      if (!held) this.lose();
    } catch (error) {
      this.platform.log.warn({ err: error, lease: name }, "a game server's lease was not renewed");
    }
  }

  private async play(map: MapName): Promise<boolean> {
    const { server, lease } = this.held;
    const now = this.platform.clock.now();
    const [held] = await this.platform.db.query(playRental, [server.id, lease.name, lease.fence, now, map]);
    if (!held) this.lose();
    return held !== undefined;
  }

  /** Makes it what it was and gives it back. Where that fails it is left as it is, for whoever looks after servers. */
  private async end(way: Way | null, fault: Fault | null): Promise<void> {
    try {
      if (!this.isLost) await this.giveBack(way, fault);
    } catch (error) {
      const server = this.held.server.id;
      this.platform.log.warn({ err: error, server }, "a game server elsewhere was not given back in order");
    } finally {
      await this.letGo();
    }
  }

  private async letGo(): Promise<void> {
    const { platform, held } = this;
    clearInterval(this.renewal);
    // A renewal that comes after the return would undo it.
    await this.renewing;
    await releaseLease(platform.db, held.lease).catch((error: unknown) =>
      platform.log.warn({ err: error, lease: held.lease.name }, "a lease was not handed back; it expires"),
    );
    platform.hub.touch(SERVERS_TOPIC);
    this.tellReturned();
  }

  /** One that does not let itself be tidied is down until it does. */
  private async giveBack(way: Way | null, fault: Fault | null): Promise<void> {
    const { platform, held, ways } = this;
    const { server, lease } = held;
    const own = server.own_password ? platform.vault.open(server.own_password, gameSeal(server.id)) : "";
    const untidy = way && (await tidyUp(way, own));
    const answer = untidy?.fault ?? fault;
    if (untidy || (answer && !way)) ways.forget(server.id);
    const now = platform.clock.now();
    const rests =
      answer && !untidy ? new Date(now.getTime() + (answer === "MAP_MISSING" ? MAP_REST_MS : REST_MS)) : null;
    await platform.db.query(endRental, [
      ...[server.id, lease.name, lease.fence, now, untidy ? "DOWN" : "FREE"],
      ...[answer ?? "ANSWERS", rests, now],
    ]);
  }
}

/** Of a server elsewhere, what a round must know beside the way to its console. */
export type Prepared = { port: number; flavour: ChannelFlavour; password: string } & Pick<Venue, "lost" | "release">;

/** A server elsewhere that has been made ready, for its round. */
export const venueAt = (way: Way, prepared: Prepared): Venue => ({
  ...prepared,
  host: way.address,
  from: () => addressFor(way),
  onLine: null,
  restartMap: (isDone) => void restartMap(way, isDone),
});

/** All players of ours have one address where a server elsewhere sees them, and share what it answers. */
function addressFor({ address, rcon }: Way): string {
  if (address.startsWith("127.")) return someLoopback();
  rcon.countOther();
  return "0.0.0.0";
}

const RESTARTS_SAID_MAX = 2;

/** A second restart would end the round that the first one began: it is said again only where nobody has seen it. */
async function restartMap({ rcon }: Way, isDone: () => boolean): Promise<void> {
  for (let said = 0; said < RESTARTS_SAID_MAX && !isDone(); said++) {
    const answer = await rcon.commandOnce("map_restart", "0");
    if (answer.ok) return;
  }
}
