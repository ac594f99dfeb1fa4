import { randomInt } from "node:crypto";
import type { ChannelFlavour } from "../protocol/netchan.ts";
import type { MapName } from "../rules/commands.ts";
import type { ConsoleLine } from "../rules/console.ts";
import type { Round } from "../rules/round.ts";
import type { Pool } from "./pool.ts";

/** How a round ended. */
export type Ended = Extract<Round, { phase: "COMPLETED" | "VOIDED" }>;

/** A game server for one round, wherever it is. */
export type Venue = {
  host: string;
  port: number;
  flavour: ChannelFlavour;
  /** Only who knows it may join. */
  password: string;
  /** Our own address for the next of its players. */
  from(): string;
  /** Calls back with what its log says from now on, and gives the way to stop; null where nobody reads its log. */
  onLine: ((callback: (line: ConsoleLine) => void) => () => void) | null;
  /** Begins the map anew; `isDone` says whether that has been seen. */
  restartMap(isDone: () => boolean): void;
  /** Settles when it is not there for this round any more, for whatever reason. */
  lost: Promise<unknown>;
  /** Gives it back after its round. */
  release(ended: Ended): Promise<void>;
};

/** NONE where there is no server at all; LATER where the one that was meant could not be made ready: others may be. */
export type Rented = Venue | "NONE" | "LATER";
export type Rent = (map: MapName) => Promise<Rented>;

/** An address of this machine that nobody else has: servers on it count what comes from each. */
export const someLoopback = (): string => `127.${randomInt(1, 255)}.${randomInt(1, 255)}.${randomInt(1, 255)}`;

/** Servers of this node for rounds. */
export const fromPool =
  (pool: Pick<Pool, "rent">): Rent =>
  async (map) => {
    const rental = await pool.rent(map);
    if (!rental) return "NONE";
    const { server, password } = rental;
    return {
      host: "127.0.0.1",
      port: server.port,
      flavour: "MODERN",
      password,
      from: someLoopback,
      onLine: (callback) => server.onLine(callback),
      restartMap: () => void server.command("map_restart", "0"),
      lost: server.ended,
      release: async () => rental.release(),
    };
  };
