import { BotNode } from "../../bots/schema.ts";
import type { Contest } from "../../generated/prisma/client.ts";
import type { PageOf } from "../../platform/keyset.ts";
import { badInput } from "../../platform/graphql/bad-input.ts";
import { builder } from "../../platform/graphql/builder.ts";
import { parseNodeId } from "../../platform/graphql/node-ids.ts";
import { connectionOf, pageAsked, UUID_KEY } from "../../platform/graphql/keyset.ts";
import { batched } from "../../platform/graphql/row-loader.ts";
import { LADDERS } from "../rules/ladders.ts";
import { contestPage, contestPagesOf, headToHead, type BotAsked, type HeadToHead } from "../service/record.ts";
import { contestsOf, nodesQuery } from "./rows.ts";
import { ContestInterface, ContestStatusEnum, LadderEnum, RatingChangeRef } from "./types.ts";

/** A connection of contests from a page of their ids and their rows. */
export function contestConnection(page: PageOf<string>, rows: Contest[]): never {
  return connectionOf(
    { ...page, rows },
    UUID_KEY,
    ({ id }) => id,
    (row) => row,
  ) as never;
}

/** The bot that a list's filter names, by its name or its id; null where it names none. */
export function botAsked(text: string | null | undefined): BotAsked | null {
  if (text == null) return null;
  if (/^\w{1,15}$/.test(text)) return { name: text };
  const id = parseNodeId(text);
  if (id?.typename === "Bot") return { id: id.uuid };
  throw badInput(["filterBy", "bot"], "Name a bot, or pass its id as the API gave it.");
}

const HeadToHeadRef = builder.objectRef<HeadToHead>("HeadToHead").implement({
  movedBy: ["contests"],
  description: "What came of all completed contests of two bots on all ladders, practice left out.",
  access: "public",
  fields: (t) => ({
    contests: t.exposeInt("contests", { description: "How often they met." }),
    wins: t.exposeInt("wins", { description: "How often the bot placed better than the opponent." }),
    draws: t.exposeInt("draws", { description: "How often both placed alike." }),
    losses: t.exposeInt("losses", { description: "How often the opponent placed better." }),
  }),
});

builder.prismaObjectFields(BotNode, (t) => ({
  ratings: t.relation("ratings", { description: "The bot's standings, one a ladder that it has played." }),
  ratingHistory: t.relatedConnection("ratingHistory", {
    cursor: "contestId_botId_kind",
    type: RatingChangeRef,
    description: "What each rated contest of a ladder did, newest first. At most 100 a page.",
    args: { ladder: t.arg({ type: LadderEnum, required: true, description: "The ladder." }) },
    query: ({ ladder }) => ({ where: { ladder }, orderBy: { contestId: "desc" } }),
  }),
  contests: t.connection({
    type: ContestInterface,
    description: "The bot's contests, newest first. At most 100 a page.",
    resolve: async (bot, args, context, info) => {
      const { id } = bot as { id: string };
      const [page, query] = [pageAsked(args, UUID_KEY), nodesQuery(context, info)];
      const cut = await batched(context.loaders, `contests of bots ${JSON.stringify(args)}`, id, (botIds) =>
        contestPagesOf(context.platform, botIds, { ladders: LADDERS, status: null }, page),
      );
      return contestConnection(cut, await contestsOf(context, query, cut.rows));
    },
  }),
  headToHead: t.field({
    type: HeadToHeadRef,
    nullable: true,
    description: "The bot's record against another; zeros when they never met, null for itself and when there is none.",
    args: { opponentId: t.arg.globalID({ required: true, for: [BotNode], description: "The other bot." }) },
    select: { id: true },
    resolve: ({ id }, { opponentId }, { platform, loaders }) =>
      batched(loaders, `head to head ${opponentId.id}`, id, (botIds) => headToHead(platform, botIds, opponentId.id)),
  }),
}));

builder.queryField("contests", (t) =>
  t.connection({
    type: ContestInterface,
    access: "public",
    cache: () => ["contests"],
    description: "Contests, newest first. At most 100 a page.",
    args: { status: t.arg({ type: ContestStatusEnum, required: false, description: "Only those that stand so." }) },
    resolve: async (_root, args, context, info) => {
      const [page, query] = [pageAsked(args, UUID_KEY), nodesQuery(context, info)];
      const cut = await contestPage(context.platform, { ladders: LADDERS, status: args.status ?? null }, page);
      return contestConnection(cut, await contestsOf(context, query, cut.rows));
    },
  }),
);

builder.queryField("replaySigningKey", (t) =>
  t.string({
    access: "public",
    description: "The Ed25519 public key, in hex, by which this server signs replays.",
    resolve: (_root, _args, { platform }) => platform.signer.publicKey,
  }),
);
