import type { FieldMap, ObjectFieldBuilder } from "@pothos/core";
import { GraphQLError } from "graphql";
import { builder, type SchemaTypes } from "../../platform/graphql/builder.ts";
import { EventInterface, streamItem } from "../../platform/graphql/subscription.ts";
import { ViewerRef } from "../../platform/graphql/viewer.ts";
import { readHead, type StoredEvent } from "../../platform/streams.ts";
import { cursorOf, openStream } from "../../platform/subscribe.ts";
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

const UserStreamItemRef = streamItem("User", "a user", "owner", declared);

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
      "Your own stream, in order, without gap or duplicate: each state of your deposits and withdrawals as it comes. Behind `viewer { cursor }` nothing is missed.",
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
