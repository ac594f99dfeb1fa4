import { statement } from "../../platform/statement.ts";

const ROW = {
  id: "uuid",
  creator_id: "uuid",
  team_id: "uuid?",
  project_id: "uuid?",
  scope: "text",
  assign: "text",
  result_schema: "jsonb?",
  plan: "jsonb",
  state: "text",
  ready: "bool",
  hopeless: "bool",
  attempt: "int4",
  fence: "int4",
  bot_id: "uuid?",
  last_bot_id: "uuid?",
  pushed: "bool",
  ready_at: "timestamptz?",
  start_by: "timestamptz?",
  lease_until: "timestamptz?",
  close_by: "timestamptz?",
  failure: "text?",
  approval: "bool",
  complexity: "text",
  capabilities: "_text",
  started_at: "timestamptz?",
  progress_told_at: "timestamptz?",
  bot_owner_id: "uuid?",
  workflow_id: "uuid?",
} as const;
/** What the machine and those who are told need of a task. */
const COLUMNS = `t.id, t.creator_id, t.team_id, t.project_id, (SELECT l.scope FROM task_lane l WHERE l.id = t.lane_id) AS scope, t.assign,
  t.result_schema, t.plan, t.state, t.ready, t.state = 'BLOCKED' AND t.deadline_at IS NOT NULL AS hopeless, t.attempt, t.fence, t.bot_id, t.last_bot_id, t.pushed, t.ready_at, t.start_by,
  t.lease_until, t.close_by, t.failure, t.approval, t.complexity, t.capabilities, t.started_at, t.progress_told_at, t.workflow_id,
  (SELECT b.owner_id FROM bot b WHERE b.id = t.bot_id) AS bot_owner_id`;

