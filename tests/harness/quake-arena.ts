import { randomInt } from "node:crypto";
import { ask, mutate, newBot, newPerson } from "./agent.ts";
import { until } from "./until.ts";

/** Rounds of one minute, five times as fast: twelve seconds. */
export const TIMESCALE = 5;

/** The variables of a node with so many game servers, whose files are in `dataDir`. */
export const quakeNode = (servers: number, dataDir: string) => ({
  AGON_QUAKE_SERVERS: String(servers),
  AGON_QUAKE_PORT: String(40_000 + randomInt(1_000) * 20),
  AGON_QUAKE_ROUND_MIN: "1",
  AGON_QUAKE_TIMESCALE: String(TIMESCALE),
  DATA_DIR: dataDir,
});

/** A bot of an owner of its own. */
export type Entrant = { key: string; botId: string };

/** So many online bots, each of another owner. */
export async function newEntrants(url: string, names: readonly string[]): Promise<Entrant[]> {
  const entrants: Entrant[] = [];
  for (const name of names) {
    const { key } = await newPerson(url);
    entrants.push({ key, botId: await newBot(url, key, name) });
  }
  return entrants;
}

/** Puts a bot into the queue as soon as the ladder is open. */
export async function joinQuake(url: string, { key, botId }: Entrant): Promise<void> {
  await until(async () => {
    await mutate(url, key, "heartbeat", { botId });
    const { __typename, code } = await mutate(url, key, "joinQueue", { botId, ladder: "QUAKE" });
    if (String(__typename) === "JoinQueueSuccess") return true;
    if (String(code) !== "LADDER_CLOSED") throw new Error(String(code));
    return false;
  }, "an open ladder");
}

export type MatchPlayer = {
  bot: { id: string; name: string };
  score: number;
  kills: number;
  deaths: number;
  suicides: number;
  shots: number;
};
export type Match = {
  id: string;
  status: string;
  phase: string;
  map: string;
  rated: boolean;
  voidReason: string | null;
  cursor: string;
  players: MatchPlayer[];
  participants: {
    bot: { id: string };
    placement: number | null;
    ratingBefore: number | null;
    ratingAfter: number | null;
  }[];
};

const FIELDS = `id status phase map rated voidReason cursor players { bot { id name } score kills deaths suicides shots }
  participants { bot { id } placement ratingBefore ratingAfter }`;

/** The newest matches of the arena. */
export async function matches(url: string): Promise<Match[]> {
  const { data, errors } = await ask(url, `{ matches(first: 50) { nodes { ${FIELDS} } } }`);
  if (!data) throw new Error(JSON.stringify(errors));
  return (data as unknown as { matches: { nodes: Match[] } }).matches.nodes;
}

/** Waits until a match, the newest where none is named, stands in one of these phases; a minute at most. */
export async function matchIn(url: string, phases: readonly string[], id?: string): Promise<Match> {
  const look = async () => {
    const found = (await matches(url)).find((match) => id === undefined || match.id === id);
    return found && phases.includes(found.phase) ? found : null;
  };
  return until(look, `a match that is ${phases.join(" or ")}`).catch(() => until(look, phases.join(" or ")));
}

/** How a bot waits now; null when it does not. */
export async function waitOf(url: string, botId: string): Promise<{ status: string; joinedAt: string } | null> {
  const query = `query($id: ID!) { node(id: $id) { ... on Bot { queueEntry { status joinedAt } } } }`;
  const { data } = await ask(url, query, { id: botId });
  return (data as unknown as { node: { queueEntry: { status: string; joinedAt: string } | null } }).node.queueEntry;
}
