import { cutPage, readSize, UUID_HIGHEST, UUID_LOWEST, type Page, type PageOf } from "../../platform/keyset.ts";
import type { Platform } from "../../platform/platform.ts";
import { firstIdAt } from "../../platform/random.ts";
import { ACHIEVEMENTS } from "../../xp/rules/achievements.ts";
import { REACTIONS, type ReactionKind } from "../rules/content.ts";
import * as store from "../store/reads.ts";

export type Following = { followers: number; followed: boolean };

/** How many follow each of many bots or people, and whether the reader does. */
export async function followings(
  { db }: Platform,
  of: "BOT" | "USER",
  reader: string,
  ids: readonly string[],
): Promise<Following[]> {
  const statement = of === "BOT" ? store.followersOfBots : store.followersOfUsers;
  const rows = new Map((await db.query(statement, [ids, reader])).map((row) => [row.id, row]));
  return ids.map((id) => rows.get(id) ?? { followers: 0, followed: false });
}

export type ReactionCount = { kind: ReactionKind; count: number; mine: boolean };

/** How people reacted to each of many conversations or comments, in the order of REACTIONS. */
export async function reactionsOf(
  { db }: Platform,
  reader: string,
  ids: readonly string[],
): Promise<ReactionCount[][]> {
  const bySubject = Map.groupBy(await db.query(store.reactionsOf, [ids, reader]), ({ subject_id }) => subject_id);
  return ids.map((id) =>
    REACTIONS.flatMap((kind) => {
      const row = bySubject.get(id)?.find((each) => each.kind === kind);
      return row ? [{ kind, count: row.count, mine: row.mine }] : [];
    }),
  );
}

/** Where something stands in a feed. */
export type FeedKey = { at: Date; id: string };
export type FeedRow = FeedKey &
  ({ kind: "CONVERSATION" } | { kind: "CONTEST" } | { kind: "ACHIEVEMENT"; userId: string; key: string });

const AT_HIGHEST = new Date("9999-12-31T00:00:00.000Z");
const AT_LOWEST = new Date(0);
/** How many of a bot's newest contests a feed looks at. */
export const FEED_CONTESTS_MAX = 100;
/** How many bots a page of a feed looks at: some times as many as it has rows, as what began earlier may have ended later. */
export const FEED_BOTS_MAX = 500;
/** By how much the clocks of two nodes may differ: one announces a contest, another one ends it. */
const CLOCKS_APART_MS = 60_000;
const LADDER_KEYS = ACHIEVEMENTS.filter(({ ladder }) => ladder !== null).map(({ key }) => key);

/** From which id on contests end behind an instant: their ids tell when they were announced, and none ends before. */
function begunBehind(at: Date): string {
  const ms = Math.min(Math.max(0, at.getTime() + CLOCKS_APART_MS), AT_HIGHEST.getTime());
  return firstIdAt(new Date(ms));
}

/** A page of what those whom a person follows did, the newest first. */
export async function feedPage({ db }: Platform, userId: string, page: Page<FeedKey>): Promise<PageOf<FeedRow>> {
  const after = page.after ?? { at: AT_HIGHEST, id: UUID_HIGHEST };
  const before = page.before ?? { at: AT_LOWEST, id: UUID_LOWEST };
  const begun = page.after ? begunBehind(page.after.at) : UUID_HIGHEST;
  const places = [after.at, after.id, before.at, before.id];
  const most = [FEED_CONTESTS_MAX, begun, FEED_BOTS_MAX];
  const values = [userId, ...places, readSize(page), LADDER_KEYS, ...most];
  const rows = await db.query(page.backward ? store.feedBackward : store.feedForward, values);
  const read = rows.map(
    ({ kind, at, id, user_id, key }): FeedRow =>
      kind === "ACHIEVEMENT"
        ? { kind, at, id, userId: user_id ?? "", key: key ?? "" }
        : { kind: kind as "CONVERSATION" | "CONTEST", at, id },
  );
  return cutPage(page.backward ? read.toReversed() : read, page);
}
