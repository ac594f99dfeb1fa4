import { leads, type TeamRole } from "../../teams/rules.ts";

/** A task to somebody: who made it, its team, and the role of who asks in that; null for who is not in it. */
type Whose = { creatorId: string; teamId: string | null; role: TeamRole | null };

/**
 * Whether a person may say yes or no to a task, end it and try it again: who made it, and who leads its team. Who made a
 * team's task and left the team has no say in it any more.
 */
export const mayDecide = ({ creatorId, teamId, role }: Whose, userId: string): boolean =>
  leads(role) || (creatorId === userId && (teamId === null || role !== null));
