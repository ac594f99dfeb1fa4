import { UserNode } from "../../identity/schema/people.ts";
import { builder } from "../../platform/graphql/builder.ts";
import { command, success } from "../../platform/graphql/command.ts";
import { valuesOf } from "../../platform/graphql/enum-values.ts";
import { declareRefusals } from "../../platform/graphql/refusal-types.ts";
import { batched } from "../../platform/graphql/row-loader.ts";
import { ViewerRef } from "../../platform/graphql/viewer.ts";
import { BADGES_MAX } from "../rules/badges.ts";
import {
  badgesOf,
  exportBadges,
  importBadges,
  setBadgeIssuer,
  type BadgeOf,
  type BadgeRefusal,
  type RefusedBadge,
} from "../service/badges.ts";
import { readerId } from "../service/reads.ts";

declareRefusals<"TOO_MANY_BADGES">({
  TOO_MANY_BADGES: { message: `At most ${BADGES_MAX} badges at once.`, hint: "Import them in several calls." },
});

const BadgeRef = builder.objectRef<BadgeOf>("ImportedAchievement").implement({
  description:
    "An achievement that a person brought from another server, as that one signed it. It counts for nothing here.",
  access: "public",
  fields: (t) => ({
    key: t.field({ type: "UserText", description: "The issuer's name for it.", resolve: ({ key }) => key }),
    name: t.field({ type: "UserText", description: "What people call it there.", resolve: ({ name }) => name }),
    description: t.field({
      type: "UserText",
      description: "What was to be done for it.",
      resolve: ({ description }) => description,
    }),
    issuer: t.field({ type: "UserText", description: "The server that gave it.", resolve: ({ issuer }) => issuer }),
    at: t.field({ type: "DateTime", description: "When it was unlocked there.", resolve: ({ at }) => at }),
  }),
});

builder.prismaObjectField(UserNode, "importedAchievements", (t) =>
  t.field({
    type: [BadgeRef],
    volatile: true,
    cost: 20,
    description:
      "What the person brought from other servers, newest first, as far as achievements of work are shown to you.",
    args: { first: t.arg.int({ required: false, defaultValue: 50, description: "How many at most; 50 when absent." }) },
    select: { id: true },
    resolve: async ({ id }, { first }, { loaders, platform, viewer }) => {
      const brought = await batched(loaders, "imported achievements", id, (ids) =>
        badgesOf(platform, readerId(viewer), ids),
      );
      return brought.slice(0, first ?? 50);
    },
  }),
);

builder.objectField(ViewerRef, "exportedAchievements", (t) =>
  t.stringList({
    description:
      "The viewer's achievements as Open Badges 3.0, each a JSON Web Token (VC-JWT, EdDSA) signed by this server; the subject is the first linked wallet.",
    resolve: ({ userId }, _args, { platform }) => exportBadges(platform, userId),
  }),
);

const RefusalEnum = builder.enumType("BadgeRefusal", {
  description: "Why a badge was left out.",
  values: valuesOf<BadgeRefusal>({
    NOT_A_BADGE: "It is no Open Badge signed by EdDSA.",
    UNKNOWN_ISSUER: "No operator trusts the key that signed it.",
    BAD_SIGNATURE: "It was changed after it was signed.",
    NOT_YOURS: "It belongs to a wallet that is not linked to you.",
  }),
});
const RefusedRef = builder.objectRef<RefusedBadge>("RefusedBadge").implement({
  description: "A badge that was left out.",
  access: "owner",
  fields: (t) => ({
    place: t.exposeInt("place", { description: "Its place in the input, from 1." }),
    code: t.field({ type: RefusalEnum, description: "Why.", resolve: ({ code }) => code }),
  }),
});

command("importAchievements", {
  description:
    "Brings Open Badges of other servers that operators trust: those whose subject is a wallet that is linked to you. What is wrong with one leaves out that one alone.",
  gives: success<{ userId: string; imported: number; repeated: number; refused: RefusedBadge[] }>(
    "What became of them.",
  ),
  access: "session",
  input: (t) => ({
    badges: t.stringList({ required: true, description: `At most ${BADGES_MAX}, each at most 8,192 characters.` }),
  }),
  success: (t) => ({
    imported: t.exposeInt("imported", { description: "How many are new." }),
    repeated: t.exposeInt("repeated", { description: "How many were there already." }),
    refused: t.field({
      type: [RefusedRef],
      description: "Those that were left out.",
      resolve: ({ refused }) => refused,
    }),
  }),
  refusals: ["TOO_MANY_BADGES"],
  resolve: (input, { platform, viewer }) => importBadges(platform, viewer, input),
});

command("setBadgeIssuer", {
  description: "Lets achievements that another server signed be imported, or no more. For operators; audited.",
  gives: success<{ publicKey: string }>("The issuer."),
  access: "operator",
  input: (t) => ({
    publicKey: t.string({ required: true, description: "Its Ed25519 key, 64 lower-case hexadecimal digits." }),
    trusted: t.boolean({ required: true, description: "Whether its badges are taken." }),
    reason: t.string({ required: true, description: "Why, for the audit log." }),
  }),
  success: (t) => ({
    publicKey: t.exposeString("publicKey", { description: "The key." }),
  }),
  refusals: [],
  resolve: (input, { platform, viewer }) => setBadgeIssuer(platform, viewer, input),
});
