import { BotNode } from "../../bots/schema.ts";
import { UserNode } from "../../identity/schema/people.ts";
import { LadderEnum } from "../../ladder/schema/types.ts";
import { badInput } from "../../platform/graphql/bad-input.ts";
import { builder } from "../../platform/graphql/builder.ts";
import type { Context } from "../../platform/graphql/context.ts";
import { valuesOf } from "../../platform/graphql/enum-values.ts";
import { loadRow, batched } from "../../platform/graphql/row-loader.ts";
import { readHeads } from "../../platform/streams.ts";
import { cursorOf } from "../../platform/subscribe.ts";
import { botXpStream, userXpStream } from "../events.ts";
import { ACHIEVEMENTS } from "../rules/achievements.ts";
import { COMPLEXITIES, type Complexity } from "../rules/formula.ts";
import type { Forecast } from "../rules/forecast.ts";
import { levelOf, type Level } from "../rules/levels.ts";
import type { View, Visibility } from "../rules/privacy.ts";
import { shownXp } from "../rules/privacy.ts";
import type { Statistics } from "../rules/statistics.ts";
import { forecasts, shownDays, type ShownForecast } from "../service/insight.ts";
import {
  achievementsOf,
  botDays,
  botExperiences,
  botStatistics,
  DAYS_MAX,
  readerId,
  skillsOf,
  userDays,
  userExperiences,
  type Experience,
  type Reached,
} from "../service/reads.ts";

export const VisibilityEnum = builder.enumType("XpVisibility", {
  description: "Who may see something of a person's XP.",
  values: valuesOf<Visibility>({
    PRIVATE: "Nobody but the person.",
    TEAM: "Who is in a team with the person.",
    PUBLIC: "Everybody; of work, what others asked for.",
  }),
});
const ViewEnum = builder.enumType("XpView", {
  description: "How much of somebody's XP is shown to the viewer.",
  values: valuesOf<View>({
    ALL: "Everything, what counts on private and team pages only included.",
    PUBLIC: "What counts on public boards: rated contests, and tasks that others asked for.",
    CONTESTS: "Rated contests only: nothing was said about work.",
    NONE: "Nothing.",
  }),
});

export const LevelRef = builder.objectRef<Level>("XpLevel").implement({
  description: "A level: level n begins at 50·n·(n−1) XP.",
  access: "public",
  fields: (t) => ({
    number: t.exposeInt("number", { description: "From 1 up." }),
    name: t.exposeString("name", {
      description: "Recruit, Specialist, Expert, Master, Elite, Legend, and then Legend 7 and on.",
    }),
    stars: t.exposeInt("stars", { description: "0 to 5." }),
    from: t.exposeInt("from", { description: "The XP at which it begins." }),
    next: t.exposeInt("next", { description: "The XP at which the next one begins." }),
  }),
});

const SkillRef = builder.objectRef<{ skill: string; total: number }>("XpSkill").implement({
  description: "What a bot gathered by one capability.",
  access: "public",
  fields: (t) => ({
    skill: t.exposeString("skill", { description: "The capability, such as code-review." }),
    total: t.exposeInt("total", { description: "XP of work that asked for it." }),
    level: t.field({ type: LevelRef, description: "The level of that.", resolve: ({ total }) => levelOf(total) }),
  }),
});

const DayRef = builder.objectRef<{ day: string; xp: number; total: number }>("XpDay").implement({
  description: "A day of a time series, ready to draw.",
  access: "public",
  fields: (t) => ({
    day: t.exposeString("day", { description: "The day in UTC, such as 2026-11-27." }),
    xp: t.exposeInt("xp", { description: "XP gained on it." }),
    total: t.exposeInt("total", { description: "XP gained from the series' first day to the end of this one." }),
  }),
});