/** Whoever waited for the deletion of the account hears that it is gone. */
export const holdCreator = statement(
  "work.hold-creator",
  `SELECT deleted_at IS NOT NULL AS gone FROM app_user WHERE id = $1 FOR NO KEY UPDATE`,
  { gone: "bool" },
);
/** The same of who made a task ($1), for that person and for members of the task's team ($2). */
export const holdCreatorOf = statement(
  "work.hold-creator-of",
  `SELECT u.id, u.deleted_at IS NOT NULL AS gone FROM app_user u WHERE u.id = (
     SELECT t.creator_id FROM task t WHERE t.id = $1 AND (t.creator_id = $2
       OR EXISTS (SELECT FROM team_member m WHERE m.team_id = t.team_id AND m.user_id = $2))
   ) FOR NO KEY UPDATE OF u`,
  { id: "uuid", gone: "bool" },
);
export const openBy = statement(
  "work.open-by",
  `SELECT count(*)::int4 AS open FROM (SELECT FROM task WHERE creator_id = $1 AND ended_at IS NULL LIMIT $2) o`,
  { open: "int4" },
);
/** In how many lanes other than one ($2) public tasks of a person are open, at most as many as are counted ($3). */
export const otherPublicLanes = statement(
  "work.other-public-lanes",
  `WITH RECURSIVE lanes AS (
     (SELECT lane_id FROM task WHERE creator_id = $1 AND visibility = 'PUBLIC' AND ended_at IS NULL ORDER BY lane_id LIMIT 1)
     UNION ALL
     SELECT (SELECT t.lane_id FROM task t WHERE t.creator_id = $1 AND t.visibility = 'PUBLIC' AND t.ended_at IS NULL AND t.lane_id > l.lane_id ORDER BY t.lane_id LIMIT 1)
     FROM lanes l WHERE l.lane_id IS NOT NULL
   )
   SELECT count(*)::int4 AS open FROM (SELECT lane_id FROM lanes WHERE lane_id IS NOT NULL LIMIT $3 + 1) o
   JOIN task_lane l ON l.id = o.lane_id AND l.capabilities <> $2::text[]`,
  { open: "int4" },
);
export const roleIn = statement("work.role-in", `SELECT role FROM team_member WHERE team_id = $1 AND user_id = $2`, {
  role: "text",
});
export const rolesOf = statement(
  "work.roles-of",
  `SELECT team_id, role FROM team_member WHERE user_id = $1 AND team_id = ANY($2::uuid[])`,
  { team_id: "uuid", role: "text" },
);
/** What a new task is to wait for: the creator's own, unless of a team that the creator has left, or the same team's. Locked, so that none ends unseen meanwhile. */
export const lockInputs = statement(
  "work.lock-inputs",
  `SELECT t.state, (SELECT count(*)::int4 FROM task_input d WHERE d.input_id = t.id) AS dependents
   FROM task t WHERE t.id = ANY($1::uuid[]) AND (t.team_id = $3 OR (t.creator_id = $2 AND (t.team_id IS NULL
     OR EXISTS (SELECT FROM team_member m WHERE m.team_id = t.team_id AND m.user_id = $2)))) ORDER BY t.id FOR UPDATE OF t`,
  { state: "text", dependents: "int4" },
);
export const dependents = statement(
  "work.dependents",
  `SELECT task_id FROM task_input WHERE input_id = $1 ORDER BY task_id`,
  { task_id: "uuid" },
);
/** What waits for a task that was cancelled waits for nothing: time ends it, and then what waits for it in turn. */
export const doomDependents = statement(
  "work.doom-dependents",
  `UPDATE task SET deadline_at = $2 WHERE id IN (
     SELECT t.id FROM task_input d JOIN task t ON t.id = d.task_id WHERE d.input_id = $1 AND t.state = 'BLOCKED' ORDER BY t.id FOR UPDATE OF t
   )`,
  {},
);
/** Asked under the dependent's lock: of two inputs that are done at once, the second sees the first. */
export const waitsForMore = statement(
  "work.waits-for-more",
  `SELECT d.input_id FROM task_input d JOIN task i ON i.id = d.input_id WHERE d.task_id = $1 AND d.input_id <> $2 AND i.state <> 'COMPLETED' LIMIT 1`,
  { input_id: "uuid" },
);
/** A lane is made by its first task. Who meets another's insert waits for it and reads it then. */
export const makeLane = statement(
  "work.make-lane",
  `INSERT INTO task_lane (scope, capabilities)
   SELECT $1, $2::text[] WHERE NOT EXISTS (SELECT FROM task_lane WHERE scope = $1 AND capabilities = $2::text[]) ON CONFLICT DO NOTHING`,
  {},
);
/** Lanes behind one of them that are awake, held: whoever makes a task wait in one of them comes before or after. */
export const holdLanes = statement(
  "work.hold-lanes",
  `SELECT id FROM task_lane WHERE NOT asleep AND id > $1 ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED`,
  { id: "int4" },
);
/** A statement of its own behind the lock, so that it sees what was made to wait before. */
export const putToSleep = statement(
  "work.put-to-sleep",
  `UPDATE task_lane l SET asleep = true
   WHERE l.id = ANY($1::int4[]) AND NOT EXISTS (SELECT FROM task t WHERE t.lane_id = l.id AND t.state = 'PENDING' AND t.ready)`,
  {},
);
export const insertTask = statement(
  "work.insert",
  `WITH made AS (
     INSERT INTO task (id, lane_id, creator_id, team_id, visibility, title, payload, payload_schema, result_schema, capabilities, priority,
       assign, plan, state, ready, attempt, fence, pushed, ready_at, start_by, deadline_at, created_at, updated_at, approval, complexity, project_id)
     SELECT $1, l.id, $3, $4, $5, $6, $7::jsonb, $8::jsonb, $9::jsonb, $10::text[], $11, $12, $13::jsonb, $14, $15, 1, 0, false, $16, $17, $18, $19, $19, $21, $23, $24
     FROM task_lane l WHERE l.scope = $2 AND l.capabilities = $10::text[]
   ), waits AS (INSERT INTO task_input (task_id, input_id) SELECT $1, i FROM unnest($22::uuid[]) i)
   SELECT stream, seq, hash FROM append_events($20::json, $19::timestamptz)`,
  { stream: "text", seq: "int4", hash: "bytea?" },
);

