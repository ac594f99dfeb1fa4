import { NEWCOMER } from "./ladder.ts";
import { bets, pools } from "./money.ts";
import { id, OWNER } from "./sql.ts";

const BATTLE = id("battle", "0");
const SCORE = (rows: string) =>
  `jsonb_build_object('score', '{"checksPassed":1,"testsPassed":1,"regressions":0,"diffLines":1,"timeMs":1,"tokens":1}'::jsonb,
    'matrix', (SELECT jsonb_agg('{"name":"t","base":"PASSED","own":"PASSED","restored":"PASSED"}'::jsonb) FROM generate_series(1, ${rows})),
    'checks', (SELECT jsonb_agg('{"name":"c","passed":true}'::jsonb) FROM generate_series(1, ${rows})))`;
/** So many repositories and battles of the owner, on which people vote, and in the first battle so many entries and operations. */
function battles(rows: string, n: string, first: boolean): string[] {
  const series = `FROM generate_series(1, ${rows}) n`;
  const battle = first ? BATTLE : id("battle", n);
  const bot = first ? ":bot" : id("bot", n);
  const entry = (of: string, who: string, seed: string) =>
    `INSERT INTO code_entry (id, battle_id, bot_id, status, seat, program, outcome, commit, score, created_at)
     SELECT ${id(seed, n)}, ${of}, ${who}, 'DRAWN', ${n}, '{"kind":"HOUSE","skill":"SCRIBE"}', 'JUDGED', repeat('c', 40), ${SCORE(rows)}, now() ${series}`;
  return [
    `INSERT INTO code_repository (id, owner_id, url, public, facts, found, setup, test, created_at)
     SELECT ${first ? id("repository", "0") : id("repository", n)}, ${OWNER}, 'https://host.example/' || ${n} || '.git', true,
       '{"files":1,"bytes":1,"submodules":0,"agentSettings":[]}', '{"setup":[],"test":"npm test","because":[]}', '{}', 'npm test', now() ${series}`,
    `INSERT INTO github_installation (id, owner_id, number, account, organization, login, login_number, created_at)
     SELECT ${first ? id("installation", "0") : id("installation", n)}, ${OWNER}, ${n}, 'acme', true, 'octo', 1, now() ${series}`,
    `INSERT INTO github_repository (id, installation_id, number, name, private, default_branch)
     SELECT gen_random_uuid(), i.id, 1000 + ${n}, 'acme/r' || ${n}, true, 'main' FROM github_installation i, generate_series(1, ${rows}) n`,
    `INSERT INTO contest (id, ladder, status, origin, rated, seed_hash, seed, created_at, started_at, ended_at)
     SELECT ${battle}, 'CODE', 'COMPLETED', 'OPEN_ENTRY', true, '\\x00', '\\x00', now(), now(), now() ${series}`,
    `INSERT INTO code_battle (id, owner_id, repository_id, public, open, prompt, source, setup, test, checks, gladiators_max, time_limit_ms, votes, votes_until, phase, created_at)
     SELECT ${battle}, ${OWNER}, ${id("repository", "0")}, true, true, 'p', repeat('a', 40), '{}', 'npm test', '[]', 8, 5000, true, now() + interval '1 day', 'JUDGING', now() ${series}`,
    entry(first ? BATTLE : id("battle", n), ":bot", first ? "entry-first" : "entry"),
    ...(first ? [] : [entry(BATTLE, bot, "entry-of-first"), `UPDATE code_entry SET score = ${SCORE("60")}`]),
    `INSERT INTO code_audit (id, battle_id, at, operation, about) SELECT gen_random_uuid(), ${BATTLE}, now(), 'fetch', 'it' ${series}`,
    `INSERT INTO contest_participant (contest_id, side, bot_id, ladder) SELECT ${BATTLE}, ${n}, ${bot}, 'CODE' ${first ? series : "FROM generate_series(2, 7) n"}`,
    ...(first
      ? [
          `INSERT INTO stream_event (stream, seq, type, payload, at) SELECT 'battle:' || ${BATTLE}::text, 1, 'BattleEnded',
             jsonb_build_object('type', 'BattleEnded', 'phase', 'COMPLETED', 'seed', '', 'placements', jsonb_build_array(jsonb_build_object('botId', :bot, 'placement', 1)))::text, now()`,
        ]
      : [
          `UPDATE stream_event SET payload = jsonb_set(payload::jsonb, '{placements}', (SELECT jsonb_agg(p) FROM (SELECT payload::jsonb->'placements'->0 AS p FROM generate_series(1, 8)) eight))::text
           WHERE stream = 'battle:' || ${BATTLE}::text`,
        ]),
  ];
}

/** So many battles that have not started, the owner's bot invited into each. */
const invitations = (rows: string, n: string): string[] => [
  `INSERT INTO contest (id, ladder, status, origin, rated, seed_hash, seed, created_at)
   SELECT ${id("draft", n)}, 'CODE', 'ANNOUNCED', 'INVITATION', false, '\\x00', '\\x00', now() FROM generate_series(1, ${rows}) n`,
  `INSERT INTO code_battle (id, owner_id, repository_id, public, open, prompt, source, setup, test, checks, gladiators_max, time_limit_ms, votes, phase, created_at)
   SELECT ${id("draft", n)}, ${OWNER}, ${id("repository", "0")}, true, false, 'p', repeat('a', 40), '{}', 'npm test', '[]', 8, 5000, false, 'DRAFT', now() FROM generate_series(1, ${rows}) n`,
  `INSERT INTO code_entry (id, battle_id, bot_id, status, created_at)
   SELECT ${id("invitation", n)}, ${id("draft", n)}, :bot, 'INVITED', now() FROM generate_series(1, ${rows}) n`,
];

export const FIRST = [
  ...battles("1", "0", true),
  ...invitations("1", "0"),
  `INSERT INTO contest_participant (contest_id, side, bot_id, ladder) VALUES (${BATTLE}, 1, ${NEWCOMER}, 'CODE')`,
  pools(BATTLE, "1"),
  bets(BATTLE, "1", "0"),
];

export const COPIES = [
  ...battles(":rows", "n", false),
  ...invitations(":rows", "n"),
  pools(id("battle", "n"), ":rows"),
  bets(BATTLE, ":rows", "n"),
  `INSERT INTO stream_event SELECT stream, seq + n, type, payload, at, hash FROM stream_event, generate_series(1, :rows) n
   WHERE stream = 'battle:' || ${BATTLE}::text`,
];
