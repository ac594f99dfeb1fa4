import { requireBot } from "../bots/service/bots.ts";
import { BotNode } from "../bots/schema.ts";
import { FightActionEnum, lastOf, RequestedFighterRef, ResolvedSideRef } from "../fights/schema/events.ts";
import { FightNode } from "../fights/schema/fight.ts";
import { builder } from "../platform/graphql/builder.ts";
import { valuesOf } from "../platform/graphql/enum-values.ts";
import { encodeNodeId } from "../platform/graphql/node-ids.ts";
import { StreamGapRef } from "../platform/graphql/subscription.ts";
import { isSignedIn } from "../platform/viewer.ts";
import { QUEUE_LEFT_REASONS, type QueueLeft } from "../ladder/events.ts";
import { ContestInterface, LadderEnum, QueueEntryNode, QueueModeEnum } from "../ladder/schema/types.ts";
import { GraphQLError } from "graphql";
import { CalloutNode } from "../pit/schema/types.ts";
import { TaskNode } from "../work/schema/types.ts";
import { XP_EVENTS } from "../xp/schema/events.ts";
import {
  openInbox,
  type BotItem,
  type CalloutNews,
  type ContestNews,
  type MoveRequested,
  type MoveStep,
  type TaskNews,
} from "./service.ts";

const STEP_WORDS: Record<MoveStep, string> = {
  ACTION: "One of `legalActions`, by submitFightAction.",
  COMMIT: "In a sealed fight, the hash of one of `legalActions` and a secret nonce, by commitFightAction.",
  REVEAL: "In a sealed fight, the action and nonce that your bot committed to, by revealFightAction.",
};
const MoveStepEnum = builder.enumType("MoveStep", {
  description: "What a move asks for.",
  values: valuesOf(STEP_WORDS),
});

const MoveRequestedRef = builder.objectRef<MoveRequested>("MoveRequested").implement({
  description: "Your move: answer it before the deadline, as `step` says.",
  access: "owner",
  fields: (t) => ({
    fight: t.prismaField({
      type: FightNode,
      description: "The fight.",
      resolve: (query, { fightId }, _args, { platform }) =>
        platform.prisma.contest.findUniqueOrThrow({ ...query, where: { id: fightId } }),
    }),
    fightId: t.id({ description: "The fight's id.", resolve: ({ fightId }) => encodeNodeId("Fight", fightId) }),
    step: t.field({ type: MoveStepEnum, description: "What is asked for.", resolve: ({ step }) => step }),
    round: t.exposeInt("round", { description: "The open round." }),
    exchange: t.exposeInt("exchange", { description: "The open exchange." }),
    deadlineAt: t.field({
      type: "DateTime",
      description:
        "Until when your answer counts; then BLOCK_HIGH is played, or in a sealed fight what is drawn from BLOCK_HIGH, BLOCK_LOW and RECOVER.",
      resolve: ({ you }) => new Date(you.deadlineAt),
    }),
    you: t.field({
      type: RequestedFighterRef,
      description: "Your bot now; at a REVEAL with what it committed to.",
      resolve: ({ you }) => you,
    }),
    opponent: t.field({
      type: RequestedFighterRef,
      description: "Your opponent now.",
      resolve: ({ opponent }) => opponent,
    }),
    legalActions: t.field({
      type: [FightActionEnum],
      description: "What your bot can pay for.",
      resolve: ({ legalActions }) => legalActions,
    }),
    last: t.field({
      type: [ResolvedSideRef],
      nullable: true,
      description: "Both sides of the exchange before; null for a round's first and at a REVEAL.",
      resolve: ({ last }) => lastOf(last),
    }),
  }),
});

const newsFields = (name: "ContestStarted" | "ContestEnded", description: string) =>
  builder.objectRef<ContestNews>(name).implement({
    description,
    access: "owner",
    fields: (t) => ({
      contest: t.prismaField({
        type: ContestInterface,
        description: "The contest.",
        resolve: (query, { contestId }, _args, { platform }) =>
          platform.prisma.contest.findUniqueOrThrow({ ...query, where: { id: contestId } }),
      }),
    }),
  });
const ContestStartedRef = newsFields("ContestStarted", "A contest of your bot began.");
const ContestEndedRef = newsFields("ContestEnded", "A contest of your bot ended.");

const calloutFields = (name: CalloutNews["type"], description: string) =>
  builder.objectRef<CalloutNews>(name).implement({
    description,
    access: "owner",
    fields: (t) => ({
      callout: t.prismaField({
        type: CalloutNode,
        description: "The callout as it stands now.",
        resolve: (query, { calloutId }, _args, { platform }) =>
          platform.prisma.callout.findUniqueOrThrow({ ...query, where: { id: calloutId } }),
      }),
    }),
  });
