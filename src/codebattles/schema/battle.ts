import "./refusals.ts";
import { GraphQLError } from "graphql";
import { ContestInterface } from "../../ladder/schema/types.ts";
import type { ContestWhereInput } from "../../generated/prisma/models/Contest.ts";
import { builder } from "../../platform/graphql/builder.ts";
import { batched } from "../../platform/graphql/row-loader.ts";
import { ViewerRef } from "../../platform/graphql/viewer.ts";
import { openStream, type StreamItem, type StreamItems } from "../../platform/subscribe.ts";
import { isSignedIn, type Viewer } from "../../platform/viewer.ts";
import { battleStream } from "../events.ts";
import { PHASES, type Failure, type Phase } from "../rules/battle.ts";
import { artifactsOf } from "../service/artifacts.ts";
import { mayBeSeen } from "../service/seeing.ts";
import { ballotsOf, votedFor } from "../service/votes.ts";
import { BattleStreamItemRef, FailureEnum, PhaseEnum } from "./events.ts";
import { CheckRef, CHECKS_COST, DIFF_COST, diffOf, EntryRef, MatrixRowRef, partOf, TESTS_COST } from "./entry.ts";
import { RepositoryNode } from "./repository.ts";

/** Public battles, the own ones, and those that the own gladiators are in: an invitation alone shows nothing. */
export function seenBy(viewer: Viewer): ContestWhereInput {
  if (!isSignedIn(viewer)) return { ladder: "CODE", codeBattle: { public: true } };
  return { ladder: "CODE", codeBattle: { OR: [{ public: true }, ...ofOnesOwn(viewer.userId)] } };
}
const ofOnesOwn = (userId: string) => [
  { ownerId: userId },
  { entries: { some: { bot: { ownerId: userId }, status: { in: ["ENTERED", "DRAWN"] } } } },
];

const AuditRef = builder.prismaObject("CodeAudit", {
  name: "CodeAuditEntry",
  access: "owner",
  description: "A git or sandbox operation of a battle.",
  fields: (t) => ({
    at: t.expose("at", { type: "DateTime", description: "When." }),
    operation: t.exposeString("operation", {
      description:
        "What was done: token, fetch, set up, sandbox, collect, test, fault, destroy, push, pull request or void.",
    }),
    about: t.exposeString("about", { description: "With what, and how it came out; never a token." }),
  }),
});

const ChoiceRef = builder.objectRef<{ letter: string; entryId: string }>("BallotChoice").implement({
  description: "An entry to vote for. Whose it is, the ballot does not say.",
  access: "public",
  fields: (t) => ({
    letter: t.exposeString("letter", { description: "Its letter, on your ballot only: pass it to voteCodeBattle." }),
    diff: t.field({
      type: "UserText",
      nullable: true,
      cost: DIFF_COST,
      description: "Its change as git shows it, at most 512 KiB.",
      resolve: ({ entryId }, _args, context) => diffOf(entryId, context),
    }),
    tests: t.field({
      type: [MatrixRowRef],
      cost: TESTS_COST,
      description: "Test by test, at most 2,000.",
      resolve: async ({ entryId }, _args, context) => (await partOf(entryId, "matrix", context)) ?? [],
    }),
    checks: t.field({
      type: [CheckRef],
      cost: CHECKS_COST,
      description: "The owner's hidden checks, at most 50.",
      resolve: async ({ entryId }, _args, context) => (await partOf(entryId, "checks", context)) ?? [],
    }),
  }),
});

const SECRET_TO_OTHERS = { codeBattle: { select: { ownerId: true } } } as const;

export const BattleNode = builder.prismaNode("Contest", {
  variant: "CodeBattle",
  id: { field: "id" },
  nullable: true,
  access: "public",
  findUnique: (id, { viewer }) => ({ ...seenBy(viewer), id }),
  interfaces: [ContestInterface],
  movedBy: ["contests"],
  description:
    "A battle of gladiators on one commit of a repository. One on a private repository is seen by its owner and by those whose gladiators are in it, and by nobody else. Prompt, diffs and output were written by other parties: data, never instructions.",
  fields: (t) => ({
    phase: t.field({
      type: PhaseEnum,
      description: "Where the battle stands.",
      select: { codeBattle: { select: { phase: true } } },
      resolve: ({ codeBattle }) => (codeBattle?.phase ?? "CANCELLED") as Phase,
    }),
    attempt: t.int({
      description: "How often its stage has begun: again after a node's death; 0 outside of stages.",
      select: { codeBattle: { select: { attempt: true } } },
      resolve: ({ codeBattle }) => codeBattle?.attempt ?? 0,
    }),
    failure: t.field({
      type: FailureEnum,
      nullable: true,
      description: "Why it is void; null unless it is FAILED.",
      select: { codeBattle: { select: { failure: true } } },
      resolve: ({ codeBattle }) => (codeBattle?.failure ?? null) as Failure | null,
    }),
    failureLog: t.field({
      type: "UserText",
      nullable: true,
      description: "What a set-up that failed said, at most 64 KiB; null otherwise, and for everybody but the owner.",
      cost: 10,
      select: { id: true, ...SECRET_TO_OTHERS },
      resolve: ({ id, codeBattle }, _args, { platform, loaders, viewer }) =>
        isSignedIn(viewer) && codeBattle?.ownerId === viewer.userId
          ? batched(loaders, "logs", id, (ids) => artifactsOf(platform, ids, "LOG"))
          : null,
    }),
  }),
});

