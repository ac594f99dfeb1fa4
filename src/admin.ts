// Commands of an operator on the server's own machine: npm run admin -- grant HANDLE
import { readConfig } from "./config.ts";
import { grantOperator, resetByOperator } from "./identity/service/operators.ts";
import { systemClock } from "./platform/clock.ts";
import { openDatabase } from "./platform/database.ts";
import { startEmbeddedPostgres } from "./platform/postgres/embedded.ts";
import { migrate } from "./platform/postgres/migrate.ts";
import { systemRandom } from "./platform/random.ts";

const USAGE = `npm run admin -- COMMAND HANDLE
  grant HANDLE            make a user an operator
  revoke HANDLE           take it back
  reset-password HANDLE   give a user a new password, shown once, and end every session
`;

type Acting = Parameters<typeof grantOperator>[0];

/** What a command says when it is done; null when there is no such user. */
const COMMANDS: Record<string, (platform: Acting, handle: string) => Promise<string | null>> = {
  grant: async (platform, handle) =>
    (await grantOperator(platform, handle, true)) ? `${handle} is an operator.` : null,
  revoke: async (platform, handle) =>
    (await grantOperator(platform, handle, false)) ? `${handle} is no operator any more.` : null,
  "reset-password": async (platform, handle) => {
    const password = await resetByOperator(platform, handle);
    return password === null ? null : `The new password of ${handle}: ${password}`;
  },
};

async function main([name = "", handle = ""]: readonly string[]): Promise<number> {
  const command = COMMANDS[name];
  if (!command || handle === "") {
    process.stderr.write(USAGE);
    return 2;
  }
  const config = readConfig(process.env);
  const embedded = config.databaseUrl === null ? await startEmbeddedPostgres(config.dataDir) : null;
  const url = embedded?.url ?? config.databaseUrl ?? "";
  await migrate(url);
  const db = openDatabase(url, 1);
  try {
    const said = await command({ db, clock: systemClock, random: systemRandom }, handle);
    (said === null ? process.stderr : process.stdout).write(`${said ?? `There is no user ${handle}.`}\n`);
    return said === null ? 1 : 0;
  } finally {
    await db.close();
    // A running server shares the database with this command.
    if (embedded && !embedded.adopted) await embedded.stop();
  }
}

process.exitCode = await main(process.argv.slice(2));
