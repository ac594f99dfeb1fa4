import { BotNode } from "../../bots/schema.ts";
import { UserNode } from "../../identity/schema/people.ts";
import { contestOf } from "../../ladder/schema/rows.ts";
import { ContestInterface } from "../../ladder/schema/types.ts";
import { builder } from "../../platform/graphql/builder.ts";
import type { Context } from "../../platform/graphql/context.ts";
import { valuesOf } from "../../platform/graphql/enum-values.ts";
import { connectionOf, pageAsked, UUID_KEY, type KeyForm } from "../../platform/graphql/keyset.ts";
import { batched } from "../../platform/graphql/row-loader.ts";
import { ViewerRef } from "../../platform/graphql/viewer.ts";
import { ACHIEVEMENTS } from "../../xp/rules/achievements.ts";
import { userOf } from "../../xp/schema/types.ts";
import { readerId } from "../../xp/service/reads.ts";
import type { ConversationOrder } from "../rules/content.ts";
import {
  FEED_BOTS_MAX,
  FEED_CONTESTS_MAX,
  feedPage,
  followings,
  type FeedKey,
  type FeedRow,
} from "../service/reads.ts";
import { conversationOf, ConversationNode, seenBy } from "./types.ts";

const OrderEnum = builder.enumType("ConversationOrder", {
  description: "In which order conversations come.",
  values: valuesOf<ConversationOrder>({
    NEWEST: "Those published last first.",
    MOST_REACTIONS: "Those with the most reactions first.",
  }),
});
const FilterInput = builder.inputType("ConversationFilter", {
  description: "Which conversations; what is left out does not matter.",
  fields: (t) => ({
    tag: t.string({ required: false, description: "With this tag." }),
    botId: t.globalID({ required: false, for: [BotNode], description: "Of this bot." }),
    userId: t.globalID({ required: false, for: [UserNode], description: "Published by this person." }),
  }),
});

const LISTED = { visibility: "PUBLIC", hiddenAt: null } as const;
const NEWEST = [{ createdAt: "desc" as const }, { id: "desc" as const }];

builder.queryFields((t) => ({
  conversation: t.prismaField({
    type: ConversationNode,
    nullable: true,
    access: "public",
    description:
      "A conversation by its id, unlisted ones too; null where there is none, or an operator hid it from you.",
    args: { id: t.arg.globalID({ required: true, for: [ConversationNode], description: "The conversation's id." }) },
    resolve: (query, _root, { id }, context) =>
      context.platform.prisma.conversation.findFirst({
        ...query,
        where: { id: id.id, ...seenBy(context, "publisherId") },
      }),
  }),
  conversations: t.prismaConnection({
    type: ConversationNode,
    cursor: "id",
    access: "public",
    description: "Public conversations. At most 100 a page.",
    args: {
      filterBy: t.arg({ type: FilterInput, required: false, description: "Which; all without it." }),
      orderBy: t.arg({ type: OrderEnum, required: false, defaultValue: "NEWEST", description: "In which order." }),
    },
    resolve: (query, _root, { filterBy, orderBy }, { platform }) =>
      platform.prisma.conversation.findMany({
        ...query,
        where: {
          ...LISTED,
          ...(filterBy?.tag == null ? {} : { tags: { has: filterBy.tag } }),
          ...(filterBy?.botId == null ? {} : { botId: filterBy.botId.id }),
          ...(filterBy?.userId == null ? {} : { publisherId: filterBy.userId.id }),
        },
        orderBy: orderBy === "MOST_REACTIONS" ? [{ reactions: "desc" }, { id: "desc" }] : NEWEST,
      }),
  }),
}));

/** Of all bots or people of a request at once. */
const followingOf = ({ loaders, platform, viewer }: Context, kind: "BOT" | "USER", id: string) =>
  batched(loaders, `followers of ${kind}`, id, (ids) => followings(platform, kind, readerId(viewer), ids));

const FOLLOWED = "Whether you follow; false when signed out.";
builder.prismaObjectFields(BotNode, (t) => ({
  followers: t.int({
    volatile: true,
    description: "How many people follow it.",
    select: { id: true },
    resolve: async ({ id }, _args, context) => (await followingOf(context, "BOT", id)).followers,
  }),
  followed: t.boolean({
    volatile: true,
    description: FOLLOWED,
    select: { id: true },
    resolve: async ({ id }, _args, context) => (await followingOf(context, "BOT", id)).followed,
  }),
  conversations: t.relatedConnection("conversations", {
    type: ConversationNode,
    cursor: "id",
    volatile: true,
    description: "Its public conversations, newest first. At most 100 a page.",
    query: { where: LISTED, orderBy: NEWEST },
  }),
}));
builder.prismaObjectFields(UserNode, (t) => ({
  followers: t.int({
    volatile: true,
    description: "How many people follow this one.",
    select: { id: true },
    resolve: async ({ id }, _args, context) => (await followingOf(context, "USER", id)).followers,
  }),
  followed: t.boolean({
    volatile: true,
    description: FOLLOWED,
    select: { id: true },
    resolve: async ({ id }, _args, context) => (await followingOf(context, "USER", id)).followed,
  }),
  conversations: t.relatedConnection("conversations", {
    type: ConversationNode,
    cursor: "id",
    volatile: true,
    description: "What the person published for everybody, newest first. At most 100 a page.",
    query: { where: LISTED, orderBy: NEWEST },
  }),
}));

