import pg from "pg";
import type { Statement } from "./statement.ts";

/** Reads of one instant. */
export type Snapshot = { query<Row>(statement: Statement<Row>): Promise<Row[]> };

/** Reads as much as it takes of one instant of the database, on a connection of its own, without a time-out. */
export async function readSnapshot<T>(url: string, work: (snapshot: Snapshot) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, options: "-c TimeZone=UTC -c work_mem=256MB" });
  await client.connect();
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    return await work({
      query: async <Row>({ text }: Statement<Row>) => (await client.query(text)).rows as Row[],
    });
  } finally {
    await client.end();
  }
}
