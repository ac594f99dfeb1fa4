import { openPools, type Pairing } from "../../ladder/events.ts";
import { contestStream } from "../../ladder/rules/ladders.ts";
import { openContests, type OpenContest } from "../../ladder/service/contests.ts";
import type { Tx } from "../../platform/database.ts";
import type { Platform } from "../../platform/platform.ts";
import { append, type Append } from "../../platform/streams.ts";
import { MATCHES_TOPIC } from "../events.ts";
import { mapOf } from "../rules/match.ts";
import type { MatchAnnounced } from "../rules/match-events.ts";
import { namesOf, writeMatches } from "../store.ts";

/** Announces matches in the caller's transaction: they wait for their pools to close, then for a node with a free server. */
export async function createMatches(tx: Tx, platform: Platform, pairings: readonly Pairing[]): Promise<string[]> {
  const now = platform.clock.now();
  const fresh = pairings.map(({ stakes, ...pairing }): OpenContest => {
    if (stakes) throw new Error("nothing is at stake in a Quake match");
    const [id, seed] = [platform.random.id(now), platform.random.bytes(32)];
    return { ...pairing, sealed: false, id, announced: true, seed, characters: [] };
  });
  const bots = await tx.query(namesOf, [fresh.flatMap(({ botIds }) => botIds)]);
  const house = new Set(bots.filter((bot) => bot.house).map(({ id }) => id));
  await openContests(tx, fresh, now);
  const closings = await openPools.call(
    tx,
    platform,
    fresh.map(({ id, origin, rated, botIds }) => ({
      contestId: id,
      origin,
      rated,
      withHouse: botIds.some((botId) => house.has(botId)),
    })),
  );
  const announced = fresh.map((match) => ({ match, map: mapOf(match.seed), startsAt: closings.get(match.id) ?? now }));
  const rows = announced.map(({ match: { id, botIds }, map, startsAt }) => ({
    id,
    map,
    starts_at: startsAt,
    pooled: closings.has(id),
    last_seq: 1,
    bots: botIds,
  }));
  await tx.query(writeMatches, [JSON.stringify(rows)]);
  const appends = announced.flatMap(({ match, map, startsAt }) => announcementOf(match, map, startsAt));
  await append(tx, platform.hub.publish, appends, now);
  tx.afterCommit(() => ["contests", MATCHES_TOPIC].forEach((topic) => platform.hub.touch(topic)));
  return fresh.map(({ id }) => id);
}

function announcementOf({ id, ladder, rated, botIds }: OpenContest, map: string, startsAt: Date): Append[] {
  const type = "MatchAnnounced";
  const event: MatchAnnounced = { type, ladder, rated, map, startsAt: startsAt.toISOString(), botIds: [...botIds] };
  return [
    { stream: contestStream(ladder, id), chained: true, events: [event] },
    ...botIds.map((botId) => ({ stream: `bot:${botId}`, events: [{ type: "ContestStarted", contestId: id }] })),
  ];
}
