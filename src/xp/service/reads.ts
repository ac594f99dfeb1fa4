import type { Platform } from "../../platform/platform.ts";
import {
  cutPage,
  INT_HIGHEST,
  INT_LOWEST,
  readSize,
  UUID_HIGHEST,
  UUID_LOWEST,
  type Page,
  type PageOf,
} from "../../platform/keyset.ts";
import { requestOf, transactOnce, type Keyed, type Reuse } from "../../platform/idempotency.ts";
import type { Outcome } from "../../platform/refusal.ts";
import { isSignedIn, type SignedIn, type Viewer, NOBODY } from "../../platform/viewer.ts";
import { XP_BOARD_TOPIC } from "../events.ts";
import { ACHIEVEMENTS, progressOf, type Achievement, type Counters } from "../rules/achievements.ts";
import type { Totals } from "../rules/award.ts";
import { levelNumber } from "../rules/levels.ts";
import {
  shownLike,
  shownXp,
  viewOf,
  type Aspect,
  type Privacy,
  type Relation,
  type View,
  type Visibility,
} from "../rules/privacy.ts";
import { summarise, type Statistics } from "../rules/statistics.ts";
import { tellingOnly } from "../rules/telling.ts";
import * as store from "../store/reads.ts";

/** A bot's or a person's XP as a viewer may see it. */
export type Experience = {
  of: "BOT" | "USER";
  id: string;
  /** What the viewer sees of totals, and of statistics. */
  profile: View;
  stats: View;
  total: number;
  /** Whether it is the viewer's own. */
  own: boolean;
};

/** Whom a reader stands for; nobody when signed out. */
export const readerId = (viewer: Viewer): string => (isSignedIn(viewer) ? viewer.userId : NOBODY);

type Owned = { id: string; owner_id: string; in_team: boolean } & Record<Aspect, string | null>;
const relationTo = ({ owner_id, in_team }: Owned, reader: string): Relation =>
  owner_id === reader ? "SELF" : in_team ? "TEAM" : "STRANGER";
const seen = (row: Owned, aspect: Aspect, reader: string): View =>
  viewOf(row[aspect] as Visibility | null, relationTo(row, reader));

function experienceOf(
  of: Experience["of"],
  row: Owned & { xp: number; public_xp: number; contest_xp: number },
  reader: string,
): Experience | null {
  const profile = seen(row, "profile", reader);
  if (profile === "NONE") return null;
  const totals: Totals = { xp: row.xp, publicXp: row.public_xp, contestXp: row.contest_xp };
  const own = row.owner_id === reader;
  return { of, id: row.id, profile, stats: seen(row, "stats", reader), total: shownXp(totals, profile), own };
}

/** The XP of many bots in one statement; null for those whose owner hides it from this reader. */
export async function botExperiences(
  { db }: Platform,
  reader: string,
  ids: readonly string[],
): Promise<(Experience | null)[]> {
  const rows = new Map((await db.query(store.botTotals, [ids, reader])).map((row) => [row.id, row]));
  return ids.map((id) => {
    const row = rows.get(id);
    return row ? experienceOf("BOT", row, reader) : null;
  });
}

/** The same of people. */
export async function userExperiences(
  { db }: Platform,
  reader: string,
  ids: readonly string[],
): Promise<(Experience | null)[]> {
  const rows = new Map((await db.query(store.userTotals, [ids, reader])).map((row) => [row.id, row]));
  return ids.map((id) => {
    const row = rows.get(id);
    return row ? experienceOf("USER", row, reader) : null;
  });
}

export type Skill = { skill: string; xp: number; publicXp: number };

/** The skills of many bots, most XP first, 32 at most each. */
export async function skillsOf({ db }: Platform, botIds: readonly string[]): Promise<Skill[][]> {
  const rows = Map.groupBy(await db.query(store.skillsOf, [botIds]), ({ bot_id }) => bot_id);
  return botIds.map((id) =>
    (rows.get(id) ?? [])
      .map(({ skill, xp, public_xp: publicXp }) => ({ skill, xp, publicXp }))
      .toSorted((a, b) => b.xp - a.xp || (a.skill < b.skill ? -1 : 1)),
  );
}

export const DAYS_MAX = 366;
const DAY_MS = 86_400_000;
const daysAgo = ({ clock }: Platform, days: number) =>
  new Date(clock.now().getTime() - days * DAY_MS).toISOString().slice(0, 10);

export type XpDay = { day: string } & Totals;

/** What the newest days of many bots gave, oldest first; only days on which something was seen. */
export async function botDays(platform: Platform, botIds: readonly string[], last: number): Promise<XpDay[][]> {
  const rows = await platform.db.query(store.gainsOfBots, [botIds, daysAgo(platform, last - 1)]);
  const byBot = Map.groupBy(rows, ({ bot_id }) => bot_id);
  return botIds.map((id) => (byBot.get(id) ?? []).map(gainsOf));
}

const gainsOf = (row: { day: string; xp: number; public_xp: number; contest_xp: number }): XpDay => ({
  day: row.day,
  xp: row.xp,
  publicXp: row.public_xp,
  contestXp: row.contest_xp,
});

