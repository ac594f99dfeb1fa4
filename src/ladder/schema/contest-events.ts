import { badInput } from "../../platform/graphql/bad-input.ts";
import { builder } from "../../platform/graphql/builder.ts";
import { batched } from "../../platform/graphql/row-loader.ts";
import { EventInterface } from "../../platform/graphql/subscription.ts";
import { readEventsOf, type StoredEvent } from "../../platform/streams.ts";
import { cursorOf, seqAfter } from "../../platform/subscribe.ts";
import { contestStream, type LadderKind } from "../rules/ladders.ts";
import { ContestInterface } from "./types.ts";

const EVENTS_DEFAULT = 20;
const EVENTS_MAX = 100;

type Edge = { cursor: string; node: StoredEvent };
type Edges = { edges: Edge[]; afterSeq: number; more: boolean };

const EventEdgeRef = builder.objectRef<Edge>("EventEdge").implement({
  description: "An event and its cursor.",
  access: "public",
  fields: (t) => ({
    cursor: t.field({
      type: "Cursor",
      description: "Pass it as `after`, here or to the contest's subscription, to go on behind this event.",
      resolve: ({ cursor }) => cursor,
    }),
    node: t.field({ type: EventInterface, description: "The event.", resolve: ({ node }) => node }),
  }),
});

const EventConnectionRef = builder.objectRef<Edges>("EventConnection").implement({
  description: "A page of a contest's events, oldest first.",
  access: "public",
  fields: (t) => ({
    edges: t.field({
      type: [EventEdgeRef],
      description: "The page's events with their cursors.",
      resolve: ({ edges }) => edges,
    }),
    nodes: t.field({
      type: [EventInterface],
      description: "The page's events.",
      resolve: ({ edges }) => edges.map(({ node }) => node),
    }),
    pageInfo: t.field({
      type: builder.pageInfoRef() as never,
      description: "Whether and from where to page on.",
      resolve: ({ edges, afterSeq, more }) =>
        ({
          hasNextPage: more,
          hasPreviousPage: afterSeq > 0,
          startCursor: edges[0]?.cursor ?? null,
          endCursor: edges.at(-1)?.cursor ?? null,
        }) as never,
    }),
  }),
});

builder.prismaInterfaceFields(ContestInterface, (t) => ({
  events: t.field({
    type: EventConnectionRef,
    description: "What happened in it, oldest first: the stored log, which is its replay.",
    args: {
      first: t.arg.int({
        required: false,
        description: `How many, 1 to ${EVENTS_MAX}; ${EVENTS_DEFAULT} without it. Anything else is refused.`,
      }),
      after: t.arg({ type: "Cursor", required: false, description: "Only events behind this cursor of this contest." }),
    },
    select: { id: true, ladder: true },
    resolve: async ({ id, ladder }, args, { platform, loaders, cacheTags }) => {
      const stream = contestStream(ladder as LadderKind, id);
      cacheTags.add(stream);
      const first = args.first ?? EVENTS_DEFAULT;
      if (first < 1 || first > EVENTS_MAX) throw badInput(["first"], `Ask for 1 to ${EVENTS_MAX} events.`);
      const afterSeq = seqAfter(platform, stream, args.after);
      const events = await batched(loaders, `events ${afterSeq} ${first}`, stream, (streams) =>
        readEventsOf(platform.db, streams, { afterSeq, limit: first + 1 }),
      );
      const edges = events.slice(0, first).map((node) => ({ cursor: cursorOf(platform, stream, node.seq), node }));
      return { edges, afterSeq, more: events.length > first };
    },
  }),
  cursor: t.field({
    type: "Cursor",
    description:
      "Where its stream stood when the rest of it was read: query, then subscribe behind it, and nothing is missed. Events that you have already may come again; drop them by their seq.",
    // A game keeps the number of its newest event on the row of its state, so that both are read in one statement.
    select: {
      id: true,
      ladder: true,
      fight: { select: { lastSeq: true } },
      match: { select: { lastSeq: true } },
      codeBattle: { select: { lastSeq: true } },
    },
    resolve: ({ id, ladder, fight, match, codeBattle }, _args, { platform, cacheTags }) => {
      const stream = contestStream(ladder as LadderKind, id);
      cacheTags.add(stream);
      return cursorOf(platform, stream, (fight ?? match ?? codeBattle)?.lastSeq ?? 0);
    },
  }),
}));
