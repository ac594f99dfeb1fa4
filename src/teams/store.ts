import { statement } from "../platform/statement.ts";

/** A person's row, so that the count of the teams holds; none where the account is gone. */
export const holdUser = statement(
  "teams.hold-user",
  `SELECT id FROM app_user WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE`,
  { id: "uuid" },
);
export const teamsOf = statement(
  "teams.of-user",
  `SELECT count(*)::int4 AS teams FROM team_member m JOIN team t ON t.id = m.team_id AND t.dissolved_at IS NULL WHERE m.user_id = $1`,
  { teams: "int4" },
);
export const insertTeam = statement(
  "teams.insert",
  `WITH made AS (INSERT INTO team (id, name, description, created_at) VALUES ($1, $2, $3, $5))
   INSERT INTO team_member (team_id, user_id, role, joined_at) VALUES ($1, $4, 'OWNER', $5)`,
  {},
);
/** A team's people and bots change under the lock of its row, so that its counts and its last owner hold. */
export const lockTeam = statement(
  "teams.lock",
  `SELECT id FROM team WHERE id = $1 AND dissolved_at IS NULL FOR NO KEY UPDATE`,
  { id: "uuid" },
);
export const standing = statement(
  "teams.standing",
  `SELECT (SELECT role FROM team_member WHERE team_id = $1 AND user_id = $2) AS actor, count(*)::int4 AS members,
          count(*) FILTER (WHERE role = 'OWNER')::int4 AS owners,
          (SELECT count(*)::int4 FROM team_bot WHERE team_id = $1) AS bots
   FROM team_member WHERE team_id = $1`,
  { actor: "text?", members: "int4", owners: "int4", bots: "int4" },
);
export const invitee = statement(
  "teams.invitee",
  `SELECT u.id, EXISTS (SELECT FROM team_member m WHERE m.team_id = $2 AND m.user_id = u.id) AS member,
          EXISTS (SELECT FROM team_invitation i WHERE i.team_id = $2 AND i.user_id = u.id AND i.status = 'PENDING') AS invited,
          (SELECT count(*)::int4 FROM team_invitation i WHERE i.team_id = $2 AND i.status = 'PENDING') AS pending
   FROM app_user u WHERE lower(u.handle) = lower($1) AND u.deleted_at IS NULL AND u.suspended_at IS NULL AND u.handle <> 'house'`,
  { id: "uuid", member: "bool", invited: "bool", pending: "int4" },
);
export const insertInvitation = statement(
  "teams.insert-invitation",
  `INSERT INTO team_invitation (id, team_id, user_id, inviter_id, role, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
  {},
);
export const invitationTeam = statement(
  "teams.invitation-team",
  `SELECT team_id, user_id, inviter_id FROM team_invitation WHERE id = $1`,
  { team_id: "uuid", user_id: "uuid", inviter_id: "uuid" },
);
export const lockInvitation = statement(
  "teams.lock-invitation",
  `SELECT id, team_id, user_id, role, status, expires_at FROM team_invitation WHERE id = $1 FOR UPDATE`,
  { id: "uuid", team_id: "uuid", user_id: "uuid", role: "text", status: "text", expires_at: "timestamptz" },
);
export const endInvitation = statement(
  "teams.end-invitation",
  `UPDATE team_invitation SET status = $2, ended_at = $3 WHERE id = $1 AND status = 'PENDING'`,
  {},
);
export const expireInvitations = statement(
  "teams.expire-invitations",
  `UPDATE team_invitation SET status = 'EXPIRED', ended_at = $1 WHERE status = 'PENDING' AND expires_at <= $1`,
  {},
);
export const addMember = statement(
  "teams.add-member",
  `INSERT INTO team_member (team_id, user_id, role, joined_at) VALUES ($1, $2, $3, $4)`,
  {},
);
export const roleOf = statement("teams.role-of", `SELECT role FROM team_member WHERE team_id = $1 AND user_id = $2`, {
  role: "text",
});
export const setRole = statement(
  "teams.set-role",
  `UPDATE team_member SET role = $3 WHERE team_id = $1 AND user_id = $2`,
  {},
);
/** A person's bots in a team, or one bot, held: none of them is in the middle of a claim when they leave. */
export const holdTeamBots = statement(
  "teams.hold-bots",
  `SELECT b.id FROM bot b JOIN team_bot t ON t.bot_id = b.id WHERE t.team_id = $1 AND (b.owner_id = $2 OR b.id = $3) ORDER BY b.id FOR NO KEY UPDATE OF b`,
  { id: "uuid" },
);
/** Who leaves takes the own bots along; that the person was a member is remembered. */
export const removeMember = statement(
  "teams.remove-member",
  `WITH bots AS (
     DELETE FROM team_bot b USING bot o WHERE b.team_id = $1 AND o.id = b.bot_id AND o.owner_id = $2
   ), gone AS (
     DELETE FROM team_member WHERE team_id = $1 AND user_id = $2 RETURNING team_id, user_id, joined_at
   )
   INSERT INTO team_member_past (team_id, user_id, joined_at, left_at) SELECT team_id, user_id, joined_at, $3 FROM gone`,
  {},
);
export const dissolve = statement("teams.dissolve", `UPDATE team SET dissolved_at = $2 WHERE id = $1`, {});
/** What nobody answers any more: a team's invitations, or a person's. */
export const closeInvitations = statement(
  "teams.close-invitations",
  `UPDATE team_invitation SET status = CASE WHEN team_id = $1 THEN 'WITHDRAWN' ELSE 'DECLINED' END, ended_at = $3
   WHERE status = 'PENDING' AND (team_id = $1 OR user_id = $2)`,
  {},
);
export const membersOf = statement(
  "teams.members-of",
  `SELECT user_id, role, joined_at FROM team_member WHERE team_id = $1 ORDER BY user_id`,
  { user_id: "uuid", role: "text", joined_at: "timestamptz" },
);
export const teamsWith = statement(
  "teams.with",
  `SELECT team_id FROM team_member WHERE user_id = $1 ORDER BY team_id`,
  {
    team_id: "uuid",
  },
);
export const addBot = statement(
  "teams.add-bot",
  `INSERT INTO team_bot (team_id, bot_id, added_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
  {},
);
export const removeBot = statement(
  "teams.remove-bot",
  `DELETE FROM team_bot WHERE team_id = $1 AND bot_id = $2 RETURNING bot_id`,
  { bot_id: "uuid" },
);
export const ownerOfBot = statement("teams.owner-of-bot", `SELECT owner_id FROM bot WHERE id = $1`, {
  owner_id: "uuid",
});

/** A project by its id with its team, for who is to change it; the team is locked before it. */
export const projectTeam = statement("teams.project-team", `SELECT team_id FROM project WHERE id = $1`, {
  team_id: "uuid",
});
/** How many projects of a team ($1) are open, and whether one of them ($2) is archived; under the team's lock. */
export const projectStanding = statement(
  "teams.project-standing",
  `SELECT (SELECT count(*)::int4 FROM project WHERE team_id = $1 AND archived_at IS NULL) AS open,
          COALESCE((SELECT archived_at IS NOT NULL FROM project WHERE id = $2), false) AS archived`,
  { open: "int4", archived: "bool" },
);
export const insertProject = statement(
  "teams.insert-project",
  `INSERT INTO project (id, team_id, name, description, created_at) VALUES ($1, $2, $3, $4, $5)`,
  {},
);
/** What is null stays. */
export const changeProject = statement(
  "teams.change-project",
  `UPDATE project SET name = COALESCE($2, name), description = COALESCE($3, description) WHERE id = $1`,
  {},
);
export const archiveProjectRow = statement(
  "teams.archive-project",
  `UPDATE project SET archived_at = CASE WHEN $2 THEN COALESCE(archived_at, $3) END WHERE id = $1`,
  {},
);
/** A project of one of a person's teams for new work: it is not archived until that is written. */
export const holdProject = statement(
  "teams.hold-project",
  `SELECT p.team_id, p.archived_at IS NOT NULL AS archived FROM project p
   WHERE p.id = $1 AND EXISTS (SELECT FROM team_member m WHERE m.team_id = p.team_id AND m.user_id = $2) FOR SHARE OF p`,
  { team_id: "uuid", archived: "bool" },
);
