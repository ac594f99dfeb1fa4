import type { TeamRole } from "../generated/graphql.ts";

export const ROLE_WORDS: Record<TeamRole, string> = { OWNER: "Owner", ADMIN: "Admin", MEMBER: "Member" };

/** Whether a role invites and takes members out. */
export const leads = (role: TeamRole): boolean => role !== "MEMBER";
