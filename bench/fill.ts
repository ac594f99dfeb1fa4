// Fills a database by SQL with an arena of any size. Ids are computed, so that programs and pgbench know them.
import pg from "pg";
import { timePasses } from "../src/fights/rules/commitment.ts";
import { decide } from "../src/fights/rules/fight.ts";
import { isOver, openFight, type FightState } from "../src/fights/rules/fight-state.ts";
import { RULES } from "../src/fights/rules/pit-rules-1.ts";

const KINDS = { user: 1, bot: 2, contest: 3, key: 4, entry: 5 } as const;
export type Kind = keyof typeof KINDS;

const START_MS = Date.UTC(2026, 0, 1);
const hex = (value: number, digits: number) => value.toString(16).padStart(digits, "0");

/** The UUID of the nth row of a kind; rows sort by n. */
export function idOf(kind: Kind, n: number): string {
  const digits = `${hex(START_MS + n, 12)}7${hex(KINDS[kind], 3)}8000${hex(n, 12)}`;
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** The same in SQL; `n` is an SQL expression. */
export function sqlIdOf(kind: Kind, n: string): string {
  return `(lpad(to_hex(${START_MS} + ${n}), 12, '0') || '7${hex(KINDS[kind], 3)}8000' || lpad(to_hex(${n}), 12, '0'))::uuid`;
}

/** The API's id of the nth row. */
export const nodeIdOf = (kind: "bot" | "contest", n: number) =>
  `${kind === "contest" ? "fight" : kind}_${idOf(kind, n).replaceAll("-", "")}`;

/** The key of the nth user, and the same in SQL. */
export const keyOf = (n: number) => `cq_${hex(n, 40)}`;
export const sqlKeyOf = (n: string) => `('cq_' || lpad(to_hex(${n}), 40, '0'))`;

/** Runs a statement that changes nothing of the schema; foreign keys are not looked at, because all is computed. */
export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, options: "-c TimeZone=UTC" });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const withoutChecks = (client: pg.Client, sql: string, values: unknown[] = []) =>
  client
    .query("SET session_replication_role = replica")
    .then(() => client.query(sql, values))
    .then(() => client.query("SET session_replication_role = origin"));

/** Users 1…n with a key each, and bots 1…m that are spread over them and online. */
export async function fillBots(url: string, users: number, bots: number): Promise<void> {
  await withClient(url, async (client) => {
    await withoutChecks(
      client,
      `INSERT INTO app_user (id, handle, created_at) SELECT ${sqlIdOf("user", "n")}, 'user' || n, now() FROM generate_series(1, ${users}) n`,
    );
    await withoutChecks(
      client,
      `INSERT INTO api_key (id, user_id, name, prefix, key_hash, scopes, created_at, last_used_at)
       SELECT ${sqlIdOf("key", "n")}, ${sqlIdOf("user", "n")}, 'bench', 'cq_', sha256(convert_to(${sqlKeyOf("n")}, 'UTF8')), '{PLAY}', now(), now() + interval '1 day'
       FROM generate_series(1, ${users}) n`,
    );
    await withoutChecks(
      client,
      `INSERT INTO bot (id, owner_id, name, created_at) SELECT ${sqlIdOf("bot", "n")}, ${sqlIdOf("user", `(n - 1) % ${users} + 1`)}, 'bot' || n, now() FROM generate_series(1, ${bots}) n`,
    );
    await withoutChecks(
      client,
      `INSERT INTO bot_presence (bot_id, last_seen_at) SELECT ${sqlIdOf("bot", "n")}, now() + interval '1 day' FROM generate_series(1, ${bots}) n`,
    );
    await client.query("ANALYZE");
  });
}

/** A standing on the Pit's board for bots 1…n, Elo from 400 to 1,800; the histogram follows by its trigger. */
export async function fillBoard(url: string, bots: number): Promise<void> {
  await withClient(url, async (client) => {
    await client.query(
      `INSERT INTO rating (ladder, bot_id, elo, mu, sigma, games, wins, losses, rated_games, peak, on_board, last_rated_at)
       SELECT 'PIT', ${sqlIdOf("bot", "n")}, 400 + (n::int8 * 7919 % 701) + (n::int8 * 104729 % 701), 25, 3, 40, 20, 20, 40, 1900, true, now()
       FROM generate_series(1, ${bots}) n`,
    );
    await client.query("VACUUM ANALYZE rating, rating_histogram");
  });
}

/** The bots of contest n are a and b of these SQL expressions, numbers from 1. */
const sides = (bots: number) => ({
  a: `(n::int8 * 7919 % ${bots} + 1)::int4`,
  b: `((n::int8 * 7919 + 1 + n % 97) % ${bots} + 1)::int4`,
});

const SEATS = (bots: number, contests: number) => `(
  SELECT n, 0 AS side, ${sides(bots).a} AS bot FROM generate_series(1, ${contests}) n
  UNION ALL SELECT n, 1, ${sides(bots).b} FROM generate_series(1, ${contests}) n)`;

