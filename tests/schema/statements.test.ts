import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import "../../src/app.ts";
import { declaredStatements } from "../../src/platform/statement.ts";
import { freshDatabase } from "../harness/database.ts";

// OIDs are fixed by PostgreSQL's catalog (pg_type.dat).
const OID = {
  uuid: 2950,
  text: 25,
  int4: 23,
  float8: 701,
  bool: 16,
  timestamptz: 1184,
  bytea: 17,
  jsonb: 3802,
  json: 114,
  numeric: 1700,
  int8: 20,
  _text: 1009,
  _uuid: 2951,
  _int4: 1007,
} as const;

let database: { url: string; drop(): Promise<void> };
let client: pg.Client;

beforeAll(async () => {
  database = await freshDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

test.each(declaredStatements().map((declared) => [declared.name, declared] as const))(
  "%s gives the columns that it declares",
  async (name, { text, columns }) => {
    await client.query(`PREPARE "${name}" AS ${text}`);
    const { rows } = await client.query<{ types: string[] | null }>(
      "SELECT result_types::oid[]::text[] AS types FROM pg_prepared_statements WHERE name = $1",
      [name],
    );
    const declared = Object.values(columns).map((type) => String(OID[type.replace("?", "") as keyof typeof OID]));
    expect(rows[0]?.types ?? []).toEqual(declared);
  },
);
