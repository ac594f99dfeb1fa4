import { audit } from "../../identity/service/accounts.ts";
import type { Tx } from "../../platform/database.ts";
import { requestOf, transactOnce, type Keyed, type Reuse } from "../../platform/idempotency.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome } from "../../platform/refusal.ts";
import { violatedConstraint } from "../../platform/retryable.ts";
import type { SignedIn } from "../../platform/viewer.ts";
import { SERVERS_TOPIC } from "../events.ts";
import { isRconPassword, parseAddress, type RemoteFault, type RemoteServer } from "../rules/remote.ts";
import { addRemote, countRemotes, lockRemote, remoteAt, removeServer, repeatRemote } from "../store/remotes.ts";
import { lockServer } from "../store/servers.ts";
import { interview, opened, openWay, rconSeal, type Failed } from "./remote.ts";

export const REMOTE_SERVERS_MAX = 64;

/** Why a server elsewhere is not added. */
export type AddServerRefusal =
  | "BAD_SERVER_ADDRESS"
  | "PRIVATE_SERVER_ADDRESS"
  | "SERVER_UNREACHABLE"
  | "SERVER_SILENT"
  | "WRONG_RCON_PASSWORD"
  | "RCON_NOT_SET_UP"
  | "NOT_A_GAME_SERVER"
  | "PROTOCOL_UNSUPPORTED"
  | "SERVER_TOO_SMALL"
  | "SERVER_PASSWORD_UNSAFE"
  | "SERVER_KNOWN"
  | "TOO_MANY_SERVERS";

const OF_FAULT: Readonly<Record<RemoteFault, AddServerRefusal>> = {
  UNREACHABLE: "SERVER_UNREACHABLE",
  PRIVATE_ADDRESS: "PRIVATE_SERVER_ADDRESS",
  SILENT: "SERVER_SILENT",
  BUSY: "SERVER_SILENT",
  BAD_PASSWORD: "WRONG_RCON_PASSWORD",
  NOT_SET_UP: "RCON_NOT_SET_UP",
  UNCLEAR: "NOT_A_GAME_SERVER",
  NOT_A_GAME_SERVER: "NOT_A_GAME_SERVER",
  PROTOCOL_UNSUPPORTED: "PROTOCOL_UNSUPPORTED",
  TOO_SMALL: "SERVER_TOO_SMALL",
  PASSWORD_UNSAFE: "SERVER_PASSWORD_UNSAFE",
};

/** Two servers never have one address: two nodes would each think it their own. */
const ONE_ADDRESS = "remote_server_host_port_key";

type Changed = { serverId: string };
/** What a refused password says: nothing that repeats it. */
const PASSWORD_FORM = 'An RCON password has 1 to 64 visible ASCII characters without blanks, " and %.';

type AddServer = { address: string; rconPassword: string; reason: string } & Keyed;

/** Takes a server elsewhere into play for an operator, once it has answered all that must be known of it. Audited. */
export async function addGameServer(
  platform: Platform,
  viewer: SignedIn,
  input: AddServer,
): Promise<Outcome<Changed, AddServerRefusal | "BAD_INPUT" | Reuse>> {
  const place = parseAddress(input.address);
  if (!place) return refuse("BAD_SERVER_ADDRESS", { path: ["input", "address"] });
  if (!isRconPassword(input.rconPassword))
    return refuse("BAD_INPUT", { path: ["input", "rconPassword"], message: PASSWORD_FORM });
  if (input.reason.trim() === "") return refuse("BAD_INPUT", { path: ["input", "reason"], message: "Say why." });
  const server = { ...place, password: input.rconPassword };
  const failure = await tryOut(platform, server);
  if (failure) {
    const code = OF_FAULT[failure.fault];
    return refuse(code, { path: ["input", code === "WRONG_RCON_PASSWORD" ? "rconPassword" : "address"] });
  }
  const { userId: actorId, principal } = viewer;
  const request = requestOf(platform, viewer, "addGameServer", { ...input, rconPassword: "given" } as Keyed);
  try {
    return await transactOnce<Changed, AddServerRefusal>(platform.db, request, async (tx) => {
      const [known] = await tx.query(countRemotes, []);
      if ((known?.servers ?? 0) >= REMOTE_SERVERS_MAX) return refuse("TOO_MANY_SERVERS");
      const serverId = await insert(platform, tx, server, false);
      const subject = `server:${serverId}`;
      await audit(platform, tx, { actorId, principal, action: "server.added", subject, reason: input.reason.trim() });
      return { ok: true, serverId };
    });
  } catch (error) {
    if (violatedConstraint(error) === ONE_ADDRESS) return refuse("SERVER_KNOWN", { path: ["input", "address"] });
    throw error;
  }
}

