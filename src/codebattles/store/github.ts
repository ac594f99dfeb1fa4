import { statement } from "../../platform/statement.ts";

export const insertState = statement(
  "github.insert-state",
  `INSERT INTO github_state (hash, session_id, user_id, expires_at) VALUES ($1, $2, $3, $4)`,
  {},
);
/** A state is taken once, by whom it was made for; a foreign one is gone, too. */
export const takeState = statement(
  "github.take-state",
  `DELETE FROM github_state WHERE hash = $1 RETURNING session_id, user_id, expires_at`,
  { session_id: "uuid", user_id: "uuid", expires_at: "timestamptz" },
);

/** A person's installation, made or renewed by what GitHub said just now. */
export const keepInstallation = statement(
  "github.keep-installation",
  `INSERT INTO github_installation (id, owner_id, number, account, organization, login, login_number, suspended_at, created_at)
   VALUES ($1, $2, $3::bigint, $4, $5, $6, $7::bigint, $8, $9)
   ON CONFLICT (owner_id, number) WHERE removed_at IS NULL DO UPDATE SET account = excluded.account, organization = excluded.organization,
     login = excluded.login, login_number = excluded.login_number, suspended_at = excluded.suspended_at
   RETURNING id`,
  { id: "uuid" },
);
/** What GitHub does not show that person any more goes; $2 is the whole list. */
export const keepRepositories = statement(
  "github.keep-repositories",
  `WITH shown AS (
     SELECT * FROM json_to_recordset($2::json) AS g(id uuid, number bigint, name text, private boolean, branch text, pushed_at timestamptz)
   ), gone AS (
     DELETE FROM github_repository r WHERE r.installation_id = $1 AND NOT EXISTS (SELECT FROM shown s WHERE s.number = r.number)
   )
   INSERT INTO github_repository (id, installation_id, number, name, private, default_branch, pushed_at)
   SELECT id, $1, number, name, private, branch, pushed_at FROM shown
   ON CONFLICT (installation_id, number) DO UPDATE SET name = excluded.name, private = excluded.private,
     default_branch = excluded.default_branch, pushed_at = excluded.pushed_at`,
  {},
);
export const addShown = statement(
  "github.add-shown",
  `INSERT INTO github_repository (id, installation_id, number, name, private, default_branch)
   SELECT $1, i.id, $3::bigint, $4, $5, $6 FROM github_installation i WHERE i.id = $2 AND i.removed_at IS NULL
   ON CONFLICT (installation_id, number) DO UPDATE SET name = excluded.name, private = excluded.private`,
  {},
);
/** Who may use an installation: under a number of GitHub's, one row a person. */
export const holdersOf = statement(
  "github.holders-of",
  `SELECT id, login, login_number FROM github_installation WHERE number = $1::bigint AND removed_at IS NULL ORDER BY id LIMIT 100`,
  { id: "uuid", login: "text", login_number: "int8" },
);
const FORGET = `UPDATE github_installation SET removed_at = $2 WHERE removed_at IS NULL`;
const THEIRS = (gone: string) =>
  `WITH gone AS (${gone} RETURNING id), shown AS (DELETE FROM github_repository r USING gone g WHERE r.installation_id = g.id)
   SELECT id FROM gone`;
/** One person does not use it any more. */
export const forgetOwn = statement("github.forget-own", THEIRS(`${FORGET} AND id = $1 AND owner_id = $3`), {
  id: "uuid",
});
/** It is not installed any more. */
export const forgetInstallation = statement("github.forget-installation", THEIRS(`${FORGET} AND number = $1::bigint`), {
  id: "uuid",
});
export const suspendInstallation = statement(
  "github.suspend-installation",
  `UPDATE github_installation SET suspended_at = $2 WHERE number = $1::bigint AND removed_at IS NULL`,
  {},
);
export const forgetRepositories = statement(
  "github.forget-repositories",
  `DELETE FROM github_repository r USING github_installation i
   WHERE i.id = r.installation_id AND i.number = $1::bigint AND r.number = ANY($2::text[]::bigint[])`,
  {},
);
/** $3: when it was pushed to; null where it was not. */
export const markShown = statement(
  "github.mark-shown",
  `UPDATE github_repository r SET pushed_at = COALESCE($3, r.pushed_at), name = $4, private = $5, default_branch = $6 FROM github_installation i
   WHERE i.id = r.installation_id AND i.number = $1::bigint AND r.number = $2::bigint`,
  {},
);
/** A delivery that was taken before gives no row, also under another number: that is in a header, which nobody signs. */
export const takeDelivery = statement(
  "github.take-delivery",
  `INSERT INTO github_delivery (id, at, body_hash) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING id`,
  { id: "text" },
);
/** It may be sent again: not all of it was done. */
export const forgetDelivery = statement("github.forget-delivery", `DELETE FROM github_delivery WHERE id = $1`, {});
export const pruneDeliveries = statement("github.prune-deliveries", `DELETE FROM github_delivery WHERE at < $1`, {});
export const pruneStates = statement("github.prune-states", `DELETE FROM github_state WHERE expires_at < $1`, {});

