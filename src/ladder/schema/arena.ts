import { builder } from "../../platform/graphql/builder.ts";
import type { Context } from "../../platform/graphql/context.ts";
import { batched } from "../../platform/graphql/row-loader.ts";
import { openFeed } from "../../platform/subscribe.ts";
import { arenaTotals, type ArenaTotals } from "../service/record.ts";

const total =
  (field: keyof ArenaTotals) =>
  async (_none: object, _args: object, { platform, loaders }: Context) => {
    const totals = await batched(loaders, "arena", "", async (keys) => {
      const read = await arenaTotals(platform);
      return keys.map(() => read);
    });
    return totals[field];
  };

const ArenaStatsRef = builder.objectRef<object>("ArenaStats").implement({
  description: "Totals of the arena, in one cheap statement however much was played.",
  access: "public",
  fields: (t) => ({
    contests: t.int({ description: "Contests so far.", resolve: total("contests") }),
    bots: t.int({ description: "Bots that are not archived.", resolve: total("bots") }),
    liveNow: t.int({ description: "Contests that go on now.", resolve: total("live_now") }),
    waiting: t.int({ description: "Bots that wait for an opponent.", resolve: total("waiting") }),
  }),
});

builder.queryField("arenaStats", (t) =>
  t.field({
    type: ArenaStatsRef,
    access: "public",
    cache: () => ["contests", "bots", "queue:*"],
    description: "Totals of the arena.",
    resolve: () => ({}),
  }),
);

builder.subscriptionField("arenaEvents", (t) =>
  t.field({
    type: ArenaStatsRef,
    access: "public",
    description: "Totals whenever a contest starts or ends, first at once. A feed: no cursor.",
    subscribe: (_root, _args, { platform }) => openFeed(platform, "contests"),
    resolve: () => ({}),
  }),
);