const at = (description: string) => ({ type: "DateTime" as const, description });
const PublishedRef = builder.objectRef<FeedRow>("ConversationPublished").implement({
  description: "Somebody published a conversation.",
  access: "viewer",
  fields: (t) => ({
    at: t.field({ ...at("When."), resolve: (row) => row.at }),
    conversation: t.prismaField({
      type: ConversationNode,
      nullable: true,
      description: "The conversation; null where it was deleted or hidden this instant.",
      resolve: (query, { id }, _args, context) => conversationOf(context, query, id),
    }),
  }),
});
const FinishedRef = builder.objectRef<FeedRow>("ContestFinished").implement({
  description: "A bot that you follow, or one of a person whom you follow, ended a contest.",
  access: "viewer",
  fields: (t) => ({
    at: t.field({ ...at("When it ended."), resolve: (row) => row.at }),
    contest: t.field({
      type: ContestInterface,
      description: "The contest with its result.",
      resolve: ({ id }, _args, context, info) => contestOf(context, info, id) as never,
    }),
  }),
});
type Reached = Extract<FeedRow, { kind: "ACHIEVEMENT" }>;
const achievementOf = ({ key }: Reached) =>
  ACHIEVEMENTS.find((each) => each.key === key) ?? { key, name: key, description: key };
const ReachedRef = builder.objectRef<Reached>("AchievementReached").implement({
  description: "A person whom you follow, and who shows it to you, unlocked an achievement.",
  access: "viewer",
  fields: (t) => ({
    at: t.field({ ...at("When."), resolve: (row) => row.at }),
    user: t.prismaField({
      type: UserNode,
      description: "The person.",
      resolve: (query, { userId }, _args, context) => userOf(context, query, userId),
    }),
    key: t.exposeString("key", { description: "The achievement's stable name." }),
    name: t.string({ description: "What people call it.", resolve: (row) => achievementOf(row).name }),
    description: t.string({ description: "What was done for it.", resolve: (row) => achievementOf(row).description }),
  }),
});
const TYPES = { CONVERSATION: PublishedRef, CONTEST: FinishedRef, ACHIEVEMENT: ReachedRef } as const;
const FeedItemUnion = builder.unionType("FeedItem", {
  description: "Something that happened among those whom you follow.",
  types: [PublishedRef, FinishedRef, ReachedRef],
  resolveType: (row) => TYPES[row.kind] as never,
});

const FEED_KEY: KeyForm<FeedKey> = {
  write: ({ at: instant, id }) => `${instant.toISOString()} ${id}`,
  read: (text) => {
    const [instant = "", id = "", rest] = text.split(" ");
    const date = new Date(instant);
    const uuid = UUID_KEY.read(id);
    return rest !== undefined || uuid === null || Number.isNaN(date.getTime()) ? null : { at: date, id: uuid };
  },
};

/** Whatever the page's size, many bots and contests are looked at. */
const FEED_POINTS = 50;

builder.objectFields(ViewerRef, (t) => ({
  feed: t.connection({
    type: FeedItemUnion,
    description: `What the bots and people whom you follow published, fought and unlocked, newest first, as far as they show it; of each bot the newest ${FEED_CONTESTS_MAX} contests, of the ${FEED_BOTS_MAX} bots that fought last, before \`after\` where that is given. Costs ${FEED_POINTS} points besides its rows. At most 100 a page.`,
    cost: FEED_POINTS,
    resolve: async ({ userId }, args, { platform }) =>
      connectionOf(
        await feedPage(platform, userId, pageAsked(args, FEED_KEY)),
        FEED_KEY,
        (row) => row,
        (row) => row as never,
      ),
  }),
  conversations: t.prismaConnection({
    type: ConversationNode,
    cursor: "id",
    description: "All that you published, unlisted and hidden ones too, newest first. At most 100 a page.",
    resolve: (query, { userId }, _args, { platform }) =>
      platform.prisma.conversation.findMany({ ...query, where: { publisherId: userId }, orderBy: NEWEST }),
  }),
}));
