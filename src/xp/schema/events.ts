import { GraphQLError } from "graphql";
import { BotNode } from "../../bots/schema.ts";
import { botOf } from "../../ladder/schema/rows.ts";
import { builder } from "../../platform/graphql/builder.ts";
import { valuesOf } from "../../platform/graphql/enum-values.ts";
import { EventInterface, field, streamItem } from "../../platform/graphql/subscription.ts";
import type { StoredEvent } from "../../platform/streams.ts";
import { openStream } from "../../platform/subscribe.ts";
import { isSignedIn, reachesBot } from "../../platform/viewer.ts";
import { botXpStream, userXpStream, type Levelled, type XpTold } from "../events.ts";
import { ACHIEVEMENTS } from "../rules/achievements.ts";
import { levelOf, xpForLevel } from "../rules/levels.ts";
import { XpEventNode } from "./commands.ts";
import { LevelRef } from "./types.ts";

type Fields = Parameters<
  Parameters<ReturnType<typeof builder.objectRef<StoredEvent>>["implement"]>[0]["fields"] & object
>[0];
const told = (name: XpTold["type"], description: string, fields: (t: Fields) => object) =>
  builder.objectRef<StoredEvent>(name).implement({
    description,
    access: "owner",
    interfaces: [EventInterface],
    isTypeOf: (value) => (value as StoredEvent).type === name,
    fields: (t) => fields(t) as never,
  });
const botField = (t: Fields, description: string) => ({
  bot: t.prismaField({
    type: BotNode,
    description,
    resolve: (query, event, _args, context) => botOf(context, query, field(event, "botId")),
  }),
});
const achievementOf = (event: StoredEvent) => {
  const key = field<string>(event, "key");
  return ACHIEVEMENTS.find((each) => each.key === key) ?? { key, name: key, description: key };
};

const LevelledEnum = builder.enumType("Levelled", {
  description: "What reached a level.",
  values: valuesOf<Levelled>({ BOT: "The bot.", USER: "Its owner.", SKILL: "One of the bot's skills." }),
});

/** What a stream of XP tells; a bot's inbox tells the same. */
export const XP_EVENTS = [
  told("XpGained", "Something was counted.", (t) => ({
    ...botField(t, "Who did it."),
    event: t.prismaField({
      type: XpEventNode,
      description: "What it was.",
      resolve: (query, event, _args, { platform }) =>
        platform.prisma.xpEvent.findUniqueOrThrow({ ...query, where: { id: field<string>(event, "xpEventId") } }),
    }),
    added: t.int({ description: "The XP that were added.", resolve: (event) => field(event, "added") }),
    total: t.int({
      description: "The XP of whose stream this is, afterwards.",
      resolve: (event) => field(event, "total"),
    }),
  })),
  told("LeveledUp", "A new level was reached: once, however many events came at the same instant.", (t) => ({
    ...botField(t, "The bot by which it was reached."),
    what: t.field({
      type: LevelledEnum,
      description: "What reached it.",
      resolve: (event) => field<Levelled>(event, "what"),
    }),
    skill: t.string({
      nullable: true,
      description: "The skill; null where none.",
      resolve: (event) => field(event, "skill"),
    }),
    from: t.int({ description: "The level before.", resolve: (event) => field(event, "from") }),
    level: t.field({
      type: LevelRef,
      description: "The level now.",
      resolve: (event) => levelOf(xpForLevel(field<number>(event, "to"))),
    }),
  })),
  told(
    "AchievementUnlocked",
    "An achievement was unlocked: once, and for good unless a contest that it rests on is voided.",
    (t) => ({
      ...botField(t, "The bot by which it came."),
      key: t.string({ description: "Its stable name.", resolve: (event) => achievementOf(event).key }),
      name: t.string({ description: "What people call it.", resolve: (event) => achievementOf(event).name }),
      description: t.string({
        description: "What was to be done for it.",
        resolve: (event) => achievementOf(event).description,
      }),
    }),
  ),
  told("XpTakenBack", "What a contest had given was taken back, because an operator voided it: once.", (t) => ({
    ...botField(t, "Who had played it."),
    event: t.prismaField({
      type: XpEventNode,
      description: "The event that takes it back: CONTEST_VOIDED.",
      resolve: (query, event, _args, { platform }) =>
        platform.prisma.xpEvent.findUniqueOrThrow({ ...query, where: { id: field<string>(event, "xpEventId") } }),
    }),
    removed: t.int({
      description: "The XP that were taken back, 0 or more.",
      resolve: (event) => field(event, "removed"),
    }),
    total: t.int({
      description: "The XP of whose stream this is, afterwards.",
      resolve: (event) => field(event, "total"),
    }),
    level: t.field({
      type: LevelRef,
      description: "The level of that.",
      resolve: (event) => levelOf(field<number>(event, "total")),
    }),
    achievements: t.stringList({
      description:
        "The stable names of the achievements that went with it: of the contest's ladder, and no more deserved. Empty on a bot's stream.",
      resolve: (event) => field<string[]>(event, "achievements"),
    }),
  })),
];
const XpStreamItemRef = streamItem("Xp", "a stream of XP", "owner", XP_EVENTS);

builder.subscriptionField("xpEvents", (t) =>
  t.field({
    type: XpStreamItemRef,
    access: "viewer",
    description:
      "XP, levels and achievements of one of your bots, or without botId of all of them together, in order, without gap or duplicate. Refuses with NOT_YOUR_BOT.",
    args: {
      botId: t.arg.globalID({ required: false, for: [BotNode], description: "Your bot; all of yours without it." }),
      after: t.arg({ type: "Cursor", required: false, description: "Resume behind this cursor." }),
    },
    authScopes: { signedIn: true },
    subscribe: async (_root, { botId, after }, { platform, viewer }) => {
      if (!isSignedIn(viewer)) throw refused("NOT_AUTHENTICATED");
      if (!botId) return openStream(platform, userXpStream(viewer.userId), after);
      const where = { id: botId.id, ownerId: viewer.userId };
      const own = await platform.prisma.bot.findFirst({ where, select: { id: true } });
      if (!own || !reachesBot(viewer, botId.id)) throw refused("NOT_YOUR_BOT");
      return openStream(platform, botXpStream(botId.id), after);
    },
    resolve: (item) => item,
  }),
);

const refused = (code: string) =>
  new GraphQLError("You have no such bot.", {
    extensions: { code, hint: "Use the id of a bot of yours, with a key that reaches it." },
  });
