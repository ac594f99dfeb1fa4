import { createHash } from "node:crypto";
import type { Tx } from "../../platform/database.ts";
import type { Platform } from "../../platform/platform.ts";
import type { LadderKind } from "../rules/ladders.ts";
import type { Pairing } from "../events.ts";
import { isProvisional, rate } from "../rules/rating.ts";
import { closeContest, ensureRatings, lockRatings, writeContests } from "../store.ts";

/** A contest about to be written. The seed stays secret until the end; its SHA-256 is public from the start. */
export type OpenContest = Pairing & { id: string; seed: Buffer; characters: readonly string[] };

/** Writes contests with their participants, the bots' presence in them, and the queue entries that they use up. */
export async function openContests(tx: Tx, contests: readonly OpenContest[], at: Date): Promise<void> {
  const given = contests.map(({ id, ladder, origin, rated, seed, botIds, characters, entryIds }) => ({
    id,
    ladder,
    origin,
    rated,
    seed: seed.toString("hex"),
    seed_hash: createHash("sha256").update(seed).digest("hex"),
    bots: botIds.map((botId, side) => ({ side, bot_id: botId, character: characters[side] })),
    entries: entryIds,
  }));
  await tx.query(writeContests, [JSON.stringify(given), at]);
}

/** A contest's end: who came where, and whether it counts in ratings and in records. */
export type FinishContest = {
  contestId: string;
  ladder: LadderKind;
  rated: boolean;
  recorded: boolean;
  status: "COMPLETED" | "VOIDED";
  placements: readonly { botId: string; placement: number }[];
};

/** A participant's Elo before and after; equal where the contest is not rated. */
export type EloChange = { botId: string; placement: number; eloBefore: number; eloAfter: number };

type Standing = {
  bot_id: string;
  elo: number;
  mu: number;
  sigma: number;
  games: number;
  wins: number;
  draws: number;
  losses: number;
  rated_games: number;
  peak: number;
  streak: number;
};

/**
 * Ends a contest in the caller's transaction: placements, Elo and skill (rows locked in bot order), history, season,
 * records, and everybody free again. A contest that has ended already is left alone and gives null.
 */
export async function finishContest(tx: Tx, { clock }: Platform, finish: FinishContest): Promise<EloChange[] | null> {
  const { contestId, ladder, status, placements } = finish;
  const rated = finish.rated && status === "COMPLETED";
  const counted = finish.recorded && status === "COMPLETED";
  const botIds = placements.map(({ botId }) => botId);
  await tx.query(ensureRatings, [ladder, botIds]);
  const rows = new Map((await tx.query(lockRatings, [ladder, botIds])).map((row) => [row.bot_id, row]));
  const before = placements.map(({ botId, placement }) => ({ placement, row: rowOf(rows, botId) }));
  const changes = rate(
    before.map(({ placement, row }) => ({ botId: row.bot_id, elo: row.elo, mu: row.mu, sigma: row.sigma, placement })),
  );
  const results = before.map(({ placement, row }, index) => {
    const change = rated ? changes[index] : undefined;
    return resultRow(
      row,
      placement,
      outcomeOf(placement, placements),
      change ?? { eloAfter: row.elo, muAfter: row.mu, sigmaAfter: row.sigma },
      rated,
    );
  });
  const closed = await tx.query(closeContest, [
    contestId,
    JSON.stringify(results),
    status,
    clock.now(),
    rated,
    counted,
  ]);
  if (closed.length === 0) return null;
  return results.map(({ bot_id, placement, elo_before, elo }) => ({
    botId: bot_id,
    placement,
    eloBefore: elo_before,
    eloAfter: elo,
  }));
}

function rowOf(rows: Map<string, Standing>, botId: string): Standing {
  const row = rows.get(botId);
  if (!row) throw new Error(`no rating row of bot ${botId}`);
  return row;
}

type Result = "win" | "draw" | "loss";

function outcomeOf(placement: number, all: FinishContest["placements"]): Result {
  if (placement > 1) return "loss";
  return all.filter((other) => other.placement === 1).length > 1 ? "draw" : "win";
}

function resultRow(
  row: Standing,
  placement: number,
  result: Result,
  change: { eloAfter: number; muAfter: number; sigmaAfter: number },
  rated: boolean,
) {
  const ratedGames = row.rated_games + (rated ? 1 : 0);
  return {
    bot_id: row.bot_id,
    placement,
    elo: change.eloAfter,
    mu: change.muAfter,
    sigma: change.sigmaAfter,
    games: row.games + 1,
    wins: row.wins + (result === "win" ? 1 : 0),
    draws: row.draws + (result === "draw" ? 1 : 0),
    losses: row.losses + (result === "loss" ? 1 : 0),
    rated_games: ratedGames,
    peak: Math.max(row.peak, change.eloAfter),
    streak: result === "win" ? Math.max(row.streak, 0) + 1 : result === "loss" ? Math.min(row.streak, 0) - 1 : 0,
    on_board: !isProvisional(ratedGames, change.sigmaAfter),
    elo_before: row.elo,
    mu_before: row.mu,
    sigma_before: row.sigma,
  };
}
