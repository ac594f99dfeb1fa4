import { statement } from "../../platform/statement.ts";

export const followersOfBots = statement(
  "social.followers-of-bots",
  `SELECT g.id, (SELECT count(*)::int4 FROM bot_follow WHERE bot_id = g.id) AS followers,
          EXISTS (SELECT FROM bot_follow WHERE bot_id = g.id AND follower_id = $2) AS followed FROM unnest($1::uuid[]) AS g(id)`,
  { id: "uuid", followers: "int4", followed: "bool" },
);
export const followersOfUsers = statement(
  "social.followers-of-users",
  `SELECT g.id, (SELECT count(*)::int4 FROM user_follow WHERE user_id = g.id) AS followers,
          EXISTS (SELECT FROM user_follow WHERE user_id = g.id AND follower_id = $2) AS followed FROM unnest($1::uuid[]) AS g(id)`,
  { id: "uuid", followers: "int4", followed: "bool" },
);
export const reactionsOf = statement(
  "social.reactions-of",
  `SELECT subject_id, kind, count(*)::int4 AS count, bool_or(user_id = $2) AS mine FROM social_reaction
   WHERE subject_id = ANY($1::uuid[]) GROUP BY subject_id, kind`,
  { subject_id: "uuid", kind: "text", count: "int4", mine: "bool" },
);

/** Whether a person of a list ($1 follows) shows an aspect to who follows. */
const isShown = (aspect: string) => `(p.${aspect} = 'PUBLIC' OR p.in_team AND p.${aspect} IS DISTINCT FROM 'PRIVATE')`;

/**
 * What those whom $1 follows published, fought and unlocked, between two places ($2, $3) and ($4, $5), $6 at most. Of each bot
 * the newest contests only ($8): a list that grows without end is read from its end. Of all bots those only ($10) that fought
 * last before the page: a contest from $9 on ended behind it, and the others are looked at one by one for their newest.
 */
const feed = (forward: boolean) => {
  const order = `ORDER BY at ${forward ? "DESC" : "ASC"}, id ${forward ? "DESC" : "ASC"} LIMIT $6`;
  const between = `(at, id) < ($2::timestamptz, $3::uuid) AND (at, id) > ($4::timestamptz, $5::uuid)`;
  return `WITH people AS (
     SELECT f.user_id, x.profile, x.achievements, EXISTS (
       SELECT FROM team_member one JOIN team_member two ON two.team_id = one.team_id WHERE one.user_id = $1 AND two.user_id = f.user_id
     ) AS in_team
     FROM user_follow f JOIN app_user u ON u.id = f.user_id AND u.deleted_at IS NULL LEFT JOIN xp_user x ON x.user_id = f.user_id
     WHERE f.follower_id = $1
   ), bots AS (
     SELECT bot_id FROM bot_follow WHERE follower_id = $1
     UNION SELECT b.id FROM people p JOIN bot b ON b.owner_id = p.user_id WHERE p.profile IS NULL OR ${isShown("profile")}
   ), published AS (
     SELECT 'CONVERSATION' AS kind, c.created_at AS at, c.id, c.publisher_id AS user_id, NULL AS key FROM conversation c
     WHERE c.visibility = 'PUBLIC' AND c.hidden_at IS NULL
       AND (c.publisher_id IN (SELECT user_id FROM people) OR c.bot_id IN (SELECT bot_id FROM bot_follow WHERE follower_id = $1))
   ), fighters AS (
     SELECT b.bot_id FROM bots b CROSS JOIN LATERAL (
       SELECT contest_id FROM contest_participant WHERE bot_id = b.bot_id AND contest_id < $9::uuid ORDER BY contest_id DESC LIMIT 1
     ) n ORDER BY n.contest_id DESC LIMIT $10
   ), fought AS (
     SELECT DISTINCT 'CONTEST' AS kind, e.at, e.id, NULL::uuid AS user_id, NULL AS key FROM fighters f CROSS JOIN LATERAL (
       SELECT * FROM (
         SELECT c.ended_at AS at, c.id FROM (
           SELECT contest_id FROM contest_participant WHERE bot_id = f.bot_id ORDER BY contest_id DESC LIMIT $8
         ) p JOIN contest c ON c.id = p.contest_id
         WHERE p.contest_id < $9::uuid AND c.status = 'COMPLETED' AND NOT c.hidden AND c.ended_at IS NOT NULL
       ) ended WHERE ${between} ${order}
     ) e
   ), unlocked AS (
     SELECT 'ACHIEVEMENT' AS kind, s.at, md5(a.user_id || a.key)::uuid AS id, a.user_id, a.key FROM people p JOIN xp_achievement a ON a.user_id = p.user_id
     CROSS JOIN LATERAL (SELECT CASE WHEN p.in_team THEN a.at ELSE a.public_at END AS at) s
     WHERE s.at IS NOT NULL AND (${isShown("achievements")} OR p.achievements IS NULL AND a.key = ANY($7::text[]))
   )
   (SELECT * FROM published WHERE ${between} ${order}) UNION ALL (SELECT * FROM fought ${order})
   UNION ALL (SELECT * FROM unlocked WHERE ${between} ${order}) ${order}`;
};
const FEED = { kind: "text", at: "timestamptz", id: "uuid", user_id: "uuid?", key: "text?" } as const;
export const feedForward = statement("social.feed", feed(true), FEED);
export const feedBackward = statement("social.feed-backward", feed(false), FEED);
