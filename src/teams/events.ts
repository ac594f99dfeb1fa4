import type { Tx } from "../platform/database.ts";
import { port } from "../platform/port.ts";

/** Whether a person and a team's members have bets that stand on each other's contests. */
export type HaveBets = (tx: Tx, teamId: string, userId: string) => Promise<boolean>;

/** The port by which betting keeps people from getting rid of a bet by joining a team. */
export const haveBets = port<HaveBets>("teams.haveBets");

/** The feed that moves when who is in a team does, or what they may do. */
export const teamTopic = (teamId: string) => `team:${teamId}`;
