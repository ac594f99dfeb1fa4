import { cutPage, INT_HIGHEST, INT_LOWEST, readSize, type Page, type PageOf } from "../../platform/keyset.ts";
import type { Platform } from "../../platform/platform.ts";
import type { Row } from "../../platform/statement.ts";
import { NO_AWARDS, totalOf, type Awards, type WeaponAim } from "../rules/aim.ts";
import { tallyOf, type WeaponTally } from "../rules/tally.ts";
import { killsBackward, killsForward, killsOfMany } from "../store.ts";
import { aimsOf, awardsOf, statsOf } from "../store/results.ts";

/** A death in a match. */
export type Kill = Omit<Row<typeof killsForward>, "match_id">;

/** A page of deaths for each of many matches, oldest first. */
export async function killPages(
  { db }: Platform,
  matchIds: readonly string[],
  page: Page<number>,
): Promise<PageOf<Kill>[]> {
  const statement = page.backward ? killsBackward : killsForward;
  const between = [page.after ?? INT_LOWEST, page.before ?? INT_HIGHEST];
  const rows = Map.groupBy(await db.query(statement, [matchIds, ...between, readSize(page)]), (row) => row.match_id);
  return matchIds.map((id) => cutPage(rows.get(id) ?? [], page));
}

type Counted = Omit<WeaponTally, "botId">;
const inOrder = (tallies: readonly Counted[]) => tallies.toSorted((a, b) => a.means - b.means);

/** What each of many players did and suffered in a match, by means; keys are match and bot with a blank between. */
export async function weaponsOf({ db }: Platform, keys: readonly string[]): Promise<Counted[][]> {
  const matchIds = [...new Set(keys.map((key) => key.split(" ")[0] ?? ""))];
  const kills = Map.groupBy(await db.query(killsOfMany, [matchIds]), ({ match_id }) => match_id);
  const tallies = new Map(matchIds.map((id) => [id, tallyOf(kills.get(id) ?? [])]));
  return keys.map((key) => {
    const [matchId = "", botId] = key.split(" ");
    return inOrder((tallies.get(matchId) ?? []).filter((tally) => tally.botId === botId));
  });
}

/** A bot's kills, deaths, shots and awards over its completed matches. */
export type QuakeRecord = {
  kills: number;
  deaths: number;
  suicides: number;
  shots: number;
  hits: number;
  weapons: Counted[];
  aim: readonly WeaponAim[];
  awards: Awards;
};

/** The records of many bots. */
export async function recordsOf({ db }: Platform, botIds: readonly string[]): Promise<QuakeRecord[]> {
  const [stats, shot, awarded] = await Promise.all([
    db.query(statsOf, [botIds]),
    db.query(aimsOf, [botIds]),
    db.query(awardsOf, [botIds]),
  ]);
  const rows = Map.groupBy(stats, ({ bot_id }) => bot_id);
  const aims = Map.groupBy(shot, ({ bot_id }) => bot_id);
  const awards = new Map(awarded.map((row) => [row.bot_id, row]));
  return botIds.map((botId) => {
    const weapons = inOrder(rows.get(botId) ?? []);
    const sum = (name: "kills" | "deaths" | "suicides") => weapons.reduce((total, each) => total + each[name], 0);
    const aim = aims.get(botId) ?? [];
    const counted = { kills: sum("kills"), deaths: sum("deaths"), suicides: sum("suicides"), ...totalOf(aim) };
    return { ...counted, weapons, aim, awards: awards.get(botId) ?? NO_AWARDS };
  });
}
