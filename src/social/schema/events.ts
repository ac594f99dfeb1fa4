import { GraphQLError } from "graphql";
import { builder } from "../../platform/graphql/builder.ts";
import { encodeNodeId } from "../../platform/graphql/node-ids.ts";
import { EventInterface, field, streamItem } from "../../platform/graphql/subscription.ts";
import type { StoredEvent } from "../../platform/streams.ts";
import { openStream } from "../../platform/subscribe.ts";
import { conversationStream, type ConversationEvent } from "../events.ts";
import { CommentNode, commentSeenBy, ConversationNode, seenBy } from "./types.ts";

const told = (name: ConversationEvent["type"], description: string) =>
  builder.objectRef<StoredEvent>(name).implement({
    description,
    access: "public",
    interfaces: [EventInterface],
    isTypeOf: (value) => (value as StoredEvent).type === name,
    fields: (t) => ({
      commentId: t.id({
        description: "The comment's id.",
        resolve: (event) => encodeNodeId("ConversationComment", field<string>(event, "commentId")),
      }),
      comment: t.prismaField({
        type: CommentNode,
        nullable: true,
        description: "The comment as it is now; null where it is gone or hidden.",
        resolve: (query, event, _args, context) =>
          context.platform.prisma.conversationComment.findFirst({
            ...query,
            where: { id: field<string>(event, "commentId"), ...commentSeenBy(context) },
          }),
      }),
    }),
  });

const EVENTS = [
  told("CommentPosted", "Somebody said something of the conversation, or an operator shows it again."),
  told("CommentEdited", "Somebody said it in other words."),
  told("CommentRemoved", "A comment was taken back or hidden."),
];
const ItemRef = streamItem("Conversation", "a conversation", "public", EVENTS);

builder.subscriptionField("conversationEvents", (t) =>
  t.field({
    type: ItemRef,
    access: "public",
    description:
      "The comments of a conversation as they come, in order, without gap or duplicate; kept 7 days. Refuses with NOT_FOUND.",
    args: {
      conversationId: t.arg.globalID({ required: true, for: [ConversationNode], description: "The conversation." }),
      after: t.arg({ type: "Cursor", required: false, description: "Resume behind this cursor." }),
    },
    subscribe: async (_root, { conversationId: { id }, after }, context) => {
      const where = { id, ...seenBy(context, "publisherId") };
      const found = await context.platform.prisma.conversation.findFirst({ where, select: { id: true } });
      if (!found)
        throw new GraphQLError("There is no such conversation.", {
          extensions: { code: "NOT_FOUND", hint: "Check the id." },
        });
      return openStream(context.platform, conversationStream(id), after);
    },
    resolve: (item) => item,
  }),
);
