import { createHash } from "node:crypto";
import type { Database } from "./database.ts";
import { statement } from "./statement.ts";

const identity = statement(
  "epoch.identity",
  `SELECT system_identifier::text AS system, timeline_id AS timeline,
          (SELECT oid::text FROM pg_database WHERE datname = current_database()) AS database,
          'stream_head'::regclass::oid::text AS heads, pg_relation_filenode('stream_head')::text AS file
   FROM pg_control_system(), pg_control_checkpoint()`,
  { system: "text", timeline: "int4", database: "text?", heads: "text?", file: "text?" },
);

/**
 * Eight hex digits that name this history of the database. Another cluster, database or timeline has others, and so has one
 * into which a dump was restored: its tables were made anew, or filled anew.
 */
export async function readEpoch(db: Database): Promise<string> {
  const [row] = await db.query(identity, []);
  if (!row) throw new Error("PostgreSQL did not say which cluster it is");
  return createHash("sha256")
    .update(`${row.system}/${row.database}/${row.timeline}/${row.heads}/${row.file}`)
    .digest("hex")
    .slice(0, 8);
}
