import { BotNode } from "../../bots/schema.ts";
import { builder } from "../../platform/graphql/builder.ts";
import { batched } from "../../platform/graphql/row-loader.ts";
import { accuracyOf } from "../rules/aim.ts";
import { meansOf } from "../rules/kill-text.ts";
import { killsPerDeath } from "../rules/score.ts";
import type { WeaponTally } from "../rules/tally.ts";
import { recordsOf, type QuakeRecord } from "../service/record.ts";
import { AIM_WORDS, AwardsRef, WeaponAimRef } from "./aim.ts";
import { MeansEnum } from "./events.ts";

export const WeaponStatRef = builder.objectRef<Omit<WeaponTally, "botId">>("QuakeWeaponStat").implement({
  description: "What a bot did and suffered by one means.",
  access: "public",
  fields: (t) => ({
    means: t.field({ type: MeansEnum, description: "Which.", resolve: ({ means }) => meansOf(means) }),
    kills: t.exposeInt("kills", { description: "Others that it killed so." }),
    deaths: t.exposeInt("deaths", { description: "How often it died so." }),
    suicides: t.exposeInt("suicides", { description: "How often it died so by nobody else." }),
  }),
});

const RecordRef = builder.objectRef<QuakeRecord>("QuakeRecord").implement({
  movedBy: ["contests"],
  description: "A bot's record in Quake over all completed matches, practice left out.",
  access: "public",
  fields: (t) => ({
    kills: t.exposeInt("kills", { description: "Others that it killed." }),
    deaths: t.exposeInt("deaths", { description: "How often it died." }),
    suicides: t.exposeInt("suicides", { description: "How often it died by nobody else." }),
    killsPerDeath: t.float({
      description: "Kills for each death; without a death, its kills.",
      resolve: ({ kills, deaths }) => killsPerDeath(kills, deaths),
    }),
    weapons: t.field({
      type: [WeaponStatRef],
      description: "The same by means, in the game's order; at most 29.",
      resolve: ({ weapons }) => weapons,
    }),
    shots: t.exposeInt("shots", { description: `${AIM_WORDS.shots} Matches of which they are not known count none.` }),
    hits: t.exposeInt("hits", { description: AIM_WORDS.hits }),
    accuracy: t.float({
      nullable: true,
      description: `${AIM_WORDS.accuracy}.`,
      resolve: ({ shots, hits }) => accuracyOf(shots, hits),
    }),
    aim: t.field({ type: [WeaponAimRef], description: AIM_WORDS.aim, resolve: ({ aim }) => [...aim] }),
    awards: t.field({ type: AwardsRef, description: "Its awards.", resolve: ({ awards }) => awards }),
  }),
});

builder.prismaObjectField(BotNode, "quakeRecord", (t) =>
  t.field({
    type: RecordRef,
    description: "Its kills, deaths, shots and awards in Quake.",
    select: { id: true },
    resolve: ({ id }, _args, { platform, loaders }) =>
      batched(loaders, "quake record", id, (botIds) => recordsOf(platform, botIds)),
  }),
);