/** What many bots did on their newest days, all of it or what strangers may see, in two statements. */
export async function botStatistics(
  platform: Platform,
  botIds: readonly string[],
  last: number,
  view: keyof typeof store.STATISTICS,
): Promise<Statistics[]> {
  const since = daysAgo(platform, last - 1);
  const [days, counts] = await Promise.all([
    platform.db.query(store.STATISTICS[view].days, [botIds, since]),
    platform.db.query(store.STATISTICS[view].counts, [botIds, since]),
  ]);
  const daysOf = Map.groupBy(days, ({ bot_id }) => bot_id);
  const byBot = new Map(counts.map((row) => [row.bot_id, row]));
  const nothing = { hours: [], complexities: [], durations: [] };
  return botIds.map((id) => {
    const own = (daysOf.get(id) ?? []).map(({ quality_sum: qualitySum, quality_count: qualityCount, ...row }) => ({
      ...row,
      qualitySum,
      qualityCount,
    }));
    return summarise(own, byBot.get(id) ?? nothing);
  });
}

/** The newest days of many people on which their bots gained XP, oldest first. */
export async function userDays(platform: Platform, userIds: readonly string[], last: number): Promise<XpDay[][]> {
  const rows = await platform.db.query(store.daysOfUsers, [userIds, daysAgo(platform, last - 1)]);
  const byUser = Map.groupBy(rows, ({ user_id }) => user_id);
  return userIds.map((id) => (byUser.get(id) ?? []).map(gainsOf));
}

/** An achievement as somebody has it, or is on the way to it. */
export type Reached = { achievement: Achievement; at: Date | null; progress: { value: number; target: number }[] };

/**
 * The achievements of many people as a reader may see them: those of ladders are contests', the others are work's. To strangers
 * they are what they are by that alone which counts publicly, and progress tells nothing of aspects that are hidden.
 */
export async function achievementsOf(
  { db }: Platform,
  reader: string,
  userIds: readonly string[],
): Promise<Reached[][]> {
  const [people, unlocked] = await Promise.all([
    db.query(store.userTotals, [userIds, reader]),
    db.query(store.unlockedOf, [userIds]),
  ]);
  const keys = Map.groupBy(unlocked, ({ user_id }) => user_id);
  return userIds.map((id) => {
    const row = people.find((each) => each.id === id);
    const view = row ? seen(row, "achievements", reader) : "NONE";
    if (!row || view === "NONE") return [];
    const all = view === "ALL";
    const have = new Map<string, Date>();
    for (const { key, at, public_at: publicAt } of keys.get(id) ?? []) {
      const seenAt = all ? at : publicAt;
      if (seenAt) have.set(key, seenAt);
    }
    const standing = {
      counters: (all ? row.counters : row.public_counters) as Counters,
      level: levelNumber(all ? row.xp : row.public_xp),
      unlocked: new Set(have.keys()),
    };
    const shown = shownLike(row as unknown as Privacy, relationTo(row, reader));
    return ACHIEVEMENTS.filter(({ ladder }) => view !== "CONTESTS" || ladder !== null).map((achievement) => ({
      achievement,
      at: have.get(achievement.key) ?? null,
      progress: progressOf(standing, tellingOnly(shown, achievement)),
    }));
  });
}

/** What a person shows. */
export async function privacyOf({ db }: Platform, userId: string): Promise<Privacy> {
  const [row] = await db.query(store.privacyOf, [userId]);
  const setting = (value: string | null | undefined) => (value ?? null) as Visibility | null;
  return {
    profile: setting(row?.profile),
    stats: setting(row?.stats),
    achievements: setting(row?.achievements),
  };
}

/** Says what others may see of the viewer's XP; boards follow in the same transaction. */
export function setPrivacy(
  platform: Platform,
  viewer: SignedIn,
  input: Privacy & Keyed,
): Promise<Outcome<{ userId: string }, Reuse>> {
  const { userId } = viewer;
  const request = requestOf(platform, viewer, "setXpPrivacy", input);
  return transactOnce<{ userId: string }, never>(platform.db, request, async (tx) => {
    await Promise.all([
      tx.query(store.lockBotsOf, [userId]),
      tx.query(store.setPrivacyRow, [userId, input.profile, input.stats, input.achievements]),
      tx.query(store.setPrivacyOfBots, [userId, input.profile]),
    ]);
    tx.afterCommit(() => platform.hub.touch(XP_BOARD_TOPIC));
    return { ok: true, userId };
  });
}

/** Where a row stands on a public board. */
export type BoardKey = { xp: number; id: string };
const BOARDS = {
  BOTS: { forward: store.botBoard, backward: store.botBoardBackward },
  USERS: { forward: store.userBoard, backward: store.userBoardBackward },
} as const;

/** A page of a public board, the most XP that counts first. */
export async function boardPage(
  { db }: Platform,
  of: keyof typeof BOARDS,
  page: Page<BoardKey>,
): Promise<PageOf<BoardKey>> {
  const after = page.after ?? { xp: INT_HIGHEST, id: UUID_HIGHEST };
  const before = page.before ?? { xp: INT_LOWEST, id: UUID_LOWEST };
  const [from, to] = page.backward ? [before, after] : [after, before];
  const values = [from.xp, from.id, to.xp, to.id, readSize(page)];
  const rows = await db.query(page.backward ? BOARDS[of].backward : BOARDS[of].forward, values);
  const keys = rows.map(({ id, board_xp: xp }) => ({ xp, id }));
  return cutPage(page.backward ? keys.toReversed() : keys, page);
}
