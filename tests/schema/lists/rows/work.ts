import { id, OWNER } from "./sql.ts";

export const TEAM = id("team", "0");
export const PROJECT = id("project", "0");
const PLAN =
  '{"maxAttempts":3,"heartbeatMs":30000,"acceptMs":15000,"scheduleToStartMs":null,"startToCloseMs":null,"backoffMs":1000,"backoffMaxMs":300000}';
/** So many teams of the owner, and in the first so many projects, members, bots and invitations, into it and of the owner's own; then its tasks, and public ones. */
function teams(rows: string, n: string, first: boolean): string[] {
  const series = `FROM generate_series(1, ${rows}) n`;
  const bot = first ? ":bot" : id("bot", n);
  return [
    `INSERT INTO team (id, name, created_at) SELECT ${first ? TEAM : id("team", n)}, 'Team ' || ${n}, now() ${series}`,
    `INSERT INTO project (id, team_id, name, created_at) SELECT ${first ? PROJECT : id("project", n)}, ${TEAM}, 'Project ' || ${n}, now() ${series}`,
    `INSERT INTO team_member (team_id, user_id, role, joined_at) SELECT ${first ? TEAM : id("team", n)}, ${OWNER}, 'OWNER', now() ${series}`,
    `INSERT INTO app_user (id, handle, created_at) SELECT ${id("mate", n)}, 'mate' || ${n}, now() ${series}`,
    `INSERT INTO team_member (team_id, user_id, role, joined_at) SELECT ${TEAM}, ${id("mate", n)}, 'MEMBER', now() ${series}`,
    `INSERT INTO team_bot (team_id, bot_id, added_at) SELECT ${TEAM}, ${bot}, now() ${series}`,
    `INSERT INTO app_user (id, handle, created_at) SELECT ${id("guest", n)}, 'guest' || ${n}, now() ${series}`,
    `INSERT INTO team (id, name, created_at) SELECT ${id("host", n)}, 'Host ' || ${n}, now() ${series}`,
    ...[
      [TEAM, id("guest", n)],
      [id("host", n), OWNER],
    ].map(
      ([team, user]) =>
        `INSERT INTO team_invitation (id, team_id, user_id, inviter_id, role, created_at, expires_at) SELECT gen_random_uuid(), ${team}, ${user}, ${OWNER}, 'MEMBER', now(), now() + interval '1 day' ${series}`,
    ),
    ...["PUBLIC", "TEAM"].map(
      (visibility) =>
        `INSERT INTO task (id, lane_id, creator_id, team_id, project_id, visibility, title, payload, capabilities, priority, assign, plan, state, ready, attempt, fence, bot_id, pushed, created_at, updated_at, ended_at)
         SELECT gen_random_uuid(), (SELECT id FROM task_lane LIMIT 1), ${OWNER}, ${visibility === "TEAM" ? `${TEAM}, ${PROJECT}` : "NULL::uuid, NULL::uuid"}, '${visibility}', 'task', '{}', '{}', 3, 'PULL', '${PLAN}', 'COMPLETED', false, 1, 1, ${bot}, false, now(), now(), now() ${series}`,
    ),
  ];
}

const FLOW = id("flow", "0");
/** A definition of so many steps, each with everything that a step can have. */
const flowBody = (
  rows: string,
) => `jsonb_build_object('name', 'Flow', 'onFailure', 'STOP', 'inputSchema', NULL, 'steps', (
  SELECT jsonb_agg('{"title":"s","after":[],"capabilities":[],"input":{},"when":{"at":"/input","is":"EXISTS","value":null},"forEach":null,"approval":false,"optional":false,"compensation":{"title":"u","capabilities":[]},"priority":3,"complexity":"MEDIUM","assign":"PULL","plan":${PLAN}}'::jsonb
    || jsonb_build_object('key', 's' || n)) FROM generate_series(1, ${rows}) n))`;
/** So many definitions and runs of the owner's team; of the first so many steps, and of its first step so many tasks that wait for a yes. */
function flows(rows: string, n: string, first: boolean): string[] {
  const series = `FROM generate_series(1, ${rows}) n`;
  const step = first ? "0" : "n";
  // Half of them are newer than other tasks: a page has both.
  const taskId = `((CASE WHEN ${n} % 2 = 0 THEN 'ffffffff' ELSE '00000000' END) || substr(md5('flowtask' || ${n}), 9))::uuid`;
  return [
    `INSERT INTO workflow_definition (id, creator_id, team_id, project_id, scope, name, version, body, created_at)
     SELECT ${id("flow", n)}, ${OWNER}, ${TEAM}, ${PROJECT}, 'team:' || ${TEAM}, 'Flow', ${step} + 1, ${flowBody("1")}, now() ${series}`,
    `UPDATE workflow_definition SET body = ${flowBody(rows)} WHERE id = ${FLOW}`,
    // Half of them are other teams', so that many rows have many teams.
    `INSERT INTO workflow (id, definition_id, creator_id, team_id, project_id, state, input, created_at, updated_at)
     SELECT ${id("flow", n)}, ${FLOW}, ${OWNER}, CASE WHEN ${n} % 2 = 0 THEN ${TEAM} ELSE ${id("team", n)} END, CASE WHEN ${n} % 2 = 0 THEN ${PROJECT} END, 'RUNNING', 'null', now(), now() ${series}`,
    `INSERT INTO workflow_step SELECT ${FLOW}, 's' || ${step}, ${step}, 'RUNNING', NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0 ${series}`,
    `INSERT INTO task (id, lane_id, creator_id, team_id, visibility, title, payload, capabilities, priority, assign, plan, state, ready, attempt, fence, approval, pushed, created_at, updated_at, workflow_id, step_key, item_index)
     SELECT ${taskId}, (SELECT id FROM task_lane LIMIT 1), ${OWNER}, ${TEAM}, 'TEAM', 'task', '{}', '{}', 3, 'PULL', '${PLAN}', 'AWAITING_APPROVAL', false, 1, 0, true, false, now(), now(), ${FLOW}, 's0', ${step} ${series}`,
  ];
}

/** So many public tasks that the team's first waits for. */
const inputs = (rows: string) =>
  `INSERT INTO task_input (task_id, input_id) SELECT (SELECT min(id::text)::uuid FROM task WHERE visibility = 'TEAM' AND workflow_id IS NULL), id FROM task
   WHERE visibility = 'PUBLIC' ORDER BY id LIMIT ${rows} ON CONFLICT DO NOTHING`;

export const FIRST = [
  `INSERT INTO task_lane (scope, capabilities) VALUES ('public', '{}')`,
  ...teams("1", "0", true),
  ...flows("1", "0", true),
  inputs("1"),
];

export const COPIES = [
  ...teams(":rows", "n", false),
  ...flows(":rows", "n", false),
  // The same task waits for more: of which it is asked.
  `INSERT INTO task_input (task_id, input_id) SELECT d.task_id, t.id FROM (SELECT DISTINCT task_id FROM task_input) d, task t
   WHERE t.visibility = 'PUBLIC' ON CONFLICT DO NOTHING`,
];
