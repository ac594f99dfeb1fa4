import { id, OWNER } from "./sql.ts";

/** A bot of few contests: the newest of them are a battle and a match. */
export const NEWCOMER = id("newcomer", "0");
const RATING = "elo, mu, sigma, games, wins, draws, losses, rated_games, peak, streak, on_board, last_rated_at";

const CONTEST = "ladder, status, origin, rated, seed_hash, seed, created_at, started_at, ended_at, void_reason";

export const FIRST = [
  `UPDATE contest SET rated = true WHERE id IN (:ended, :live)`,
  `INSERT INTO stream_event (stream, seq, type, payload, at)
   SELECT stream, seq + 100, 'RoundEnded', '{"type":"RoundEnded","round":1,"winnerBotId":"' || (:bot)::text || '","reason":"KNOCKOUT","roundWins":[1,0],"nextRoundAt":null}', at
   FROM stream_event WHERE stream = 'fight:' || (:ended)::text AND type = 'ExchangeResolved' LIMIT 1`,
  `INSERT INTO stream_event (stream, seq, type, payload, at)
   SELECT stream, seq + 200, 'DeadlineExtended', jsonb_set(payload::jsonb, '{byMs}', '5')::text, at
   FROM stream_event WHERE stream = 'fight:' || (:ended)::text AND type = 'ExchangeRequested' ORDER BY seq LIMIT 1`,
  `INSERT INTO stream_event (stream, seq, type, payload, at)
   SELECT stream, seq + 250, 'RevealRequested', payload, at
   FROM stream_event WHERE stream = 'fight:' || (:ended)::text AND type = 'ExchangeRequested' ORDER BY seq LIMIT 1`,
  `INSERT INTO rating (ladder, bot_id, ${RATING})
   SELECT l, :bot, 1000, 25, 2, 20, 10, 0, 10, 20, 1000, 0, true, now() FROM unnest(ARRAY['QUAKE', 'PIT', 'PIT_SLOW', 'CODE']) l
   ON CONFLICT (ladder, bot_id) DO UPDATE SET rated_games = 20, sigma = 2, on_board = true, last_rated_at = now()`,
  `UPDATE fight SET winner_id = :bot WHERE id = :ended`,
  `UPDATE stream_event SET payload = jsonb_set(payload::jsonb, '{payouts}', jsonb_build_array(jsonb_build_object('botId', :bot, 'amount', '0')))::text
   WHERE stream = 'fight:' || (:ended)::text AND type = 'FightEnded'`,
  `INSERT INTO season_rating VALUES ('PIT', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM'), :bot, 16, 1)`,
  `INSERT INTO rating_history (contest_id, bot_id, kind, ladder, elo_before, elo_after, mu_before, mu_after, sigma_before, sigma_after, at)
   VALUES (:ended, :bot, 'RATED', 'PIT', 984, 1000, 25, 26, 8, 7, now())`,
  `INSERT INTO bot (id, owner_id, name, created_at) VALUES (${NEWCOMER}, ${OWNER}, 'New_0', now())`,
  `INSERT INTO rating (ladder, bot_id, rated_games) VALUES ('PIT', ${NEWCOMER}, 3)`,
  `INSERT INTO queue_entry (id, bot_id, ladder, mode, joined_at) VALUES (${id("wait", "0")}, :bot, 'PIT', 'RATED', now())`,
  `INSERT INTO queue_entry (id, bot_id, ladder, mode, status, joined_at, contest_id)
   VALUES ('ffffffff-0000-0000-0000-000000000000', :bot, 'PIT_SLOW', 'RATED', 'PLAYING', now(), :live)`,
];

