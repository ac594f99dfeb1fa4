import { startLocalChain } from "./chain/adapter/local-chain.ts";
import type { Config } from "./config.ts";
import { freePort } from "./platform/free-port.ts";
import { ownFolder } from "./platform/owned-folder.ts";
import { startEmbeddedPostgres } from "./platform/postgres/embedded.ts";
import { StartError } from "./platform/start-error.ts";

/** Ends what was started. */
export type Stop = () => Promise<unknown>;

/** What this machine runs in place of what is not configured: a database, and in development a chain. */
export async function startEmbedded(config: Config, stops: Stop[]) {
  const started = <T extends { stop: Stop }>(running: T): T => {
    stops.unshift(running.stop);
    return running;
  };
  const wantsChain = !config.production && config.chain.rpcUrl === null && config.roles.includes("chain");
  if (config.databaseUrl === null || wantsChain) stops.unshift(ownData(config.dataDir));
  await takePort(config);
  const [embedded, local] = await Promise.allSettled([
    config.databaseUrl === null ? startEmbeddedPostgres(config.dataDir).then(started) : null,
    wantsChain ? startLocalChain(config.dataDir, config.chain.id).then(started) : null,
  ]);
  if (embedded.status === "rejected") throw embedded.reason;
  if (local.status === "rejected") throw local.reason;
  return { embedded: embedded.value, local: local.value };
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
