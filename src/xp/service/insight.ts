import type { Platform } from "../../platform/platform.ts";
import { forecast, FORECAST_DAYS, type Foretold } from "../rules/forecast.ts";
import { levelOf } from "../rules/levels.ts";
import { shownXp, type View } from "../rules/privacy.ts";
import { phrasesOf, recommend, type Candidate, type Known, type Recommendation } from "../rules/recommend.ts";
import { insightsOf, type Insights, type ProjectBot, type TeamBot } from "../rules/team.ts";
import * as store from "../store/reads.ts";
import { botDays, userDays, type Experience } from "./reads.ts";

/** What is foretold to a viewer; nothing where the owner hides it. */
export type ShownForecast = Foretold | { state: "HIDDEN"; forecast: null };

/** When many reach their next level if they go on like this. */
export async function forecasts(platform: Platform, experiences: readonly Experience[]): Promise<ShownForecast[]> {
  const today = platform.clock.now().toISOString().slice(0, 10);
  const idsOf = (of: Experience["of"]) => experiences.filter((each) => each.of === of).map(({ id }) => id);
  const [botIds, userIds] = [idsOf("BOT"), idsOf("USER")];
  const [bots, users] = await Promise.all([
    botIds.length > 0 ? botDays(platform, botIds, FORECAST_DAYS) : [],
    userIds.length > 0 ? userDays(platform, userIds, FORECAST_DAYS) : [],
  ]);
  const days = new Map([
    ...botIds.map((id, index) => [`BOT ${id}`, bots[index] ?? []] as const),
    ...userIds.map((id, index) => [`USER ${id}`, users[index] ?? []] as const),
  ]);
  return experiences.map(({ of, id, total, stats }): ShownForecast => {
    const gained = (days.get(`${of} ${id}`) ?? []).map((day) => [day.day, shownXp(day, stats)] as const);
    if (stats === "NONE") return { state: "HIDDEN", forecast: null };
    return forecast(new Map(gained), { today, missing: levelOf(total).next - total });
  });
}

/** The statistics' days that a view shows: strangers see of work what its owner shows. */
export function shownDays<Row extends { xp: number; publicXp: number; contestXp: number }>(
  days: readonly Row[],
  view: View,
): Row[] {
  return days.map((day) => ({ ...day, xp: shownXp(day, view) }));
}

export type Wanted = { capabilities: readonly string[]; taskDescription: string | null; limit: number };

/** Bots for a piece of work, out of those that the viewer may give it to and whose record the viewer may see. */
export async function recommendedBots(
  { db, clock, settings }: Platform,
  userId: string,
  { capabilities, taskDescription, limit }: Wanted,
): Promise<{ skills: string[]; bots: Recommendation[] }> {
  const named = taskDescription === null ? [] : await db.query(store.knownSkills, [phrasesOf(taskDescription)]);
  const skills = [...new Set([...capabilities, ...named.map(({ skill }) => skill)])].slice(0, 8);
  if (skills.length === 0) return { skills, bots: [] };
  const onlineSince = new Date(clock.now().getTime() - settings.presenceMs);
  const [means, rows] = await Promise.all([
    db.query(store.skillMeans, [skills]),
    db.query(store.candidates, [skills, userId, onlineSince]),
  ]);
  const usual = new Map(means.map((row) => [row.skill, knownOf(row)]));
  const candidates = [...Map.groupBy(rows, ({ bot_id }) => bot_id)].map(([botId, own]): Candidate => {
    const proved = own.flatMap((row) => (row.skill === null ? [] : [[row.skill, knownOf(row)] as const]));
    const { capabilities: claimed = [], online = false, holds = 0 } = own[0] ?? {};
    return { botId, capabilities: claimed, online, holds, proved: new Map(proved) };
  });
  return { skills, bots: recommend(skills, candidates, usual).slice(0, limit) };
}

type KnownRow = {
  tries: number;
  successes: number;
  quality_sum: number;
  quality_count: number;
  duration_sum: number;
  duration_count: number;
};
const knownOf = (row: KnownRow): Known => ({
  tries: row.tries,
  successes: row.successes,
  qualitySum: row.quality_sum,
  qualityCount: row.quality_count,
  durationSum: row.duration_sum,
  durationCount: row.duration_count,
});

const DAY_MS = 86_400_000;
const daysBefore = ({ clock }: Platform, days: number) =>
  new Date(clock.now().getTime() - days * DAY_MS).toISOString().slice(0, 10);

/** The bots of many teams of the reader's with what they gained lately; none of a team that the reader is not in. */
export async function teamBots(platform: Platform, teamIds: readonly string[], reader: string): Promise<TeamBot[][]> {
  const since = [daysBefore(platform, 7), daysBefore(platform, 30)];
  const rows = await platform.db.query(store.teamBots, [teamIds, reader, ...since]);
  const byTeam = Map.groupBy(rows, ({ team_id }) => team_id);
  return teamIds.map((id) =>
    (byTeam.get(id) ?? []).map(({ team_id: _team, bot_id: botId, owner_id: ownerId, ...row }) => ({
      botId,
      ownerId,
      ...row,
    })),
  );
}

/** What bots earned by the tasks of many projects of the reader's teams; none of a project of another team. */
export async function projectBots(
  platform: Platform,
  projectIds: readonly string[],
  reader: string,
): Promise<ProjectBot[][]> {
  const since = [daysBefore(platform, 7), daysBefore(platform, 30)];
  const rows = await platform.db.query(store.projectBots, [projectIds, reader, ...since]);
  const byProject = Map.groupBy(rows, ({ project_id }) => project_id);
  return projectIds.map((id) =>
    (byProject.get(id) ?? []).map(({ project_id: _project, bot_id: botId, owner_id: ownerId, ...row }) => ({
      botId,
      ownerId,
      ...row,
    })),
  );
}

/** What many teams can learn about themselves, in three statements; empty for who is not in them. */
export async function teamInsights(
  platform: Platform,
  teamIds: readonly string[],
  reader: string,
): Promise<Insights[]> {
  const [bots, uses, demand] = await Promise.all([
    platform.db.query(store.teamCapabilities, [teamIds, reader]),
    platform.db.query(store.teamUses, [teamIds, reader]),
    platform.db.query(store.teamDemand, [teamIds, reader]),
  ]);
  const used = Map.groupBy(uses, ({ team_id }) => team_id);
  const asked = Map.groupBy(demand, ({ team_id }) => team_id);
  const able = Map.groupBy(bots, ({ team_id }) => team_id);
  return teamIds.map((id) => {
    const brought = (able.get(id) ?? []).map(({ bot_id: botId, owner_id: ownerId, capabilities }) => ({
      botId,
      ownerId,
      capabilities,
    }));
    const own = (used.get(id) ?? []).map(({ user_id: userId, bot_id: botId, uses: times, successes }) => ({
      userId,
      botId,
      uses: times,
      successes,
    }));
    const wanted = (asked.get(id) ?? []).map(({ capability, tasks, open }) => ({ capability, tasks, open }));
    return insightsOf(brought, own, wanted);
  });
}