/** Fights 1…n between bots 1…m that are over, with participants and rating history, every bot in as many. */
export async function fillPastFights(url: string, bots: number, contests: number): Promise<void> {
  const at = `to_timestamp(${START_MS / 1_000}) + n * interval '1 minute'`;
  await withClient(url, async (client) => {
    await withoutChecks(
      client,
      `INSERT INTO contest (id, ladder, status, origin, rated, seed_hash, seed, created_at, started_at, ended_at)
       SELECT ${sqlIdOf("contest", "n")}, 'PIT', 'COMPLETED', 'RATED_QUEUE', true, '\\x00', '\\x00', ${at}, ${at}, ${at} FROM generate_series(1, ${contests}) n`,
    );
    await withoutChecks(
      client,
      `INSERT INTO contest_participant (contest_id, side, bot_id, ladder, character, placement, rating_before, rating_after)
       SELECT ${sqlIdOf("contest", "n")}, side, ${sqlIdOf("bot", "bot")}, 'PIT', 'RONIN', side + 1, 1000, 1016 - 32 * side
       FROM ${SEATS(bots, contests)} seat`,
    );
    await withoutChecks(
      client,
      `INSERT INTO rating_history (contest_id, bot_id, kind, ladder, elo_before, elo_after, mu_before, mu_after, sigma_before, sigma_after, at)
       SELECT ${sqlIdOf("contest", "n")}, ${sqlIdOf("bot", "bot")}, 'RATED', 'PIT', 1000, 1016 - 32 * side, 25, 25, 3, 3, ${at}
       FROM ${SEATS(bots, contests)} seat`,
    );
    await withoutChecks(
      client,
      `INSERT INTO fight (id, rules, phase, state, winner_id, end_reason)
       SELECT ${sqlIdOf("contest", "n")}, '${RULES}', 'COMPLETED',
              replace(replace($1, 'BOT_A', ${sqlIdOf("bot", sides(bots).a)}::text), 'BOT_B', ${sqlIdOf("bot", sides(bots).b)}::text)::jsonb,
              ${sqlIdOf("bot", sides(bots).a)}, 'ROUNDS'
       FROM generate_series(1, ${contests}) n`,
      [JSON.stringify(endedFight())],
    );
    await client.query("VACUUM ANALYZE");
  });
}

const YEAR_MS = 365 * 86_400_000;

/** A fight of BOT_A and BOT_B that waits for the first actions, with deadlines far away. */
export function freshFight(nowMs: number): FightState {
  const fighter = (botId: string) => ({ botId, character: "RONIN" as const });
  const timing = { actionMs: YEAR_MS, bankMs: 0, roundPauseMs: 0 };
  const fighters: [ReturnType<typeof fighter>, ReturnType<typeof fighter>] = [fighter("BOT_A"), fighter("BOT_B")];
  return after(openFight({ ladder: "PIT", rated: true, sealed: false, timing, fighters }), { type: "START" }, nowMs);
}

function after(state: FightState, command: Parameters<typeof decide>[1], nowMs: number): FightState {
  const decision = decide(state, command, nowMs);
  if (!decision.ok) throw new Error(decision.refusal);
  return decision.state;
}

/** The same fight played to its end: A hits, B recovers. */
function endedFight(): FightState {
  let state = freshFight(START_MS);
  while (!isOver(state)) {
    const { round, exchange } = state;
    const next = (botId: string, action: "JAB_HIGH" | "RECOVER") =>
      void (state = after(state, { type: "SUBMIT", botId, round, exchange, action }, START_MS));
    if (state.phase === "ROUND_OVER") state = after(state, timePasses(state, new Uint8Array(32)), START_MS);
    else {
      next("BOT_A", exchange % 2 === 0 ? "RECOVER" : "JAB_HIGH");
      next("BOT_B", "RECOVER");
    }
  }
  return state;
}

/** Live fights 1…n of bots 2n−1 and 2n, in round 1 before the first actions. Written again, they begin again. */
export async function fillLiveFights(url: string, fights: number): Promise<void> {
  const state = `replace(replace($1, 'BOT_A', ${sqlIdOf("bot", "(2 * n - 1)")}::text), 'BOT_B', ${sqlIdOf("bot", "(2 * n)")}::text)::jsonb`;
  await withClient(url, async (client) => {
    await withoutChecks(client, "TRUNCATE stream_head, stream_event, fight, contest, contest_participant CASCADE");
    await withoutChecks(
      client,
      `INSERT INTO contest (id, ladder, status, origin, rated, seed_hash, seed, created_at, started_at)
       SELECT ${sqlIdOf("contest", "n")}, 'PIT', 'LIVE', 'RATED_QUEUE', true, '\\x00', sha256('\\x00'), now(), now() FROM generate_series(1, ${fights}) n`,
    );
    await withoutChecks(
      client,
      `INSERT INTO contest_participant (contest_id, side, bot_id, ladder, character, rating_before)
       SELECT ${sqlIdOf("contest", "n")}, side, ${sqlIdOf("bot", "(2 * n - 1 + side)")}, 'PIT', 'RONIN', 1000
       FROM generate_series(1, ${fights}) n, generate_series(0, 1) side`,
    );
    await withoutChecks(
      client,
      `INSERT INTO fight (id, rules, phase, state, deadline_at) SELECT ${sqlIdOf("contest", "n")}, '${RULES}', 'WAITING_FOR_ACTIONS', ${state}, now() + interval '1 year' FROM generate_series(1, ${fights}) n`,
      [JSON.stringify(freshFight(Date.now()))],
    );
    await client.query("VACUUM ANALYZE fight, contest, contest_participant");
  });
}
