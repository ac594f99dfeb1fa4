import { spawn } from "node:child_process";
import { chmod, mkdtemp, readFile, readlink, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { startEmbeddedPostgres } from "../../src/platform/postgres/embedded.ts";
import { until } from "./until.ts";

/** A PostgreSQL of the test's own, which it may stop at once and start again on the same port and data. */
export type OwnPostgres = {
  url: string;
  /** SIGQUIT of the postmaster: every connection is gone, nothing is written down in order. */
  stopAtOnce(): Promise<void>;
  startAgain(): Promise<void>;
  remove(): Promise<void>;
};

/** Starts an empty PostgreSQL in a folder of its own. */
export async function ownPostgres(): Promise<OwnPostgres> {
  const folder = await mkdtemp(join(tmpdir(), "agon-postgres-"));
  await chmod(folder, 0o755);
  const { url } = await startEmbeddedPostgres(folder);
  const how = await postmasterOf(url);
  let { pid } = how;
  const gone = () => until(() => hasEnded(pid), "the end of PostgreSQL");
  const stopAtOnce = async () => {
    if (!(await hasEnded(pid))) process.kill(pid, "SIGQUIT");
    await gone();
  };
  const startAgain = async () => {
    const { file, args, uid, gid } = how;
    const child = spawn(file, args, { uid, gid, cwd: "/", env: { PATH: "/usr/bin:/bin" }, stdio: "ignore" });
    pid = child.pid ?? 0;
    await until(() => answers(url), "PostgreSQL");
  };
  const remove = async () => {
    await stopAtOnce();
    await rm(folder, { recursive: true, force: true });
    await rm(how.data, { recursive: true, force: true });
  };
  return { url, stopAtOnce, startAgain, remove };
}

/** Gone, or a zombie that waits for its parent; the file may vanish while it is read. */
const hasEnded = (pid: number) =>
  readFile(`/proc/${pid}/status`, "utf8").then(
    (status) => /^State:\s+Z/m.test(status),
    () => true,
  );

async function postmasterOf(url: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ pid: number; data: string }>(
    `SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int AS pid, current_setting('data_directory') AS data`,
  );
  await client.end();
  const { pid, data } = rows[0] ?? { pid: 0, data: "" };
  const { uid, gid } = await stat(`/proc/${pid}`);
  const [, ...args] = (await readFile(`/proc/${pid}/cmdline`, "utf8")).split("\0").slice(0, -1);
  return { pid, data, file: await readlink(`/proc/${pid}/exe`), args, uid, gid };
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on("error", () => undefined);
  return client.connect().then(
    () => client.end().then(() => true),
    () => false,
  );
}
