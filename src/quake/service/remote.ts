import { findHost } from "../../platform/find-host.ts";
import type { Platform } from "../../platform/platform.ts";
import type { Row } from "../../platform/statement.ts";
import { openRcon, type InfoAnswer, type Rcon, type RconFault } from "../adapter/rcon.ts";
import type { ChannelFlavour } from "../protocol/netchan.ts";
import {
  flavourOf,
  isGivableBack,
  mapOf,
  preparation,
  readVariable,
  unfitness,
  unreadiness,
  type RemoteFault,
  type RemoteServer,
  type RoundFault,
  type RoundTerms,
} from "../rules/remote.ts";
import type { remotesToAsk } from "../store/remotes.ts";

/** A server elsewhere, and whether it may be in a private network because the environment names it. */
type Elsewhere = RemoteServer & { isTrusted: boolean };

/** A server elsewhere, as it was stored. */
export type KnownRemote = Row<typeof remotesToAsk>;

/** The way to a server's console, and its address. */
export type Way = { address: string; rcon: Rcon };

/** What is known of a server that answers: enough to play on it. */
export type Portrait = {
  flavour: ChannelFlavour;
  /** The password of the game; empty where there is none. */
  ownPassword: string;
  map: string | null;
  players: number;
  /** How long it took, in milliseconds. */
  answeredInMs: number;
};

export type Failed = { ok: false; fault: RemoteFault };

const OF_FAULT: Readonly<Record<RconFault, RemoteFault>> = {
  COMMAND_UNSAFE: "UNCLEAR",
  RCON_BUSY: "BUSY",
  RCON_SILENT: "SILENT",
  RCON_BAD_PASSWORD: "BAD_PASSWORD",
  RCON_NOT_SET_UP: "NOT_SET_UP",
};
const failed = (fault: RconFault): Failed => ({ ok: false, fault: OF_FAULT[fault] });

/** Rcon passwords and game passwords are sealed for the row that they are of. */
export const rconSeal = (id: string) => `remote_server:${id}:rcon`;
export const gameSeal = (id: string) => `remote_server:${id}:game`;

/** The RCON password of a stored server; null when it was sealed under another AGON_SECRET. */
export function opened(
  { vault }: Pick<Platform, "vault">,
  { id, rcon_password: sealed }: Pick<KnownRemote, "id" | "rcon_password">,
): string | null {
  try {
    return vault.open(sealed, rconSeal(id));
  } catch {
    return null;
  }
}

/** Opens a way to a server: its name is looked up now, and where it leads is what is asked. */
export async function openWay(
  { quake, log }: Pick<Platform, "quake" | "log">,
  { host, port, password, isTrusted }: Elsewhere,
): Promise<({ ok: true } & Way) | Failed> {
  const found = await findHost(host, isTrusted || quake.isLanAllowed, 4);
  if (!found.ok) return found;
  try {
    const rcon = await openRcon({ host: found.address, port, password });
    return { ok: true, address: found.address, rcon };
  } catch (error) {
    log.warn({ err: error, host }, "a Quake server cannot be reached");
    return { ok: false, fault: "UNREACHABLE" };
  }
}

/** Asks how a server is; a fault where nobody answers, or something else does. */
async function told({ rcon }: Way): Promise<(InfoAnswer & { ok: true }) | Failed> {
  const answer = await rcon.ask();
  if (answer.ok) return answer;
  return answer.fault === "NOT_A_GAME_SERVER" ? { ok: false, fault: answer.fault } : failed(answer.fault);
}

/** Asks a server all that must be known before a round: three questions, within ten seconds. */
export async function interview(way: Way): Promise<({ ok: true } & Portrait) | Failed> {
  const { rcon } = way;
  const askedAt = performance.now();
  const status = await told(way);
  if (!status.ok) return status;
  const answeredInMs = Math.round(performance.now() - askedAt);
  const { info, players } = status;
  const unfit = unfitness(info);
  if (unfit) return { ok: false, fault: unfit };
  const legacy = await rcon.command("com_legacyprotocol");
  if (!legacy.ok) return failed(legacy.fault);
  const flavour = flavourOf(info, readVariable("com_legacyprotocol", legacy.text));
  if (!flavour) return { ok: false, fault: "PROTOCOL_UNSUPPORTED" };
  const password = await rcon.command("g_password");
  if (!password.ok) return failed(password.fault);
  const ownPassword = readVariable("g_password", password.text);
  if (ownPassword === null) return { ok: false, fault: "UNCLEAR" };
  if (!isGivableBack(ownPassword)) return { ok: false, fault: "PASSWORD_UNSAFE" };
  return { ok: true, flavour, ownPassword, map: mapOf(info), players, answeredInMs };
}

/** Makes a server ready for one round: its map runs by our rules, and only who knows the password may join. */
export async function makeReady(way: Way, terms: RoundTerms): Promise<RemoteFault | RoundFault | null> {
  const before = await told(way);
  if (!before.ok) return before.fault;
  const commands = preparation(before.info, before.players, terms);
  if (!commands) return "MAP_MISSING";
  for (const words of commands) {
    const answer = await way.rcon.command(...words);
    if (!answer.ok) return OF_FAULT[answer.fault];
  }
  const after = await told(way);
  return after.ok ? unreadiness(after.info, terms) : after.fault;
}

/** Gives a server back as it was: with its own password of the game, and without players. */
export async function tidyUp({ rcon }: Way, ownPassword: string): Promise<Failed | null> {
  for (const words of [passwordCommand(ownPassword), ["kickall"]]) {
    const answer = await rcon.command(...words);
    if (!answer.ok) return failed(answer.fault);
  }
  return null;
}

const passwordCommand = (password: string) =>
  password === "" ? ["reset", "g_password"] : ["set", "g_password", password];