/** One bot's claims come one after the other: its row is held, so that the count of what it holds holds, and nobody bars it meanwhile. */
export const holdBot = statement(
  "work.hold-bot",
  `SELECT capabilities, suspended_at IS NOT NULL AS suspended, archived_at IS NOT NULL AS archived FROM bot WHERE id = $1 FOR NO KEY UPDATE`,
  { capabilities: "_text", suspended: "bool", archived: "bool" },
);
const HELD = `(SELECT count(*)::int4 FROM task h WHERE h.bot_id = $1 AND h.state IN ('ASSIGNED', 'IN_PROGRESS')) AS held`;
export const lockNext = statement(
  "work.lock-next",
  `SELECT ${COLUMNS}, ${HELD} FROM lock_next_task($1, $2::text[]) t`,
  { ...ROW, held: "int4" },
);
/** A task with whether it is for such bots, and whether this one may hear of it: also because it holds it or had it last. */
export const lockForBot = statement(
  "work.lock-for-bot",
  `SELECT ${COLUMNS}, ${HELD},
          (SELECT l.scope FROM task_lane l WHERE l.id = t.lane_id) = ANY(task_scopes($1)) AS offered, t.bot_id = $1 OR t.last_bot_id = $1 AS had
   FROM task t WHERE t.id = $2 FOR UPDATE OF t`,
  { ...ROW, held: "int4", offered: "bool", had: "bool?" },
);
export const lockTask = statement("work.lock", `SELECT ${COLUMNS} FROM task t WHERE t.id = $1 FOR UPDATE OF t`, ROW);
/** The same for one of its people: its creator may do everything, and so may who leads its team. */
export const lockForUser = statement(
  "work.lock-for-user",
  `SELECT ${COLUMNS}, (SELECT m.role FROM team_member m WHERE m.team_id = t.team_id AND m.user_id = $2) AS role
   FROM task t WHERE t.id = $1 FOR UPDATE OF t`,
  { ...ROW, role: "text?" },
);

/** One statement for a step: the task's row, its events, and (through append_events) the heads of the streams. */
export const writeStep = statement(
  "work.write-step",
  `WITH step AS (
     UPDATE task SET state = $2, ready = $3, attempt = $4, fence = $5, bot_id = $6, last_bot_id = $7, pushed = $8, ready_at = $9,
       start_by = $10, lease_until = $11, close_by = $12, deadline_at = $13, failure = $14, ended_at = $15,
       error = CASE WHEN $16 THEN $17::jsonb ELSE error END, result = COALESCE($18::jsonb, result),
       progress_percent = CASE WHEN $19 THEN NULL ELSE COALESCE($20, progress_percent) END,
       progress_note = CASE WHEN $19 THEN NULL ELSE COALESCE($21, progress_note) END,
       started_at = CASE WHEN $19 THEN $22 ELSE started_at END, updated_at = $23, progress_told_at = $24 WHERE id = $1
   )
   SELECT stream, seq, hash FROM append_events($25::json, $23::timestamptz)`,
  { stream: "text", seq: "int4", hash: "bytea?" },
);

