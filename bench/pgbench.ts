// Runs the service's own statements from pgbench, the fastest client that PostgreSQL has.
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Statement } from "../src/platform/statement.ts";

const run = promisify(execFile);

/** A declared statement as a line of a script: each $n becomes an SQL expression over the script's variables. */
export function line({ name, text }: Statement<unknown>, values: readonly string[]): string {
  const filled = text.replaceAll(/\$(\d+)/g, (whole, n: string) => {
    const value = values[Number(n) - 1];
    if (value === undefined) throw new Error(`${name} takes ${whole}, which the script does not give`);
    return `(${value})`;
  });
  return `${filled.replaceAll(/\s*\n\s*/g, " ")};\n`;
}

/** Transactions a second of a script, prepared, as many clients as asked. `variables` are texts that it may name. */
export async function pgbench(
  databaseUrl: string,
  script: string,
  { clients, seconds, variables = {} }: { clients: number; seconds: number; variables?: Record<string, string> },
): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "agon-pgbench-"));
  const file = join(folder, "script.sql");
  await writeFile(file, script);
  const given = Object.entries(variables).flatMap(([name, value]) => ["-D", `${name}=${value}`]);
  const args = ["-n", "-M", "prepared", "-f", file, "-c", String(clients), "-j", "2", "-T", String(seconds), ...given];
  try {
    const { stdout, stderr } = await run("pgbench", [...args, databaseUrl]);
    const found = /tps = ([\d.]+)/.exec(stdout)?.[1];
    const failed = /number of failed transactions: (\d+)/.exec(stdout)?.[1] ?? "0";
    if (!found || failed !== "0" || /aborted/.test(stderr)) throw new Error(`pgbench failed: ${stdout}${stderr}`);
    return Number(found);
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT")
      throw new Error("pgbench is missing. On Debian or Ubuntu: apt-get install postgresql-contrib", { cause: error });
    throw error;
  } finally {
    await rm(folder, { recursive: true });
  }
}
