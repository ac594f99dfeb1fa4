import { audit } from "../../identity/service/accounts.ts";
import type { Tx } from "../../platform/database.ts";
import { requestOf, transactOnce, type Keyed, type Reuse } from "../../platform/idempotency.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome } from "../../platform/refusal.ts";
import type { Row } from "../../platform/statement.ts";
import type { SignedIn } from "../../platform/viewer.ts";
import { MATCHES_TOPIC } from "../events.ts";
import { allServers, drainServer, lockServer, serverById } from "../store/servers.ts";
import { standing, type RemoteFault, type RoundFault } from "../rules/remote.ts";
import type { ServerState } from "../rules/server-state.ts";

export const DRAIN_REFUSALS = ["ALREADY_DRAINING", "NOT_DRAINING"] as const;
export type DrainRefusal = (typeof DRAIN_REFUSALS)[number];

type Wanted = { serverId: string; reason: string } & Keyed;
type Drained = { serverId: string };
type Acting = Pick<Platform, "clock" | "random">;
type Actor = { actorId: string | null; principal: string };

/** A game server, as its node last said that it is, or as it answered last when it is elsewhere. */
export type KnownServer = {
  id: string;
  port: number;
  state: ServerState;
  map: string | null;
  drainingSince: Date | null;
  drainReason: string | null;
  /** Of a server of a node, whether its node was heard of lately. */
  heard: boolean;
  /** Null of a server of a node. */
  remote: { host: string; answer: RemoteAnswer | null; players: number | null; answeredInMs: number | null } | null;
};

/** What came of asking a server elsewhere. */
export type RemoteAnswer = "ANSWERS" | RemoteFault | RoundFault;

const SILENT_MS = 10_000;
export const SERVERS_LISTED_MAX = 200;

const heardSince = ({ clock }: Pick<Platform, "clock">) => new Date(clock.now().getTime() - SILENT_MS);

function serverOf(row: Row<typeof allServers>): KnownServer {
  const { id, port, heard, map, draining_since: drainingSince, drain_reason: drainReason } = row;
  const known = { id, port, heard, map, drainingSince, drainReason };
  const state = row.state as ServerState;
  if (row.host === null) return { ...known, state: heard ? state : "DOWN", remote: null };
  const { host, held, players, answered_in_ms: answeredInMs } = row;
  const answer = row.answer as RemoteAnswer | null;
  return {
    ...known,
    state: standing({ state, held, answer, drained: drainingSince !== null }),
    remote: { host, answer, players, answeredInMs },
  };
}

/** The game servers of all nodes, and those elsewhere. */
export async function knownServers(platform: Pick<Platform, "clock" | "db">): Promise<KnownServer[]> {
  return (await platform.db.query(allServers, [heardSince(platform), SERVERS_LISTED_MAX])).map(serverOf);
}

export async function knownServer(platform: Pick<Platform, "clock" | "db">, id: string): Promise<KnownServer> {
  const [row] = await platform.db.query(serverById, [heardSince(platform), id]);
  if (!row) throw new Error(`game server ${id} is gone`);
  return serverOf(row);
}

/** Lets a server finish its round and take no other, or take rounds again, for an operator. Audited. */
export function setDraining(
  platform: Platform,
  viewer: SignedIn,
  input: Wanted,
  draining: boolean,
): Promise<Outcome<Drained, "NOT_FOUND" | DrainRefusal | Reuse>> {
  const { userId: actorId, principal } = viewer;
  const request = requestOf(platform, viewer, draining ? "drainGameServer" : "resumeGameServer", input);
  return transactOnce<Drained, "NOT_FOUND" | "BAD_INPUT" | DrainRefusal>(platform.db, request, async (tx) => {
    if (input.reason.trim() === "") return refuse("BAD_INPUT", { path: ["input", "reason"], message: "Say why." });
    const refusal = await change(platform, tx, { ...input, draining }, { actorId, principal });
    if (refusal) return refuse(refusal, { path: ["input", "serverId"] });
    // Its node looks now, and not half a second later.
    tx.afterCommit(() => platform.hub.touch(MATCHES_TOPIC));
    return { ok: true, serverId: input.serverId };
  });
}

type Change = { serverId: string; reason: string; draining: boolean };

async function change(
  platform: Acting,
  tx: Tx,
  { serverId, reason, draining }: Change,
  actor: Actor,
): Promise<"NOT_FOUND" | DrainRefusal | null> {
  const [server] = await tx.query(lockServer, [serverId]);
  if (!server) return "NOT_FOUND";
  if (server.draining === draining) return draining ? "ALREADY_DRAINING" : "NOT_DRAINING";
  const values = draining ? [platform.clock.now(), reason.trim()] : [null, null];
  await tx.query(drainServer, [serverId, ...values]);
  const action = draining ? "server.drained" : "server.resumed";
  await audit(platform, tx, { ...actor, action, subject: `server:${serverId}`, reason: reason.trim() });
  return null;
}

const SAID: Record<"NOT_FOUND" | DrainRefusal, string> = {
  NOT_FOUND: "There is no such game server: `servers` lists them.",
  ALREADY_DRAINING: "It is being drained already.",
  NOT_DRAINING: "It is not being drained.",
};

/** The same from the machine of the arena; says what came of it. */
export async function setDrainingByHand(
  platform: Acting & Pick<Platform, "db">,
  wanted: Change,
): Promise<{ done: boolean; text: string }> {
  if (wanted.reason.trim() === "") return { done: false, text: "Say why, for the audit log." };
  if (!UUID.test(wanted.serverId)) return { done: false, text: SAID.NOT_FOUND };
  const actor = { actorId: null, principal: "system" };
  const refusal = await platform.db.transact((tx) => change(platform, tx, wanted, actor));
  if (refusal) return { done: false, text: SAID[refusal] };
  const text = wanted.draining ? "It finishes its round, and takes no other." : "It takes rounds again.";
  return { done: true, text };
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** All game servers, a line each. */
export async function describeServers(platform: Pick<Platform, "clock" | "db">): Promise<string> {
  const servers = await knownServers(platform);
  const lines = servers.map(({ id, port, state, map, drainingSince, drainReason, remote }) => {
    const drained = drainingSince ? `  drained since ${drainingSince.toISOString()}: ${drainReason ?? ""}` : "";
    const where = remote ? `${remote.host}:${port}  ${remote.answer ?? "-"}` : `port ${port}`;
    return `${id}  ${where}  ${state}  ${map ?? "-"}${drained}`;
  });
  return lines.join("\n") || "There are no game servers.";
}
