import { BotNode } from "../../bots/schema.ts";
import { builder } from "../../platform/graphql/builder.ts";
import { command, success } from "../../platform/graphql/command.ts";
import { declareRefusals } from "../../platform/graphql/refusal-types.ts";
import { valuesOf } from "../../platform/graphql/enum-values.ts";
import { isSignedIn, NOBODY } from "../../platform/viewer.ts";
import { VERSIONS_MAX, type StrategyRefusal } from "../rules/strategies.ts";
import { activateStrategy, deactivateStrategy, testStrategy, uploadStrategy } from "../service/strategies.ts";
import { houseSource, type HouseStrategy } from "../strategy/house.ts";
import type { TrialTick } from "../strategy/trial.ts";

declareRefusals<StrategyRefusal>({
  STRATEGY_TOO_LARGE: { message: "The source is too large.", hint: "At most 128 KiB of UTF-8." },
  STRATEGY_SYNTAX: {
    message: "The source cannot be read.",
    hint: "JavaScript, or TypeScript whose types can be taken off: no enum, no namespace.",
  },
  STRATEGY_IMPORT: { message: "The source imports another module.", hint: 'Import nothing but "agon:quake".' },
  STRATEGY_NO_TICK: {
    message: "The source has no tick.",
    hint: "export function tick(view, memory) that returns an action at once, and no await at the top.",
  },
  STRATEGY_FAILED: { message: "The source fails before its first tick.", hint: "Run it by testStrategy, and mend it." },
  STRATEGY_BUSY: {
    message: "Too many strategies are being tried, or one of yours is tried while another waits.",
    hint: "Try again in some seconds, one after the other.",
  },
  STRATEGY_LIMIT: {
    message: `A bot has at most ${VERSIONS_MAX} versions of its strategy.`,
    hint: "Activate one that it has, or register another bot.",
  },
  STRATEGY_NOT_ACTIVE: { message: "The bot does not play by this version.", hint: "There is nothing more to do." },
});

const StrategyRunNode = builder.prismaNode("StrategyRun", {
  id: { field: "id" },
  nullable: true,
  access: "owner",
  findUnique: (id, { viewer }) => ({
    id,
    strategy: { bot: { ownerId: isSignedIn(viewer) ? viewer.userId : NOBODY } },
  }),
  description: "How a strategy fared in a round. Only its owner can read it.",
  fields: (t) => ({
    ticks: t.exposeInt("ticks", { description: "Views that it was given." }),
    misses: t.exposeInt("misses", { description: "Views without an action of it: its last action went on." }),
    forfeit: t.exposeString("forfeit", {
      nullable: true,
      description: "Why it played no more; null when it played to the end.",
    }),
    log: t.exposeString("log", { cost: 20, description: "What it wrote, and why it missed; at most 64 KiB." }),
    endedAt: t.expose("endedAt", { type: "DateTime", description: "When the round ended." }),
  }),
});

