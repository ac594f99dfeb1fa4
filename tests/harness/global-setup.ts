import { mkdtemp, rm, chmod, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { migrateJobs } from "../../src/platform/jobs.ts";
import { openLog } from "../../src/platform/logging.ts";
import { migrate } from "../../src/platform/postgres/migrate.ts";
import { startEmbeddedPostgres } from "../../src/platform/postgres/embedded.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** The migrated database that each test's own is a copy of. */
    templateUrl: string;
  }
}

/** A database a test, made and dropped without waiting for the disk; killed processes lose nothing by it. */
async function forgetPowerCuts(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const setting of ["fsync", "full_page_writes"]) await client.query(`ALTER SYSTEM SET ${setting} = off`);
  await client.query("SELECT pg_reload_conf()");
  await client.end();
}

/** For two test files at once, each with several servers. */
const CONNECTIONS_MAX = 400;

const MEMORY = "/dev/shm";
const MEMORY_MIN_BYTES = 4 * 1024 ** 3;

/** In memory where this machine has enough of it: each test's database is a thousand files that are written and thrown away. */
async function place(): Promise<string> {
  const memory = await statfs(MEMORY).catch(() => null);
  return memory !== null && memory.bavail * memory.bsize >= MEMORY_MIN_BYTES ? MEMORY : tmpdir();
}

/** One PostgreSQL for the whole run, migrated once. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(await place(), "agon-tests-"));
  await chmod(folder, 0o755);
  const postgres = await startEmbeddedPostgres(folder, CONNECTIONS_MAX);
  await migrate(postgres.url);
  await migrateJobs(postgres.url, openLog("silent"));
  await forgetPowerCuts(postgres.url);
  project.provide("templateUrl", postgres.url);
  return async () => {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  };
}
