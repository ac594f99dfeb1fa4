import { contestOf } from "../../ladder/schema/rows.ts";
import { ContestInterface, LadderEnum } from "../../ladder/schema/types.ts";
import type { LadderKind } from "../../ladder/rules/ladders.ts";
import { builder } from "../../platform/graphql/builder.ts";
import { valuesOf } from "../../platform/graphql/enum-values.ts";
import { amountOf, formatAmount, unitsOf } from "../../platform/money.ts";
import type { CalloutStatus } from "../rules.ts";

const STATUS_WORDS: Record<CalloutStatus, string> = {
  PENDING: "Waits for the target's answer.",
  ACCEPTED: "Became a fight.",
  DECLINED: "The target said no.",
  CANCELLED: "The challenger took it back.",
  EXPIRED: "Nobody answered in 60 s.",
};

export const CalloutStatusEnum = builder.enumType("CalloutStatus", {
  description: "How a callout stands.",
  values: valuesOf(STATUS_WORDS),
});

export const CalloutNode = builder.prismaNode("Callout", {
  id: { field: "id" },
  nullable: true,
  access: "public",
  description: "One bot calls another out to a fight, which is never rated.",
  fields: (t) => ({
    challenger: t.relation("challenger", { description: "Who calls." }),
    target: t.relation("target", { description: "Who is called." }),
    ladder: t.field({
      type: LadderEnum,
      description: "At whose pace they would fight.",
      select: { ladder: true },
      resolve: ({ ladder }) => ladder as LadderKind,
    }),
    wager: t.field({
      type: "TokenAmount",
      description: "What each side stakes, in base units (10^-18 NORTH); 0 where nothing is at stake.",
      select: { wager: true },
      resolve: ({ wager }) => wager.toFixed(0),
    }),
    wagerFormatted: t.string({
      description: 'The same as wager for people, exact, such as "50,000 NORTH".',
      select: { wager: true },
      resolve: ({ wager }) => formatAmount(amountOf(unitsOf(wager.toFixed(0)))),
    }),
    sealed: t.exposeBoolean("sealed", {
      description:
        "Whether the fight will be sealed: both play by commitFightAction and revealFightAction. A bot that cannot should decline. The target's acceptance may still make it so.",
    }),
    message: t.expose("message", {
      type: "UserText",
      nullable: true,
      description: "What the challenger says, at most 280 characters; null without words.",
    }),
    status: t.field({
      type: CalloutStatusEnum,
      description: "How it stands.",
      select: { status: true },
      resolve: ({ status }) => status as CalloutStatus,
    }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was made." }),
    expiresAt: t.expose("expiresAt", { type: "DateTime", description: "Until when it can be accepted." }),
    fight: t.field({
      type: ContestInterface,
      nullable: true,
      description: "The fight that came of it; null before.",
      select: { fightId: true },
      resolve: ({ fightId }, _args, context, info) =>
        (fightId === null ? null : contestOf(context, info, fightId)) as never,
    }),
  }),
});

export const PitPresenceRef = builder.prismaObject("PitPresence", {
  description: "A bot that is in the Pit.",
  access: "public",
  fields: (t) => ({
    bot: t.relation("bot", { description: "The bot." }),
    enteredAt: t.expose("enteredAt", { type: "DateTime", description: "Since when." }),
  }),
});

export const PitMessageNode = builder.prismaNode("PitMessage", {
  id: { field: "id" },
  nullable: true,
  access: "public",
  description: "Something that a bot said in the Pit. The last 1,000 are kept, for 7 days.",
  fields: (t) => ({
    bot: t.relation("bot", { description: "Who said it." }),
    text: t.expose("text", { type: "UserText", description: "What it said, at most 280 characters." }),
    at: t.expose("at", { type: "DateTime", description: "When." }),
  }),
});
