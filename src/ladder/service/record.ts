import { cutPage, readSize, UUID_HIGHEST, UUID_LOWEST, type Page, type PageOf } from "../../platform/keyset.ts";
import type { Platform } from "../../platform/platform.ts";
import type { Row } from "../../platform/statement.ts";
import * as store from "../store/record.ts";

/** Which contests are asked for: of these ladders, and of one status when it is said. */
export type ContestFilter = { ladders: readonly string[]; status: string | null };

const betweenOf = (page: Page<string>) => [page.after ?? UUID_HIGHEST, page.before ?? UUID_LOWEST, readSize(page)];

/** A page of contest ids, newest first. */
export async function contestPage(
  { db }: Platform,
  { ladders, status }: ContestFilter,
  page: Page<string>,
): Promise<PageOf<string>> {
  const values = [ladders, ...betweenOf(page)];
  const all = page.backward ? store.contestsBackward : store.contestsForward;
  const some = page.backward ? store.contestsByStatusBackward : store.contestsByStatusForward;
  const rows = await (status === null ? db.query(all, values) : db.query(some, [...values, status]));
  const ids = rows.map(({ id }) => id);
  return cutPage(page.backward ? ids.toReversed() : ids, page);
}

/** One page of contest ids for each of many bots, newest first. */
export async function contestPagesOf(
  { db }: Platform,
  botIds: readonly string[],
  { ladders, status }: ContestFilter,
  page: Page<string>,
): Promise<PageOf<string>[]> {
  const statement = page.backward ? store.botContestsBackward : store.botContestsForward;
  const rows = await db.query(statement, [ladders, ...betweenOf(page), botIds, status]);
  const grouped = Map.groupBy(rows, ({ bot_id }) => bot_id);
  return botIds.map((botId) =>
    cutPage(
      (grouped.get(botId) ?? []).map(({ id }) => id),
      page,
    ),
  );
}

/** Whom contests are asked for: a bot by its id or by its name. */
export type BotAsked = { id: string } | { name: string };

const NONE: PageOf<string> = { rows: [], hasPrevious: false, hasNext: false };

/** A page of contest ids, newest first, of one bot where one is asked for; none for a bot that does not exist. */
export async function contestPageFor(
  platform: Platform,
  { bot, ...filter }: ContestFilter & { bot: BotAsked | null },
  page: Page<string>,
): Promise<PageOf<string>> {
  if (!bot) return contestPage(platform, filter, page);
  const botId = "id" in bot ? bot.id : await botIdOf(platform, bot.name);
  return botId === null ? NONE : ((await contestPagesOf(platform, [botId], filter, page))[0] ?? NONE);
}

/** The id of the bot of a name, whatever the case; null when there is none. */
async function botIdOf({ db }: Platform, name: string): Promise<string | null> {
  return (await db.query(store.botNamed, [name]))[0]?.id ?? null;
}

/** What came of the completed meetings of two bots, practice left out, from the first one's side. */
export type HeadToHead = Omit<Row<typeof store.meetings>, "bot_id">;

/** The record of each of many bots against one; null against itself and against nobody. */
export async function headToHead(
  { db }: Platform,
  botIds: readonly string[],
  opponentId: string,
): Promise<(HeadToHead | null)[]> {
  const rows = new Map((await db.query(store.meetings, [botIds, opponentId])).map((row) => [row.bot_id, row]));
  return botIds.map((botId) => rows.get(botId) ?? null);
}

/** Totals of the arena. */
export type ArenaTotals = Row<typeof store.arenaTotals>;

/** The arena's totals in one statement. */
export async function arenaTotals({ db }: Platform): Promise<ArenaTotals> {
  const [totals] = await db.query(store.arenaTotals, []);
  if (!totals) throw new Error("the arena has no totals");
  return totals;
}
