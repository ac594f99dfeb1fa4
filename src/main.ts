import { enableCompileCache, flushCompileCache } from "node:module";
import { fileURLToPath } from "node:url";
import { ConfigError, readConfig } from "./config.ts";
import { StartError } from "./platform/start-error.ts";

const say = (line = "") => process.stdout.write(`${line}\n`);

/** What was compiled is kept for the next start, which takes two thirds of the time. */
const COMPILED = new URL("../node_modules/.cache/compiled", import.meta.url);

/** Starts one process and stops it on SIGTERM or SIGINT. */
async function main(): Promise<void> {
  const config = readConfig(process.env);
  enableCompileCache(fileURLToPath(COMPILED));
  const { startEmbedded } = await import("./embedded.ts");
  const { promise: spawned, resolve: onSpawn } = Promise.withResolvers<void>();
  const embedding = startEmbedded(config, onSpawn);
  // Loading takes this thread for a second and more: the database starts meanwhile.
  const loading = Promise.race([spawned, embedding]).then(() => import("./app.ts"));
  const starting = Promise.all([embedding, loading]).then(([embedded, { startApp }]) => startApp(config, { embedded }));
  // Whoever stops it before it has started is heard as well.
  stopOnSignal(() => starting.then(({ stop }) => stop()));
  const app = await starting;
  for (const note of app.notes) say(note);
  say(`Agon runs at ${app.url}`);
  say(`  GraphQL   ${app.url}/graphql   explore it at ${app.url}/graphiql`);
  say(`  Agents    ${app.url}/skills.md`);
  flushCompileCache();
  say(`  First key ${app.url}/manage   sign up, register a bot, copy its key once`);
}

const STOP_MAX_MS = 10_000;

function stopOnSignal(stop: () => Promise<void>): void {
  let stopping: Promise<void> | null = null;
  const onSignal = () => {
    setTimeout(() => fail(new Error("the process did not stop in time")), STOP_MAX_MS).unref();
    stopping ??= stop().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, onSignal);
}

function fail(error: unknown): never {
  const known =
    error instanceof ConfigError || error instanceof StartError || (error as { code?: string }).code === "EADDRINUSE";
  process.stderr.write(`${known ? (error as Error).message : error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
}

await main().catch(fail);
