import { mkdtemp, chmod, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { migrateJobs } from "../src/platform/jobs.ts";
import { openLog } from "../src/platform/logging.ts";
import { startEmbeddedPostgres } from "../src/platform/postgres/embedded.ts";
import { migrate } from "../src/platform/postgres/migrate.ts";

/** A migrated database in a temporary folder. */
export async function temporaryDatabase(): Promise<{ url: string; stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "agon-bench-"));
  await chmod(folder, 0o755);
  const postgres = await startEmbeddedPostgres(folder);
  await withoutCheckpoints(postgres.url);
  await migrate(postgres.url);
  await migrateJobs(postgres.url, openLog("silent"));
  return {
    url: postgres.url,
    stop: async () => {
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A checkpoint in the middle of one side's turn would be counted against it. Commits are as durable as ever. */
async function withoutCheckpoints(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query("ALTER SYSTEM SET max_wal_size = '8GB'");
  await client.query("ALTER SYSTEM SET checkpoint_timeout = '1h'");
  await client.query("SELECT pg_reload_conf()");
  await client.end();
}

/** The environment of a server that limits no load. */
export const unlimited = (databaseUrl: string): Record<string, string> => ({
  DATABASE_URL: databaseUrl,
  AGON_SECRET: "a secret of a measuring program only",
  PORT: "0",
  LOG_LEVEL: "warn",
  LIMIT_POOL_OPEN_MS: "0",
  LIMIT_SOCKETS_PER_PRINCIPAL_MAX: "100000",
  LIMIT_COST_PER_MINUTE_ANONYMOUS: "2000000000",
  LIMIT_COST_PER_MINUTE_SIGNED_IN: "2000000000",
  LIMIT_REGISTRATIONS_PER_HOUR: "100000",
  LIMIT_SIGN_INS_PER_MINUTE: "100000",
});