/** One that is known already is not asked: it answers few questions, and those of its matches go first. */
async function tryOut(platform: Platform, server: RemoteServer): Promise<Failed | null> {
  const [known] = await platform.db.query(remoteAt, [server.host, server.port]);
  if (known) return null;
  const way = await openWay(platform, { ...server, isTrusted: false });
  if (!way.ok) return way;
  try {
    const portrait = await interview(way);
    return portrait.ok ? null : portrait;
  } finally {
    way.rcon.close();
  }
}

async function insert(platform: Platform, tx: Tx, server: RemoteServer, configured: boolean): Promise<string> {
  const now = platform.clock.now();
  const id = platform.random.id(now);
  const sealed = platform.vault.seal(server.password, rconSeal(id));
  await tx.query(addRemote, [id, server.host, server.port, now, sealed, configured]);
  tx.afterCommit(() => platform.hub.touch(SERVERS_TOPIC));
  return id;
}

/** Takes the servers of the environment into play; they are asked later, and may be in a private network. */
export async function adoptConfigured(platform: Platform): Promise<void> {
  for (const server of platform.quake.servers) {
    try {
      await platform.db.transact((tx) => adopt(platform, tx, server));
    } catch (error) {
      // Nodes that start together adopt the same.
      if (violatedConstraint(error) !== ONE_ADDRESS) throw error;
    }
  }
}

async function adopt(platform: Platform, tx: Tx, server: RemoteServer): Promise<void> {
  const [known] = await tx.query(remoteAt, [server.host, server.port]);
  if (!known) return void (await insert(platform, tx, server, true));
  if (known.configured && opened(platform, known) === server.password) return;
  await tx.query(repeatRemote, [known.id, platform.vault.seal(server.password, rconSeal(known.id))]);
}

export type RemoveServerRefusal = "NOT_FOUND" | "NOT_REMOTE" | "SERVER_BUSY";

/** Forgets a server elsewhere, with its password, for an operator. Audited. */
export function removeGameServer(
  platform: Platform,
  viewer: SignedIn,
  input: { serverId: string; reason: string } & Keyed,
): Promise<Outcome<Changed, RemoveServerRefusal | "BAD_INPUT" | Reuse>> {
  const { serverId, reason } = input;
  const { userId: actorId, principal } = viewer;
  const request = requestOf(platform, viewer, "removeGameServer", input);
  return transactOnce<Changed, RemoveServerRefusal | "BAD_INPUT">(platform.db, request, async (tx) => {
    if (reason.trim() === "") return refuse("BAD_INPUT", { path: ["input", "reason"], message: "Say why." });
    const [server] = await tx.query(lockServer, [serverId]);
    if (!server) return refuse("NOT_FOUND", { path: ["input", "serverId"] });
    const [remote] = await tx.query(lockRemote, [serverId]);
    if (!remote) return refuse("NOT_REMOTE", { path: ["input", "serverId"] });
    if (remote.held) return refuse("SERVER_BUSY", { path: ["input", "serverId"], retryAfterMs: 1_000 });
    await tx.query(removeServer, [serverId]);
    const subject = `server:${serverId}`;
    await audit(platform, tx, { actorId, principal, action: "server.removed", subject, reason: reason.trim() });
    return { ok: true, serverId };
  });
}