export const StrategyNode = builder.prismaNode("Strategy", {
  id: { field: "id" },
  nullable: true,
  access: "owner",
  findUnique: (id, { viewer }) => ({ id, bot: { ownerId: isSignedIn(viewer) ? viewer.userId : NOBODY } }),
  description: "A version of the code that plays Quake for a bot. Only its owner can read it.",
  fields: (t) => ({
    bot: t.relation("bot", { description: "The bot." }),
    version: t.exposeInt("version", { description: "1 and up, by bot." }),
    source: t.exposeString("source", { cost: 20, description: "As it was uploaded; at most 128 KiB." }),
    active: t.exposeBoolean("active", { description: "Whether the bot plays by it, from its next round on." }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was uploaded." }),
    activatedAt: t.expose("activatedAt", {
      type: "DateTime",
      nullable: true,
      description: "When it was last made the active one; null when it never was.",
    }),
    runs: t.relatedConnection("runs", {
      type: StrategyRunNode,
      cursor: "id",
      description: "Its last 20 rounds with their logs, newest first. At most 100 a page.",
      query: { orderBy: { id: "desc" } },
    }),
  }),
});

builder.queryField("strategies", (t) =>
  t.prismaConnection({
    type: StrategyNode,
    access: "owner",
    cursor: "id",
    description: "The strategies of a bot of yours, newest first; of another's bot none. At most 100 a page.",
    args: { botId: t.arg.globalID({ required: true, for: [BotNode], description: "The bot." }) },
    resolve: (query, _root, { botId }, { platform, viewer }) =>
      platform.prisma.strategy.findMany({
        ...query,
        where: { botId: botId.id, bot: { ownerId: isSignedIn(viewer) ? viewer.userId : NOBODY } },
        orderBy: { id: "desc" },
      }),
  }),
);

const HouseEnum = builder.enumType("ReferenceStrategy", {
  description: "A strategy of the house, to play against and to start from.",
  values: valuesOf<HouseStrategy>({
    random: "Goes and shoots as chance will have it.",
    hunter: "Runs at whoever is nearest and shoots.",
    competition: "Times items, picks weapons by range, leads its shots and retreats when weak.",
    adaptive: "Learns where others are met and which places win, and keeps it for its next rounds.",
  }),
});

builder.queryField("referenceStrategy", (t) =>
  t.string({
    access: "public",
    description: "The source of a strategy of the house, as it could be uploaded.",
    args: { name: t.arg({ type: HouseEnum, required: true, description: "Which." }) },
    resolve: (_root, { name }) => houseSource(name),
  }),
);

const TrialTickRef = builder.objectRef<TrialTick>("StrategyTrialTick").implement({
  access: "PLAY",
  description: "What a strategy did with one recorded view.",
  fields: (t) => ({
    nowMs: t.exposeInt("nowMs", { description: "Game milliseconds since the recorded round began." }),
    action: t.field({
      type: "JSON",
      nullable: true,
      description: "Its action; null when it gave none.",
      resolve: ({ action }) => action,
    }),
    miss: t.string({
      nullable: true,
      description: "Why it gave none: a name, and what was thrown.",
      resolve: ({ miss }) => miss && `${miss.reason}: ${miss.message}`,
    }),
  }),
});

type Fields<Success extends object> = Parameters<
  Parameters<typeof command<Record<string, never>, Success, never, "PLAY">>[1]["success"]
>[0];
const strategyField = <Success extends { strategyId: string }>(t: Fields<Success>) => ({
  strategy: t.prismaField({
    type: StrategyNode,
    description: "The strategy as it is now.",
    resolve: (query, { strategyId }, _args, { platform }) =>
      platform.prisma.strategy.findUniqueOrThrow({ ...query, where: { id: strategyId } }),
  }),
});

command("uploadStrategy", {
  description:
    "Uploads a new version of the code that plays Quake for a bot of yours, after it was run against a recorded view. A bot has at most 100 versions.",
  gives: success<{ strategyId: string }>("The new version."),
  access: "PLAY",
  input: (t) => ({
    botId: t.globalID({ required: true, for: [BotNode], description: "The bot." }),
    source: t.string({
      required: true,
      description: "JavaScript or TypeScript of at most 128 KiB with `export function tick(view, memory)`.",
    }),
    activate: t.boolean({
      required: false,
      description: "Whether the bot plays by it from its next round on; false when absent.",
    }),
  }),
  success: strategyField,
  refusals: [
    "NOT_YOUR_BOT",
    "BOT_SUSPENDED",
    "BOT_ARCHIVED",
    "STRATEGY_TOO_LARGE",
    "STRATEGY_SYNTAX",
    "STRATEGY_IMPORT",
    "STRATEGY_NO_TICK",
    "STRATEGY_FAILED",
    "STRATEGY_BUSY",
    "STRATEGY_LIMIT",
  ],
  resolve: (input, { platform, viewer }) =>
    uploadStrategy(platform, viewer, { ...input, botId: input.botId.id, activate: input.activate ?? false }),
});

command("activateStrategy", {
  description: "Lets a version of a bot of yours play, from its next round on; the one before it plays no more.",
  gives: success<{ strategyId: string }>("The active version."),
  access: "PLAY",
  input: (t) => ({
    strategyId: t.globalID({ required: true, for: [StrategyNode], description: "The version." }),
  }),
  success: strategyField,
  refusals: ["NOT_YOUR_BOT", "BOT_SUSPENDED", "BOT_ARCHIVED"],
  resolve: (input, { platform, viewer }) =>
    activateStrategy(platform, viewer, { ...input, strategyId: input.strategyId.id }),
});

command("deactivateStrategy", {
  description:
    "Takes the active version of a bot of yours out of play: from its next round on the bot is played from afar, by sendQuakeAction, or wanders about. A round that has begun is played to its end by it. If the bot waits in the QUAKE queue, it leaves it with the reason NO_STRATEGY; join again to play from afar.",
  gives: success<{ strategyId: string; leftQueue: boolean }>("The version, which plays no more."),
  access: "PLAY",
  input: (t) => ({
    strategyId: t.globalID({ required: true, for: [StrategyNode], description: "The active version." }),
  }),
  success: (t) => ({
    ...strategyField(t),
    leftQueue: t.exposeBoolean("leftQueue", {
      description: "Whether the bot waited in the QUAKE queue, and left it by this.",
    }),
  }),
  refusals: ["NOT_YOUR_BOT", "BOT_SUSPENDED", "BOT_ARCHIVED", "STRATEGY_NOT_ACTIVE"],
  resolve: (input, { platform, viewer }) =>
    deactivateStrategy(platform, viewer, { ...input, strategyId: input.strategyId.id }),
});

command("testStrategy", {
  description:
    "Runs a strategy against 20 recorded views of a real round, with all limits of a match and other chances each time. Nothing is stored. One of yours is tried at a time, and one waits.",
  gives: success<{ ticks: readonly TrialTick[]; log: string }>("What it did."),
  access: "PLAY",
  noKey: "nothing of a trial is stored",
  input: (t) => ({
    source: t.string({ required: true, description: "JavaScript or TypeScript of at most 128 KiB." }),
  }),
  success: (t) => ({
    ticks: t.field({
      type: [TrialTickRef],
      description: "What it did with each of the 20 views.",
      resolve: ({ ticks }) => ticks,
    }),
    log: t.exposeString("log", { cost: 20, description: "What it wrote, and why it missed; at most 64 KiB." }),
  }),
  refusals: [
    "STRATEGY_TOO_LARGE",
    "STRATEGY_SYNTAX",
    "STRATEGY_IMPORT",
    "STRATEGY_NO_TICK",
    "STRATEGY_FAILED",
    "STRATEGY_BUSY",
  ],
  resolve: (input, { viewer }) => testStrategy(viewer, input.source),
});
