import { startLeased, type LeasedLoop } from "../../platform/leased-loop.ts";
import { holdLease, releaseLease, type Lease } from "../../platform/leases.ts";
import type { Platform } from "../../platform/platform.ts";
import { SERVERS_TOPIC } from "../events.ts";
import type { ServerState } from "../rules/server-state.ts";
import { remotesToAsk, serverLease, writeAnswer } from "../store/remotes.ts";
import { gameSeal, interview, tidyUp, type Failed, type KnownRemote, type Portrait } from "./remote.ts";
import type { Ways } from "./ways.ts";

const TICK_MS = 1_000;
const ASK_AGAIN_MS = 10_000;
/** A node that comes back from an outage of the database has this long to say that it still plays there. */
const GRACE_MS = 4_000;

/** What came of asking a server, and what it is then; null leaves that as it was. */
type Asked = { answer: ({ ok: true } & Portrait) | Failed; state: ServerState | null };

/** Asks servers elsewhere how they are, on one node, and makes ready again what a node left behind. */
export function startKeeper(platform: Platform, node: string, ways: Ways): LeasedLoop {
  let since: ReadonlyMap<string, number> = new Map();
  return startLeased(platform, node, {
    lease: "game-servers",
    tickMs: TICK_MS,
    wokenBy: (name) => name === SERVERS_TOPIC,
    failed: "game servers elsewhere could not be asked; the next round tries again",
    round: async () => {
      const now = platform.clock.now();
      const before = new Date(now.getTime() - ASK_AGAIN_MS);
      const servers = await platform.db.query(remotesToAsk, [now, before]);
      const nowMs = performance.now();
      since = new Map(servers.filter(isLeft).map(({ id }) => [id, since.get(id) ?? nowMs]));
      const due = servers.filter(({ id }) => nowMs - (since.get(id) ?? -GRACE_MS) >= GRACE_MS);
      await Promise.all(due.map((server) => look(platform, node, ways, server)));
    },
  });
}

/** Whether a round was played there, by nobody any more. */
const isLeft = ({ state }: KnownRemote): boolean => state === "STARTING" || state === "BUSY";

async function look(platform: Platform, node: string, ways: Ways, server: KnownRemote): Promise<void> {
  const lease = await holdLease(platform.db, serverLease(server.id), `${node}:keeper`);
  if (!lease) return;
  try {
    await writeAsked(platform, lease, server.id, await ask(platform, ways, server));
  } catch (error) {
    platform.log.warn({ err: error, server: server.id }, "a game server elsewhere could not be asked");
  } finally {
    await releaseLease(platform.db, lease);
  }
}

/** One that was left behind gets its own password back before it is asked for it. */
async function ask(platform: Platform, ways: Ways, server: KnownRemote): Promise<Asked> {
  const way = await ways.to(server);
  const untidied = server.state === "FREE" ? null : "DOWN";
  if (!way.ok) return { answer: way, state: untidied };
  const own = server.own_password && platform.vault.open(server.own_password, gameSeal(server.id));
  const untidy = server.state === "FREE" || own === null ? null : await tidyUp(way, own);
  const answer = untidy ?? (await interview(way));
  if (!answer.ok) ways.forget(server.id);
  return { answer, state: answer.ok ? "FREE" : untidied };
}

/** Stores what came of asking, if the lease still holds. */
async function writeAsked(platform: Platform, lease: Lease, id: string, asked: Asked): Promise<void> {
  const { answer, state } = asked;
  const told = answer.ok ? answer : null;
  await platform.db.query(writeAnswer, [
    ...[id, lease.name, lease.fence, answer.ok ? "ANSWERS" : answer.fault, told?.flavour ?? null],
    told && platform.vault.seal(told.ownPassword, gameSeal(id)),
    ...[told?.players ?? null, told?.answeredInMs ?? null, platform.clock.now()],
    ...[state, told?.map ?? null],
  ]);
}
