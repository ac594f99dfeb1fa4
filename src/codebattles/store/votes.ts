import { statement } from "../../platform/statement.ts";

/** What can be voted for at $2. */
export const ballotEntries = statement(
  "code.ballot-entries",
  `SELECT e.battle_id, e.id, o.owner_id, c.seed
   FROM code_entry e JOIN code_battle b ON b.id = e.battle_id JOIN bot o ON o.id = e.bot_id JOIN contest c ON c.id = e.battle_id
   WHERE e.battle_id = ANY($1::uuid[]) AND e.commit IS NOT NULL AND b.phase = 'JUDGING' AND b.votes_until > $2 ORDER BY e.id`,
  { battle_id: "uuid", id: "uuid", owner_id: "uuid", seed: "bytea" },
);
export const insertVote = statement(
  "code.insert-vote",
  `INSERT INTO code_vote (battle_id, user_id, entry_id, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING battle_id`,
  { battle_id: "uuid" },
);
export const votesOf = statement(
  "code.votes-of",
  `SELECT entry_id, count(*)::int4 AS votes FROM code_vote WHERE entry_id = ANY($1::uuid[]) GROUP BY entry_id`,
  { entry_id: "uuid?", votes: "int4" },
);
/** In which of these battles a person has voted, or has said not to. */
export const votedIn = statement(
  "code.voted-in",
  `SELECT battle_id FROM code_vote WHERE battle_id = ANY($1::uuid[]) AND user_id = $2`,
  { battle_id: "uuid" },
);
/** Lets people vote on a battle. Its fence goes: which node ends it is open, and that is no beginning anew. */
export const openVotes = statement(
  "code.open-votes",
  `UPDATE code_battle SET votes_until = $2, fence = NULL WHERE id = $1`,
  {},
);
/**
 * Those of some entries that $2 does not see by their bots' names: people vote, or are going to, and $2 has not and owns not
 * that bot. With `owned` those whose bot is $2's: only how many voted for them is not said.
 */
export const sealedEntries = statement(
  "code.sealed-entries",
  `SELECT e.id, COALESCE(o.owner_id = $2, false) AS owned FROM code_entry e JOIN code_battle b ON b.id = e.battle_id JOIN bot o ON o.id = e.bot_id
   WHERE e.id = ANY($1::uuid[]) AND b.votes AND b.phase IN ('SETUP', 'RUNNING', 'COLLECTING', 'JUDGING')
     AND NOT EXISTS (SELECT FROM code_vote v WHERE v.battle_id = b.id AND v.user_id = $2)`,
  { id: "uuid", owned: "bool" },
);
/** What is told of a battle's entries when the votes have been taken, by seat. */
export const untoldOf = statement(
  "code.untold-of",
  `SELECT a.entry_id, a.bytes FROM code_artifact a JOIN code_entry e ON e.id = a.entry_id
   WHERE a.battle_id = $1 AND a.kind = 'UNTOLD' ORDER BY e.seat, a.chunk`,
  { entry_id: "uuid", bytes: "bytea" },
);
export const removeUntold = statement(
  "code.remove-untold",
  `DELETE FROM code_artifact WHERE battle_id = $1 AND kind = 'UNTOLD'`,
  {},
);
