import { statement } from "../../platform/statement.ts";

const PLACES = { stream: "text", seq: "int4", hash: "bytea?" } as const;

/** Who defines in one scope comes one after the other, so that versions have no gaps. */
export const holdScope = statement(
  "work.hold-scope",
  `SELECT true AS held FROM pg_advisory_xact_lock(hashtextextended('workflow ' || $1, 0))`,
  { held: "bool" },
);
export const latestVersion = statement(
  "work.latest-version",
  `SELECT id, version, body, project_id FROM workflow_definition WHERE scope = $1 AND name = $2 ORDER BY version DESC LIMIT 1`,
  { id: "uuid", version: "int4", body: "jsonb", project_id: "uuid?" },
);
export const definitionsBy = statement(
  "work.definitions-by",
  `SELECT count(*)::int4 AS made FROM (SELECT FROM workflow_definition WHERE creator_id = $1 LIMIT $2) d`,
  { made: "int4" },
);
/** Of these capabilities, those that some bot has which could take tasks of the scope. */
export const knownCapabilities = statement(
  "work.known-capabilities",
  `SELECT DISTINCT c AS capability FROM (
     SELECT capabilities FROM bot WHERE $3::uuid IS NULL AND owner_id = $2 AND archived_at IS NULL
     UNION ALL
     SELECT b.capabilities FROM team_bot m JOIN bot b ON b.id = m.bot_id WHERE m.team_id = $3 AND b.archived_at IS NULL
   ) able CROSS JOIN LATERAL unnest(able.capabilities) c WHERE c = ANY($1::text[])`,
  { capability: "text" },
);
export const insertDefinition = statement(
  "work.insert-definition",
  `INSERT INTO workflow_definition (id, creator_id, team_id, scope, name, version, body, created_at, project_id) VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9)`,
  {},
);

export const workflowsOpenBy = statement(
  "work.workflows-open-by",
  `SELECT count(*)::int4 AS open FROM (SELECT FROM workflow WHERE creator_id = $1 AND ended_at IS NULL LIMIT $2) o`,
  { open: "int4" },
);
/** A definition with the viewer's role in its team. */
export const definitionFor = statement(
  "work.definition-for",
  `SELECT d.id, d.creator_id, d.team_id, d.project_id, d.body, (SELECT m.role FROM team_member m WHERE m.team_id = d.team_id AND m.user_id = $2) AS role
   FROM workflow_definition d WHERE d.id = $1`,
  { id: "uuid", creator_id: "uuid", team_id: "uuid?", project_id: "uuid?", body: "jsonb", role: "text?" },
);
export const definitionBody = statement("work.definition-body", `SELECT body FROM workflow_definition WHERE id = $1`, {
  body: "jsonb",
});
/** A run with a row for each step of its definition, in its order. */
export const insertWorkflow = statement(
  "work.insert-workflow",
  `WITH run AS (
     INSERT INTO workflow (id, definition_id, creator_id, team_id, state, input, wake_at, created_at, updated_at, project_id)
     VALUES ($1, $2, $3, $4, 'PENDING', $5::jsonb, $6, $6, $6, $9)
   ), steps AS (
     INSERT INTO workflow_step (workflow_id, key, position, state, total, made, completed, failed, undo_total, undo_made, undo_completed, undo_failed, place)
     SELECT $1, s.key, s.position, 'WAITING', 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM unnest($7::text[]) WITH ORDINALITY s(key, position)
   )
   SELECT stream, seq, hash FROM append_events($8::json, $6::timestamptz)`,
  PLACES,
);

