import type { Platform } from "../../platform/platform.ts";
import { openRcon, type Rcon, type RconFault } from "../adapter/rcon.ts";
import { readStatus, type RemoteServer } from "../rules/remote.ts";

/** What came of asking a server how it is. */
export const ANSWERS = ["ANSWERS", "UNREACHABLE", "SILENT", "BAD_PASSWORD", "NOT_SET_UP", "BUSY", "UNCLEAR"] as const;
export type Answer = (typeof ANSWERS)[number];

export type ServerReport = {
  address: string;
  answer: Answer;
  map: string | null;
  players: number | null;
  /** How long it took, in milliseconds; null without an answer. */
  answeredInMs: number | null;
};

const OF_FAULT: Readonly<Record<RconFault, Answer>> = {
  COMMAND_UNSAFE: "UNCLEAR",
  RCON_BUSY: "BUSY",
  RCON_SILENT: "SILENT",
  RCON_BAD_PASSWORD: "BAD_PASSWORD",
  RCON_NOT_SET_UP: "NOT_SET_UP",
};

/** One way to each server, because what a server answers is counted for all questions together. */
const ways = new WeakMap<Platform, Map<RemoteServer, Promise<Rcon>>>();

/** Asks all servers of the configuration at once; each within five seconds. */
export function askGameServers(platform: Platform): Promise<ServerReport[]> {
  return Promise.all(platform.quake.servers.map((server) => askServer(platform, server)));
}

async function askServer(platform: Platform, server: RemoteServer): Promise<ServerReport> {
  const address = `${server.host}:${server.port}`;
  const without = (answer: Answer): ServerReport => ({ address, answer, map: null, players: null, answeredInMs: null });
  const way = await wayTo(platform, server);
  if (!way) return without("UNREACHABLE");
  const askedAt = performance.now();
  const answer = await way.command("status");
  if (!answer.ok) return without(OF_FAULT[answer.fault]);
  const status = readStatus(answer.text);
  if (!status) return without("UNCLEAR");
  return { address, answer: "ANSWERS", ...status, answeredInMs: Math.round(performance.now() - askedAt) };
}

/** A way that could not be opened is tried again at the next question. */
async function wayTo(platform: Platform, server: RemoteServer): Promise<Rcon | null> {
  const open = ways.get(platform) ?? new Map<RemoteServer, Promise<Rcon>>();
  ways.set(platform, open);
  const way = open.get(server) ?? openRcon(server);
  open.set(server, way);
  try {
    return await way;
  } catch (error) {
    open.delete(server);
    platform.log.warn({ err: error, host: server.host }, "a Quake server cannot be reached");
    return null;
  }
}

/** Closes the ways to all servers. */
export async function closeWays(platform: Platform): Promise<void> {
  const open = [...(ways.get(platform)?.values() ?? [])];
  ways.delete(platform);
  for (const way of await Promise.allSettled(open)) if (way.status === "fulfilled") way.value.close();
}
