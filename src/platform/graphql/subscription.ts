import { builder } from "./builder.ts";
import { isGap, type StreamGap } from "../subscribe.ts";
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