const RUN = `w.id, w.definition_id, w.creator_id, w.team_id, w.project_id, w.state, w.failure, w.ended_at, w.faults`;
const RUN_ROW = {
  id: "uuid",
  definition_id: "uuid",
  creator_id: "uuid",
  team_id: "uuid?",
  project_id: "uuid?",
  state: "text",
  failure: "text?",
  ended_at: "timestamptz?",
  faults: "int4",
} as const;
/** A run for the one who drives it on; none while somebody else does. */
export const lockWorkflow = statement(
  "work.lock-workflow",
  `SELECT ${RUN} FROM workflow w WHERE w.id = $1 FOR NO KEY UPDATE OF w SKIP LOCKED`,
  RUN_ROW,
);
/** A run for one of its people. */
export const lockWorkflowFor = statement(
  "work.lock-workflow-for",
  `SELECT ${RUN}, (SELECT m.role FROM team_member m WHERE m.team_id = w.team_id AND m.user_id = $2) AS role
   FROM workflow w WHERE w.id = $1 FOR NO KEY UPDATE OF w`,
  { ...RUN_ROW, role: "text?" },
);
export const stepsOf = statement(
  "work.steps-of",
  `SELECT key, state, failure, total, made, completed, failed, undo_total, undo_made, undo_completed, undo_failed, place
   FROM workflow_step WHERE workflow_id = $1 ORDER BY position`,
  {
    key: "text",
    state: "text",
    failure: "text?",
    total: "int4",
    made: "int4",
    completed: "int4",
    failed: "int4",
    undo_total: "int4",
    undo_made: "int4",
    undo_completed: "int4",
    undo_failed: "int4",
    place: "int4",
  },
);
export const inputOf = statement("work.input-of", `SELECT input FROM workflow WHERE id = $1`, { input: "jsonb" });

