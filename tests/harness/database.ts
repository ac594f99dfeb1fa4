import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { inject } from "vitest";

async function admin<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const url = new URL(inject("templateUrl"));
  url.pathname = "/postgres";
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** A migrated, empty database of a test's own. */
export async function freshDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `test_${randomBytes(6).toString("hex")}`;
  await admin((client) => client.query(`CREATE DATABASE ${name} TEMPLATE agon STRATEGY file_copy`));
  const url = new URL(inject("templateUrl"));
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: () => admin((client) => dropWhenLeft(client, name)),
  };
}

const LEAVING_MS = 2_000;

/** A connection that is closing when its database is forced away reports that as an error that nobody awaits. */
async function dropWhenLeft(client: pg.Client, name: string): Promise<void> {
  const giveUpAtMs = Date.now() + LEAVING_MS;
  const isInUse = async () =>
    ((await client.query("SELECT FROM pg_stat_activity WHERE datname = $1", [name])).rowCount ?? 0) > 0;
  while (Date.now() < giveUpAtMs && (await isInUse())) await sleep(20);
  await client.query(`DROP DATABASE ${name} WITH (FORCE)`);
}

/** Runs what only somebody can who may switch triggers off: how tests plant a corruption. */
export async function asSuperuser(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("SET session_replication_role = replica");
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** Runs `work` with a corruption planted in some tables, and puts them back as they were. */
export async function whileCorrupt<T>(
  url: string,
  tables: readonly string[],
  sql: string,
  work: () => Promise<T>,
): Promise<T> {
  await asSuperuser(url, tables.map((table) => `CREATE TABLE kept_${table} AS TABLE ${table}`).join("; "));
  try {
    await asSuperuser(url, sql);
    return await work();
  } finally {
    const restore = (table: string) =>
      `DELETE FROM ${table}; INSERT INTO ${table} TABLE kept_${table}; DROP TABLE kept_${table}`;
    await asSuperuser(url, tables.map(restore).join("; "));
  }
}
