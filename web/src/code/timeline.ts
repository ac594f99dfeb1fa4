/** What a timeline needs of an event: what it is, and when it was committed (ISO 8601). */
export type Timed = { __typename: string; at: string };

/** From the first gladiator's beginning to the last word of their work, in ms of the epoch; null where nobody has begun. */
export function spanOf(told: readonly Timed[]): { from: number; to: number } | null {
  const begun = told.find(({ __typename }) => __typename === "GladiatorStarted");
  if (!begun) return null;
  // Where people vote the changes are told behind the votes, which are no part of the work.
  const voting = told.findIndex(({ __typename }) => __typename === "VotingOpened");
  const worked = told
    .slice(0, voting < 0 ? told.length : voting)
    .findLast(({ __typename }) => __typename === "GladiatorFinished" || __typename === "FileChanged");
  const from = Date.parse(begun.at);
  return { from, to: Math.max(from, Date.parse((worked ?? told.at(-1) ?? begun).at)) };
}

/** What had been told at an instant, in ms of the epoch. */
export const toldBy = <Event extends Timed>(told: readonly Event[], atMs: number): Event[] =>
  told.filter(({ at }) => Date.parse(at) <= atMs);

/** Where a replay stands after it has played on for a while, in ms from its beginning; it stops at the end. */
export const playedOn = (
  at: number,
  { passedMs, speed, length }: { passedMs: number; speed: number; length: number },
) => Math.min(length, at + passedMs * speed);