const ForecastRef = builder.objectRef<Forecast>("LevelForecast").implement({
  description:
    "When the next level comes if it goes on like in the last 30 days: the median of the rates between days a week or more apart (Theil–Sen), and their 10th to 90th percentile.",
  access: "public",
  fields: (t) => ({
    perDay: t.exposeFloat("perDay", { description: "XP a day, by the robust slope." }),
    expected: t.exposeString("expected", { description: "The expected day in UTC, such as 2026-12-24." }),
    earliest: t.exposeString("earliest", { description: "The earliest day of the interval." }),
    latest: t.exposeString("latest", {
      nullable: true,
      description: "The latest day of the interval; null where it may take more than ten years.",
    }),
  }),
});

const ForecastStateEnum = builder.enumType("LevelForecastState", {
  description: "What is said of the next level.",
  values: valuesOf<ShownForecast["state"]>({
    FORETOLD: "levelForecast says when, with an interval.",
    NOT_ENOUGH_DATA: "XP on less than 5 of the last 30 days: too little to tell.",
    BEYOND_TEN_YEARS: "At this pace it takes more than ten years.",
    HIDDEN: "The owner shows no statistics to you.",
  }),
});

const ComplexityCountRef = builder.objectRef<{ complexity: Complexity; count: number }>("XpComplexityCount").implement({
  description: "How much work of a complexity there was.",
  access: "public",
  fields: (t) => ({
    complexity: t.string({
      description: "SIMPLE, MEDIUM, COMPLEX or EXPERT.",
      resolve: ({ complexity }) => complexity,
    }),
    count: t.exposeInt("count", { description: "How many pieces of work." }),
  }),
});

const StatisticsRef = builder.objectRef<Statistics>("BotStatistics").implement({
  description: "What a bot did on some days, from daily sums. Rates are parts of 1; null where nothing was seen.",
  access: "public",
  fields: (t) => ({
    tries: t.exposeInt("tries", { description: "Pieces of work that ended." }),
    successRate: t.exposeFloat("successRate", { nullable: true, description: "Which part of them went well." }),
    wins: t.exposeInt("wins", { description: "Contests won." }),
    draws: t.exposeInt("draws", { description: "Contests drawn." }),
    losses: t.exposeInt("losses", { description: "Contests lost." }),
    quality: t.exposeFloat("quality", { nullable: true, description: "The mean of the given quality scores." }),
    qualityTrend: t.exposeFloat("qualityTrend", {
      nullable: true,
      description: "What the quality gains a day, by a robust slope; null below three days with scores.",
    }),
    p50Ms: t.exposeInt("p50Ms", {
      nullable: true,
      description: "Half of the work took less, in milliseconds; from counts by half octaves.",
    }),
    p95Ms: t.exposeInt("p95Ms", { nullable: true, description: "19 of 20 pieces took less, in milliseconds." }),
    byHour: t.exposeIntList("byHour", { description: "Events by the hour of the day in UTC: 24 counts, from 0:00." }),
    byComplexity: t.field({
      type: [ComplexityCountRef],
      description: "Work by complexity, the simplest first.",
      resolve: ({ byComplexity }) =>
        COMPLEXITIES.map((complexity) => ({ complexity, count: byComplexity[complexity] })),
    }),
  }),
});

const ProgressRef = builder.objectRef<{ value: number; target: number }>("AchievementProgress").implement({
  description: "How far a person is with one condition.",
  access: "public",
  fields: (t) => ({
    value: t.exposeInt("value", { description: "What is there, at most the target." }),
    target: t.exposeInt("target", { description: "What is needed." }),
  }),
});

