import { id, OWNER } from "./sql.ts";

/** So many journals that gave the owner a unit each. */
function grants(rows: string): string {
  return `SELECT ledger_post(gen_random_uuid(), 'FAUCET', 'User:' || ${OWNER}, 'grant ' || random(), NULL, NULL, now(), ARRAY['user:available', 'house:faucet'],
    ARRAY[${OWNER}, '00000000-0000-0000-0000-000000000000'::uuid], ARRAY[1::numeric, -1]) FROM generate_series(1, ${rows})`;
}

/** The pool of a contest, or of so many. */
export const pools = (contest: string, rows: string) =>
  `INSERT INTO bet_pool (contest_id, status, exhibition, opened_at, closes_at)
   SELECT ${contest}, 'LOCKED', false, now(), now() FROM generate_series(1, ${rows}) n`;
/** So many bets of the owner on each of the first two of a contest, each in a step of the odds of its own. */
export function bets(contest: string, rows: string, n: string): string {
  return `INSERT INTO bet (id, contest_id, bot_id, user_id, amount, placed_at)
    SELECT gen_random_uuid(), ${contest}, p.bot_id, ${OWNER}, 1, now() + ${n} * interval '1 second'
    FROM contest_participant p, generate_series(1, ${rows}) n WHERE p.contest_id = ${contest} AND p.side < 2`;
}

/** So many withdrawals that wait. */
function withdrawals(rows: string): string {
  return `INSERT INTO withdrawal (id, user_id, to_address, amount, status, created_at, moved_at)
    SELECT gen_random_uuid(), ${OWNER}, '0x' || repeat('b', 40), 1, 'RESERVED', now(), now() FROM generate_series(1, ${rows})`;
}

/** So many deposits that were seen. */
function deposits(rows: string): string {
  return `INSERT INTO deposit (id, user_id, from_address, to_address, amount, status, height, block_hash, log_index, tx_hash, seen_at, moved_at)
    SELECT gen_random_uuid(), ${OWNER}, '0x' || repeat('c', 40), '0x' || repeat('d', 40), 1, 'PENDING', n, '0x' || repeat(md5('${rows}' || n), 2), n, '0x' || repeat(md5(n::text), 2), now(), now()
    FROM generate_series(1, ${rows}) n`;
}

export const FIRST = [
  grants("1"),
  pools(":ended", "1"),
  bets(":ended", "1", "0"),
  `INSERT INTO stream_event (stream, seq, type, payload, at)
   SELECT stream, seq + 300, 'FightAnnounced', jsonb_set(jsonb_set(payload::jsonb, '{type}', '"FightAnnounced"'), '{startsAt}', payload::jsonb->'at')::text, at
   FROM stream_event WHERE stream = 'fight:' || (:ended)::text AND type = 'FightStarted'`,
  `INSERT INTO stream_event (stream, seq, type, payload, at)
   SELECT 'fight:' || (:ended)::text, 302, 'PoolLocked', jsonb_build_object('at', now(), 'type', 'PoolLocked', 'total', '1', 'backed', jsonb_build_array(jsonb_build_object('botId', :bot, 'amount', '1')))::text, now()`,
  `INSERT INTO hot_wallet (address, chain_id, next_nonce, alarms, registered_at) VALUES ('0x' || repeat('a', 40), 31337, 0, ARRAY['HOT_GAS_LOW'], now())`,
  withdrawals("1"),
  deposits("1"),
];

export const COPIES = [
  grants(":rows"),
  pools(id("ended", "n"), ":rows"),
  bets(":ended", ":rows", "n"),
  withdrawals(":rows"),
  deposits(":rows"),
];
