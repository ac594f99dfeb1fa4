// Proves the money of a database, on the server's own machine: npm run ledger:check. Ends with 1 when something is wrong.
import { BETTING_INVARIANTS } from "./betting/service/invariants.ts";
import { CHAIN_INVARIANTS } from "./chain/service/invariants.ts";
import { readConfig } from "./config.ts";
import { checkLedger, LEDGER_INVARIANTS, type Finding } from "./ledger/service/check.ts";
import { PIT_INVARIANTS } from "./pit/service/invariants.ts";
import { borrowEmbeddedPostgres } from "./platform/postgres/embedded.ts";
import { migrate } from "./platform/postgres/migrate.ts";
import { sayStartError } from "./platform/start-error.ts";

const INVARIANTS = [...LEDGER_INVARIANTS, ...CHAIN_INVARIANTS, ...PIT_INVARIANTS, ...BETTING_INVARIANTS];

function wordsOf({ name, says, broken }: Finding): string {
  if (broken.length === 0) return `ok      ${name}: ${says}\n`;
  const lines = broken.map(({ subject, detail }) => `          ${subject}: ${detail}\n`);
  return `BROKEN  ${name}: it does not hold that ${says}\n${lines.join("")}`;
}

async function main(): Promise<number> {
  const config = readConfig(process.env);
  const embedded = config.databaseUrl === null ? await borrowEmbeddedPostgres(config.dataDir) : null;
  const url = embedded?.url ?? config.databaseUrl ?? "";
  try {
    await migrate(url);
    const findings = await checkLedger(url, INVARIANTS);
    const broken = findings.filter((finding) => finding.broken.length > 0);
    process.stdout.write(findings.map(wordsOf).join(""));
    process.stdout.write(
      broken.length === 0
        ? `The ledger is sound: all ${findings.length} invariants hold.\n`
        : `The ledger is NOT sound: ${broken.map(({ name }) => name).join(", ")}. Nothing was changed; see docs/money.md.\n`,
    );
    return broken.length === 0 ? 0 : 1;
  } finally {
    await embedded?.stop();
  }
}

process.exitCode = await main().catch(sayStartError);
