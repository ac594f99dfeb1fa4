import type { FieldMap, ObjectFieldBuilder } from "@pothos/core";
import { GraphQLError } from "graphql";
import { builder, type SchemaTypes } from "../../platform/graphql/builder.ts";
import { EventInterface, StreamGapRef } from "../../platform/graphql/subscription.ts";
import { ViewerRef } from "../../platform/graphql/viewer.ts";
import { readHead, type StoredEvent } from "../../platform/streams.ts";
import { cursorOf, isGap, openStream, type StreamItem } from "../../platform/subscribe.ts";
import { isSignedIn } from "../../platform/viewer.ts";

type Types = PothosSchemaTypes.ExtendDefaultTypes<SchemaTypes>;

const declared: unknown[] = [];

/** Declares an event of users' own streams; each domain declares its own. */
export function userEvent(
  name: string,
  description: string,
  fields: (t: ObjectFieldBuilder<Types, StoredEvent>) => FieldMap,
): void {
  declared.push(
    builder.objectRef<StoredEvent>(name).implement({
      description,
      access: "owner",
      interfaces: [EventInterface],
      isTypeOf: (value) => (value as StoredEvent).type === name,
      fields,
    }),
  );
}

const UserStreamUnion = builder.unionType("UserStreamEvent", {
  description: "What concerns one user, or the gap where history is not kept.",
  types: () => [...declared, StreamGapRef] as never[],
  resolveType: (value) => (isGap(value as StoredEvent) ? "StreamGap" : (value as StoredEvent).type),
});

const UserStreamItemRef = builder.objectRef<StreamItem>("UserStreamItem").implement({
  description: "One thing that concerns a user, with the cursor to resume after it.",
  access: "owner",
  fields: (t) => ({
    cursor: t.field({
      type: "Cursor",
      description: "Pass it as `after` to go on behind this event.",
      resolve: ({ cursor }) => cursor,
    }),
    at: t.field({ type: "DateTime", description: "When it was committed.", resolve: ({ at }) => at }),
    event: t.field({ type: UserStreamUnion, description: "What happened.", resolve: ({ event }) => event as never }),
  }),
});

const streamOf = (userId: string) => `user:${userId}`;

builder.objectField(ViewerRef, "cursor", (t) =>
  t.field({
    type: "Cursor",
    description: "Where the viewer's own stream stands: query it with what you show, then follow userEvents behind it.",
    resolve: async ({ userId }, _args, { platform }) =>
      cursorOf(platform, streamOf(userId), (await readHead(platform.db, streamOf(userId))).seq),
  }),
);

builder.subscriptionField("userEvents", (t) =>
  t.field({
    type: UserStreamItemRef,
    access: "viewer",
    description:
      "Your own stream, in order, without gap or duplicate: each state of your withdrawals as it comes. Behind `viewer { cursor }` nothing is missed.",
    args: { after: t.arg({ type: "Cursor", required: false, description: "Resume behind this cursor." }) },
    authScopes: { signedIn: true },
    subscribe: (_root, { after }, { platform, viewer }) => {
      if (!isSignedIn(viewer))
        throw new GraphQLError("This needs a key or a session.", {
          extensions: { code: "NOT_AUTHENTICATED", hint: "Send X-API-Key, or sign in; see /skills.md." },
        });
      return openStream(platform, streamOf(viewer.userId), after);
    },
    resolve: (item) => item,
  }),
);
