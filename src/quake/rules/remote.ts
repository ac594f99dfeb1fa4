import type { ChannelFlavour } from "../protocol/netchan.ts";
import { PROTOCOL_VERSION } from "../protocol/out-of-band.ts";
import type { ServerState } from "./server-state.ts";

/** A server elsewhere that we may command by RCON. */
export type RemoteServer = { host: string; port: number; password: string };

/** Inside the quotes of a packet: nothing that ends them, no blank, and no sign that the engine replaces. */
const PASSWORD = /^[!#$&-~]{1,64}$/;
const HOST = /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/;
const DEFAULT_PORT = 27_960;
const PORT_MAX = 65_535;

export const isRconPassword = (text: string): boolean => PASSWORD.test(text);

/** Reads `quake://:password@host:port`; null when it is not that. */
export function parseRemoteServer(text: string): RemoteServer | null {
  const url = URL.parse(text);
  if (url?.protocol !== "quake:" || url.hostname === "" || (url.pathname !== "" && url.pathname !== "/")) return null;
  const password = decoded(url.password);
  if (password === null || !isRconPassword(password)) return null;
  return { host: url.hostname, port: url.port === "" ? DEFAULT_PORT : Number(url.port), password };
}

/** Reads `host` or `host:port`, in lower case; null when it is not that. */
export function parseAddress(text: string): { host: string; port: number } | null {
  const [, host = "", digits] = /^([^:]{1,253})(?::(\d{1,5}))?$/.exec(text) ?? [];
  const port = digits === undefined ? DEFAULT_PORT : Number(digits);
  return HOST.test(host) && !host.includes("..") && port >= 1 && port <= PORT_MAX
    ? { host: host.toLowerCase(), port }
    : null;
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** What a server's answer to `status` says. Names in it are free text: rows are counted by their numbers alone. */
export type ServerStatus = { map: string; players: number };

const ROW = /^ *\d{1,2} +-?\d{1,6} +\S+ /;

/** Reads the answer to `status`; null when it is another. */
export function readStatus(text: string): ServerStatus | null {
  const lines = text.split("\n");
  const [, map] = /^map: ([\w-]{1,64})$/.exec(lines[0] ?? "") ?? [];
  const head = lines.findIndex((line) => line.startsWith("-- -----"));
  if (map === undefined || head === -1) return null;
  return { map, players: lines.slice(head + 1).filter((line) => ROW.test(line)).length };
}

/** Why a server elsewhere cannot be played on. */
export const REMOTE_FAULTS = [
  "UNREACHABLE",
  "PRIVATE_ADDRESS",
  "SILENT",
  "BAD_PASSWORD",
  "NOT_SET_UP",
  "BUSY",
  "UNCLEAR",
  "NOT_A_GAME_SERVER",
  "PROTOCOL_UNSUPPORTED",
  "TOO_SMALL",
  "PASSWORD_UNSAFE",
] as const;
export type RemoteFault = (typeof REMOTE_FAULTS)[number];

/** What a server's console says that a variable is; null when it has none of that name. */
export function readVariable(name: string, text: string): string | null {
  const [, said, value] = /^"(\w+)" is:"([^"\n]*)\^7"/.exec(text) ?? [];
  return said === name && value !== undefined ? value : null;
}

const PLAYERS_MAX = 4;
const GAME = "baseoa";

/** Why what a server tells of itself speaks against it, or null. */
export function unfitness(info: ReadonlyMap<string, string>): RemoteFault | null {
  if (info.get("gamename") !== GAME) return "NOT_A_GAME_SERVER";
  return Number(info.get("sv_maxclients") ?? 0) < PLAYERS_MAX ? "TOO_SMALL" : null;
}

/**
 * What a server speaks with its players, by what it tells of itself and its variable `com_legacyprotocol`; null when we do
 * not. Engines without that variable know the old way alone.
 */
export function flavourOf(info: ReadonlyMap<string, string>, legacyProtocol: string | null): ChannelFlavour | null {
  const ours = String(PROTOCOL_VERSION);
  const told = info.get("com_protocol") ?? info.get("protocol");
  if (legacyProtocol === null) return told === ours ? "LEGACY" : null;
  if (legacyProtocol === ours) return "LEGACY";
  return told === ours ? "MODERN" : null;
}

/** A password of the game that a console can be given back: letters, digits and a few signs, or none. */
export const isGivableBack = (password: string): boolean => /^(?:[A-Za-z0-9_][A-Za-z0-9_.-]{0,63})?$/.test(password);

/** What was stored of a server elsewhere. */
type Stored = {
  state: ServerState;
  /** Whether somebody holds its lease. */
  held: boolean;
  /** What came of asking it last; null before. */
  answer: string | null;
  drained: boolean;
};

/** How a server elsewhere stands. One that its node left behind is down until it is made ready again. */
export function standing({ state, held, answer, drained }: Stored): ServerState {
  if (answer !== "ANSWERS" || (state !== "FREE" && !held)) return "DOWN";
  return drained ? "DRAINING" : state;
}
