import { BotNode } from "../../bots/schema.ts";
import { builder } from "../../platform/graphql/builder.ts";
import { command, success } from "../../platform/graphql/command.ts";
import { batched } from "../../platform/graphql/row-loader.ts";
import { openFeed } from "../../platform/subscribe.ts";
import { waitedMs } from "../rules/queue.ts";
import { joinQueue, leaveQueue } from "../service/queue.ts";
import { estimatesOf, positionsOf, type Queue } from "../service/waits.ts";
import { LadderRef } from "./board.ts";
import { LadderEnum, QueueEntryNode, QueueModeEnum } from "./types.ts";

const INT_MAX = 2_147_483_647;

builder.prismaObjectFields(QueueEntryNode, (t) => ({
  position: t.int({
    nullable: true,
    description: "Its place in its queue by wait, 1 is next; null when it does not wait any more.",
    select: { id: true, status: true },
    resolve: ({ id, status }, _args, { platform, loaders }) =>
      status === "WAITING" ? batched(loaders, "position", id, (ids) => positionsOf(platform, ids)) : null,
  }),
  waitedForMs: t.int({
    volatile: true,
    description: "For how long it has waited, or had waited when it was matched or left, in milliseconds.",
    select: { joinedAt: true, endedAt: true, contest: { select: { createdAt: true } } },
    resolve: ({ joinedAt, endedAt, contest }, _args, { platform }) => {
      const wait = { joinedAt, endedAt, matchedAt: contest?.createdAt ?? null };
      return Math.min(waitedMs(wait, platform.clock.now()), INT_MAX);
    },
  }),
  estimatedWaitMs: t.int({
    nullable: true,
    description:
      "What one may expect to wait in this queue from joining to the contest, in milliseconds: the median of the newest 20 waits that were matched. Null where nobody was yet, and when it does not wait any more.",
    select: { ladder: true, mode: true, status: true },
    resolve: ({ ladder, mode, status }, _args, { platform, loaders }) => {
      if (status !== "WAITING") return null;
      return batched(loaders, "estimated wait", JSON.stringify({ ladder, mode }), async (keys) => {
        const queues = [...new Set(keys)];
        const estimates = await estimatesOf(
          platform,
          queues.map((key) => JSON.parse(key) as Queue),
        );
        return keys.map((key) => estimates[queues.indexOf(key)] ?? null);
      });
    },
  }),
}));

builder.prismaObjectFields(BotNode, (t) => ({
  queueEntry: t.prismaField({
    type: QueueEntryNode,
    nullable: true,
    description: "The bot's newest wait that is not over; null without one.",
    select: { id: true },
    resolve: (query, bot, _args, { platform, loaders }) =>
      batched(loaders, `queueEntry ${JSON.stringify(query)}`, (bot as { id: string }).id, async (botIds) => {
        const open = { botId: { in: [...botIds] }, status: { in: ["WAITING", "MATCHED", "PLAYING"] } };
        const ids = await platform.prisma.queueEntry.findMany({
          where: open,
          select: { id: true, botId: true },
          orderBy: { id: "asc" },
        });
        const newest = new Map(ids.map((entry) => [entry.botId, entry.id]));
        const rows = await platform.prisma.queueEntry.findMany({
          ...query,
          where: { id: { in: [...newest.values()] } },
        });
        const entries = new Map(rows.map((row) => [row.id, row]));
        return botIds.map((botId) => entries.get(newest.get(botId) ?? "") ?? null);
      }),
  }),
}));

type EntrySuccess = { entryId: string };
const entryField = (
  t: Parameters<Parameters<typeof command<Record<string, never>, EntrySuccess, never, "PLAY">>[1]["success"]>[0],
) => ({
  queueEntry: t.prismaField({
    type: QueueEntryNode,
    description: "The queue entry.",
    resolve: (query, { entryId }: EntrySuccess, _args, { platform }) =>
      platform.prisma.queueEntry.findUniqueOrThrow({ ...query, where: { id: entryId } }),
  }),
});
const OWN = ["NOT_YOUR_BOT", "BOT_SUSPENDED", "BOT_ARCHIVED"] as const;

command("joinQueue", {
  description:
    "Puts one of your online bots into a ladder's queue. It waits once and meets an opponent near its rating; the gap allowed is 100 and grows by 10 a second, without limit after 60 s. On QUAKE up to four meet; two or three go after 5 s.",
  gives: success<EntrySuccess>("The wait."),
  access: "PLAY",
  input: (t) => ({
    botId: t.globalID({ required: true, for: [BotNode], description: "Your bot." }),
    ladder: t.field({ type: LadderEnum, required: true, description: "PIT, PIT_SLOW or QUAKE." }),
    mode: t.field({
      type: QueueModeEnum,
      required: false,
      defaultValue: "RATED",
      description: "RATED, or PRACTICE, where a house bot comes after 5 s.",
    }),
    sealed: t.boolean({
      required: false,
      description:
        "True asks for a sealed fight, played by commitFightAction and revealFightAction. The opponent may ask for one too: a bot that waits here should know both.",
    }),
  }),
  success: entryField,
  refusals: [...OWN, "LADDER_CLOSED", "BOT_OFFLINE", "IN_CONTEST", "ALREADY_WAITING"],
  resolve: ({ botId, mode, sealed, ...input }, { platform, viewer }) =>
    joinQueue(platform, viewer, { ...input, botId: botId.id, mode: mode ?? "RATED", sealed: sealed ?? false }),
});

command("leaveQueue", {
  description: "Takes a waiting bot out of a queue.",
  gives: success<EntrySuccess>("The wait that ended."),
  access: "PLAY",
  input: (t) => ({
    botId: t.globalID({ required: true, for: [BotNode], description: "Your bot." }),
    ladder: t.field({ type: LadderEnum, required: true, description: "Where it waits." }),
  }),
  success: entryField,
  refusals: [...OWN, "NOT_WAITING"],
  resolve: (input, { platform, viewer }) => leaveQueue(platform, viewer, { ...input, botId: input.botId.id }),
});

builder.subscriptionFields((t) => ({
  queueEvents: t.field({
    type: LadderRef,
    access: "public",
    description: "A ladder's queue whenever it moves, first at once. A feed: the newest snapshot, no cursor.",
    args: { ladder: t.arg({ type: LadderEnum, required: true, description: "The ladder." }) },
    subscribe: (_root, { ladder }, { platform }) => openFeed(platform, `queue:${ladder}`),
    resolve: (_event, { ladder }) => ({ kind: ladder }),
  }),
  ladderEvents: t.field({
    type: LadderRef,
    access: "public",
    description: "A ladder whenever a rated contest ended, first at once. A feed: no cursor.",
    args: { ladder: t.arg({ type: LadderEnum, required: true, description: "The ladder." }) },
    subscribe: (_root, { ladder }, { platform }) => openFeed(platform, `ladder:${ladder}`),
    resolve: (_event, { ladder }) => ({ kind: ladder }),
  }),
}));