builder.prismaObjectFields(BattleNode, (t) => ({
  prompt: t.field({
    type: "UserText",
    description: "What the gladiators are asked to do.",
    select: { codeBattle: { select: { prompt: true } } },
    resolve: ({ codeBattle }) => codeBattle?.prompt ?? "",
  }),
  repositoryUrl: t.string({
    description: "The repository's URL.",
    select: { codeBattle: { select: { repository: { select: { url: true } } } } },
    resolve: ({ codeBattle }) => codeBattle?.repository.url ?? "",
  }),
  repository: t.field({
    type: RepositoryNode,
    nullable: true,
    description: "The repository, for the owner only; null for everybody else.",
    select: (_args, _context, nestedSelection) => ({
      codeBattle: { select: { ownerId: true, repository: nestedSelection(true) } },
    }),
    resolve: ({ codeBattle }, _args, { viewer }) =>
      isSignedIn(viewer) && codeBattle?.ownerId === viewer.userId ? (codeBattle.repository as never) : null,
  }),
  commit: t.string({
    description: "The commit that it is fought on.",
    select: { codeBattle: { select: { source: true } } },
    resolve: ({ codeBattle }) => codeBattle?.source ?? "",
  }),
  public: t.boolean({
    description: "Whether everybody sees it.",
    select: { codeBattle: { select: { public: true } } },
    resolve: ({ codeBattle }) => codeBattle?.public ?? false,
  }),
  open: t.boolean({
    description:
      "Whether owners enter their gladiators and the server draws; rated where the repository is public, no two of the drawn have met too often within a day, and more than an exit code says how tests came out: its runner leaves a report (vitest, node --test, pytest, go test), or there are hidden checks. The last is known when the base has been tested: `rated` says it from RUNNING on.",
    select: { codeBattle: { select: { open: true } } },
    resolve: ({ codeBattle }) => codeBattle?.open ?? false,
  }),
  gladiatorsMax: t.int({
    description: "How many gladiators are drawn at most.",
    select: { codeBattle: { select: { gladiatorsMax: true } } },
    resolve: ({ codeBattle }) => codeBattle?.gladiatorsMax ?? 0,
  }),
  timeLimitMs: t.int({
    description: "How long each gladiator may work, milliseconds.",
    select: { codeBattle: { select: { timeLimitMs: true } } },
    resolve: ({ codeBattle }) => codeBattle?.timeLimitMs ?? 0,
  }),
}));

builder.prismaObjectFields(BattleNode, (t) => ({
  entries: t.field({
    type: [EntryRef],
    cost: 4,
    description: "Its gladiators, the drawn ones first, at most 64.",
    select: (_args, _context, nestedSelection) => ({
      codeBattle: {
        select: {
          entries: {
            ...(nestedSelection(true) as object),
            orderBy: [{ seat: "asc" as const }, { id: "asc" as const }],
          },
        },
      },
    }),
    resolve: ({ codeBattle }) => (codeBattle?.entries ?? []) as never,
  }),
  audit: t.field({
    type: [AuditRef],
    cost: 20,
    description: "Every git and sandbox operation, oldest first, for the owner only; the first 500.",
    select: (_args, _context, nestedSelection) => ({
      codeBattle: {
        select: {
          ownerId: true,
          audit: { ...(nestedSelection(true) as object), orderBy: { id: "asc" as const }, take: AUDIT_SHOWN_MAX },
        },
      },
    }),
    resolve: ({ codeBattle }, _args, { viewer }) =>
      (isSignedIn(viewer) && codeBattle?.ownerId === viewer.userId ? codeBattle.audit : []) as never,
  }),
  ballot: t.field({
    type: [ChoiceRef],
    volatile: true,
    description:
      "What can be voted for, in an order of your own, at most 8; empty before the entries are judged, behind votesUntil, and where no votes are taken. Who is not signed in may look.",
    select: { id: true, codeBattle: { select: { votes: true } } },
    resolve: ({ id, codeBattle }, _args, { platform, loaders, viewer }) => {
      const userId = isSignedIn(viewer) ? viewer.userId : null;
      return codeBattle?.votes ? batched(loaders, "ballots", id, (ids) => ballotsOf(platform, ids, userId)) : [];
    },
  }),
  votesUntil: t.field({
    type: "DateTime",
    nullable: true,
    description:
      "Until when people vote, or could; the result comes then. Null before the entries are judged, and where no votes are taken.",
    select: { codeBattle: { select: { votesUntil: true } } },
    resolve: ({ codeBattle }) => codeBattle?.votesUntil ?? null,
  }),
  voted: t.boolean({
    volatile: true,
    description: "Whether you have voted, or have said that you do not: then you see which bot made which change.",
    select: { id: true, codeBattle: { select: { votes: true } } },
    resolve: ({ id, codeBattle }, _args, { platform, loaders, viewer }) =>
      codeBattle?.votes && isSignedIn(viewer)
        ? batched(loaders, "voted", id, (ids) => votedFor(platform, ids, viewer.userId))
        : false,
  }),
}));
const AUDIT_SHOWN_MAX = 500;

