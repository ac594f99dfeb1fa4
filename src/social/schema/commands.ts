import { BotNode } from "../../bots/schema.ts";
import { UserNode } from "../../identity/schema/people.ts";
import { builder } from "../../platform/graphql/builder.ts";
import { command, success } from "../../platform/graphql/command.ts";
import { deleteConversation, editConversation, publishConversation, type Published } from "../service/publish.ts";
import {
  createComment,
  deleteComment,
  editComment,
  follow,
  setReaction,
  unfollow,
  type Content,
  type Followed,
} from "../service/speak.ts";
import {
  CommentNode,
  commentSeenBy,
  conversationOf,
  ConversationNode,
  ReactionEnum,
  seenBy,
  VisibilityEnum,
} from "./types.ts";

type Fields<Success extends object> = Parameters<
  Parameters<typeof command<Record<string, never>, Success, never, "PLAY">>[1]["success"]
>[0];
export type Inputs = Parameters<
  Parameters<typeof command<Record<string, never>, object, never, "PLAY">>[1]["input"]
>[0];

const conversationField = (t: Fields<Published>) => ({
  conversation: t.prismaField({
    type: ConversationNode,
    nullable: true,
    description: "The conversation as it is now; null where it was deleted, or hidden from you, since.",
    resolve: (query, { conversationId }, _args, context) => conversationOf(context, query, conversationId),
  }),
});
const conversationInput = (t: Inputs) => ({
  conversationId: t.globalID({ required: true, for: [ConversationNode], description: "The conversation." }),
});
const tagsInput = "At most 8, each of 1 to 32 lower-case letters, digits and single dashes.";

command("publishConversation", {
  description:
    'Publishes what an agent said and did: JSON lines or a list, at most 256 KiB, of `{"role": "system|user|assistant|tool", "text", "toolCalls": [{"name", "input", "output", "failed"}]}`, or the recorded stream of claude, codex, gemini or opencode. What looks like a key or token is cut, controls are taken out; look at it before you send its id on. At most 20 an hour, and what is no transcript counts.',
  gives: success<Published>("The conversation."),
  access: "PLAY",
  input: (t) => ({
    botId: t.globalID({
      required: false,
      for: [BotNode],
      description: "Your bot whose transcript it is; needed with a key that is bound to a bot.",
    }),
    title: t.string({ required: true, description: "One line, 1 to 120 characters." }),
    tags: t.stringList({ required: false, description: tagsInput }),
    visibility: t.field({
      type: VisibilityEnum,
      required: false,
      defaultValue: "UNLISTED",
      description: "Who finds it.",
    }),
    transcript: t.field({
      type: "JSON",
      required: true,
      description:
        "A string of JSON lines, each at most 64 levels deep, or a list of the same objects; at most 2,000 turns and 262144 bytes, both as it is given and as it is kept.",
    }),
  }),
  success: conversationField,
  refusals: [
    "NOT_YOUR_BOT",
    "BOT_SUSPENDED",
    "BOT_ARCHIVED",
    "INVALID_TITLE",
    "INVALID_TAGS",
    "INVALID_TRANSCRIPT",
    "TRANSCRIPT_TOO_LARGE",
  ],
  resolve: ({ botId, tags, visibility, ...input }, { platform, viewer }) =>
    publishConversation(platform, viewer, {
      ...input,
      botId: botId?.id ?? null,
      tags: tags ?? [],
      visibility: visibility ?? "UNLISTED",
      transcript: input.transcript,
    }),
});

command("editConversation", {
  description: "Changes the title, tags or visibility of what you published; what is left out stays.",
  gives: success<Published>("The conversation."),
  access: "PLAY",
  input: (t) => ({
    ...conversationInput(t),
    title: t.string({ required: false, description: "One line, 1 to 120 characters." }),
    tags: t.stringList({ required: false, description: `${tagsInput} Replaces those that it has.` }),
    visibility: t.field({ type: VisibilityEnum, required: false, description: "Who finds it." }),
  }),
  success: conversationField,
  refusals: ["NOT_FOUND", "INVALID_TITLE", "INVALID_TAGS"],
  resolve: (input, { platform, viewer }) =>
    editConversation(platform, viewer, { ...input, conversationId: input.conversationId.id }),
});

const goneField = <Success extends object>(t: Fields<Success>, name: string) => ({
  deleted: t.boolean({ description: `True: the ${name} is gone.`, resolve: () => true }),
});

command("deleteConversation", {
  description:
    "Deletes what you published for good, with its comments and reactions. Operators may delete any; audited.",
  gives: success<Published>("The conversation is gone."),
  access: "PLAY",
  input: conversationInput,
  success: (t) => goneField(t, "conversation"),
  refusals: ["NOT_FOUND"],
  resolve: (input, { platform, viewer }) =>
    deleteConversation(platform, viewer, { ...input, conversationId: input.conversationId.id }),
});

type Commented = { commentId: string };
const commentField = (t: Fields<Commented>) => ({
  comment: t.prismaField({
    type: CommentNode,
    nullable: true,
    description: "The comment as it is now; null where it was deleted, or hidden from you, since.",
    resolve: (query, { commentId }, _args, context) =>
      context.platform.prisma.conversationComment.findFirst({
        ...query,
        where: { id: commentId, ...commentSeenBy(context) },
      }),
  }),
});
const textInput = (t: Inputs) =>
  t.string({ required: true, description: "1 to 2,000 characters of plain text, which may have several lines." });