/** One's own repository in an installation, as it was shown. */
export const shownRepository = statement(
  "github.shown-repository",
  `SELECT r.number, r.name, i.id AS installation_id, i.number AS holder, i.login, i.login_number, i.suspended_at IS NOT NULL AS suspended
   FROM github_repository r JOIN github_installation i ON i.id = r.installation_id
   WHERE r.id = $1 AND i.owner_id = $2 AND i.removed_at IS NULL`,
  {
    number: "int8",
    name: "text",
    installation_id: "uuid",
    holder: "int8",
    login: "text",
    login_number: "int8",
    suspended: "bool",
  },
);
export const insertGitHubRepository = statement(
  "github.insert-code-repository",
  `INSERT INTO code_repository (id, owner_id, url, public, facts, found, setup, test, created_at, github_installation_id, github_number, github_name)
   VALUES ($1, $2, $3, $4, $5::jsonb, $6::jsonb, $7::text[], $8, $9, $10, $11::bigint, $12)`,
  {},
);
/** How a repository is reached: by nothing, by its owner's token, or by an installation that its owner has, or had. */
export const wayInto = statement(
  "github.way-into",
  `SELECT r.id, r.url, r.public, r.token, r.github_number, r.github_name, i.number AS installation, i.login, i.login_number,
          r.removed_at IS NOT NULL OR i.removed_at IS NOT NULL AS removed, i.suspended_at IS NOT NULL AS suspended
   FROM code_repository r LEFT JOIN github_installation i ON i.id = r.github_installation_id WHERE r.id = $1`,
  {
    id: "uuid",
    url: "text",
    public: "bool",
    token: "bytea?",
    github_number: "int8?",
    github_name: "text?",
    installation: "int8?",
    login: "text?",
    login_number: "int8?",
    removed: "bool",
    suspended: "bool",
  },
);
/** What is private at GitHub, or not shown to us any more, is private here, too: for good, and for everybody who added it. */
const hides = (name: string, which: string) =>
  statement(name, `UPDATE code_repository r SET public = false WHERE r.public AND (${which}) RETURNING r.id`, {
    id: "uuid",
  });
const OF_INSTALLATION = `SELECT i.id FROM github_installation i WHERE i.number = $1::bigint`;
export const hideRepository = hides("github.hide-repository", `r.id = $1`);
export const hideOfInstallations = hides("github.hide-of-installations", `r.github_installation_id = ANY($1::uuid[])`);
export const hideTakenAway = hides(
  "github.hide-taken-away",
  `r.github_number = ANY($2::text[]::bigint[]) AND r.github_installation_id IN (${OF_INSTALLATION})`,
);
export const hideSuspended = hides("github.hide-suspended", `r.github_installation_id IN (${OF_INSTALLATION})`);
/** $2: its address, by which somebody may have added it without the app. */
export const hidePrivate = hides(
  "github.hide-private",
  `r.github_number = ANY($1::text[]::bigint[]) OR lower(regexp_replace(r.url, '\\.git$', '')) = lower($2)`,
);
/**
 * The battles on repositories that have become private. What was drawn as rated stays rated: otherwise an owner would choose
 * by what is seen of it whether it counts. One that takes entries will be rated no more. A statement of its own: it sees the battle whose making the hiding of its repository has waited for.
 */
export const hideBattles = statement(
  "github.hide-battles",
  `WITH hidden AS (
     UPDATE code_battle SET public = false, last_seq = last_seq + 1 WHERE repository_id = ANY($1::uuid[]) AND public RETURNING id, phase
   ), contests AS (
     UPDATE contest c SET hidden = true, rated = c.rated AND h.phase <> 'DRAFT', counted = c.counted AND h.phase <> 'DRAFT'
     FROM hidden h WHERE c.id = h.id
   )
   SELECT id FROM hidden`,
  { id: "uuid" },
);
/** A new connection to an installation takes over what its owner reached by an earlier one. */
export const adoptRepositories = statement(
  "github.adopt-repositories",
  `UPDATE code_repository c SET github_installation_id = $1 FROM github_installation i
   WHERE i.id = c.github_installation_id AND i.number = $2::bigint AND c.owner_id = $3 AND i.id <> $1`,
  {},
);

export const entryForPull = statement(
  "github.entry-for-pull",
  `SELECT e.id, e.branch, e.pull_number, e.pull_url, e.placement, e.score, t.name, b.repository_id, r.github_number IS NOT NULL AS github
   FROM code_entry e JOIN bot t ON t.id = e.bot_id JOIN code_battle b ON b.id = e.battle_id JOIN code_repository r ON r.id = b.repository_id
   WHERE e.battle_id = $1 AND e.bot_id = $2`,
  {
    id: "uuid",
    branch: "text?",
    pull_number: "int4?",
    pull_url: "text?",
    placement: "int4?",
    score: "jsonb?",
    name: "text",
    repository_id: "uuid",
    github: "bool",
  },
);
export const writePull = statement(
  "github.write-pull",
  `UPDATE code_entry SET pull_number = $2, pull_url = $3 WHERE id = $1`,
  {},
);
