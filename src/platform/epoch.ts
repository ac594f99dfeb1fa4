import { createHash } from "node:crypto";
import type { Database } from "./database.ts";
import { statement } from "./statement.ts";

const identity = statement(
  "epoch.identity",
  `SELECT system_identifier::text AS system, timeline_id AS timeline,
          (SELECT oid::text FROM pg_database WHERE datname = current_database()) AS database
   FROM pg_control_system(), pg_control_checkpoint()`,
  { system: "text", timeline: "int4", database: "text?" },
);

/** Eight hex digits that name this history of the database: another cluster, database or timeline has others. */
export async function readEpoch(db: Database): Promise<string> {
  const [row] = await db.query(identity, []);
  if (!row) throw new Error("PostgreSQL did not say which cluster it is");
  return createHash("sha256").update(`${row.system}/${row.database}/${row.timeline}`).digest("hex").slice(0, 8);
}
