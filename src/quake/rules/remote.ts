import type { ChannelFlavour } from "../protocol/netchan.ts";
import { PROTOCOL_VERSION } from "../protocol/out-of-band.ts";
import { safeMap } from "./commands.ts";
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

/** Why the last round that was meant for one was not played to its end there. */
export const ROUND_FAULTS = ["MAP_MISSING", "SETTINGS_REFUSED", "ROUND_FAILED"] as const;
export type RoundFault = (typeof ROUND_FAULTS)[number];

/** What a server's console says that a variable is; null when it has none of that name. */
export function readVariable(name: string, text: string): string | null {
  const [, said, value] = /^"(\w+)" is:"([^"\n]*)\^7"/.exec(text) ?? [];
  return said === name && value !== undefined ? value : null;
}

/** What a server tells of itself; names in lower case. */
type Info = ReadonlyMap<string, string>;

const PLAYERS_MAX = 4;
const GAME = "baseoa";
const MAP_NAME = /^[\w-]{1,64}$/;

/** The map that a server says it runs; null of what is no map's name, which might be any text. */
export function mapOf(info: Info): string | null {
  const name = info.get("mapname") ?? "";
  return MAP_NAME.test(name) ? name : null;
}

/** Why what a server tells of itself speaks against it, or null. */
export function unfitness(info: Info): RemoteFault | null {
  if (info.get("gamename") !== GAME) return "NOT_A_GAME_SERVER";
  return Number(info.get("sv_maxclients") ?? 0) < PLAYERS_MAX ? "TOO_SMALL" : null;
}

/**
 * What a server speaks with its players, by what it tells of itself and its variable `com_legacyprotocol`; null when we do
 * not. Engines without that variable know the old way alone.
 */
export function flavourOf(info: Info, legacyProtocol: string | null): ChannelFlavour | null {
  const ours = String(PROTOCOL_VERSION);
  const told = info.get("com_protocol") ?? info.get("protocol");
  if (legacyProtocol === null) return told === ours ? "LEGACY" : null;
  if (legacyProtocol === ours) return "LEGACY";
  return told === ours ? "MODERN" : null;
}

/** What one round is played with. */
export type RoundTerms = { map: string; password: string; timeLimit_min: number };

/** The game's own rules, whatever a server is used for between our rounds, and nobody in it but our players. */
const settingsOf = ({ timeLimit_min }: RoundTerms): readonly (readonly [name: string, value: string])[] => [
  ["timelimit", String(timeLimit_min)],
  ["fraglimit", "0"],
  ["g_gametype", "0"],
  ["g_doWarmup", "0"],
  ["g_instantgib", "0"],
  ["g_rockets", "0"],
  ["bot_minplayers", "0"],
];

const isSet = (info: Info, name: string, value: string): boolean => info.get(name.toLowerCase()) === value;

/**
 * The commands that make a server ready for a round, by what it tells of itself: first nobody else may come in, and at last
 * its map is loaded. What is set already is not set again, because a server answers few commands. Null of a map that is none
 * of ours.
 */
export function preparation(info: Info, players: number, terms: RoundTerms): readonly string[][] | null {
  const map = safeMap(terms.map);
  if (!map.ok) return null;
  const differing = settingsOf(terms).filter(([name, value]) => !isSet(info, name, value));
  return [
    ["set", "g_password", terms.password],
    ...(players > 0 ? [["kickall"]] : []),
    ...differing.map(([name, value]) => ["set", name, value]),
    // It is not told of itself, and asks clients for what ours cannot say.
    ["set", "sv_pure", "0"],
    ["map", map.value],
  ];
}

/** Why a server is not ready for a round after all, by what it tells of itself; null when it is. */
export function unreadiness(info: Info, terms: RoundTerms): RoundFault | null {
  if (!isSet(info, "mapname", terms.map)) return "MAP_MISSING";
  return settingsOf(terms).every(([name, value]) => isSet(info, name, value)) ? null : "SETTINGS_REFUSED";
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