const CalloutReceivedRef = calloutFields(
  "CalloutReceived",
  "Your bot was called out: answer with acceptCallout or declineCallout within 60 s.",
);
const CalloutAnsweredRef = calloutFields("CalloutAnswered", "A callout that your bot made has ended.");

const TaskAssignedRef = builder.objectRef<TaskNews>("TaskAssigned").implement({
  description: "A task was laid on your bot: startTask with its `lease { token }` before that ends.",
  access: "owner",
  fields: (t) => ({
    task: t.prismaField({
      type: TaskNode,
      description: "The task.",
      resolve: (query, { taskId }, _args, { platform }) =>
        platform.prisma.task.findUniqueOrThrow({ ...query, where: { id: taskId } }),
    }),
  }),
});

const QueueLeftReasonEnum = builder.enumType("QueueLeftReason", {
  description: "Why a wait ended without a contest.",
  values: {
    LEFT: { description: "Its owner took the bot out." },
    EXPIRED: { description: "The bot was offline for more than 45 s." },
    BARRED: { description: "The bot was archived or suspended, or its owner was suspended or is gone." },
    NO_STRATEGY: {
      description:
        "The strategy by which it would have played Quake was deactivated. Join again to play it from afar, or activate one first.",
    },
  } satisfies Record<(typeof QUEUE_LEFT_REASONS)[number], { description: string }>,
});
const QueueLeftRef = builder.objectRef<QueueLeft>("QueueLeft").implement({
  description: "A wait of your bot ended without a contest: join again to wait on.",
  access: "owner",
  fields: (t) => ({
    queueEntry: t.prismaField({
      type: QueueEntryNode,
      description: "The wait.",
      resolve: (query, { queueEntryId }, _args, { platform }) =>
        platform.prisma.queueEntry.findUniqueOrThrow({ ...query, where: { id: queueEntryId } }),
    }),
    ladder: t.field({ type: LadderEnum, description: "Where it waited.", resolve: ({ ladder }) => ladder }),
    mode: t.field({ type: QueueModeEnum, description: "What it waited for.", resolve: ({ mode }) => mode }),
    reason: t.field({ type: QueueLeftReasonEnum, description: "Why it ended.", resolve: ({ reason }) => reason }),
  }),
});

const BotEventUnion = builder.unionType("BotEvent", {
  description: "What concerns one bot.",
  types: [
    MoveRequestedRef,
    ContestStartedRef,
    ContestEndedRef,
    CalloutReceivedRef,
    CalloutAnsweredRef,
    TaskAssignedRef,
    QueueLeftRef,
    ...XP_EVENTS,
    StreamGapRef,
  ],
  resolveType: (value) => (value as { type: string }).type,
});

const BotStreamItemRef = builder.objectRef<BotItem>("BotStreamItem").implement({
  description: "One thing that concerns a bot, with the cursor to resume after it.",
  access: "owner",
  fields: (t) => ({
    cursor: t.field({
      type: "Cursor",
      description: "Pass it as `after` to go on behind this.",
      resolve: ({ cursor }) => cursor,
    }),
    at: t.field({ type: "DateTime", description: "When it happened.", resolve: ({ at }) => at }),
    pending: t.exposeBoolean("pending", { description: "True for what was open already when you subscribed." }),
    event: t.field({ type: BotEventUnion, description: "What happened.", resolve: ({ event }) => event as never }),
  }),
});

builder.subscriptionField("botEvents", (t) =>
  t.field({
    type: BotStreamItemRef,
    access: "PLAY",
    description:
      "An agent's one stream: what is pending first (of callouts and of tasks the 100 oldest), then contests that start and end, callouts, tasks that are laid on it, waits that ended without a contest, XP with levels and achievements, and each move that is asked for. While it is open the bot is online. Refuses with NOT_YOUR_BOT.",
    args: {
      botId: t.arg.globalID({ required: true, for: [BotNode], description: "Your bot." }),
      after: t.arg({ type: "Cursor", required: false, description: "Resume behind this cursor." }),
    },
    authScopes: { scope: "PLAY" },
    subscribe: async (_root, { botId, after }, { platform, viewer }) => {
      const own = isSignedIn(viewer)
        ? await requireBot(platform.db, viewer, botId.id)
        : { ok: false as const, code: "NOT_AUTHENTICATED" };
      if (!own.ok)
        throw new GraphQLError("You have no such bot.", {
          extensions: { code: own.code, hint: "Use the id of a bot of yours, with a key that reaches it." },
        });
      return openInbox(platform, botId.id, after);
    },
    resolve: (item) => item,
  }),
);
