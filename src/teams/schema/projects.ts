import { builder } from "../../platform/graphql/builder.ts";
import { command, success } from "../../platform/graphql/command.ts";
import { isSignedIn, type Viewer, NOBODY } from "../../platform/viewer.ts";
import { OPEN_PROJECTS_MAX } from "../rules.ts";
import { ofOwnTeam, TeamNode } from "../schema.ts";
import { archiveProject, foundProject, updateProject } from "../service/projects.ts";

/** The projects of the teams that a viewer is in. */
const projectsOf = (viewer: Viewer) => ({
  team: { dissolvedAt: null, members: { some: { userId: isSignedIn(viewer) ? viewer.userId : NOBODY } } },
});

export const ProjectNode = builder.prismaNode("Project", {
  id: { field: "id" },
  nullable: true,
  access: "owner",
  findUnique: (id, { viewer }) => ({ ...projectsOf(viewer), id }),
  description:
    "What a team works on: its tasks and workflows may name it, and what bots earn by them counts for it. The team's members can read it.",
  fields: (t) => ({
    team: t.relation("team", { description: "Whose it is." }),
    name: t.exposeString("name", { description: "Unique in its team whatever the case, 1 to 40 characters." }),
    description: t.expose("description", {
      type: "UserText",
      description: "What who leads the team says of it, at most 500 characters.",
    }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was founded." }),
    archivedAt: t.expose("archivedAt", {
      type: "DateTime",
      nullable: true,
      description: "Since when no new work may name it; null while some may.",
    }),
  }),
});

const ProjectFilter = builder.inputType("ProjectFilter", {
  description: "Which projects; every field narrows.",
  fields: (t) => ({
    archived: t.boolean({ required: false, description: "Only those that are archived, or only those that are not." }),
  }),
});

builder.prismaObjectField(TeamNode, "projects", (t) =>
  t.relatedConnection("projects", {
    type: ProjectNode,
    cursor: "id",
    description: "Its projects, newest first, for its members only. At most 100 a page.",
    args: { filterBy: t.arg({ type: ProjectFilter, required: false, description: "Which ones; all when absent." }) },
    query: ({ filterBy }, context) => ({
      where: {
        ...(filterBy?.archived != null && { archivedAt: filterBy.archived ? { not: null } : null }),
        ...ofOwnTeam(context),
      },
      orderBy: { id: "desc" as const },
    }),
  }),
);

builder.queryField("project", (t) =>
  t.prismaField({
    type: ProjectNode,
    nullable: true,
    access: "viewer",
    description: "A project by its id; null when there is none of a team that you are in.",
    args: { id: t.arg.globalID({ required: true, for: [ProjectNode], description: "The project's id." }) },
    authScopes: { signedIn: true },
    resolve: (query, _root, { id }, { platform, viewer }) =>
      platform.prisma.project.findFirst({ ...query, where: { id: id.id, ...projectsOf(viewer) } }),
  }),
);

type OfProject = { projectId: string };
type Fields = Parameters<Parameters<typeof command<Record<string, never>, OfProject, never, "WORK">>[1]["success"]>[0];
type Inputs = Parameters<Parameters<typeof command<Record<string, never>, object, never, "WORK">>[1]["input"]>[0];

const projectField = (t: Fields) => ({
  project: t.prismaField({
    type: ProjectNode,
    nullable: true,
    description: "The project as it is now; null where you are not in its team any more.",
    resolve: (query, { projectId }, _args, { platform, viewer }) =>
      platform.prisma.project.findFirst({ ...query, where: { id: projectId, ...projectsOf(viewer) } }),
  }),
});
const projectId = (t: Inputs) => t.globalID({ required: true, for: [ProjectNode], description: "The project." });
const NAME = "1 to 40 letters, digits, single blanks, _ or -; unique in the team whatever the case";

command("foundProject", {
  description: `Founds a project of a team that you lead; ${OPEN_PROJECTS_MAX} that are not archived at most.`,
  gives: success<OfProject>("The new project."),
  access: "WORK",
  input: (t) => ({
    teamId: t.globalID({ required: true, for: [TeamNode], description: "The team." }),
    name: t.string({ required: true, description: `${NAME}.` }),
    description: t.string({ required: false, description: "What it is about, at most 500 characters." }),
  }),
  success: projectField,
  refusals: [
    "INVALID_PROJECT_NAME",
    "PROJECT_NAME_TAKEN",
    "TOO_MANY_PROJECTS",
    "NOT_FOUND",
    "NOT_A_MEMBER",
    "NOT_TEAM_ADMIN",
  ],
  resolve: (input, { platform, viewer }) => foundProject(platform, viewer, { ...input, teamId: input.teamId.id }),
});

command("updateProject", {
  description: "Gives a project of a team that you lead another name or description; what is left out stays.",
  gives: success<OfProject>("The changed project."),
  access: "WORK",
  input: (t) => ({
    projectId: projectId(t),
    name: t.string({ required: false, description: `${NAME}; stays when absent.` }),
    description: t.string({ required: false, description: "At most 500 characters; stays when absent." }),
  }),
  success: projectField,
  refusals: ["INVALID_PROJECT_NAME", "PROJECT_NAME_TAKEN", "NOT_FOUND", "NOT_TEAM_ADMIN", "PROJECT_ARCHIVED"],
  resolve: (input, { platform, viewer }) =>
    updateProject(platform, viewer, { ...input, projectId: input.projectId.id }),
});

command("archiveProject", {
  description:
    "Archives a project of a team that you lead: no new work may name it. What it has goes on, and counts for it. Or opens it again.",
  gives: success<OfProject>("The project."),
  access: "WORK",
  input: (t) => ({
    projectId: projectId(t),
    archived: t.boolean({
      required: false,
      defaultValue: true,
      description: "False opens it again; true when absent. One that is so already stays so.",
    }),
  }),
  success: projectField,
  refusals: ["NOT_FOUND", "NOT_TEAM_ADMIN", "TOO_MANY_PROJECTS"],
  resolve: (input, { platform, viewer }) =>
    archiveProject(platform, viewer, { ...input, projectId: input.projectId.id, archived: input.archived ?? true }),
});
