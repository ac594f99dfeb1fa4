import {
  INT_HIGHEST,
  INT_LOWEST,
  UUID_HIGHEST,
  UUID_LOWEST,
  cutPage,
  readSize,
  type Page,
  type PageOf,
} from "../../platform/keyset.ts";
import type { Platform } from "../../platform/platform.ts";
import type { Row } from "../../platform/statement.ts";
import { INACTIVE_AFTER_MS, seasonOf, seasonsWith, SEASONS_MAX } from "../rules/board.ts";
import { PROVISIONAL_GAMES, PROVISIONAL_SIGMA } from "../rules/rating.ts";
import * as store from "../store/board.ts";

/** A standing whose place is asked for. */
export type Placed = { ladder: string; elo: number; botId: string };
/** Where a row stands on a board. */
export type BoardKey = { elo: number; botId: string };
/** A row of a board: which rating it is. */
export type BoardRow = Row<typeof store.boardForward>;
/** Where a row stands on a season's board; its rank is known from the rows before it, never counted. */
export type SeasonKey = { eloGained: number; botId: string; rank: number };
/** A row of a season's board. */
export type SeasonRow = { botId: string; eloGained: number; games: number; rank: number };

const NEWCOMERS_MAX = 50;
const RETIRED_AT_ONCE = 1_000;

const by = <R extends { ladder: string }>(rows: readonly R[], ladders: readonly string[]): R[][] => {
  const grouped = Map.groupBy(rows, ({ ladder }) => ladder);
  return ladders.map((ladder) => grouped.get(ladder) ?? []);
};

/** Places on a board, 1 is best: by the histogram above an Elo and the place among equals, never by counting. */
export async function ranksOf({ db }: Platform, asked: readonly Placed[]): Promise<number[]> {
  const column = <K extends keyof Placed>(key: K) => asked.map((each) => each[key]);
  const rows = await db.query(store.standings, [column("ladder"), column("elo"), column("botId")]);
  return rows.map(({ rank }) => rank);
}

/** One page of each of these boards, best first; with `search` only those whose name begins so, whatever the case. */
export async function boardPages(
  { db }: Platform,
  ladders: readonly string[],
  page: Page<BoardKey>,
  search: string | null,
): Promise<PageOf<BoardRow>[]> {
  const { elo: fromElo, botId: fromBot } = page.after ?? { elo: INT_HIGHEST, botId: UUID_LOWEST };
  const { elo: toElo, botId: toBot } = page.before ?? { elo: INT_LOWEST, botId: UUID_HIGHEST };
  const values = [ladders, fromElo, fromBot, toElo, toBot, readSize(page)];
  const board = page.backward ? store.boardBackward : store.boardForward;
  const found = page.backward ? store.searchBackward : store.searchForward;
  const rows = await (search === null ? db.query(board, values) : db.query(found, [...values, search.toLowerCase()]));
  return by(rows, ladders).map((read) => cutPage(read, page));
}

/** A bot's row on each of these boards with up to `each` rows above and below it; empty where it is on none. */
export async function around(
  { db }: Platform,
  ladders: readonly string[],
  botId: string,
  each: number,
): Promise<BoardRow[][]> {
  return by(await db.query(store.aroundBot, [ladders, botId, each]), ladders);
}

/** The best of each ladder that are provisional still. */
export async function newcomers({ db }: Platform, ladders: readonly string[]): Promise<BoardRow[][]> {
  return by(await db.query(store.newcomersOf, [ladders, NEWCOMERS_MAX]), ladders);
}

/** One page of each of these ladders' boards of a season, who gained most first. */
export async function seasonPages(
  { db }: Platform,
  ladders: readonly string[],
  season: string,
  page: Page<SeasonKey>,
): Promise<PageOf<SeasonRow>[]> {
  const { eloGained: fromElo, botId: fromBot } = page.after ?? { eloGained: INT_HIGHEST, botId: UUID_LOWEST };
  const { eloGained: toElo, botId: toBot } = page.before ?? { eloGained: INT_LOWEST, botId: UUID_HIGHEST };
  const values = [
    ladders,
    season,
    fromElo,
    fromBot,
    toElo,
    toBot,
    readSize(page),
    PROVISIONAL_GAMES,
    PROVISIONAL_SIGMA,
  ];
  const rows = await db.query(page.backward ? store.seasonBackward : store.seasonForward, values);
  return by(rows, ladders).map((read) => {
    const cut = cutPage(read, page);
    const first = page.backward ? (page.before?.rank ?? 1) - cut.rows.length : (page.after?.rank ?? 0) + 1;
    return { ...cut, rows: cut.rows.map((row, index) => seasonRow(row, first + index)) };
  });
}

const seasonRow = (row: Row<typeof store.seasonForward>, rank: number): SeasonRow => ({
  botId: row.bot_id,
  eloGained: row.elo_gained,
  games: row.games,
  rank,
});

/** The seasons of each of these ladders, newest first. */
export async function seasonsOf({ db, clock }: Platform, ladders: readonly string[]): Promise<string[][]> {
  const rows = await db.query(store.seasonsPlayed, [ladders, SEASONS_MAX]);
  const current = seasonOf(clock.now());
  return by(rows, ladders).map((played) =>
    seasonsWith(
      played.map(({ season }) => season),
      current,
    ),
  );
}

/** Elo after each of the newest movements of many ratings, oldest first. */
export async function recentOf(
  { db }: Platform,
  asked: readonly Pick<Placed, "ladder" | "botId">[],
  last: number,
): Promise<number[][]> {
  const ladders = asked.map(({ ladder }) => ladder);
  const botIds = asked.map(({ botId }) => botId);
  const rows = await db.query(store.recentElo, [ladders, botIds, last]);
  const grouped = Map.groupBy(rows, ({ place }) => place);
  return asked.map((_each, index) => (grouped.get(index + 1) ?? []).map(({ elo_after }) => elo_after).toReversed());
}

/**
 * Takes off the boards who has played no rated contest for 30 days, and what was archived. They keep their rating, and who
 * plays rated again returns. Gives how many left.
 */
export async function retireInactive({ db, clock, hub }: Platform): Promise<number> {
  const since = new Date(clock.now().getTime() - INACTIVE_AFTER_MS);
  let left = 0;
  for (;;) {
    // In parts, so that contests that end meanwhile wait for none of it for long.
    const gone = await db.query(store.retire, [since, RETIRED_AT_ONCE]);
    for (const moved of new Set(gone.map(({ ladder }) => ladder))) hub.touch(`ladder:${moved}`);
    left += gone.length;
    if (gone.length === 0) return left;
  }
}
