import { ordinal as openskillOrdinal, rate as openskillRate } from "openskill";

export const ELO_K = 32;
export const MU_START = 25;
export const SIGMA_START = 25 / 3;
export const PROVISIONAL_GAMES = 10;
export const PROVISIONAL_SIGMA = 5;

/** One participant before a rated contest; placement 1 is best, equal placements are a draw. */
export type Rated = { botId: string; elo: number; mu: number; sigma: number; placement: number };

/** What a rated contest does to one participant. */
export type RatingChange = { botId: string; eloBefore: number; eloAfter: number; muAfter: number; sigmaAfter: number };

/** Expected score of `elo` against `other` (Elo, The Rating of Chessplayers, 1978): 1 / (1 + 10^((other − elo) / 400)). */
export function expectedScore(elo: number, other: number): number {
  return 1 / (1 + 10 ** ((other - elo) / 400));
}

const score = (placement: number, other: number) => (placement < other ? 1 : placement === other ? 0.5 : 0);

function exactDelta(one: Rated, all: readonly Rated[]): number {
  const others = all.filter((other) => other !== one);
  const surprise = others.map((other) => score(one.placement, other.placement) - expectedScore(one.elo, other.elo));
  return (ELO_K * surprise.reduce((sum, each) => sum + each, 0)) / others.length;
}

/** Rounds numbers whose sum is 0 to integers whose sum is 0: floors, then the largest remainders get the missing units. */
export function roundZeroSum(exact: readonly number[]): number[] {
  const rounded = exact.map((value) => Math.floor(value + 1e-9));
  const missing = -rounded.reduce((sum, value) => sum + value, 0);
  const byRemainder = exact
    .map((value, index) => ({ index, remainder: value - Math.floor(value + 1e-9) }))
    .toSorted((a, b) => b.remainder - a.remainder || a.index - b.index);
  for (const { index } of byRemainder.slice(0, missing)) rounded[index] = (rounded[index] ?? 0) + 1;
  return rounded;
}

/**
 * New ratings of all participants: Elo with K = 32 as the mean of all pairwise results, integers that sum to zero, and
 * Plackett–Luce skill (openskill).
 */
export function rate(participants: readonly Rated[]): RatingChange[] {
  const deltas = roundZeroSum(participants.map((one) => exactDelta(one, participants)));
  const teams = participants.map(({ mu, sigma }) => [{ mu, sigma }]);
  const skills = openskillRate(teams, { rank: participants.map(({ placement }) => placement) });
  return participants.map(({ botId, elo, mu, sigma }, index) => {
    const skill = skills[index]?.[0];
    return {
      botId,
      eloBefore: elo,
      eloAfter: elo + (deltas[index] ?? 0),
      muAfter: skill?.mu ?? mu,
      sigmaAfter: skill?.sigma ?? sigma,
    };
  });
}

/** The cautious estimate of skill: mu − 3·sigma. */
export function ordinal(mu: number, sigma: number): number {
  return openskillOrdinal({ mu, sigma });
}

/** Whether a rating is still provisional: fewer than 10 rated contests, or sigma above 5. */
export function isProvisional(ratedGames: number, sigma: number): boolean {
  return ratedGames < PROVISIONAL_GAMES || sigma > PROVISIONAL_SIGMA;
}
