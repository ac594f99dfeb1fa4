import { readConfig } from "../../src/config.ts";
import { startApp, type App, type Given } from "../../src/app.ts";
import { freshDatabase } from "./database.ts";
import { WITHOUT_CHAIN } from "./process.ts";

/** A running server on a database of its own. `limits` are the LIMIT_… variables of .env.example. */
export async function startTestApp(
  limits: Record<string, number> = {},
  given: Given = {},
  environment: Record<string, string> = {},
): Promise<App> {
  const database = await freshDatabase();
  const raised = {
    // A fight begins at once, unless a test is about bets.
    LIMIT_POOL_OPEN_MS: 0,
    LIMIT_REGISTRATIONS_PER_HOUR: 10_000,
    LIMIT_SIGN_INS_PER_MINUTE: 10_000,
    LIMIT_COST_PER_MINUTE_ANONYMOUS: 1_000_000,
    LIMIT_COST_PER_MINUTE_SIGNED_IN: 1_000_000,
  };
  const variables = Object.fromEntries(
    Object.entries({ ...raised, ...limits }).map(([name, value]) => [name, String(value)]),
  );
  const app = await startApp(
    readConfig({
      DATABASE_URL: database.url,
      PORT: "0",
      LOG_LEVEL: "warn",
      // Game servers run where a test is about them.
      AGON_QUAKE_SERVERS: "0",
      AGON_ROLES: WITHOUT_CHAIN,
      AGON_SECRET: "0123456789abcdef0123456789abcdef",
      ...variables,
      ...environment,
    }),
    given,
  );
  return {
    ...app,
    stop: async () => {
      await app.stop();
      await database.drop();
    },
  };
}
