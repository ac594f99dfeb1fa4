import { isCapability, isNamePrefix, type BotStatus } from "../../bots/rules.ts";
import type { LadderKind } from "./ladders.ts";

export const BOT_ORDERS = ["NEWEST", "NAME", "ELO"] as const;
export type BotOrder = (typeof BOT_ORDERS)[number];

/** Which bots a list is of; what is null does not narrow it. */
export type BotFilter = {
  capability: string | null;
  status: BotStatus | null;
  ownerHandle: string | null;
  ladder: LadderKind | null;
  search: string | null;
};

/** What cannot be listed so: the argument, and a sentence that says what it must be. */
export type RosterRefusal = { path: readonly string[]; message: string };

/** Why bots cannot be listed so, or null. */
export function refuseRoster(filter: BotFilter, orderBy: BotOrder): RosterRefusal | null {
  if (filter.capability !== null && !isCapability(filter.capability))
    return { path: ["filterBy", "capability"], message: "A capability is a lower-case word such as code-review." };
  if (filter.search !== null && !isNamePrefix(filter.search))
    return { path: ["filterBy", "search"], message: "A name begins with 1 to 15 letters, digits or _." };
  if (filter.ownerHandle?.includes("\0")) return { path: ["filterBy", "ownerHandle"], message: "No handle has a NUL." };
  if (orderBy === "ELO" && filter.ladder === null)
    return { path: ["orderBy"], message: "An order by Elo needs filterBy.ladder: each ladder has its own." };
  return null;
}

/** A place in an ordered list: the value that it is ordered by, and the bot that stands there. */
export type RosterPlace = { key: string; botId: string };

const KEYS: Readonly<Record<BotOrder, RegExp>> = { NEWEST: /^$/, NAME: /^[a-z0-9_]{1,15}$/, ELO: /^-?\d{1,7}$/ };
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The text of a place, to be passed back as a cursor. */
export function writePlace(orderBy: BotOrder, { key, botId }: RosterPlace): string {
  return `${orderBy} ${key} ${botId}`;
}

/** The place that a text names in a list of this order, or null. */
export function readPlace(orderBy: BotOrder, text: string): RosterPlace | null {
  const [order, key = "", botId = "", ...more] = text.split(" ");
  const fits = order === orderBy && KEYS[orderBy].test(key) && UUID.test(botId) && more.length === 0;
  return fits ? { key, botId } : null;
}
