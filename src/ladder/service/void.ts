import type { Tx } from "../../platform/database.ts";
import { enqueue } from "../../platform/jobs.ts";
import type { Platform } from "../../platform/platform.ts";
import type { Row } from "../../platform/statement.ts";
import { contestVoided } from "../events.ts";
import type { LadderKind } from "../rules/ladders.ts";
import { completedContest, lockRatings, reverseContest } from "../store/contests.ts";
import type { EloChange } from "./contests.ts";
import { scoreOf, uncounted, type Given, type Score, type Standing } from "./standing.ts";

type Completed = Row<typeof completedContest>;

/**
 * Takes a completed contest back in the caller's transaction: what it gave leaves ratings, records and season, and a
 * compensating row joins each bot's history. Gives the Elo before and after, or null when it is not completed.
 */
export async function voidContest(
  tx: Tx,
  { clock, hub }: Platform,
  { contestId, reason }: { contestId: string; reason: string },
): Promise<EloChange[] | null> {
  const found = await tx.query(completedContest, [contestId]);
  const [first] = found;
  if (!first) return null;
  const ladder = first.ladder as LadderKind;
  // Neither has counted.
  const moved = first.origin === "PRACTICE_QUEUE" || !first.counted ? [] : await takeBack(tx, ladder, found);
  const rated = first.rated_at !== null;
  const values = [contestId, JSON.stringify(moved), clock.now(), reason, rated, first.rated_at];
  if ((await tx.query(reverseContest, values)).length === 0) return null;
  await enqueue(tx, [contestVoided(contestId)]);
  tx.afterCommit(() => ["contests", `ladder:${ladder}`].forEach(hub.touch));
  return moved.map((row) => ({
    botId: row.bot_id,
    placement: row.placement,
    eloBefore: row.elo_before,
    eloAfter: row.elo,
  }));
}

async function takeBack(tx: Tx, ladder: LadderKind, found: readonly Completed[]) {
  const rows = await tx.query(lockRatings, [ladder, found.map(({ bot_id }) => bot_id)]);
  const standings = new Map<string, Standing>(rows.map((row) => [row.bot_id, row]));
  return found.flatMap((given) => {
    const row = standings.get(given.bot_id);
    return row && given.placement !== null
      ? [{ ...uncounted(row, givenBy(given, given.placement)), placement: given.placement }]
      : [];
  });
}

function givenBy(row: Completed, placement: number): Given {
  const { gained, mu_gained: muGained, sigma_ratio: sigmaRatio } = row;
  return {
    score: scoreOf(placement, row.firsts),
    rated: gained === null ? null : { gained, muGained: muGained ?? 0, sigmaRatio: sigmaRatio ?? 1 },
    peakWithout: row.peak_without,
    scoresWithout: row.results_without as Score[],
  };
}
