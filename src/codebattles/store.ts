import { leaseHeld } from "../platform/leases.ts";
import { statement } from "../platform/statement.ts";

export const insertRepository = statement(
  "code.insert-repository",
  `INSERT INTO code_repository (id, owner_id, url, public, token, facts, found, setup, test, created_at)
   VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7::jsonb, $8::text[], $9, $10)`,
  {},
);
export const repositoriesOf = statement(
  "code.repositories-of",
  `SELECT count(*)::int4 AS repositories FROM code_repository WHERE owner_id = $1 AND removed_at IS NULL`,
  { repositories: "int4" },
);
const REPOSITORY = {
  id: "uuid",
  url: "text",
  public: "bool",
  setup: "_text",
  test: "text?",
  reviewed: "bool",
} as const;
/** For the rest of the transaction the repository stays as it is. */
export const ownRepository = statement(
  "code.own-repository",
  `SELECT id, url, public, setup, test, reviewed_at IS NOT NULL AS reviewed FROM code_repository
   WHERE id = $1 AND owner_id = $2 AND removed_at IS NULL FOR NO KEY UPDATE`,
  REPOSITORY,
);
export const reviewSetup = statement(
  "code.review-setup",
  `UPDATE code_repository SET setup = $2::text[], test = $3, reviewed_at = $4 WHERE id = $1`,
  {},
);
export const removeRepositoryRow = statement(
  "code.remove-repository",
  `UPDATE code_repository SET removed_at = $2, token = NULL WHERE id = $1`,
  {},
);

/** A key is sent to the vendor of the agent that it was given for, and to no other. */
const KEEPS_KEY = `excluded.key IS NULL AND g.key_kind = excluded.program->>'kind'`;
export const setGladiator = statement(
  "code.set-gladiator",
  `INSERT INTO code_gladiator AS g (bot_id, program, key, key_kind, token_cap, changed_at)
   VALUES ($1, $2::jsonb, $3, CASE WHEN $3::bytea IS NOT NULL THEN $2::jsonb->>'kind' END, $4, $5)
   ON CONFLICT (bot_id) DO UPDATE SET program = excluded.program, token_cap = excluded.token_cap, changed_at = excluded.changed_at,
     key = CASE WHEN ${KEEPS_KEY} THEN g.key ELSE excluded.key END,
     key_kind = CASE WHEN ${KEEPS_KEY} THEN g.key_kind ELSE excluded.key_kind END`,
  {},
);
/** For which kind of agent a bot has a key. */
export const keyKind = statement("code.key-kind", `SELECT key_kind FROM code_gladiator WHERE bot_id = $1 FOR UPDATE`, {
  key_kind: "text?",
});
export const removeKey = statement(
  "code.remove-key",
  `UPDATE code_gladiator SET key = NULL, key_kind = NULL, changed_at = $2 WHERE bot_id = $1 AND key IS NOT NULL RETURNING bot_id`,
  { bot_id: "uuid" },
);
/** What a gladiator had when it was drawn: its owner's changes since are for the next battle; and what it has used of it. */
export const modelKey = statement(
  "code.model-key",
  `SELECT key, token_cap, tokens_spent FROM code_entry WHERE id = $1`,
  {
    key: "bytea?",
    token_cap: "int4?",
    tokens_spent: "int8",
  },
);
/** Of all runs of an entry together, also of those that were cut off: the cap is a battle's. */
export const spendTokens = statement(
  "code.spend-tokens",
  `UPDATE code_entry SET tokens_spent = tokens_spent + $2::int8 WHERE id = $1`,
  {},
);
export const forgetKeys = statement(
  "code.forget-keys",
  `UPDATE code_entry SET key = NULL WHERE battle_id = $1 AND key IS NOT NULL`,
  {},
);

