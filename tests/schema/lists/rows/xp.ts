import { id, OWNER } from "./sql.ts";
import { PROJECT, TEAM } from "./work.ts";

/** So many events, days, skills and achievements of the owner; bots on the board, and in the team and its project such as others brought, too. */
function xp(rows: string, n: string, first: boolean): string[] {
  const series = `FROM generate_series(1, ${rows}) n`;
  const [bot, brought] = [first ? ":bot" : id("bot", n), id("brought", n)];
  return [
    `INSERT INTO xp_event (id, source, external_id, bot_id, owner_id, origin, kind, success, custom, skills, bonuses, computed, added, publicly, occurred_at, recorded_at)
     SELECT gen_random_uuid(), 'task', '${rows}' || n, :bot, ${OWNER}, 'OBSERVED', 'TASK_COMPLETION', true, 100, '{a}', '{}', 10, 10, false, now(), now() ${series}`,
    `INSERT INTO xp_bot (bot_id, owner_id, xp, public_xp, board_xp) SELECT ${bot}, ${OWNER}, 100, 100, 100 ${series}`,
    `INSERT INTO xp_user (user_id, xp, public_xp, board_xp) SELECT ${first ? OWNER : id("mate", n)}, 100, 100, 100 ${series}`,
    `INSERT INTO xp_day (bot_id, day, xp, public_xp, contest_xp, tries, successes, wins, draws, losses, quality_sum, quality_count, hours, complexities, durations)
     SELECT :bot, current_date - ${n}, 10, 10, 0, 1, 1, 0, 0, 0, 0, 0, '{1}', '{1}', '{1}' ${series}`,
    `INSERT INTO xp_user_day (user_id, day, xp, public_xp, contest_xp) SELECT ${OWNER}, current_date - ${n}, 10, 10, 0 ${series}`,
    `INSERT INTO xp_skill (bot_id, skill, xp, tries, successes) SELECT :bot, 'skill-' || ${n}, 10, 1, 1 ${series}`,
    `UPDATE bot SET capabilities = ARRAY(SELECT 'skill-' || k FROM generate_series(0, ${n === "n" ? "60" : "0"}) k) WHERE owner_id = ${OWNER}`,
    `INSERT INTO bot (id, owner_id, name, created_at, capabilities)
     SELECT ${brought}, ${id("mate", n)}, 'Brought_' || ${n}, now(), ARRAY(SELECT 'skill-' || k FROM generate_series(0, 60) k) ${series}`,
    `INSERT INTO team_bot (team_id, bot_id, added_at) SELECT ${TEAM}, ${brought}, now() ${series}`,
    `INSERT INTO xp_project_bot (project_id, bot_id, xp, tries, successes) SELECT ${PROJECT}, ${brought}, 10, 1, 1 ${series}`,
    `INSERT INTO xp_project_day (project_id, day, bot_id, xp) SELECT ${PROJECT}, current_date, ${brought}, 10 ${series}`,
    `INSERT INTO xp_use (user_id, bot_id, uses, successes, last_at) SELECT ${OWNER}, ${brought}, 1, 1, now() ${series}`,
    `INSERT INTO xp_badge (user_id, issuer_key, key, issuer, name, description, at, imported_at)
     SELECT ${OWNER}, 'key', '${rows}' || n, 'https://elsewhere.example', 'Iron Will', 'Go on.', now(), now() ${series}`,
    `UPDATE task SET capabilities = ARRAY(SELECT 'gap-' || k FROM generate_series(0, ${n === "n" ? "60" : "0"}) k) WHERE team_id = ${TEAM}`,
  ];
}

export const FIRST = [...xp("1", "0", true)];

export const COPIES = [...xp(":rows", "n", false)];
