import { isProvisional, MU_START, SIGMA_START, type RatingChange } from "../rules/rating.ts";

/** A row of `rating` as it was locked. */
export type Standing = {
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
  on_board: boolean;
};

/** A standing as it is written, beside what it was. */
export type Moved = Standing & { elo_before: number; mu_before: number; sigma_before: number };

/** 1 a win, 0 a draw, −1 a loss. */
export type Score = 1 | 0 | -1;

/** How a placement counts in the record: several firsts have drawn. */
export function scoreOf(placement: number, firsts: number): Score {
  if (placement > 1) return -1;
  return firsts > 1 ? 0 : 1;
}

/** The streak after one more result: wins in a row, negative for losses; a draw ends either. */
export function extendStreak(streak: number, score: Score): number {
  if (score === 0) return 0;
  return score === 1 ? Math.max(streak, 0) + 1 : Math.min(streak, 0) - 1;
}

/** The streak that these results make, newest first. */
export function streakOf(scores: readonly Score[]): number {
  const [newest] = scores;
  if (!newest) return 0;
  const end = scores.findIndex((score) => score !== newest);
  return newest * (end === -1 ? scores.length : end);
}

function record(row: Standing, score: Score, by: 1 | -1): Pick<Standing, "games" | "wins" | "draws" | "losses"> {
  return {
    games: row.games + by,
    wins: row.wins + (score === 1 ? by : 0),
    draws: row.draws + (score === 0 ? by : 0),
    losses: row.losses + (score === -1 ? by : 0),
  };
}

const before = ({ elo, mu, sigma }: Standing) => ({ elo_before: elo, mu_before: mu, sigma_before: sigma });

/** A standing after a contest that counts in the record and, when `change` is given, in the rating. */
export function counted(row: Standing, score: Score, change: RatingChange | null): Moved {
  const moved = { ...row, ...before(row), ...record(row, score, 1), streak: extendStreak(row.streak, score) };
  if (!change) return moved;
  const { eloAfter: elo, muAfter: mu, sigmaAfter: sigma } = change;
  const rated_games = row.rated_games + 1;
  const peak = Math.max(row.peak, elo);
  return { ...moved, elo, mu, sigma, rated_games, peak, on_board: !isProvisional(rated_games, sigma) };
}

/** What a contest gave and is to be taken back; `rated` is null where it counted in the record only. */
export type Given = {
  score: Score;
  rated: { gained: number; muGained: number; sigmaRatio: number } | null;
  peakWithout: number;
  scoresWithout: readonly Score[];
};

/** A standing without a contest that is voided: Elo and mu lose what they gained, sigma its factor. */
export function uncounted(row: Standing, given: Given): Moved {
  const moved = { ...row, ...before(row), ...record(row, given.score, -1), streak: streakOf(given.scoresWithout) };
  if (!given.rated) return moved;
  const { gained, muGained, sigmaRatio } = given.rated;
  const rated_games = row.rated_games - 1;
  const [elo, sigma] = [row.elo - gained, Math.min(SIGMA_START, row.sigma * sigmaRatio)];
  const mu = rated_games === 0 ? MU_START : row.mu - muGained;
  const on_board = row.on_board && !isProvisional(rated_games, sigma);
  return { ...moved, elo, mu, sigma, rated_games, peak: Math.max(elo, given.peakWithout), on_board };
}
