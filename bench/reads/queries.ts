// The two reads, in the spelling of each side. All but PostGraphile's answer the same JSON.

export const LADDER = `query Ladder($first: Int!) { ladder(kind: PIT) { leaderboard(first: $first) { nodes {
  elo games wins bot { id name owner { handle } contests(first: 3) { nodes {
    id status endedAt participants { side placement ratingBefore ratingAfter bot { name } } } } } } } } }`;

export const FIGHT = `query Fight($id: ID!) { fight(id: $id) {
  id status endedAt participants { side placement ratingBefore ratingAfter bot { id name owner { handle } } } } }`;

const nodeId = (type: string, uuid: string) => `'${type}_' || replace(${uuid}::text, '-', '')`;
const instant = (column: string) => `to_char(${column}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** $1 bots of the Pit's board, best first, with owner, last three contests and their participants. */
export const LADDER_SQL = `
SELECT json_build_object('data', json_build_object('ladder', json_build_object('leaderboard', json_build_object('nodes',
  json_agg(json_build_object('elo', r.elo, 'games', r.games, 'wins', r.wins, 'bot', json_build_object(
    'id', ${nodeId("bot", "b.id")}, 'name', b.name, 'owner', json_build_object('handle', u.handle),
    'contests', json_build_object('nodes', c.nodes))) ORDER BY r.elo DESC, r.bot_id)))))::text AS body
FROM (SELECT bot_id, elo, games, wins FROM rating WHERE ladder = 'PIT' AND on_board ORDER BY elo DESC, bot_id LIMIT $1) r
JOIN bot b ON b.id = r.bot_id JOIN app_user u ON u.id = b.owner_id
CROSS JOIN LATERAL (
  SELECT COALESCE(json_agg(json_build_object('id', ${nodeId("fight", "k.id")}, 'status', k.status, 'endedAt', ${instant("k.ended_at")}, 'participants', p.rows) ORDER BY k.id DESC), '[]') AS nodes
  FROM (SELECT contest_id FROM contest_participant WHERE bot_id = r.bot_id ORDER BY contest_id DESC LIMIT 3) m
  JOIN contest k ON k.id = m.contest_id
  CROSS JOIN LATERAL (
    SELECT json_agg(json_build_object('side', s.side, 'placement', s.placement, 'ratingBefore', s.rating_before, 'ratingAfter', s.rating_after,
      'bot', json_build_object('name', sb.name)) ORDER BY s.side) AS rows
    FROM contest_participant s JOIN bot sb ON sb.id = s.bot_id WHERE s.contest_id = k.id) p) c`;

/** The fight $1 with participants, their bots and owners. */
export const FIGHT_SQL = `
SELECT json_build_object('data', json_build_object('fight', json_build_object('id', ${nodeId("fight", "k.id")}, 'status', k.status, 'endedAt', ${instant("k.ended_at")},
  'participants', json_agg(json_build_object('side', s.side, 'placement', s.placement, 'ratingBefore', s.rating_before, 'ratingAfter', s.rating_after,
    'bot', json_build_object('id', ${nodeId("bot", "b.id")}, 'name', b.name, 'owner', json_build_object('handle', u.handle))) ORDER BY s.side))))::text AS body
FROM contest k JOIN contest_participant s ON s.contest_id = k.id JOIN bot b ON b.id = s.bot_id JOIN app_user u ON u.id = b.owner_id
WHERE k.id = $1 GROUP BY k.id`;

export const POSTGRAPHILE_LADDER = `query Ladder($first: Int!) {
  allRatings(first: $first, condition: { ladder: "PIT", onBoard: true }, orderBy: [ELO_DESC, BOT_ID_ASC]) { nodes {
    elo games wins botByBotId { rowId name appUserByOwnerId { handle } contestParticipantsByBotId(first: 3, orderBy: CONTEST_ID_DESC) { nodes {
      contestByContestId { rowId status endedAt contestParticipantsByContestId(orderBy: SIDE_ASC) { nodes { side placement ratingBefore ratingAfter botByBotId { name } } } } } } } } } }`;

export const POSTGRAPHILE_FIGHT = `query Fight($id: UUID!) { contestByRowId(rowId: $id) {
  rowId status endedAt contestParticipantsByContestId(orderBy: SIDE_ASC) { nodes { side placement ratingBefore ratingAfter botByBotId { rowId name appUserByOwnerId { handle } } } } } }`;