export const dueTasks = statement(
  "work.due",
  `SELECT id FROM task WHERE deadline_at <= $1 ORDER BY deadline_at LIMIT 200`,
  { id: "uuid" },
);
/** What silent bots hold: neither they nor the task gave a sign of life since. */
export const heldBySilent = statement(
  "work.held-by-silent",
  `SELECT t.id FROM task t LEFT JOIN bot_presence p ON p.bot_id = t.bot_id
   WHERE t.state IN ('ASSIGNED', 'IN_PROGRESS') AND t.updated_at < $1 AND (p.last_seen_at IS NULL OR p.last_seen_at < $1) LIMIT 200`,
  { id: "uuid" },
);
/** The same of one task, under its lock. */
export const isSilent = statement(
  "work.is-silent",
  `SELECT t.id FROM task t LEFT JOIN bot_presence p ON p.bot_id = t.bot_id
   WHERE t.id = $1 AND t.state IN ('ASSIGNED', 'IN_PROGRESS') AND t.updated_at < $2 AND (p.last_seen_at IS NULL OR p.last_seen_at < $2)`,
  { id: "uuid" },
);
/** What bots hold, of one team where it is named. */
export const heldBy = statement(
  "work.held-by",
  `SELECT id FROM task WHERE bot_id = ANY($1::uuid[]) AND state IN ('ASSIGNED', 'IN_PROGRESS') AND ($2::uuid IS NULL OR team_id = $2) ORDER BY id`,
  { id: "uuid" },
);
const PUSHABLE = `state = 'PENDING' AND ready AND assign = 'AUTO'`;
/** Lanes in which tasks wait to be laid on a bot, behind one of them: from lane to lane, however many tasks are in each. */
export const pushableLanes = statement(
  "work.pushable-lanes",
  `WITH RECURSIVE lanes AS (
     (SELECT lane_id FROM task WHERE lane_id > $1 AND ${PUSHABLE} ORDER BY lane_id LIMIT 1)
     UNION ALL
     SELECT (SELECT t.lane_id FROM task t WHERE t.lane_id > l.lane_id AND ${PUSHABLE} ORDER BY t.lane_id LIMIT 1)
     FROM lanes l WHERE l.lane_id IS NOT NULL
   )
   SELECT lane_id AS id, (SELECT s.scope FROM task_lane s WHERE s.id = lane_id) AS scope FROM lanes WHERE lane_id IS NOT NULL LIMIT $2`,
  { id: "int4?", scope: "text?" },
);
export const pushable = statement(
  "work.pushable",
  `SELECT id FROM task WHERE lane_id = $1 AND ${PUSHABLE} ORDER BY priority DESC, id LIMIT $2`,
  { id: "uuid" },
);
/** The bot that a task is laid on: online, able, of its creator or its team, the one that has least to do; who let it go last comes last. */
export const pickBot = statement(
  "work.pick-bot",
  `SELECT b.id FROM task t JOIN bot b ON t.capabilities <@ b.capabilities AND b.archived_at IS NULL AND b.suspended_at IS NULL
       AND ((t.team_id IS NULL AND b.owner_id = t.creator_id) OR EXISTS (SELECT FROM team_bot m WHERE m.team_id = t.team_id AND m.bot_id = b.id))
     JOIN bot_presence p ON p.bot_id = b.id AND p.last_seen_at >= $2
     CROSS JOIN LATERAL (SELECT count(*) AS held FROM task h WHERE h.bot_id = b.id AND h.state IN ('ASSIGNED', 'IN_PROGRESS')) h
   WHERE t.id = $1 AND h.held < $3
   ORDER BY (b.id = t.last_bot_id) IS TRUE, h.held, p.last_seen_at DESC, b.id LIMIT 1`,
  { id: "uuid" },
);

/** What bots that can do the same ($2) may claim in a scope now, best first: the heads of their lanes. */
export const claimable = statement(
  "work.claimable",
  `SELECT h.id, h.priority FROM task_lane l CROSS JOIN LATERAL (
     SELECT t.id, t.priority FROM task t WHERE t.lane_id = l.id AND t.state = 'PENDING' AND t.ready ORDER BY t.priority DESC, t.id LIMIT $3
   ) h WHERE NOT l.asleep AND l.scope = $1 AND l.capabilities <@ $2::text[] ORDER BY h.priority DESC, h.id LIMIT $3`,
  { id: "uuid", priority: "int4" },
);
/** Many bots as their offers need them: whose they are, what they can do, which scopes they see, and what was laid on each. */
export const offered = statement(
  "work.offered",
  `SELECT b.id, b.owner_id, b.suspended_at IS NOT NULL OR b.archived_at IS NOT NULL AS barred, b.capabilities, task_scopes(b.id) AS scopes,
          ARRAY(SELECT t.id::text FROM task t WHERE t.bot_id = b.id AND t.state = 'ASSIGNED' AND t.pushed ORDER BY t.id LIMIT 100) AS assigned
   FROM bot b WHERE b.id = ANY($1::uuid[])`,
  { id: "uuid", owner_id: "uuid", barred: "bool", capabilities: "_text", scopes: "_text", assigned: "_text" },
);
/** Marks that all open work of a PERSON or of a TEAM is to be ended. */
export const endWork = statement(
  "work.end-work",
  `INSERT INTO ended_work (id, of, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
  {},
);
export const endedWork = statement("work.ended-work", `SELECT id, of FROM ended_work ORDER BY at LIMIT 20`, {
  id: "uuid",
  of: "text",
});
const OF_ENDED = `((team_id IS NULL AND creator_id = $1) OR team_id = $2) AND ended_at IS NULL ORDER BY id LIMIT $3`;
export const openTasksOf = statement("work.open-tasks-of", `SELECT id FROM task WHERE ${OF_ENDED}`, { id: "uuid" });
export const openRunsOf = statement("work.open-runs-of", `SELECT id FROM workflow WHERE ${OF_ENDED}`, { id: "uuid" });
export const forgetEnded = statement("work.forget-ended", `DELETE FROM ended_work WHERE id = $1`, {});
export const scopesOf = statement("work.scopes", `SELECT task_scopes($1) AS scopes`, { scopes: "_text?" });
