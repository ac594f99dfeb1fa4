import { leads, type TeamRole } from "../../teams/rules.ts";

/** A task to somebody: who made it, and the role of who asks in its team; null for a task of no team, and for a stranger. */
type Whose = { creatorId: string; role: TeamRole | null };

/** Whether a person may say yes or no to a task, end it and try it again: who made it, and who leads its team. */
export const mayDecide = ({ creatorId, role }: Whose, userId: string): boolean => creatorId === userId || leads(role);
