import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome, type Refusal } from "../../platform/refusal.ts";
import {
  readPlace,
  refuseRoster,
  writePlace,
  type BotFilter,
  type BotOrder,
  type RosterPlace,
} from "../rules/roster.ts";
import { rosterPage } from "../store/roster.ts";

/** Which bots to list, and which page of them: `first` after a cursor, or `last` before one; 20 without either. */
export type ListBots = {
  filter: BotFilter;
  orderBy: BotOrder;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
};
/** A page in the list's order: cursors with the bots that stand there. */
export type BotPage = { rows: { cursor: string; botId: string }[]; hasNextPage: boolean; hasPreviousPage: boolean };

const PAGE_DEFAULT = 20;
const PAGE_MAX = 100;

/** A page of the bots that are not archived. */
export async function listBots(
  { db, clock, settings }: Platform,
  { filter, orderBy, first, last, ...asked }: ListBots,
): Promise<Outcome<BotPage, "BAD_INPUT" | "INVALID_CURSOR">> {
  const wrong = refuseRoster(filter, orderBy);
  if (wrong) return refuse("BAD_INPUT", wrong);
  if (first != null && last != null)
    return refuse("BAD_INPUT", { path: ["last"], message: "Ask for the first rows or for the last, not for both." });
  const [after, before] = [placeOf(orderBy, "after", asked.after), placeOf(orderBy, "before", asked.before)];
  if (!after.ok) return after;
  if (!before.ok) return before;
  const backwards = last != null;
  const size = Math.max(0, Math.min(first ?? last ?? PAGE_DEFAULT, PAGE_MAX));
  const found = await rosterPage(db, {
    filter,
    orderBy,
    onlineSince: new Date(clock.now().getTime() - settings.presenceMs),
    after: after.place,
    before: before.place,
    backwards,
    limit: size + 1,
  });
  const more = found.length > size;
  const page = found.slice(0, size);
  return {
    ok: true,
    rows: (backwards ? page.toReversed() : page).map((place) => ({
      cursor: Buffer.from(writePlace(orderBy, place)).toString("base64url"),
      botId: place.botId,
    })),
    hasNextPage: backwards ? before.place !== null : more,
    hasPreviousPage: backwards ? more : after.place !== null,
  };
}

function placeOf(
  orderBy: BotOrder,
  argument: string,
  cursor: string | null | undefined,
): { ok: true; place: RosterPlace | null } | Refusal<"INVALID_CURSOR"> {
  if (cursor == null) return { ok: true, place: null };
  const place = readPlace(orderBy, Buffer.from(cursor, "base64url").toString());
  return place ? { ok: true, place } : refuse("INVALID_CURSOR", { path: [argument] });
}
