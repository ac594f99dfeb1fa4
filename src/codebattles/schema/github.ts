import "./refusals.ts";
import { BotNode } from "../../bots/schema.ts";
import { builder } from "../../platform/graphql/builder.ts";
import { command, success } from "../../platform/graphql/command.ts";
import { ViewerRef } from "../../platform/graphql/viewer.ts";
import { isSignedIn, NOBODY } from "../../platform/viewer.ts";
import { GITHUB_REFUSALS, manageUrl } from "../rules/github.ts";
import { REPOSITORY_REFUSALS } from "../rules/repository.ts";
import { addGitHubRepository, closedBecause, connectGitHub, removeInstallation } from "../service/github.ts";
import { openPullRequest } from "../service/pulls.ts";
import { BattleNode } from "./battle.ts";
import { RepositoryNode } from "./repository.ts";

const GitHubRepositoryNode = builder.prismaNode("GitHubRepository", {
  id: { field: "id" },
  nullable: true,
  access: "owner",
  findUnique: (id, { viewer }) => ({
    id,
    installation: { ownerId: isSignedIn(viewer) ? viewer.userId : NOBODY, removedAt: null },
  }),
  description: "A repository that GitHub showed you in an installation. addGitHubRepository takes it for battles.",
  fields: (t) => ({
    name: t.exposeString("name", { description: "Its owner and its name, such as acme/api." }),
    private: t.exposeBoolean("private", { description: "Whether it is private or internal at GitHub." }),
    defaultBranch: t.exposeString("defaultBranch", { description: "The branch that battles take when none is named." }),
    pushedAt: t.expose("pushedAt", {
      type: "DateTime",
      nullable: true,
      description: "When somebody pushed to it last, as far as GitHub told; null where it did not.",
    }),
  }),
});

