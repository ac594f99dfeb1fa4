import { execFile, spawn } from "node:child_process";
import { renameSync, writeFileSync } from "node:fs";
import { mkdir, open, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { kill } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { anyPort } from "../../platform/free-port.ts";
import { StartError } from "../../platform/start-error.ts";
import { foundryBinary } from "./foundry.ts";
import { rpcTo } from "./rpc.ts";

const run = promisify(execFile);

/** A development chain of this machine, whose state is kept in a folder. */
export type LocalChain = {
  url: string;
  /** Waits until all that was mined before is on the disk. */
  saved(): Promise<void>;
  /** Starts it again on its port if it has ended; whether that was so. */
  revive(): Promise<boolean>;
  stop(): Promise<void>;
};

type Place = { state: string; record: string; log: string; chainId: number; bornAt_s: number };
type Running = { pid: number; port: number };

const SAVE_INTERVAL_S = 1;
/** The tag `safe` is this many blocks behind the newest one, `finalized` twice as many. */
const SLOTS_IN_AN_EPOCH = 2;
export const FINAL_AFTER_BLOCKS = 2 * SLOTS_IN_AN_EPOCH;
const START_MAX_MS = 20_000;
const STOP_MAX_MS = 5_000;
const LOOK_MS = 20;

/**
 * Starts anvil with its state in `dataDir`/chain, which the caller owns. One that an earlier, killed process left behind is adopted; if it does
 * not answer, or is another chain, it is ended. It outlives a `kill -9` of this process, and loses at most what was mined
 * in the last second when it is killed itself.
 */
export async function startLocalChain(dataDir: string, chainId: number): Promise<LocalChain> {
  const folder = join(dataDir, "chain");
  await mkdir(folder, { recursive: true });
  const place: Place = {
    state: join(folder, "state.json"),
    record: join(folder, "process.json"),
    log: join(folder, "anvil.log"),
    chainId,
    bornAt_s: await bornAt(join(folder, "born")),
  };
  const last = await lastRun(place);
  const left = last && (await adoptable(place, last)) ? last : null;
  // Wallets remember where a chain answers: it stays where it was if it can.
  let running = left ?? (await start(place, await anyPort(last?.port)));
  return {
    url: urlOf(running.port),
    saved: () => saved(place, Date.now()),
    revive: async () => {
      if (await isOurs(place, running.pid)) return false;
      running = await start(place, running.port);
      return true;
    },
    stop: () => end(place, running.pid, "SIGTERM"),
  };
}

/**
 * When this chain began, in seconds. anvil makes a first block at each start and keeps it beside the one in the state: if
 * they differed, which of them is block 0 would be decided by chance at every start.
 */
async function bornAt(file: string): Promise<number> {
  const known = await readFile(file, "utf8").catch(() => null);
  if (known !== null) return Number(known);
  const now_s = Math.floor(Date.now() / 1_000);
  await writeFile(file, String(now_s));
  return now_s;
}

const urlOf = (port: number) => `http://127.0.0.1:${port}`;

async function lastRun({ record }: Place): Promise<Running | null> {
  const text = await readFile(record, "utf8").catch(() => null);
  return text === null ? null : (JSON.parse(text) as Running);
}

/** Whether an earlier chain of this place still answers. One that hangs, or has another id, is ended. */
async function adoptable(place: Place, { pid, port }: Running): Promise<boolean> {
  if (!(await isOurs(place, pid))) return false;
  if ((await chainIdAt(port)) === place.chainId) return true;
  await end(place, pid, "SIGKILL");
  return false;
}

const chainIdAt = (port: number) => rpcTo(urlOf(port), 2_000)<string>("eth_chainId").then(Number, () => null);

/** Whether a process is the anvil of this place: numbers of processes are used again, the name of its state is not. */
async function isOurs({ state }: Place, pid: number): Promise<boolean> {
  const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() =>
    run("ps", ["-ww", "-o", "command=", "-p", String(pid)]).then(
      ({ stdout }) => stdout,
      () => "",
    ),
  );
  return command.includes("--state-interval") && command.includes(state);
}

async function start(place: Place, port: number): Promise<Running> {
  const flags = {
    host: "127.0.0.1",
    port,
    "chain-id": place.chainId,
    "slots-in-an-epoch": SLOTS_IN_AN_EPOCH,
    state: place.state,
    "state-interval": SAVE_INTERVAL_S,
    timestamp: place.bornAt_s,
  };
  const given = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const log = await open(place.log, "w");
  // A group of its own: Ctrl-C in a terminal is for us, and we stop the chain when nobody uses it any more.
  const stdio = ["ignore", log.fd, log.fd] as const;
  const child = spawn(foundryBinary("anvil"), [...given, "--quiet"], { detached: true, stdio: [...stdio] });
  const failed = new Promise<"failed">((resolve) => {
    for (const event of ["error", "exit"]) child.once(event, () => resolve("failed"));
  });
  // Written in the same breath, so that a kill of this process finds no chain without a record.
  const running = { pid: child.pid ?? 0, port };
  writeFileSync(`${place.record}.new`, JSON.stringify(running));
  renameSync(`${place.record}.new`, place.record);
  child.unref();
  await log.close();
  const ready = await Promise.race([answering(place, port), failed]);
  if (ready === true) {
    const rpc = rpcTo(urlOf(port));
    // Its clock begins when the chain was born: it goes on with ours.
    await rpc("evm_setTime", [Math.floor(Date.now() / 1_000)]);
    // It keeps the newest state alone: what was final then cannot be asked for. Now the newest of then is.
    if (Number(await rpc("eth_blockNumber")) > 0) await rpc("anvil_mine", [FINAL_AFTER_BLOCKS]);
    return running;
  }
  await end(place, running.pid, "SIGKILL");
  throw new StartError(
    `LOCAL_CHAIN_FAILED: the local chain with its state in ${place.state} does not start; it said: ${await lastWords(place)}. Move the file away to begin a new chain with a new database, or set BASE_RPC_URL to use another.`,
  );
}

const lastWords = async ({ log }: Place) => (await readFile(log, "utf8")).trim().slice(-500) || "nothing";

async function answering({ chainId }: Place, port: number): Promise<boolean> {
  const until = Date.now() + START_MAX_MS;
  while (Date.now() < until) {
    if ((await chainIdAt(port)) === chainId) return true;
    await sleep(LOOK_MS);
  }
  return false;
}

/** The state is written once a second; a file that was begun after the second one is that of later than `since`. */
async function saved({ state }: Place, since: number): Promise<void> {
  const until = Date.now() + START_MAX_MS;
  const writtenAt = () =>
    stat(state).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0,
    );
  while ((await writtenAt()) <= since) {
    if (Date.now() > until) throw new StartError(`LOCAL_CHAIN_FAILED: the local chain does not write to ${state}.`);
    await sleep(LOOK_MS);
  }
}

/** Ends the chain; told to by SIGTERM it writes its state first. */
async function end(place: Place, pid: number, signal: NodeJS.Signals): Promise<void> {
  const until = Date.now() + STOP_MAX_MS;
  if (await isOurs(place, pid)) kill(pid, signal);
  while (await isOurs(place, pid)) {
    if (Date.now() > until && signal !== "SIGKILL") return end(place, pid, "SIGKILL");
    await sleep(LOOK_MS);
  }
}
