/** Whose a bot is, and the teams that its owner is in. */
export type Side = { ownerId: string; teams: readonly string[] };

/** Whether two are of one owner, or of owners in one team: they never play each other for a rating. */
export function areAllied(one: Side, other: Side): boolean {
  if (one.ownerId === other.ownerId) return true;
  return one.teams.length > 0 && other.teams.length > 0 && one.teams.some((team) => other.teams.includes(team));
}