export const insertBattle = statement(
  "code.insert-battle",
  `INSERT INTO code_battle (id, owner_id, repository_id, public, open, prompt, revision, source, setup, test, checks, gladiators_max, time_limit_ms, votes, votes_ms, phase, created_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::text[], $10, $11::jsonb, $12, $13, $14, $15, 'DRAFT', $16)`,
  {},
);
const BATTLE = {
  id: "uuid",
  owner_id: "uuid",
  public: "bool",
  open: "bool",
  phase: "text",
  attempt: "int4",
  failure: "text?",
  fence: "int8?",
  gladiators_max: "int4",
  votes: "bool",
  votes_until: "timestamptz?",
  seed: "bytea",
  rated: "bool",
} as const;
const BATTLE_COLUMNS = `b.id, b.owner_id, b.public, b.open, b.phase, b.attempt, b.failure, b.fence, b.gladiators_max, b.votes, b.votes_until, c.seed, c.rated`;
export const lockBattle = statement(
  "code.lock-battle",
  `SELECT ${BATTLE_COLUMNS} FROM code_battle b JOIN contest c ON c.id = b.id WHERE b.id = $1 FOR UPDATE OF b`,
  BATTLE,
);
/** As its runner: no row once the lease has gone to another, whose take-over waits for this transaction. */
export const lockHeldBattle = statement(
  "code.lock-held-battle",
  `SELECT ${BATTLE_COLUMNS} FROM code_battle b JOIN contest c ON c.id = b.id WHERE b.id = $1 AND ${leaseHeld("$2", "$3")} FOR UPDATE OF b`,
  BATTLE,
);
export const writeStage = statement(
  "code.write-stage",
  `UPDATE code_battle SET phase = $2, attempt = $3, failure = $4, fence = $5::bigint WHERE id = $1`,
  {},
);
export const countTold = statement(
  "code.count-told",
  `UPDATE code_battle SET last_seq = last_seq + $2 WHERE id = $1`,
  {},
);
export const writeBaseTests = statement(
  "code.write-base-tests",
  `UPDATE code_battle SET tests = $2::jsonb WHERE id = $1`,
  {},
);
/** Whether no node holds a battle: what another one works on takes none of this node's places. */
const FREE = (id: string) =>
  `NOT EXISTS (SELECT FROM lease l WHERE l.name = 'battle:' || ${id}::text AND l.expires_at >= now())`;
/** Battles that wait for a node, none on which people still vote at $1: the first of each owner, then the second of each, so that nobody's ten keep others waiting. */
export const workingBattles = statement(
  "code.working-battles",
  `WITH working AS (
     SELECT id, row_number() OVER (PARTITION BY owner_id ORDER BY id) AS nth FROM code_battle
     WHERE phase IN ('SETUP', 'RUNNING', 'COLLECTING', 'JUDGING') AND (votes_until IS NULL OR votes_until <= $1)
   )
   SELECT w.id FROM working w WHERE ${FREE("w.id")} ORDER BY w.nth, w.id LIMIT 50`,
  { id: "uuid" },
);
/** The oldest first. */
export const battlesToPush = statement(
  "code.battles-to-push",
  `SELECT DISTINCT e.battle_id AS id FROM code_entry e WHERE e.push = 'REQUESTED' AND ${FREE("e.battle_id")} ORDER BY e.battle_id LIMIT 50`,
  { id: "uuid" },
);
/** All that a runner needs to know of a battle; it does not change once it has started. */
export const planOf = statement(
  "code.plan",
  `SELECT b.id, b.prompt, b.source, b.setup, b.test, b.checks, b.time_limit_ms, b.votes, b.votes_ms, b.votes_until, b.phase, r.id AS repository_id, r.url
   FROM code_battle b JOIN code_repository r ON r.id = b.repository_id WHERE b.id = $1`,
  {
    id: "uuid",
    prompt: "text",
    source: "text",
    setup: "_text",
    test: "text",
    checks: "jsonb",
    time_limit_ms: "int4",
    votes: "bool",
    votes_ms: "int4",
    votes_until: "timestamptz?",
    phase: "text",
    repository_id: "uuid",
    url: "text",
  },
);