const AchievementRef = builder.objectRef<Reached>("Achievement").implement({
  description: "Something that a person unlocks once, by what all the own bots did.",
  access: "public",
  fields: (t) => ({
    key: t.string({
      description: "Its stable name, such as FIRST_STEPS.",
      resolve: ({ achievement }) => achievement.key,
    }),
    name: t.string({ description: "What people call it.", resolve: ({ achievement }) => achievement.name }),
    description: t.string({
      description: "What is to be done for it.",
      resolve: ({ achievement }) => achievement.description,
    }),
    requires: t.string({
      nullable: true,
      description: "The key of the achievement that comes before it in its chain; null where none does.",
      resolve: ({ achievement }) => achievement.requires,
    }),
    ladder: t.field({
      type: LadderEnum,
      nullable: true,
      description: "The ladder whose chain it is in; null for what work brings.",
      resolve: ({ achievement }) => achievement.ladder,
    }),
    unlockedAt: t.field({
      type: "DateTime",
      nullable: true,
      description:
        "When it was unlocked; null while it is not. To strangers, when what counts publicly was enough for it.",
      resolve: ({ at }) => at,
    }),
    progress: t.field({
      type: [ProgressRef],
      description:
        "How far the person is, by condition; at most 2. To strangers by what counts publicly alone, and without the conditions that tell of levels or of work where the person does not show these to you.",
      resolve: ({ progress }) => progress,
    }),
  }),
});

const SKILLS_MAX = 32;
const daysAsked = (back: number): number => {
  if (back >= 1 && back <= DAYS_MAX) return back;
  throw badInput(["back"], `Ask for 1 to ${DAYS_MAX} days.`);
};
const backArgument = (t: { arg: { int(options: object): never } }) => ({
  back: t.arg.int({
    required: false,
    defaultValue: 30,
    description: `How many days back from today, 1 to ${DAYS_MAX}; 30 when absent.`,
  }),
});

const firstArgument = (t: { arg: { int(options: object): never } }, most: number) => ({
  first: t.arg.int({ required: false, description: `How many at most; ${most} when absent.` }),
});

const ofBots = ({ loaders, platform }: Context, id: string, last: number) =>
  batched(loaders, `XP days of bots ${last}`, id, (ids) => botDays(platform, ids, last));
const ofUsers = ({ loaders, platform }: Context, id: string, last: number) =>
  batched(loaders, `XP days of users ${last}`, id, (ids) => userDays(platform, ids, last));

/** Totals of different views do not mix: the view is part of the key. */
const foretold = ({ loaders, platform }: Context, experience: Experience) =>
  batched(loaders, "level forecasts", JSON.stringify(experience), (keys) =>
    forecasts(
      platform,
      keys.map((each) => JSON.parse(each) as Experience),
    ),
  );

export const ExperienceRef = builder.objectRef<Experience>("Experience").implement({
  description:
    "The XP of a bot or a person: what the platform saw, and on private and team pages what trusted callers reported.",
  access: "public",
  fields: (t) => ({
    shown: t.field({
      type: ViewEnum,
      description: "How much of it the viewer sees here.",
      resolve: ({ profile }) => profile,
    }),
    total: t.exposeInt("total", { description: "XP." }),
    level: t.field({ type: LevelRef, description: "The level of that.", resolve: ({ total }) => levelOf(total) }),
    days: t.field({
      type: [DayRef],
      cost: 30,
      description: "XP by day, oldest first, only days on which something was seen.",
      args: backArgument(t as never),
      resolve: async ({ of, id, stats }, { back }, context) => {
        if (stats === "NONE") return [];
        const asked = daysAsked(back ?? 30);
        const days = of === "BOT" ? await ofBots(context, id, asked) : await ofUsers(context, id, asked);
        let total = 0;
        return shownDays(days, stats).map(({ day, xp }) => ({ day, xp, total: (total += xp) }));
      },
    }),
    statistics: t.field({
      type: StatisticsRef,
      nullable: true,
      cost: 30,
      description:
        "What a bot did, as far as its owner shows it to you: to strangers at most rated contests, and tasks that others asked for. Null for a person, and where its owner shows nothing of its work.",
      args: backArgument(t as never),
      resolve: ({ of, id, stats }, { back }, { loaders, platform }) => {
        if (of !== "BOT" || stats === "NONE" || stats === "CONTESTS") return null;
        const asked = daysAsked(back ?? 30);
        return batched(loaders, `statistics of bots ${asked} ${stats}`, id, (ids) =>
          botStatistics(platform, ids, asked, stats),
        );
      },
    }),
    levelForecast: t.field({
      type: ForecastRef,
      nullable: true,
      cost: 30,
      description: "When the next level comes; null where nothing is foretold, and then levelForecastState says why.",
      resolve: async (experience, _args, context) => (await foretold(context, experience)).forecast,
    }),
    levelForecastState: t.field({
      type: ForecastStateEnum,
      cost: 30,
      description: "Whether levelForecast foretells something, or why not.",
      resolve: async (experience, _args, context) => (await foretold(context, experience)).state,
    }),
    cursor: t.field({
      type: "Cursor",
      nullable: true,
      description:
        "Where its stream of XP stands: query it with what you show, then follow xpEvents behind it. Null for all but its owner, whose stream alone it is.",
      resolve: ({ of, id, own }, _args, { loaders, platform }) =>
        own
          ? batched(loaders, "heads of XP", of === "BOT" ? botXpStream(id) : userXpStream(id), async (streams) => {
              const heads = await readHeads(platform.db, streams);
              return streams.map((stream) => cursorOf(platform, stream, heads.get(stream) ?? 0));
            })
          : null,
    }),
  }),
});

