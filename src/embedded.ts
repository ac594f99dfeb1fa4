import { startLocalChain, type LocalChain } from "./chain/adapter/local-chain.ts";
import type { Config } from "./config.ts";
import { freePort } from "./platform/free-port.ts";
import { ownFolder } from "./platform/owned-folder.ts";
import { startEmbeddedPostgres, type EmbeddedPostgres } from "./platform/postgres/embedded.ts";
import { StartError } from "./platform/start-error.ts";

/** Ends what was started. */
export type Stop = () => Promise<unknown>;

/** What this machine runs in place of what is not configured: a database, and in development a chain. */
export type Embedded = { database: EmbeddedPostgres | null; chain: LocalChain | null; stops: readonly Stop[] };

/**
 * Starts them; where one of them cannot start, what has started is stopped again. `onSpawn` hears when the database's
 * process runs, which takes longer to answer than any other.
 */
export async function startEmbedded(config: Config, onSpawn?: () => void): Promise<Embedded> {
  const stops: Stop[] = [];
  const started = <T extends { stop: Stop }>(running: T): T => {
    stops.unshift(running.stop);
    return running;
  };
  const wantsChain = !config.production && config.chain.rpcUrl === null && config.roles.includes("chain");
  try {
    if (config.databaseUrl === null || wantsChain) stops.unshift(ownData(config.dataDir));
    await takePort(config);
    const [database, chain] = await Promise.allSettled([
      config.databaseUrl === null ? startEmbeddedPostgres(config.dataDir, undefined, onSpawn).then(started) : null,
      wantsChain ? startLocalChain(config.dataDir, config.chain.id).then(started) : null,
    ]);
    if (database.status === "rejected") throw database.reason;
    if (chain.status === "rejected") throw chain.reason;
    return { database: database.value, chain: chain.value, stops };
  } catch (error) {
    await stopAll(stops);
    throw error;
  }
}

/** What was started last stops first; each is waited for, and one that fails does not keep the others running. */
export async function stopAll(stops: readonly Stop[]): Promise<void> {
  const failures: unknown[] = [];
  for (const stop of stops) await stop().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw new AggregateError(failures, "not everything stopped as it should");
}

/** The database and the chain of a folder are one process's: another that stopped them would stop them under it. */
function ownData(dataDir: string): Stop {
  const folder = ownFolder(dataDir);
  if ("release" in folder) return async () => folder.release();
  const owner = folder.pid === null ? "another process" : `process ${folder.pid} (since ${folder.since})`;
  throw new StartError(
    `DATA_DIR_IN_USE: ${dataDir} is used by ${owner}, which goes on undisturbed. Stop that one first, or start this one with another DATA_DIR and PORT.`,
  );
}

/** Asked before anything is made or started: who starts a second one by mistake hears it at once. */
async function takePort({ host, port }: Config): Promise<void> {
  if ((await freePort(port, host)) === null)
    throw new StartError(`PORT_TAKEN: something listens on ${host}:${port} already. Set PORT to another one.`);
}