export const COPIES = [
  `INSERT INTO bot (id, owner_id, name, created_at) SELECT ${id("bot", "n")}, ${OWNER}, 'Copy_' || n, now() FROM generate_series(1, :rows) n`,
  `INSERT INTO bot_presence SELECT ${id("bot", "n")}, now() FROM generate_series(1, :rows) n`,
  `INSERT INTO pit_presence SELECT ${id("bot", "n")}, now() FROM generate_series(1, :rows) n`,
  `INSERT INTO pit_message SELECT gen_random_uuid(), ${id("bot", "n")}, 'hello', now() FROM generate_series(1, :rows) n`,
  `INSERT INTO callout (id, challenger_id, target_id, ladder, created_at, expires_at)
   SELECT gen_random_uuid(), ${id("bot", "n")}, :bot, 'PIT', now(), now() + interval '1 hour' FROM generate_series(1, :rows) n`,
  `UPDATE callout SET expires_at = now() + interval '1 hour' WHERE status = 'PENDING'`,
  `INSERT INTO rating (ladder, bot_id, ${RATING})
   SELECT r.ladder, ${id("bot", "n")}, ${RATING.replace("elo", "elo - 3 + n % 7")} FROM rating r, generate_series(1, :rows) n WHERE r.bot_id = :bot`,
  `INSERT INTO season_rating SELECT ladder, season, ${id("bot", "n")}, elo_gained, games FROM season_rating, generate_series(1, :rows) n WHERE bot_id = :bot`,
  `INSERT INTO bot (id, owner_id, name, created_at) SELECT ${id("newcomer", "n")}, ${OWNER}, 'New_' || n, now() FROM generate_series(1, :rows) n`,
  `INSERT INTO rating (ladder, bot_id, rated_games) SELECT 'PIT', ${id("newcomer", "n")}, 3 FROM generate_series(1, :rows) n`,
  ...(["ended", "live"] as const).flatMap((kind) => [
    `INSERT INTO contest (id, ${CONTEST}) SELECT ${id(kind, "n")}, ${CONTEST} FROM contest, generate_series(1, :rows) n WHERE id = :${kind}`,
    `INSERT INTO fight (id, rules, phase, state, last_seq, winner_id, end_reason)
     SELECT ${id(kind, "n")}, rules, phase, state, last_seq, CASE WHEN winner_id IS NOT NULL THEN ${id("bot", "n")} END, end_reason
     FROM fight, generate_series(1, :rows) n WHERE id = :${kind}`,
    // Every other copy is the very bot's own, so that one bot has many contests, too.
    `INSERT INTO contest_participant SELECT ${id(kind, "n")}, side, CASE WHEN bot_id = :bot AND n % 2 = 0 THEN ${id("bot", "n")} ELSE bot_id END, ladder, character, placement, rating_before, rating_after
     FROM contest_participant, generate_series(1, :rows) n WHERE contest_id = :${kind}`,
    `INSERT INTO stream_event SELECT 'fight:' || (${id(kind, "n")})::text, seq, type, payload, at, hash
     FROM stream_event, generate_series(1, :rows) n WHERE stream = 'fight:' || (:${kind})::text`,
  ]),
  `INSERT INTO stream_event SELECT stream, seq + 300 + n, type, payload, at, hash FROM stream_event, generate_series(1, :rows) n
   WHERE stream = 'fight:' || (:ended)::text AND seq = (SELECT max(seq) FROM stream_event WHERE stream = 'fight:' || (:ended)::text AND type = 'ExchangeResolved')`,
  `INSERT INTO stream_event SELECT stream, seq + 1000 + n, type, payload, at, hash FROM stream_event, generate_series(1, 4) n
   WHERE stream = 'fight:' || (:ended)::text AND type = 'RoundEnded'`,
  `INSERT INTO rating_history SELECT ${id("ended", "n")}, bot_id, kind, ladder, elo_before, elo_after, mu_before, mu_after, sigma_before, sigma_after, at
   FROM rating_history, generate_series(1, :rows) n WHERE contest_id = :ended AND bot_id = :bot`,
  `INSERT INTO rating_history SELECT contest_id, ${id("bot", "n")}, kind, ladder, elo_before, elo_after, mu_before, mu_after, sigma_before, sigma_after, at
   FROM rating_history, generate_series(1, :rows) n WHERE contest_id = :ended AND bot_id = :bot`,
  `INSERT INTO queue_entry (id, bot_id, ladder, mode, joined_at) SELECT ${id("wait", "n")}, ${id("bot", "n")}, 'PIT', 'RATED', now() FROM generate_series(1, :rows) n`,
  `INSERT INTO queue_entry (id, bot_id, ladder, mode, status, joined_at, contest_id)
   SELECT ('ffffffff' || substr((${id("play", "n")})::text, 9))::uuid, ${id("bot", "n")}, 'PIT_SLOW', 'RATED', 'PLAYING', now(), ${id("live", "n")} FROM generate_series(1, :rows) n`,
];
