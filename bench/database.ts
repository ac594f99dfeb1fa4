import { mkdtemp, chmod, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrateJobs } from "../src/platform/jobs.ts";
import { openLog } from "../src/platform/logging.ts";
import { startEmbeddedPostgres } from "../src/platform/postgres/embedded.ts";
import { migrate } from "../src/platform/postgres/migrate.ts";

/** A migrated database in a temporary folder. */
export async function temporaryDatabase(): Promise<{ url: string; stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "agon-bench-"));
  await chmod(folder, 0o755);
  const postgres = await startEmbeddedPostgres(folder);
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

/** The environment of a server that limits no load. */
export const unlimited = (databaseUrl: string): Record<string, string> => ({
  DATABASE_URL: databaseUrl,
  AGON_SECRET: "a secret of a measuring program only",
  PORT: "0",
  LOG_LEVEL: "warn",
  LIMIT_SOCKETS_PER_PRINCIPAL_MAX: "100000",
  LIMIT_COST_PER_MINUTE_ANONYMOUS: "2000000000",
  LIMIT_COST_PER_MINUTE_SIGNED_IN: "2000000000",
  LIMIT_REGISTRATIONS_PER_HOUR: "100000",
  LIMIT_SIGN_INS_PER_MINUTE: "100000",
});
