import type { Tx } from "../../platform/database.ts";
import { requestOf, transactOnce, type Keyed, type Reuse } from "../../platform/idempotency.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome, type Refusal } from "../../platform/refusal.ts";
import { violatedConstraint } from "../../platform/retryable.ts";
import { refuseBound, type SignedIn } from "../../platform/viewer.ts";
import {
  DESCRIPTION_LENGTH_MAX,
  isTeamName,
  refuseArchiving,
  refuseNewProject,
  refuseProjectChange,
  refuseProjectOf,
  type ProjectStanding,
} from "../rules.ts";
import {
  archiveProjectRow,
  changeProject,
  holdProject,
  insertProject,
  projectStanding,
  projectTeam,
} from "../store.ts";
import { lockStanding } from "./people.ts";

type OfProject = { projectId: string };
type Words = { name?: string | null; description?: string | null };
type NameCode = "INVALID_PROJECT_NAME" | "PROJECT_NAME_TAKEN";
type NewCode = NonNullable<ReturnType<typeof refuseNewProject>>;

function refuseWords({ name, description }: Words): Refusal<"INVALID_PROJECT_NAME" | "BAD_INPUT"> | null {
  if (name != null && !isTeamName(name)) return refuse("INVALID_PROJECT_NAME", { path: ["input", "name"] });
  if (Array.from(description ?? "").length > DESCRIPTION_LENGTH_MAX)
    return refuse("BAD_INPUT", {
      path: ["input", "description"],
      message: `A description has at most ${DESCRIPTION_LENGTH_MAX} characters.`,
    });
  return null;
}

/** A name is taken also when two take it at the same instant: the index project_name. */
async function unlessTaken<Result>(work: () => Promise<Result>): Promise<Result | Refusal<"PROJECT_NAME_TAKEN">> {
  try {
    return await work();
  } catch (error) {
    if (violatedConstraint(error) === "project_name") return refuse("PROJECT_NAME_TAKEN", { path: ["input", "name"] });
    throw error;
  }
}

export type FoundProject = { teamId: string; name: string; description?: string | null } & Keyed;

/** Founds a project of a team that the viewer leads. */
export async function foundProject(
  platform: Platform,
  viewer: SignedIn,
  input: FoundProject,
): Promise<Outcome<OfProject, NameCode | NewCode | "MISSING_SCOPE" | "NOT_FOUND" | Reuse>> {
  const wrong = refuseBound(viewer) ?? refuseWords(input);
  if (wrong) return wrong;
  const { teamId, name, description } = input;
  const path = ["input", "teamId"];
  const request = requestOf(platform, viewer, "foundProject", input);
  return unlessTaken(() =>
    transactOnce<OfProject, NewCode | "NOT_FOUND">(platform.db, request, async (tx) => {
      const team = await lockStanding(tx, teamId, viewer);
      if (!team) return refuse("NOT_FOUND", { path });
      const refusal = refuseNewProject(await standingOf(tx, team.actor, teamId, null));
      if (refusal) return refuse(refusal, { path });
      const at = platform.clock.now();
      const projectId = platform.random.id(at);
      await tx.query(insertProject, [projectId, teamId, name, description ?? "", at]);
      return { ok: true, projectId };
    }),
  );
}

async function standingOf(
  tx: Tx,
  actor: ProjectStanding["actor"],
  teamId: string,
  projectId: string | null,
): Promise<ProjectStanding> {
  const [found] = await tx.query(projectStanding, [teamId, projectId]);
  return { actor, archived: found?.archived ?? false, open: found?.open ?? 0 };
}

type Change<Code extends string> = {
  operation: string;
  decide: (project: ProjectStanding) => Code | "NOT_A_MEMBER" | null;
  write: (tx: Tx) => Promise<unknown>;
};

/** Changes a project of a team that the viewer leads; another team's and a missing one look the same. */
async function change<Code extends "NOT_TEAM_ADMIN" | "PROJECT_ARCHIVED" | "TOO_MANY_PROJECTS">(
  platform: Platform,
  viewer: SignedIn,
  input: OfProject & Keyed,
  { operation, decide, write }: Change<Code>,
): Promise<Outcome<OfProject, Code | "MISSING_SCOPE" | "NOT_FOUND" | Reuse>> {
  const { projectId } = input;
  const path = ["input", "projectId"];
  const bound = refuseBound(viewer);
  if (bound) return bound;
  const request = requestOf(platform, viewer, operation, input);
  return transactOnce<OfProject, Code | "NOT_FOUND">(platform.db, request, async (tx) => {
    const [about] = await tx.query(projectTeam, [projectId]);
    // The team is locked before its project, as everywhere.
    const team = about && (await lockStanding(tx, about.team_id, viewer));
    if (!about || !team) return refuse("NOT_FOUND", { path });
    const refusal = decide(await standingOf(tx, team.actor, about.team_id, projectId));
    if (refusal === "NOT_A_MEMBER") return refuse("NOT_FOUND", { path });
    if (refusal) return refuse(refusal, { path });
    await write(tx);
    return { ok: true, projectId };
  });
}

type ChangeCode = NameCode | "MISSING_SCOPE" | "NOT_TEAM_ADMIN" | "PROJECT_ARCHIVED" | "NOT_FOUND" | Reuse;
export type UpdateProject = OfProject & Words & Keyed;

/** Gives a project another name or description; what is left out stays. */
export async function updateProject(
  platform: Platform,
  viewer: SignedIn,
  input: UpdateProject,
): Promise<Outcome<OfProject, ChangeCode>> {
  const wrong = refuseWords(input);
  if (wrong) return wrong;
  const { projectId, name, description } = input;
  return unlessTaken(() =>
    change(platform, viewer, input, {
      operation: "updateProject",
      decide: refuseProjectChange,
      write: (tx) => tx.query(changeProject, [projectId, name ?? null, description ?? null]),
    }),
  );
}

export type ArchiveProject = OfProject & { archived: boolean } & Keyed;

/** Archives a project, so that no new work names it, or opens it again. What it has goes on, and counts for it. */
export const archiveProject = (platform: Platform, viewer: SignedIn, input: ArchiveProject) =>
  change(platform, viewer, input, {
    operation: "archiveProject",
    decide: (project) => refuseArchiving(project, input.archived),
    write: (tx) => tx.query(archiveProjectRow, [input.projectId, input.archived, platform.clock.now()]),
  });

export type ProjectCode = NonNullable<ReturnType<typeof refuseProjectOf>>;

/** Holds a project for new work of a team, or says why it may not be named. */
export async function refuseProject(
  tx: Tx,
  { userId }: SignedIn,
  projectId: string,
  teamId: string | null,
): Promise<Refusal<ProjectCode> | null> {
  const [row] = await tx.query(holdProject, [projectId, userId]);
  const refusal = refuseProjectOf(row ? { teamId: row.team_id, archived: row.archived } : null, teamId);
  return refusal && refuse(refusal, { path: ["input", "projectId"] });
}