export const insertEntry = statement(
  "code.insert-entry",
  `INSERT INTO code_entry (id, battle_id, bot_id, status, created_at) VALUES ($1, $2, $3, $4, $5)`,
  {},
);
export const answerEntry = statement(
  "code.answer-entry",
  `UPDATE code_entry SET status = $3 WHERE battle_id = $1 AND bot_id = $2 AND status = 'INVITED' RETURNING id`,
  { id: "uuid" },
);
export const countEntries = statement(
  "code.count-entries",
  `SELECT count(*)::int4 AS entries FROM code_entry WHERE battle_id = $1`,
  { entries: "int4" },
);
/** Whether a gladiator can fight: of what is no agent, or with a key for this very agent. */
const CAN_FIGHT = `(g.program->>'kind' IN ('HOUSE', 'COMMAND') OR g.key_kind = g.program->>'kind')`;
/** Who may be drawn: entered, of a kind of $2, not barred since, and not in another battle; with the teams of the bot's owner. */
export const candidates = statement(
  "code.candidates",
  `SELECT e.bot_id, b.owner_id, ARRAY(SELECT m.team_id::text FROM team_member m WHERE m.user_id = b.owner_id) AS teams, g.program
   FROM code_entry e JOIN bot b ON b.id = e.bot_id JOIN code_gladiator g ON g.bot_id = b.id
   WHERE e.battle_id = $1 AND e.status = 'ENTERED' AND g.program->>'kind' = ANY($2::text[]) AND ${CAN_FIGHT} AND b.archived_at IS NULL AND b.suspended_at IS NULL
     AND NOT EXISTS (SELECT FROM live_participation l WHERE l.bot_id = b.id AND l.ladder = 'CODE')
   ORDER BY e.id`,
  { bot_id: "uuid", owner_id: "uuid", teams: "_text", program: "jsonb" },
);
export const teamsOfUser = statement(
  "code.teams-of-user",
  `SELECT team_id::text AS team_id FROM team_member WHERE user_id = $1`,
  { team_id: "text" },
);
/** Whose a bot is, whether it may play, and whether it is a gladiator; a bot that is not there has no row. */
export const botFacts = statement(
  "code.bot-facts",
  `SELECT b.id, b.owner_id, b.archived_at IS NOT NULL OR b.suspended_at IS NOT NULL AS barred, 
          COALESCE(${CAN_FIGHT}, false) AS gladiator, g.program->>'kind' AS kind
   FROM bot b LEFT JOIN code_gladiator g ON g.bot_id = b.id WHERE b.id = ANY($1::uuid[])`,
  { id: "uuid", owner_id: "uuid", barred: "bool", gladiator: "bool", kind: "text?" },
);
/** $2: the drawn, by seat, with their programs, keys and caps as they are now. */
export const drawEntries = statement(
  "code.draw-entries",
  `WITH drawn AS (SELECT * FROM json_to_recordset($2::json) AS g(bot_id uuid, seat int, program jsonb))
   UPDATE code_entry e SET status = CASE WHEN d.bot_id IS NULL THEN 'NOT_DRAWN' ELSE 'DRAWN' END, seat = d.seat, program = d.program,
     key = CASE WHEN g.key_kind = d.program->>'kind' THEN g.key END, token_cap = g.token_cap
   FROM code_entry o LEFT JOIN drawn d ON d.bot_id = o.bot_id LEFT JOIN code_gladiator g ON g.bot_id = d.bot_id
   WHERE o.battle_id = $1 AND e.id = o.id AND o.status IN ('ENTERED', 'INVITED')`,
  {},
);
export const seatedEntries = statement(
  "code.seated-entries",
  `SELECT e.id, e.bot_id, b.name, e.seat, e.program, e.outcome, e.time_ms, e.input_tokens, e.output_tokens, e.commit, e.files_changed, e.lines_added, e.lines_removed,
          e.score, e.push, e.branch
   FROM code_entry e JOIN bot b ON b.id = e.bot_id WHERE e.battle_id = $1 AND e.status = 'DRAWN' ORDER BY e.seat`,
  {
    id: "uuid",
    bot_id: "uuid",
    name: "text",
    seat: "int4",
    program: "jsonb",
    outcome: "text?",
    time_ms: "int4?",
    input_tokens: "int4",
    output_tokens: "int4",
    commit: "text?",
    files_changed: "int4?",
    lines_added: "int4?",
    lines_removed: "int4?",
    score: "jsonb?",
    push: "text?",
    branch: "text?",
  },
);
export const writeFought = statement(
  "code.write-fought",
  `UPDATE code_entry SET exit_code = $2, time_ms = $3, input_tokens = $4, output_tokens = $5, untold = $6, outcome = $7 WHERE id = $1`,
  {},
);
/** A stage that begins anew forgets what its first beginning wrote. */
export const forgetFought = statement(
  "code.forget-fought",
  `WITH open AS (
     UPDATE code_entry SET exit_code = NULL, time_ms = NULL, input_tokens = 0, output_tokens = 0, untold = 0, outcome = NULL
     WHERE battle_id = $1 AND status = 'DRAWN' AND commit IS NULL RETURNING id
   )
   DELETE FROM code_artifact a USING open WHERE a.entry_id = open.id`,
  {},
);
export const writeCollected = statement(
  "code.write-collected",
  `UPDATE code_entry SET outcome = $2, commit = $3, files_changed = $4, lines_added = $5, lines_removed = $6 WHERE id = $1`,
  {},
);
export const writeScore = statement("code.write-score", `UPDATE code_entry SET score = $2::jsonb WHERE id = $1`, {});
/** $2: a part of what is kept of a judged entry. The six numbers are not looked for among two thousand tests here. */
export const reportParts = statement(
  "code.report-parts",
  `SELECT id, score -> $2::text AS part FROM code_entry WHERE id = ANY($1::uuid[])`,
  { id: "uuid", part: "jsonb?" },
);
export const writePlacements = statement(
  "code.write-placements",
  `UPDATE code_entry e SET placement = g.placement FROM json_to_recordset($1::json) AS g(id uuid, placement int) WHERE e.id = g.id`,
  {},
);
export const requestPush = statement(
  "code.request-push",
  `UPDATE code_entry SET push = 'REQUESTED', push_refusal = NULL
   WHERE battle_id = $1 AND commit IS NOT NULL AND push IS DISTINCT FROM 'PUSHED' RETURNING id`,
  { id: "uuid" },
);
export const writePush = statement(
  "code.write-push",
  `UPDATE code_entry SET push = $2, branch = $3, push_refusal = $4 WHERE id = $1`,
  {},
);

