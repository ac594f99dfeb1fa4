import { columns, dateTime, globalId, hex, oneOf, readable, value } from "../../platform/graphql/compiled.ts";
import { LADDER_RULES, LADDERS } from "../rules/ladders.ts";
import { PROVISIONAL_GAMES, PROVISIONAL_SIGMA } from "../rules/rating.ts";

// What many look at all the time, as one statement: the ladder page and contests with their participants.

const NAME_OF = LADDERS.map((ladder) => `WHEN '${ladder}' THEN '${LADDER_RULES[ladder].name}'`).join(" ");

readable("Query", {
  ladder: {
    kind: "object",
    type: "Ladder",
    from: (ladder, _row, parameter) => `FROM (SELECT ${parameter("kind", oneOf(LADDERS))}::text AS kind) ${ladder}`,
  },
});

readable("Ladder", {
  kind: value((row) => `${row}.kind`),
  name: value((row) => `CASE ${row}.kind ${NAME_OF} END`),
  leaderboard: {
    kind: "page",
    type: "Rating",
    from: (rating, row) => `FROM rating ${rating} WHERE ${rating}.ladder = ${row}.kind AND ${rating}.on_board`,
    order: (rating) => `${rating}.elo DESC, ${rating}.bot_id`,
  },
});

readable("Rating", {
  ordinal: value((row) => `${row}.mu - 3 * ${row}.sigma`),
  provisional: value((row) => `${row}.rated_games < ${PROVISIONAL_GAMES} OR ${row}.sigma > ${PROVISIONAL_SIGMA}`),
  rank: value(
    (row) => `CASE WHEN ${row}.on_board THEN (
      (SELECT COALESCE(sum(h.bots), 0) FROM rating_histogram h WHERE h.ladder = ${row}.ladder AND h.elo > ${row}.elo)
      + (SELECT count(*) FROM rating t WHERE t.ladder = ${row}.ladder AND t.on_board AND t.elo = ${row}.elo AND t.bot_id < ${row}.bot_id) + 1)::int4 END`,
  ),
  lastRatedAt: dateTime("last_rated_at"),
  bot: { kind: "object", type: "Bot", from: (bot, row) => `FROM bot ${bot} WHERE ${bot}.id = ${row}.bot_id` },
  ...columns(
    Object.fromEntries(
      ["ladder", "elo", "mu", "sigma", "games", "wins", "draws", "losses", "peak", "streak"].map((name) => [
        name,
        name,
      ]),
    ),
  ),
});

readable("Bot", {
  contests: {
    kind: "page",
    type: "Contest",
    from: (contest, row) =>
      `FROM contest_participant ${contest}p JOIN contest ${contest} ON ${contest}.id = ${contest}p.contest_id WHERE ${contest}p.bot_id = ${row}.id AND NOT ${contest}.hidden`,
    order: (contest) => `${contest}p.contest_id DESC`,
  },
});

/** Fields of every contest. Each is a row of `contest`, whatever is played. */
export const CONTEST_READS = {
  id: globalId("fight"),
  createdAt: dateTime("created_at"),
  startedAt: dateTime("started_at"),
  endedAt: dateTime("ended_at"),
  seedHash: hex("seed_hash"),
  seed: value((row) => `CASE WHEN ${row}.ended_at IS NOT NULL THEN encode(${row}.seed, 'hex') END`),
  participants: {
    kind: "list",
    type: "ContestParticipant",
    from: (seat, row) => `FROM contest_participant ${seat} WHERE ${seat}.contest_id = ${row}.id`,
    order: (seat) => `${seat}.side`,
  },
  ...columns({ ladder: "ladder", status: "status", origin: "origin", rated: "rated" }),
} as const satisfies Parameters<typeof readable>[1];

readable("Contest", {
  ...CONTEST_READS,
  __typename: value(
    (row) => `CASE ${row}.ladder WHEN 'QUAKE' THEN 'QuakeMatch' WHEN 'CODE' THEN 'CodeBattle' ELSE 'Fight' END`,
  ),
  id: value(
    (row) =>
      `CASE ${row}.ladder WHEN 'QUAKE' THEN 'quake_match_' WHEN 'CODE' THEN 'code_battle_' ELSE 'fight_' END || replace(${row}.id::text, '-', '')`,
  ),
});

readable("ContestParticipant", {
  bot: { kind: "object", type: "Bot", from: (bot, row) => `FROM bot ${bot} WHERE ${bot}.id = ${row}.bot_id` },
  ...columns({
    side: "side",
    character: "character",
    placement: "placement",
    ratingBefore: "rating_before",
    ratingAfter: "rating_after",
  }),
});
