import { BotNode } from "../../bots/schema.ts";
import { UserNode } from "../../identity/schema/people.ts";
import { builder } from "../../platform/graphql/builder.ts";
import type { Context } from "../../platform/graphql/context.ts";
import { readerId } from "../../xp/service/reads.ts";

/** The people whom this reader may find in lists of others: who hides the profile is in none. */
function shownTo({ viewer }: Context) {
  const reader = readerId(viewer);
  return {
    deletedAt: null,
    OR: [
      { id: reader },
      { xp: { is: null } },
      { xp: { is: { profile: null } } },
      { xp: { is: { profile: "PUBLIC" } } },
      {
        xp: { is: { profile: "TEAM" } },
        teams: { some: { team: { dissolvedAt: null, members: { some: { userId: reader } } } } },
      },
    ],
  };
}

const SINCE = "Since when.";
const BotFollowRef = builder.prismaObject("BotFollow", {
  access: "public",
  description: "A person follows a bot: what it does comes into the person's feed.",
  fields: (t) => ({
    follower: t.relation("follower", { description: "Who follows." }),
    bot: t.relation("bot", { description: "The bot." }),
    at: t.expose("at", { type: "DateTime", description: SINCE }),
  }),
});
const UserFollowRef = builder.prismaObject("UserFollow", {
  access: "public",
  description: "A person follows another one: what that one and the own bots do comes into the feed.",
  fields: (t) => ({
    follower: t.relation("follower", { description: "Who follows." }),
    user: t.relation("user", { description: "Who is followed." }),
    at: t.expose("at", { type: "DateTime", description: SINCE }),
  }),
});

const HIDDEN = "People who hide their profile from you are left out, so that it may be fewer than `followers` says.";
const newest = (key: "followerId" | "botId" | "userId") => [{ at: "desc" as const }, { [key]: "desc" as const }];

builder.prismaObjectField(BotNode, "followedBy", (t) =>
  t.relatedConnection("followedBy", {
    type: BotFollowRef,
    cursor: "followerId_botId",
    volatile: true,
    description: `Who follows it, the newest first. ${HIDDEN} At most 100 a page.`,
    query: (_args, context) => ({ where: { follower: shownTo(context) }, orderBy: newest("followerId") }),
  }),
);
builder.prismaObjectFields(UserNode, (t) => ({
  followedBy: t.relatedConnection("followedBy", {
    type: UserFollowRef,
    cursor: "followerId_userId",
    volatile: true,
    description: `Who follows this person, the newest first. ${HIDDEN} At most 100 a page.`,
    query: (_args, context) => ({ where: { follower: shownTo(context) }, orderBy: newest("followerId") }),
  }),
  followsBots: t.relatedConnection("followsBots", {
    type: BotFollowRef,
    cursor: "followerId_botId",
    volatile: true,
    description:
      "The bots that this person follows, the newest first; none where the person hides the profile from you. At most 100 a page.",
    query: (_args, context) => ({
      where: { follower: shownTo(context), bot: { archivedAt: null } },
      orderBy: newest("botId"),
    }),
  }),
  followsUsers: t.relatedConnection("followsUsers", {
    type: UserFollowRef,
    cursor: "followerId_userId",
    volatile: true,
    description:
      "The people whom this person follows, the newest first; none where the person hides the profile from you, and without those who hide theirs. At most 100 a page.",
    query: (_args, context) => ({
      where: { follower: shownTo(context), user: shownTo(context) },
      orderBy: newest("userId"),
    }),
  }),
}));
