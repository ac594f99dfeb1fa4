import { NEWCOMER } from "./ladder.ts";
import { id } from "./sql.ts";

/** So many matches; the first is `0`. The bots of `roster` play in each. */
function quakeMatches(rows: string, n: string, roster: readonly string[]): string[] {
  const [matchId, series] = [id("match", n), `FROM generate_series(1, ${rows}) n`];
  const seats = roster.map((bot, side) => `(${bot}, ${side})`).join(", ");
  return [
    `INSERT INTO contest (id, ladder, status, origin, rated, seed_hash, seed, created_at, started_at, ended_at)
     SELECT ${matchId}, 'QUAKE', 'COMPLETED', 'RATED_QUEUE', true, '', '', now(), now(), now() ${series}`,
    `INSERT INTO contest_participant (contest_id, side, bot_id, ladder, placement)
     SELECT ${matchId}, s.side, s.bot, 'QUAKE', 1 ${series} CROSS JOIN (VALUES ${seats}) AS s(bot, side)`,
    `INSERT INTO quake_match (id, map, phase, starts_at) SELECT ${matchId}, 'fan', 'COMPLETED', now() ${series}`,
    `INSERT INTO quake_player (match_id, bot_id, side) SELECT ${matchId}, s.bot, s.side ${series} CROSS JOIN (VALUES ${seats}) AS s(bot, side)`,
    `INSERT INTO quake_kill (match_id, number, killer_id, victim_id, means, suicide, at_ms, at)
     SELECT ${matchId}, 1, :bot, :bot, 10, true, 5, now() ${series}`,
    `INSERT INTO quake_aim (match_id, bot_id, weapon, shots, hits) SELECT ${matchId}, :bot, 2, 9, 3 ${series}`,
    ...quakeEvents(matchId, series, roster),
  ];
}

/** What a match tells, with lists of its bots. */
function quakeEvents(matchId: string, series: string, roster: readonly string[]): string[] {
  const bots = `jsonb_build_array(${roster.join(", ")})`;
  const results = `jsonb_build_array(${roster.map((bot) => `jsonb_build_object('botId', ${bot}, 'placement', 1, 'score', 0, 'kills', 0, 'deaths', 0)`).join(", ")})`;
  const about = {
    MatchAnnounced: `'map', 'fan', 'rated', true, 'startsAt', now(), 'botIds', ${bots}`,
    MatchRosterFrozen: `'botIds', ${bots}`,
    MatchCompleted: `'seed', '', 'results', ${results}`,
    MatchVoided: `'seed', '', 'reason', 'NO_SERVER', 'requeuedBotIds', ${bots}`,
  };
  return Object.entries(about).map(
    ([type, fields], index) =>
      `INSERT INTO stream_event (stream, seq, type, payload, at)
       SELECT 'match:' || (${matchId})::text, ${index + 1}, '${type}', jsonb_build_object('type', '${type}', ${fields})::text, now() ${series}`,
  );
}
const STRATEGY = "'ffffffff-0000-0000-0000-000000000001'::uuid";
/** So many rounds of the bot's newest strategy. */
const runs = (rows: string) =>
  `INSERT INTO strategy_run (id, strategy_id, ticks, misses, log, ended_at)
   SELECT gen_random_uuid(), ${STRATEGY}, 1, 0, 'log', now() FROM generate_series(1, ${rows}) n`;

const FIRST_MATCH = id("match", "0");
/** Who plays in each match beside the first bot. */
const OTHERS = ["1", "2", "3"].map((n) => id("bot", n));

/** A node's game servers, by their ports. */
const servers = (port: string, series = "") =>
  `INSERT INTO game_server (id, place, port, node, state, map, beat_at)
   SELECT gen_random_uuid(), ${STRATEGY}, ${port}, ${STRATEGY}, 'BUSY', 'aggressor', now() ${series}`;

/** Who comes to play in the first, too. */
const MORE = OTHERS.slice(0, 2);

export const FIRST = [
  ...quakeMatches("1", "0", [":bot", NEWCOMER]),
  `INSERT INTO quake_weapon_stat (bot_id, means, kills) VALUES (:bot, 0, 1)`,
  `INSERT INTO quake_aim_stat (bot_id, weapon, shots, hits) VALUES (:bot, 2, 9, 3)`,
  `INSERT INTO strategy (id, bot_id, version, source, code, created_at) VALUES (${STRATEGY}, :bot, 1, 'source', 'code', now())`,
  runs("1"),
  servers("27960"),
];

export const COPIES = [
  ...quakeMatches(":rows", "n", [":bot", ...OTHERS]),
  `INSERT INTO quake_player (match_id, bot_id, side) SELECT ${FIRST_MATCH}, b.id, 1 FROM bot b WHERE b.id IN (${MORE.join(", ")})`,
  `INSERT INTO contest_participant (contest_id, side, bot_id, ladder, placement)
   SELECT ${FIRST_MATCH}, s.side, s.bot, 'QUAKE', 1 FROM (VALUES ${MORE.map((bot, index) => `(${index + 2}, ${bot})`).join(", ")}) AS s(side, bot)`,
  `INSERT INTO stream_event SELECT stream, seq + 10 + n, type, payload, at, hash FROM stream_event, generate_series(1, :rows) n
   WHERE stream = 'match:' || ${FIRST_MATCH}::text AND type = 'MatchRosterFrozen'`,
  `INSERT INTO quake_kill (match_id, number, killer_id, victim_id, means, suicide, at_ms, at)
   SELECT ${FIRST_MATCH}, 1 + n, :bot, :bot, n % 29, true, 5, now() FROM generate_series(1, :rows) n`,
  `INSERT INTO quake_weapon_stat (bot_id, means, kills)
   SELECT b.id, m, 1 FROM bot b CROSS JOIN generate_series(0, 28) m WHERE b.id = :bot OR b.name LIKE 'Copy_%' ON CONFLICT DO NOTHING`,
  `INSERT INTO quake_aim (match_id, bot_id, weapon, shots, hits) SELECT ${FIRST_MATCH}, :bot, w, 9, 3 FROM generate_series(3, 9) w`,
  `INSERT INTO quake_aim_stat (bot_id, weapon, shots, hits)
   SELECT b.id, w, 9, 3 FROM bot b CROSS JOIN generate_series(2, 9) w WHERE b.id = :bot OR b.name LIKE 'Copy_%' ON CONFLICT DO NOTHING`,
  `INSERT INTO strategy (id, bot_id, version, source, code, created_at)
   SELECT ${id("strategy", "n")}, :bot, 1 + n, 'source', 'code', now() FROM generate_series(1, :rows) n`,
  `INSERT INTO strategy_run (id, strategy_id, ticks, misses, log, ended_at)
   SELECT gen_random_uuid(), ${id("strategy", "n")}, 1, 0, 'log', now() FROM generate_series(1, :rows) n`,
  runs(":rows"),
  servers("28000 + n", "FROM generate_series(1, :rows) n"),
];