const GitHubInstallationNode = builder.prismaNode("GitHubInstallation", {
  id: { field: "id" },
  nullable: true,
  access: "owner",
  findUnique: (id, { viewer }) => ({ id, ownerId: isSignedIn(viewer) ? viewer.userId : NOBODY, removedAt: null }),
  description: "An installation of the operator's GitHub App that you may see at GitHub. Only you see it here.",
  fields: (t) => ({
    account: t.exposeString("account", { description: "Whose repositories it is for: a user or an organization." }),
    organization: t.exposeBoolean("organization", { description: "Whether that is an organization." }),
    login: t.exposeString("login", { description: "Who you are at GitHub, as it said when you connected." }),
    suspended: t.boolean({
      description: "Whether it is suspended at GitHub: nothing is fetched or pushed by it until it is resumed.",
      select: { suspendedAt: true },
      resolve: ({ suspendedAt }) => suspendedAt !== null,
    }),
    manageUrl: t.string({
      nullable: true,
      description:
        "Where at GitHub its repositories are chosen and it is uninstalled; null where GitHub is closed here.",
      select: { organization: true, account: true, number: true },
      resolve: ({ organization, account, number }, _args, { platform: { github } }) =>
        "missing" in github ? null : manageUrl(github.webUrl, { organization, account, number: String(number) }),
    }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When you connected it first." }),
    repositories: t.relatedConnection("repositories", {
      type: GitHubRepositoryNode,
      cursor: "id",
      description:
        "Its repositories that you may see at GitHub, the first 1,000, as they were when you connected and as GitHub told since. At most 100 a page.",
      query: { orderBy: { id: "asc" } },
    }),
  }),
});

builder.objectField(ViewerRef, "gitHubInstallations", (t) =>
  t.prismaConnection({
    type: GitHubInstallationNode,
    cursor: "id",
    description: "The viewer's GitHub installations, newest first. At most 100 a page.",
    resolve: (query, { userId }, _args, { platform }) =>
      platform.prisma.gitHubInstallation.findMany({
        ...query,
        where: { ownerId: userId, removedAt: null },
        orderBy: { id: "desc" },
      }),
  }),
);

builder.queryField("gitHubClosed", (t) =>
  t.string({
    nullable: true,
    access: "public",
    description: "Why nothing can be done with GitHub here, naming the settings that are missing; null where it can.",
    resolve: (_root, _args, { platform }) => closedBecause(platform),
  }),
);

command("connectGitHub", {
  description:
    "Gives the address at GitHub where you install the app, or only say who you are. GitHub sends you back to /github/callback, which links the installations that it shows you.",
  gives: success<{ url: string }>("Where to go in the browser of this session, within 15 minutes."),
  access: "session",
  noKey: "each call opens another way back",
  input: (t) => ({
    install: t.boolean({
      required: false,
      description:
        "True to install the app or choose its repositories; false, when absent too, to read again what you may see.",
    }),
  }),
  success: (t) => ({ url: t.exposeString("url", { description: "The address at GitHub." }) }),
  refusals: ["GITHUB_CLOSED"],
  resolve: ({ install }, { platform, viewer }) => connectGitHub(platform, viewer, { install: install ?? false }),
});

command("removeGitHubInstallation", {
  description:
    "Disconnects an installation from you: no token is asked for by it any more, also not for battles that run. It stays installed at GitHub; manageUrl leads to where it is uninstalled.",
  gives: success<{ installationId: string }>("It is disconnected."),
  access: "session",
  input: (t) => ({
    installationId: t.globalID({ required: true, for: [GitHubInstallationNode], description: "Your installation." }),
  }),
  success: (t) => ({ removed: t.boolean({ description: "Always true.", resolve: () => true }) }),
  refusals: ["NOT_FOUND"],
  resolve: (input, { platform, viewer }) =>
    removeInstallation(platform, viewer, { ...input, installationId: input.installationId.id }),
});

command("addGitHubRepository", {
  description:
    "Takes a repository of one of your GitHub installations for your battles. A token of that one repository is asked for each time it is fetched, and none is kept. Where it is private, battles on it are hidden.",
  gives: success<{ repositoryId: string }>("The repository, with the set-up that its files tell."),
  access: "PLAY",
  ofOwner: true,
  input: (t) => ({
    gitHubRepositoryId: t.globalID({
      required: true,
      for: [GitHubRepositoryNode],
      description: "A repository of viewer { gitHubInstallations }.",
    }),
    private: t.boolean({ required: false, description: "Hide battles on it also where everybody may read it." }),
  }),
  success: (t) => ({
    repository: t.prismaField({
      type: RepositoryNode,
      description: "The repository as it is now.",
      resolve: (query, { repositoryId }, _args, { platform }) =>
        platform.prisma.codeRepository.findUniqueOrThrow({ ...query, where: { id: repositoryId } }),
    }),
  }),
  refusals: [...REPOSITORY_REFUSALS, ...GITHUB_REFUSALS, "NOT_FOUND", "REPOSITORY_KNOWN", "TOO_MANY_REPOSITORIES"],
  resolve: (input, { platform, viewer }) =>
    addGitHubRepository(platform, viewer, { ...input, gitHubRepositoryId: input.gitHubRepositoryId.id }),
});

command("openPullRequestForGladiator", {
  description:
    "Opens a pull request at GitHub of a gladiator's pushed branch, in your completed battle. You must be able to write to the repository yourself.",
  gives: success<{ battleId: string; botId: string; number: number; url: string }>("The pull request."),
  access: "PLAY",
  ofOwner: true,
  noKey: "the second call gives the same pull request",
  input: (t) => ({
    battleId: t.globalID({ required: true, for: [BattleNode], description: "Your battle." }),
    botId: t.globalID({ required: true, for: [BotNode], description: "The gladiator." }),
    base: t.string({
      required: false,
      description: "The branch that it is to be merged into; the repository's default branch when absent.",
    }),
  }),
  success: (t) => ({
    url: t.exposeString("url", { description: "Its page at GitHub." }),
    number: t.exposeInt("number", { description: "Its number in the repository." }),
    battle: t.prismaField({
      type: BattleNode,
      description: "The battle as it is now.",
      resolve: (query, { battleId }, _args, { platform }) =>
        platform.prisma.contest.findUniqueOrThrow({ ...query, where: { id: battleId } }),
    }),
  }),
  refusals: [
    ...GITHUB_REFUSALS,
    "NOT_FOUND",
    "BATTLE_NOT_COMPLETED",
    "NOT_ON_GITHUB",
    "BRANCH_NOT_PUSHED",
    "NOTHING_TO_PULL",
  ],
  resolve: ({ base, ...input }, { platform, viewer }) =>
    openPullRequest(platform, viewer, {
      battleId: input.battleId.id,
      botId: input.botId.id,
      base: base ?? null,
    }),
});
