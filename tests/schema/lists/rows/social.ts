import { id, OWNER } from "./sql.ts";

const TALK = id("talk", "0");
/** So many conversations of the owner and of the first bot; on the first so many comments and reports; so many of all that a feed tells. */
function social(rows: string, n: string, first: boolean): string[] {
  const series = `FROM generate_series(1, ${rows}) n`;
  const star = first ? id("star", "0") : id("star", "n");
  const turns = `(SELECT jsonb_agg('{"kind":"USER","text":"x","tool":null,"failed":false}'::jsonb) FROM generate_series(1, 60))`;
  const said = first ? id("said", "0") : id("said", "n");
  // Some are newer than the contests of a feed, most are older: a page has all kinds.
  const at = `now() + (CASE WHEN ${n} % 25 = 0 THEN 1 ELSE -1 END) * interval '1 day' + ${n} * interval '3 ms'`;
  return [
    `INSERT INTO app_user (id, handle, created_at) SELECT ${star}, 'star' || ${n}, now() ${series}`,
    `INSERT INTO user_follow (follower_id, user_id, at) SELECT ${OWNER}, ${star}, now() ${series}`,
    `INSERT INTO xp_user (user_id, achievements) SELECT ${star}, 'PUBLIC' ${series}`,
    `INSERT INTO xp_achievement (user_id, key, at, public_at) SELECT ${star}, 'FIRST_STEPS', ${at}, ${at} ${series}`,
    `INSERT INTO bot_follow (follower_id, bot_id, at) SELECT ${OWNER}, ${first ? ":bot" : id("newcomer", "n")}, now() ${series}`,
    `INSERT INTO bot_follow (follower_id, bot_id, at) SELECT ${star}, :bot, now() ${series}`,
    `INSERT INTO user_follow (follower_id, user_id, at) SELECT ${star}, ${OWNER}, now() ${series}`,
    ...[OWNER, star].map(
      (who, place) =>
        `INSERT INTO conversation (id, publisher_id, bot_id, title, tags, visibility, turns, turn_count, bytes, reactions, created_at)
         SELECT ${place === 0 ? (first ? TALK : id("talk", "n")) : id("startalk", n)}, ${who}, :bot, 'talk', '{a}', 'PUBLIC', ${turns}, 60, 100, 4, ${at} ${series}`,
    ),
    `INSERT INTO conversation_comment (id, conversation_id, author_id, text, reactions, created_at) SELECT ${said}, ${TALK}, ${star}, 'x', 4, now() ${series}`,
    `INSERT INTO conversation_comment (id, conversation_id, author_id, text, created_at)
     SELECT gen_random_uuid(), ${first ? id("startalk", "0") : id("talk", "n")}, ${star}, 'x', now() ${series}`,
    `INSERT INTO social_reaction (subject_id, user_id, kind, conversation_id, comment_id, at)
     SELECT s.id, ${star}, k, s.id, NULL, now() FROM conversation s, generate_series(1, ${rows}) n, unnest(ARRAY['LIKE','INSIGHTFUL','FUNNY','CELEBRATE']) k WHERE s.id = ${TALK}`,
    `INSERT INTO social_reaction (subject_id, user_id, kind, conversation_id, comment_id, at)
     SELECT ${said}, ${OWNER}, k, ${TALK}, ${said}, now() FROM generate_series(1, ${rows}) n, unnest(ARRAY['LIKE','INSIGHTFUL','FUNNY','CELEBRATE']) k`,
    `INSERT INTO content_report (id, reporter_id, subject_id, conversation_id, comment_id, reason, created_at)
     SELECT gen_random_uuid(), ${star}, ${said}, ${TALK}, ${said}, 'x', now() ${series}`,
  ];
}

export const FIRST = social("1", "0", true);

export const COPIES = social(":rows", "n", false);
