import { builder } from "./builder.ts";

type Limit = { name: string; value: number };

const LimitRef = builder.objectRef<Limit>("Limit").implement({
  description: "A limit of this server; /skills.md lists the same.",
  access: "public",
  fields: (t) => ({
    name: t.exposeString("name", {
      description: "Its name; the unit stands last, as in actionTimeoutMs or bodyBytesMax.",
    }),
    value: t.exposeInt("value", { description: "Milliseconds, bytes, points or a count, as the name says." }),
  }),
});

const RateLimitRef = builder
  .objectRef<{ requested: number; limit: number; available: number; resetAt: Date }>("RateLimit")
  .implement({
    description: "What your operations cost and what is left. Points are counted before execution, per minute.",
    access: "public",
    fields: (t) => ({
      cost: t.exposeInt("requested", { description: "What this very operation cost, in points." }),
      limit: t.exposeInt("limit", { description: "Points a minute: for an address, or for a key or session." }),
      available: t.exposeInt("available", { description: "Points that are left." }),
      resetAt: t.expose("resetAt", { type: "DateTime", description: "When all points are there again." }),
    }),
  });

builder.queryFields((t) => ({
  limits: t.field({
    type: [LimitRef],
    cost: 1,
    access: "public",
    description: "Every limit in force, by name.",
    resolve: (_root, _args, { platform }) =>
      Object.entries(platform.settings).flatMap(([name, value]) =>
        typeof value === "number" ? [{ name, value }] : [],
      ),
  }),
  rateLimit: t.field({
    type: RateLimitRef,
    nullable: true,
    access: "public",
    description: "What is left of your points this minute; null where nothing is counted.",
    resolve: (_root, _args, { charge }) => charge ?? null,
  }),
}));
