import type { Append } from "../platform/streams.ts";

/** The name of a conversation's stream. */
export const conversationStream = (conversationId: string) => `conversation:${conversationId}`;

/** What a conversation tells, in order. Ids are raw UUIDs. */
export type ConversationEvent = { type: "CommentPosted" | "CommentEdited" | "CommentRemoved"; commentId: string };

/** An event for a conversation's stream. */
export const toConversation = (conversationId: string, event: ConversationEvent): Append => ({
  stream: conversationStream(conversationId),
  events: [event],
});
