import { builder } from "../../platform/graphql/builder.ts";
import { ViewerRef } from "../../platform/graphql/viewer.ts";
import { isSignedIn, NOBODY } from "../../platform/viewer.ts";
import type { TreeFacts } from "../rules/repository.ts";
import type { Setup } from "../rules/setup.ts";

const FactsRef = builder.objectRef<TreeFacts>("RepositoryFacts").implement({
  description: "What there is in a repository, as it was added.",
  access: "owner",
  fields: (t) => ({
    files: t.exposeInt("files", { description: "How many files its newest commit has." }),
    bytes: t.exposeFloat("bytes", { description: "Their size together, in bytes." }),
    submodules: t.exposeInt("submodules", { description: "How many submodules stay empty: they are never fetched." }),
    agentSettings: t.exposeStringList("agentSettings", {
      description: "Files that command line agents would read as orders; they are switched off. At most 20.",
    }),
  }),
});

const FoundRef = builder.objectRef<Setup>("RepositorySetupProposal").implement({
  description: "How a repository would be set up, as far as its files tell.",
  access: "owner",
  fields: (t) => ({
    setup: t.stringList({ description: "Commands that make it ready.", resolve: ({ setup }) => [...setup] }),
    test: t.exposeString("test", {
      nullable: true,
      description: "The command that tests it; null where no file tells.",
    }),
    because: t.stringList({ description: "The files that tell it.", resolve: ({ because }) => [...because] }),
  }),
});

type SetUp = { setup: string[]; test: string | null; reviewedAt: Date | null; found: unknown };
const SetupRef = builder.objectRef<SetUp>("RepositorySetup").implement({
  description: "How a repository is made ready and tested. Nothing of it runs before its owner has said yes.",
  access: "owner",
  fields: (t) => ({
    setup: t.exposeStringList("setup", { description: "Commands that make it ready, run once in a sandbox." }),
    test: t.exposeString("test", {
      nullable: true,
      description: "The command that tests it; null while nobody has said one: no battle can be made.",
    }),
    reviewedAt: t.field({
      type: "DateTime",
      nullable: true,
      description: "When its owner said yes; null before.",
      resolve: ({ reviewedAt }) => reviewedAt,
    }),
    proposal: t.field({
      type: FoundRef,
      description: "What its files tell.",
      resolve: ({ found }) => found as Setup,
    }),
  }),
});

export const RepositoryNode = builder.prismaNode("CodeRepository", {
  id: { field: "id" },
  nullable: true,
  access: "owner",
  findUnique: (id, { viewer }) => ({
    id,
    ownerId: isSignedIn(viewer) ? viewer.userId : NOBODY,
    removedAt: null,
  }),
  description: "A git repository that battles can be fought on. Only its owner sees it; its token is never shown.",
  fields: (t) => ({
    url: t.exposeString("url", { description: "Its URL." }),
    public: t.exposeBoolean("public", {
      description:
        "Whether everybody may see battles on it: its server shows it without a token, and its owner did not say otherwise.",
    }),
    hasToken: t.boolean({
      description: "Whether a token is kept, sealed, for reading and for pushing.",
      select: { token: true },
      resolve: ({ token }) => token !== null,
    }),
    onGitHub: t.boolean({
      description:
        "Whether a GitHub installation lets us in: a token is asked for when it is needed, and none is kept.",
      select: { githubNumber: true },
      resolve: ({ githubNumber }) => githubNumber !== null,
    }),
    facts: t.field({
      type: FactsRef,
      description: "What there is in it.",
      select: { facts: true },
      resolve: ({ facts }) => facts as unknown as TreeFacts,
    }),
    setup: t.field({
      type: SetupRef,
      description: "How it is made ready and tested.",
      select: { setup: true, test: true, reviewedAt: true, found: true },
      resolve: (repository) => repository,
    }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was added." }),
  }),
});

builder.objectField(ViewerRef, "codeRepositories", (t) =>
  t.prismaConnection({
    type: RepositoryNode,
    cursor: "id",
    description: "The viewer's repositories, newest first. At most 100 a page.",
    resolve: (query, { userId }, _args, { platform }) =>
      platform.prisma.codeRepository.findMany({
        ...query,
        where: { ownerId: userId, removedAt: null },
        orderBy: { id: "desc" },
      }),
  }),
);
