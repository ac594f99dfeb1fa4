import type { Database } from "../../platform/database.ts";
import type { BotStatus } from "../../bots/rules.ts";
import { literal } from "../../platform/literal.ts";
import type { BotFilter, BotOrder, RosterPlace } from "../rules/roster.ts";

/** A page of bots: those between two places, from the start of the list or, `backwards`, from its end. */
export type RosterPage = {
  filter: BotFilter;
  orderBy: BotOrder;
  onlineSince: Date;
  after: RosterPlace | null;
  before: RosterPlace | null;
  backwards: boolean;
  limit: number;
};

/** Adds a value to the statement and gives its placeholder. */
type Given = (value: unknown) => string;
type Order = {
  key: string;
  forwards: string;
  backwards: string;
  after: (place: RosterPlace, given: Given) => string;
  before: (place: RosterPlace, given: Given) => string;
};

// The expression of the index bot_by_name.
const NAME = `(lower(b.name) COLLATE "C")`;

const ORDERS: Readonly<Record<BotOrder, Order>> = {
  NEWEST: {
    key: "''",
    forwards: "b.id DESC",
    backwards: "b.id",
    after: ({ botId }, given) => `b.id < ${given(botId)}::uuid`,
    before: ({ botId }, given) => `b.id > ${given(botId)}::uuid`,
  },
  NAME: {
    key: NAME,
    forwards: NAME,
    backwards: `${NAME} DESC`,
    after: ({ key }, given) => `${NAME} > ${given(key)}::text`,
    before: ({ key }, given) => `${NAME} < ${given(key)}::text`,
  },
  // Elo falls while ids rise; the first comparison is the one that the index rating_elo can use.
  ELO: {
    key: "r.elo::text",
    forwards: "r.elo DESC, r.bot_id",
    backwards: "r.elo, r.bot_id DESC",
    after: ({ key, botId }, given) => {
      const [elo, bot] = [`${given(key)}::int4`, `${given(botId)}::uuid`];
      return `r.elo <= ${elo} AND (r.elo < ${elo} OR r.bot_id > ${bot})`;
    },
    before: ({ key, botId }, given) => {
      const [elo, bot] = [`${given(key)}::int4`, `${given(botId)}::uuid`];
      return `r.elo >= ${elo} AND (r.elo > ${elo} OR r.bot_id < ${bot})`;
    },
  },
};

const LIVE = "EXISTS (SELECT FROM live_participation l WHERE l.bot_id = b.id)";
const seenSince = (since: string) =>
  `(b.house_policy IS NOT NULL OR EXISTS (SELECT FROM bot_presence p WHERE p.bot_id = b.id AND p.last_seen_at >= ${since}))`;
/** As bots/rules' statusOf says it of one bot. */
const STATUS: Readonly<Record<BotStatus, (since: string) => string>> = {
  OFFLINE: (since) => `NOT ${seenSince(since)}`,
  ONLINE: (since) => `${seenSince(since)} AND NOT ${LIVE}`,
  BUSY: (since) => `${seenSince(since)} AND ${LIVE}`,
};

/** The bots of a page with what they are ordered by; keyset, by the index of its order or of a filter. */
export async function rosterPage({ pool }: Database, page: RosterPage): Promise<RosterPlace[]> {
  const { filter, after, before, backwards } = page;
  const order = ORDERS[page.orderBy];
  const values: unknown[] = [];
  const given: Given = (value) => `$${values.push(value)}`;
  const joined =
    filter.ladder === null ? "" : `JOIN rating r ON r.bot_id = b.id AND r.ladder = ${given(filter.ladder)}::text`;
  const conditions = ["b.archived_at IS NULL"];
  if (filter.status) conditions.push(STATUS[filter.status](`${given(page.onlineSince)}::timestamptz`));
  if (filter.capability !== null) conditions.push(`b.capabilities @> ARRAY[${given(filter.capability)}::text]`);
  if (filter.ownerHandle !== null)
    conditions.push(
      `b.owner_id = (SELECT u.id FROM app_user u WHERE lower(u.handle) = lower(${given(filter.ownerHandle)}::text))`,
    );
  if (filter.search !== null)
    conditions.push(`${NAME} LIKE ${given(`${literal(filter.search.toLowerCase())}%`)}::text`);
  if (after) conditions.push(order.after(after, given));
  if (before) conditions.push(order.before(before, given));
  const text = `SELECT b.id AS "botId", ${order.key} AS key FROM bot b ${joined} WHERE ${conditions.join(" AND ")}
    ORDER BY ${backwards ? order.backwards : order.forwards} LIMIT ${given(page.limit)}::int4`;
  // Unnamed on purpose: planned for its values, so that a rare capability or a common one each meet the right index.
  const { rows } = await pool.query<RosterPlace>(text, values);
  return rows;
}
