import type { Tx } from "../../platform/database.ts";
import { firstIdAt } from "../../platform/random.ts";
import type { LadderKind } from "../rules/ladders.ts";
import { ratedSince } from "../store/queue.ts";

const DAY_MS = 24 * 3_600_000;

/** Whether two among some bots have met too often. */
export type HasSpentPair = (botIds: readonly string[]) => boolean;

type Asked = { ladder: LadderKind; groups: readonly (readonly string[])[]; now: Date; perDayMax: number };

/** Of some groups of bots: among whom two met rated `perDayMax` times or more in the last 24 hours. */
export async function spentPairs(
  db: Pick<Tx, "query">,
  { ladder, groups, now, perDayMax }: Asked,
): Promise<HasSpentPair> {
  const pairs = groups.flatMap(pairsOf);
  if (pairs.length === 0) return () => false;
  const since = firstIdAt(new Date(now.getTime() - DAY_MS));
  const counts = await db.query(ratedSince, [pairs.map(([a]) => a), pairs.map(([, b]) => b), ladder, since]);
  const spent = new Set(counts.filter(({ contests }) => contests >= perDayMax).map(({ a, b }) => `${a} ${b}`));
  return (botIds) => pairsOf(botIds).some((two) => spent.has(two.join(" ")));
}

const pairsOf = (botIds: readonly string[]) =>
  botIds.flatMap((a, place) => botIds.slice(place + 1).map((b) => [a, b] as const));
