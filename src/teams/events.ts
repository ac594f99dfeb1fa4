import type { Tx } from "../platform/database.ts";
import type { Platform } from "../platform/platform.ts";
import { port } from "../platform/port.ts";
import type { Append } from "../platform/streams.ts";

/** Whether a person and a team's members have bets that stand on each other's contests. */
export type HaveBets = (tx: Tx, teamId: string, userId: string) => Promise<boolean>;

/** The port by which betting keeps people from getting rid of a bet by joining a team. */
export const haveBets = port<HaveBets>("teams.haveBets");

/** Takes from bots that are in a team no more what they hold of it; gives what is to be told. */
export type BarFromTeam = (tx: Tx, platform: Platform, teamId: string, botIds: readonly string[]) => Promise<Append[]>;

/** The port by which work hears, in the transaction that takes bots out, that they are of the team no more. */
export const barFromTeam = port<BarFromTeam>("teams.barFromTeam");

/** Ends, in the caller's transaction or soon after, all open work of a team that is dissolved. */
export type TeamDissolved = (tx: Tx, platform: Platform, teamId: string) => Promise<void>;

/** The port by which work hears that a team is dissolved. */
export const teamDissolved = port<TeamDissolved>("teams.teamDissolved");

/** The feed that moves when who is in a team does, or what they may do. */
export const teamTopic = (teamId: string) => `team:${teamId}`;
