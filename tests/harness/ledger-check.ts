import { execFile } from "node:child_process";

/** The operators' `npm run ledger:check` as a process: its exit code and words. */
export function ledgerCheck(databaseUrl: string): Promise<{ code: number; said: string }> {
  const env = { ...process.env, DATABASE_URL: databaseUrl, AGON_SECRET: "0123456789abcdef0123456789abcdef" };
  return new Promise((resolve) => {
    execFile(process.execPath, ["src/ledger-check.ts"], { env }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), said: stdout + stderr }),
    );
  });
}
