import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import pg from "pg";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../..", import.meta.url));

/**
 * Brings the database to this version's migrations. They are compared first, because starting the CLI costs seconds.
 * Throws with the CLI's words when a migration fails; the database says then which (`prisma migrate status`).
 */
export async function migrate(databaseUrl: string): Promise<void> {
  if (await isCurrent(databaseUrl)) return;
  const cli = createRequire(import.meta.url).resolve("prisma/build/index.js");
  await run(process.execPath, [cli, "migrate", "deploy"], {
    cwd: root,
    env: { ...process.env, DATABASE_URL: databaseUrl },
  });
}

/** Whether every migration of this version is applied, with the very text it has here. */
export async function isCurrent(databaseUrl: string): Promise<boolean> {
  const [wanted, applied] = await Promise.all([migrationsHere(), migrationsApplied(databaseUrl)]);
  return wanted.every(({ name, checksum }) => applied.get(name) === checksum);
}

async function migrationsHere(): Promise<{ name: string; checksum: string }[]> {
  const folder = `${root}prisma/migrations`;
  const names = (await readdir(folder, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(`${folder}/${name}/migration.sql`);
      return { name, checksum: createHash("sha256").update(sql).digest("hex") };
    }),
  );
}

async function migrationsApplied(databaseUrl: string): Promise<Map<string, string>> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ known: boolean }>(
      `SELECT to_regclass('_prisma_migrations') IS NOT NULL AS known`,
    );
    if (!rows[0]?.known) return new Map();
    const applied = await client.query<{ migration_name: string; checksum: string }>(
      `SELECT migration_name, checksum FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`,
    );
    return new Map(applied.rows.map((row) => [row.migration_name, row.checksum]));
  } finally {
    await client.end();
  }
}