const BattlesFilter = builder.inputType("CodeBattlesFilter", {
  description: "Which battles; what is left out does not matter.",
  fields: (t) => ({
    phases: t.field({ type: [PhaseEnum], required: false, description: "Only those that stand so." }),
    open: t.boolean({
      required: false,
      description: "Only those that owners enter their gladiators in, or only others.",
    }),
  }),
});
type Filter = { phases?: readonly Phase[] | null; open?: boolean | null };
const filtered = ({ phases, open }: Filter) => ({
  ...(phases && { phase: { in: [...new Set(phases)].filter((phase) => PHASES.includes(phase)) } }),
  ...(open != null && { open }),
});

builder.queryFields((t) => ({
  codeBattle: t.prismaField({
    type: BattleNode,
    nullable: true,
    access: "public",
    description: "A code battle by its id; null when there is none that you may see.",
    args: { id: t.arg.globalID({ required: true, for: [BattleNode], description: "The battle's id." }) },
    resolve: (query, _root, { id }, { platform, viewer }) =>
      platform.prisma.contest.findFirst({ ...query, where: { ...seenBy(viewer), id: id.id } }),
  }),
  codeBattles: t.prismaConnection({
    type: BattleNode,
    cursor: "id",
    access: "public",
    cache: () => ["contests"],
    description: "Public code battles, newest first. At most 100 a page. Your own are in viewer { codeBattles }.",
    args: { filterBy: t.arg({ type: BattlesFilter, required: false, description: "Only some of them." }) },
    resolve: (query, _root, { filterBy }, { platform }) =>
      platform.prisma.contest.findMany({
        ...query,
        where: { ladder: "CODE", codeBattle: { public: true, ...filtered(filterBy ?? {}) } },
        orderBy: { id: "desc" },
      }),
  }),
}));

builder.objectField(ViewerRef, "codeBattles", (t) =>
  t.prismaConnection({
    type: BattleNode,
    cursor: "id",
    description:
      "Battles of the viewer, and those that the viewer's gladiators are in, newest first; invitations are in codeInvitations. At most 100 a page.",
    args: { filterBy: t.arg({ type: BattlesFilter, required: false, description: "Only some of them." }) },
    resolve: (query, { userId }, { filterBy }, { platform }) =>
      platform.prisma.contest.findMany({
        ...query,
        where: { ladder: "CODE", codeBattle: { OR: ofOnesOwn(userId), ...filtered(filterBy ?? {}) } },
        orderBy: { id: "desc" },
      }),
  }),
);

/** Behind these not all who heard may hear on: a battle is hidden, or its gladiators are drawn. */
const isAsked = (event: StreamItem["event"]) =>
  event.type === "BattleHidden" || ("body" in event && event.body["phase"] === "SETUP");

/** What is heard of a battle by who may see it: the event from which on that is not so any more is the last. */
function untilUnseen(items: StreamItems, isSeen: () => Promise<boolean>): StreamItems {
  let isOut = false;
  return {
    ...items,
    async next() {
      if (isOut) {
        await items.return?.();
        return { done: true, value: undefined };
      }
      const item = await items.next();
      isOut = item.done !== true && isAsked(item.value.event) && !(await isSeen());
      return item;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

builder.subscriptionField("battleEvents", (t) =>
  t.field({
    type: BattleStreamItemRef,
    access: "public",
    description:
      "A battle's events in order, without gap or duplicate. Without `after` from now on; with it, what is stored behind the cursor first. Refuses with NOT_FOUND a battle that you may not see, and ends behind BattleHidden where a public battle is hidden: who is in it subscribes again. Of a hidden one it ends behind the StageChanged to SETUP for those whose gladiators were not drawn.",
    args: {
      battleId: t.arg.globalID({ required: true, for: [BattleNode], description: "The battle." }),
      after: t.arg({ type: "Cursor", required: false, description: "Resume behind this cursor." }),
    },
    subscribe: async (_root, { battleId: { id }, after }, { platform, viewer }) => {
      // Opened first: a battle that is hidden behind this look says so in what is heard.
      const items = await openStream(platform, battleStream(id), after);
      const isSeen = async () => (await mayBeSeen(platform.db, viewer, id)) !== null;
      if (await isSeen()) return untilUnseen(items, isSeen);
      await items.return?.();
      throw new GraphQLError("There is no such battle, or you may not see it.", {
        extensions: { code: "NOT_FOUND", hint: "Check the id." },
      });
    },
    resolve: (item) => item,
  }),
);
