import { CONTEST_READS } from "../../ladder/schema/reads.ts";
import { parseNodeId } from "../../platform/graphql/node-ids.ts";
import { readable, value } from "../../platform/graphql/compiled.ts";

// A fight with its participants, as one statement.

const fightUuid = (sent: unknown) => {
  const id = typeof sent === "string" ? parseNodeId(sent) : null;
  return id?.typename === "Fight" ? id.uuid : undefined;
};
const ofFight = (column: string) => value((row) => `(SELECT f.${column} FROM fight f WHERE f.id = ${row}.id)`);

readable("Query", {
  fight: {
    kind: "object",
    type: "Fight",
    from: (fight, _row, parameter) =>
      `FROM contest ${fight} WHERE ${fight}.id = ${parameter("id", fightUuid)}::uuid AND ${fight}.ladder IN ('PIT', 'PIT_SLOW')`,
  },
});

readable("Fight", {
  ...CONTEST_READS,
  phase: ofFight("phase"),
  rules: ofFight("rules"),
  sealed: ofFight("sealed"),
  endReason: ofFight("end_reason"),
  winner: {
    kind: "object",
    type: "Bot",
    from: (bot, row) =>
      `FROM fight ${bot}f JOIN bot ${bot} ON ${bot}.id = ${bot}f.winner_id WHERE ${bot}f.id = ${row}.id`,
  },
});