export const writeArtifact = statement(
  "code.write-artifact",
  `INSERT INTO code_artifact (battle_id, entry_id, kind, chunk, bytes)
   SELECT $1, $2, $3, g.chunk::int - 1 + $5, g.bytes FROM unnest($4::bytea[]) WITH ORDINALITY AS g(bytes, chunk)
   ON CONFLICT (entry_id, kind, chunk) DO UPDATE SET bytes = excluded.bytes`,
  {},
);
export const readArtifact = statement(
  "code.read-artifact",
  `SELECT bytes FROM code_artifact WHERE entry_id = $1 AND kind = $2 ORDER BY chunk`,
  { bytes: "bytea" },
);
export const readArtifacts = statement(
  "code.read-artifacts",
  `SELECT entry_id, bytes FROM code_artifact WHERE entry_id = ANY($1::uuid[]) AND kind = $2 ORDER BY entry_id, chunk`,
  { entry_id: "uuid", bytes: "bytea" },
);
export const writeAudit = statement(
  "code.write-audit",
  `INSERT INTO code_audit (id, battle_id, at, operation, about) VALUES ($1, $2, $3, $4, $5)`,
  {},
);

export const openBattlesOf = statement(
  "code.open-battles-of",
  `SELECT count(*)::int4 AS battles FROM code_battle WHERE owner_id = $1 AND phase IN ('DRAFT', 'SETUP', 'RUNNING', 'COLLECTING', 'JUDGING')`,
  { battles: "int4" },
);
export const baseTests = statement("code.base-tests", `SELECT tests FROM code_battle WHERE id = $1`, {
  tests: "jsonb",
});
export const claimStage = statement("code.claim-stage", `UPDATE code_battle SET fence = $2::bigint WHERE id = $1`, {});
/** Whether everybody sees a battle, and whether $2 does in any case: its owner, and whose gladiator has entered or was drawn. */
export const battleSeen = statement(
  "code.battle-seen",
  `SELECT b.public, COALESCE(b.owner_id = $2, false) OR EXISTS (
     SELECT FROM code_entry e JOIN bot t ON t.id = e.bot_id WHERE e.battle_id = b.id AND t.owner_id = $2 AND e.status IN ('ENTERED', 'DRAWN')
   ) AS inside FROM code_battle b WHERE b.id = $1`,
  { public: "bool", inside: "bool" },
);