builder.objectField(ExperienceRef, "skills", (t) =>
  t.field({
    type: [SkillRef],
    cost: 10,
    description: "What a bot gathered by capability, most first, at most 32; none for a person.",
    args: firstArgument(t as never, SKILLS_MAX),
    resolve: async ({ of, id, profile }, { first }, { loaders, platform }) => {
      if (of !== "BOT" || profile === "CONTESTS") return [];
      const skills = await batched(loaders, "XP skills", id, (ids) => skillsOf(platform, ids));
      return skills
        .map(({ skill, xp, publicXp }) => ({ skill, total: shownXp({ xp, publicXp, contestXp: 0 }, profile) }))
        .filter(({ total }) => total > 0)
        .slice(0, first ?? SKILLS_MAX);
    },
  }),
);

builder.prismaObjectField(BotNode, "xp", (t) =>
  t.field({
    type: ExperienceRef,
    nullable: true,
    volatile: true,
    description: "Its XP, level, skills and statistics, as far as its owner shows them to you; null where hidden.",
    select: { id: true },
    resolve: ({ id }, _args, { loaders, platform, viewer }) =>
      batched(loaders, "XP of bots", id, (ids) => botExperiences(platform, readerId(viewer), ids)),
  }),
);
builder.prismaObjectFields(UserNode, (t) => ({
  xp: t.field({
    type: ExperienceRef,
    nullable: true,
    volatile: true,
    description: "The XP of all the person's bots, as far as the person shows it to you; null where hidden.",
    select: { id: true },
    resolve: ({ id }, _args, { loaders, platform, viewer }) =>
      batched(loaders, "XP of users", id, (ids) => userExperiences(platform, readerId(viewer), ids)),
  }),
  achievements: t.field({
    type: [AchievementRef],
    volatile: true,
    cost: 30,
    description:
      "Every achievement with the person's progress, as far as it is shown to you: by default those of ladders, to teams all. Strangers see what counts publicly alone.",
    args: firstArgument(t as never, ACHIEVEMENTS.length),
    select: { id: true },
    resolve: async ({ id }, { first }, { loaders, platform, viewer }) => {
      const reached = await batched(loaders, "achievements", id, (ids) =>
        achievementsOf(platform, readerId(viewer), ids),
      );
      return reached.slice(0, first ?? ACHIEVEMENTS.length);
    },
  }),
}));

/** A person, read together with those that siblings of a list ask for. */
export async function userOf(context: Context, query: object, id: string) {
  const { prisma } = context.platform;
  const user = await loadRow(context, "user", query, id, (ids) =>
    prisma.user.findMany({ ...query, where: { id: { in: ids } } }),
  );
  if (!user) throw new Error(`user ${id} is gone`);
  return user;
}