const commentInput = (t: Inputs) => ({
  commentId: t.globalID({ required: true, for: [CommentNode], description: "Your comment." }),
});

command("createComment", {
  description: "Says something of a conversation. At most 10 a minute and person.",
  gives: success<Commented>("The comment."),
  access: "PLAY",
  input: (t) => ({ ...conversationInput(t), text: textInput(t) }),
  success: commentField,
  refusals: ["INVALID_COMMENT", "NOT_FOUND"],
  resolve: (input, { platform, viewer }) =>
    createComment(platform, viewer, { ...input, conversationId: input.conversationId.id }),
});

command("editComment", {
  description: "Changes a comment of yours.",
  gives: success<Commented>("The comment."),
  access: "PLAY",
  input: (t) => ({ ...commentInput(t), text: textInput(t) }),
  success: commentField,
  refusals: ["INVALID_COMMENT", "NOT_FOUND"],
  resolve: (input, { platform, viewer }) => editComment(platform, viewer, { ...input, commentId: input.commentId.id }),
});

command("deleteComment", {
  description: "Takes a comment of yours back for good. Operators may delete any; audited.",
  gives: success<Commented>("The comment is gone."),
  access: "PLAY",
  input: commentInput,
  success: (t) => goneField(t, "comment"),
  refusals: ["NOT_FOUND"],
  resolve: (input, { platform, viewer }) =>
    deleteComment(platform, viewer, { ...input, commentId: input.commentId.id }),
});

const ContentUnion = builder.unionType("Content", {
  description: "What people publish and say.",
  types: [ConversationNode, CommentNode],
});
/** What a command was about. */
export type OfContent = { content: Content };
/** It, as it is after the command. */
export const contentField = (t: Fields<OfContent>) => ({
  content: t.field({
    type: ContentUnion,
    nullable: true,
    description: "It, as it is now; null where it was deleted, or hidden from you, since.",
    resolve: async ({ content: { of, id } }, _args, context) => {
      const { prisma } = context.platform;
      if (of === "COMMENT") {
        const comment = await prisma.conversationComment.findFirst({ where: { id, ...commentSeenBy(context) } });
        return comment && CommentNode.addBrand(comment as never);
      }
      const conversation = await prisma.conversation.findFirst({ where: { id, ...seenBy(context, "publisherId") } });
      return conversation && ConversationNode.addBrand(conversation as never);
    },
  }),
});
/** What a command is about. */
export const contentInput = (t: Inputs) => ({
  contentId: t.globalID({
    required: true,
    for: [ConversationNode, CommentNode],
    description: "A conversation or a comment.",
  }),
});
/** The same as the service takes it. */
export const contentOf = ({ typename, id }: { typename: string; id: string }): Content => ({
  of: typename === "Conversation" ? "CONVERSATION" : "COMMENT",
  id,
});

for (const [name, description] of [
  ["react", "Reacts to a conversation or comment: once in each way, again is no more."],
  ["unreact", "Takes a reaction of yours back."],
] as const) {
  command(name, {
    description,
    gives: success<OfContent>("What it was about."),
    access: "PLAY",
    input: (t) => ({
      ...contentInput(t),
      kind: t.field({ type: ReactionEnum, required: true, description: "In which way." }),
    }),
    success: contentField,
    refusals: ["NOT_FOUND"],
    resolve: ({ contentId, ...input }, { platform, viewer }) =>
      setReaction(platform, viewer, { ...input, content: contentOf(contentId) }, name),
  });
}

const SubjectUnion = builder.unionType("Followed", {
  description: "Whom one can follow.",
  types: [BotNode, UserNode],
});
const follows = {
  follow: {
    run: follow,
    description:
      "Follows a bot or a person: viewer { feed } shows what they do. At most 1,000 of each; again is no more.",
    refusals: ["NOT_FOUND", "FOLLOW_ONESELF", "FOLLOW_LIMIT"],
  },
  unfollow: { run: unfollow, description: "Follows a bot or a person no more.", refusals: ["NOT_FOUND"] },
} as const;
for (const [name, { run, description, refusals }] of Object.entries(follows)) {
  command(name, {
    description,
    gives: success<{ subject: Followed }>("Whom it is about."),
    access: "PLAY",
    input: (t) => ({
      subjectId: t.globalID({ required: true, for: [BotNode, UserNode], description: "The bot or person." }),
    }),
    success: (t) => ({
      subject: t.field({
        type: SubjectUnion,
        description: "The bot or person, with how many follow now.",
        resolve: async ({ subject: { of, id } }, _args, { platform: { prisma } }) =>
          of === "BOT"
            ? BotNode.addBrand((await prisma.bot.findUniqueOrThrow({ where: { id } })) as never)
            : UserNode.addBrand((await prisma.user.findUniqueOrThrow({ where: { id } })) as never),
      }),
    }),
    refusals,
    resolve: ({ subjectId, ...input }, { platform, viewer }) => {
      const subject: Followed = { of: subjectId.typename === "Bot" ? "BOT" : "USER", id: subjectId.id };
      return run(platform, viewer, { ...input, subject });
    },
  });
}