/** Runs whose time has come, or of which a task ended, unless they rest; bounded, so that a crowd of them is taken in turns. */
export const dueWorkflows = statement(
  "work.due-workflows",
  `(SELECT id FROM workflow WHERE wake_at <= $1 ORDER BY wake_at LIMIT $2)
   UNION
   (SELECT DISTINCT workflow_id FROM task WHERE workflow_id IS NOT NULL AND ended_at IS NOT NULL AND NOT absorbed
     AND workflow_id NOT IN (SELECT id FROM workflow WHERE faults > 0 AND wake_at > $1) LIMIT $2)`,
  { id: "uuid" },
);
/** One more time a run could not go on: until then it is not looked at. */
export const restWorkflow = statement(
  "work.rest-workflow",
  `UPDATE workflow SET faults = faults + 1, wake_at = $2 WHERE id = $1`,
  {},
);
/** Takes in some tasks that ended, under the lock of their run: each is counted once. */
export const absorb = statement(
  "work.absorb",
  `WITH taken AS (
     UPDATE task SET absorbed = true WHERE id IN (
       SELECT id FROM task WHERE workflow_id = $1 AND ended_at IS NOT NULL AND NOT absorbed LIMIT $2
     ) RETURNING step_key, undoes, state
   )
   SELECT step_key AS key, undoes, (count(*) FILTER (WHERE state = 'COMPLETED'))::int4 AS completed,
     (count(*) FILTER (WHERE state <> 'COMPLETED'))::int4 AS failed
   FROM taken GROUP BY step_key, undoes ORDER BY step_key, undoes`,
  { key: "text?", undoes: "bool", completed: "int4", failed: "int4" },
);
/** What steps gave: a task's result, or a list of results where it fanned out, null for what failed. None where it is too large to be read. */
export const outputsOf = statement(
  "work.outputs-of",
  `SELECT k.key, s.bytes <= $4 AS fits, CASE WHEN s.bytes <= $4 THEN (
       SELECT jsonb_agg(CASE WHEN t.state = 'COMPLETED' THEN t.result END ORDER BY t.item_index)
       FROM task t WHERE t.workflow_id = $1 AND t.step_key = k.key AND NOT t.undoes AND (k.fans OR t.state = 'COMPLETED')
     ) END AS results
   FROM unnest($2::text[], $3::bool[]) k(key, fans) CROSS JOIN LATERAL (
     SELECT COALESCE(sum(octet_length(t.result::text) + 1), 0) AS bytes FROM task t
     WHERE t.workflow_id = $1 AND t.step_key = k.key AND NOT t.undoes
   ) s`,
  { key: "text?", fits: "bool?", results: "jsonb?" },
);
/** Tasks of a step, one for each payload, from one item on. */
export const insertStepTasks = statement(
  "work.insert-step-tasks",
  `INSERT INTO task (id, lane_id, creator_id, team_id, visibility, title, payload, result_schema, capabilities, priority, complexity, assign, plan,
     approval, state, ready, attempt, fence, pushed, ready_at, start_by, deadline_at, created_at, updated_at, workflow_id, step_key, item_index, project_id)
   SELECT i.id, l.id, $3, $4, CASE WHEN $4::uuid IS NULL THEN 'PRIVATE' ELSE 'TEAM' END, $5, i.payload::jsonb, $6::jsonb, $2::text[], $7, $8, $9, $10::jsonb,
     $11, $12, $13, 1, 0, false, $14, $15, $16, $17, $17, $18, $19, $20::int4 + i.place::int4 - 1, $23
   FROM task_lane l CROSS JOIN unnest($21::uuid[], $22::text[]) WITH ORDINALITY i(id, payload, place)
   WHERE l.scope = $1 AND l.capabilities = $2::text[]`,
  {},
);
/** Tasks that undo what a step's tasks did, for the next items that were done. */
export const insertUndoTasks = statement(
  "work.insert-undo-tasks",
  `INSERT INTO task (id, lane_id, creator_id, team_id, visibility, title, payload, capabilities, priority, complexity, assign, plan,
     approval, state, ready, attempt, fence, pushed, ready_at, start_by, deadline_at, created_at, updated_at, workflow_id, step_key, item_index, undoes, project_id)
   SELECT i.id, l.id, $3, $4, CASE WHEN $4::uuid IS NULL THEN 'PRIVATE' ELSE 'TEAM' END, $5, d.payload, $2::text[], $6, $7, $8, $9::jsonb,
     false, $10, $11, 1, 0, false, $12, $13, $14, $15, $15, $16, $17, d.item_index, true, $19
   FROM task_lane l CROSS JOIN unnest($18::uuid[]) WITH ORDINALITY i(id, place) JOIN (
     SELECT t.item_index, jsonb_build_object('input', t.payload, 'output', t.result) AS payload, row_number() OVER (ORDER BY t.item_index) AS place
     FROM task t WHERE t.workflow_id = $16 AND t.step_key = $17 AND NOT t.undoes AND t.state = 'COMPLETED' AND t.item_index > COALESCE(
       (SELECT max(u.item_index) FROM task u WHERE u.workflow_id = $16 AND u.step_key = $17 AND u.undoes), -1)
     ORDER BY t.item_index LIMIT cardinality($18::uuid[])
   ) d ON d.place = i.place
   WHERE l.scope = $1 AND l.capabilities = $2::text[]`,
  {},
);
/** Tasks of a run that nobody needs any more, of some of its steps where these are named; those that undo only where asked. */
export const unwantedTasks = statement(
  "work.unwanted-tasks",
  `SELECT id FROM task WHERE workflow_id = $1 AND ended_at IS NULL AND (NOT undoes OR $2) AND ($4::text[] IS NULL OR step_key = ANY($4))
     ORDER BY id LIMIT $3`,
  { id: "uuid" },
);
/** One statement for what became of a run: its row, the steps that are different, and the events that tell it. */
export const writeWorkflow = statement(
  "work.write-workflow",
  `WITH run AS (
     UPDATE workflow SET state = $2, failure = $3, wake_at = $4, updated_at = $5, ended_at = $6, faults = 0 WHERE id = $1
   ), steps AS (
     UPDATE workflow_step s SET state = n.state, failure = n.failure, total = n.total, made = n.made, completed = n.completed, failed = n.failed,
       undo_total = n.undo_total, undo_made = n.undo_made, undo_completed = n.undo_completed, undo_failed = n.undo_failed, place = n.place
     FROM json_to_recordset($7::json) AS n(key text, state text, failure text, total int4, made int4, completed int4, failed int4,
       undo_total int4, undo_made int4, undo_completed int4, undo_failed int4, place int4)
     WHERE s.workflow_id = $1 AND s.key = n.key
   )
   SELECT stream, seq, hash FROM append_events($8::json, $5::timestamptz)`,
  PLACES,
);
