import { builder, type Access } from "./builder.ts";
import { isGap, type StreamGap, type StreamItem } from "../subscribe.ts";
import type { StoredEvent } from "../streams.ts";

/** Every event of a log implements this; its own fields follow its type. */
export const EventInterface = builder.interfaceRef<StoredEvent>("Event").implement({
  description: "Something that happened, as it is in the log.",
  access: "public",
  resolveType: (event) => event.type,
  fields: (t) => ({
    seq: t.int({ description: "Its number in its stream: 1, 2, 3 … without gaps.", resolve: ({ seq }) => seq }),
    at: t.field({
      type: "DateTime",
      description: "When it was committed, by the server's clock.",
      resolve: ({ at }) => at,
    }),
  }),
});

/** Says that history between a cursor and now is not kept. */
export const StreamGapRef = builder.objectRef<StreamGap>("StreamGap").implement({
  description:
    "Events that are not kept any more lie between your cursor and now. Query the present state, then go on.",
  access: "public",
  isTypeOf: (value) => isGap(value as StoredEvent | StreamGap),
  fields: (t) => ({
    fromSeq: t.exposeInt("fromSeq", { description: "The first number that is missing." }),
    toSeq: t.exposeInt("toSeq", { description: "The last number that is missing." }),
  }),
});

/** An event's fields, straight from its stored body. */
export function field<T = never>(event: StoredEvent, name: string): T {
  return event.body[name] as T;
}

/**
 * What a subscription of a log gives: `NameStreamItem`, one event with its cursor, of the union `NameStreamEvent`. `about` is whose
 * log it is, such as "a fight"; `events` are read when the schema is built.
 */
export function streamItem(name: string, about: string, access: Access, events: readonly unknown[]) {
  const union = builder.unionType(`${name}StreamEvent`, {
    description: `An event of ${about}, or the gap where history is not kept.`,
    types: () => [...events, StreamGapRef] as never[],
    resolveType: (value) => (isGap(value as StoredEvent) ? "StreamGap" : (value as StoredEvent).type),
  });
  return builder.objectRef<StreamItem>(`${name}StreamItem`).implement({
    description: `One event of ${about} with the cursor to resume after it.`,
    access,
    fields: (t) => ({
      cursor: t.field({
        type: "Cursor",
        description: "Pass it as `after` to go on behind this event.",
        resolve: ({ cursor }) => cursor,
      }),
      at: t.field({ type: "DateTime", description: "When it was committed.", resolve: ({ at }) => at }),
      event: t.field({ type: union, description: "What happened.", resolve: ({ event }) => event as never }),
    }),
  });
}
