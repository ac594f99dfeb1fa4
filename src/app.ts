import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { whyMoneyStays } from "./betting/service/leaving.ts";
import { haveBetsBetween, lockPool, movePool, openPools, settlePool } from "./betting/service/pools.ts";
import { barBots } from "./bots/events.ts";
import { barBotsOf, forgetProfilesOf } from "./bots/service/bots.ts";
import { ensureHouseBots } from "./bots/service/house.ts";
import type { LocalChain } from "./chain/adapter/local-chain.ts";
import { startLocalClock } from "./chain/jobs.ts";
import { registerCustody } from "./chain/service/custody.ts";
import { claimDeposits, holdDeposits } from "./chain/service/deposits.ts";
import { depositGauges, withdrawalGauges } from "./chain/service/gauges.ts";
import { fundWallet, registerWallet } from "./chain/service/hot-wallet.ts";
import { openLocalChain, openRemoteChain } from "./chain/service/open.ts";
import { startPayer } from "./chain/service/payer.ts";
import { startSolvency } from "./chain/service/solvency.ts";
import { startWatcher } from "./chain/service/watcher.ts";
import { startBattles } from "./codebattles/jobs.ts";
import { gitHubDoors } from "./codebattles/schema/github-doors.ts";
import { pruneGitHub } from "./codebattles/service/github.ts";
import { reapSandboxes } from "./codebattles/service/sandbox.ts";
import type { Config } from "./config.ts";
import { startEmbedded, stopAll, type Embedded, type Stop } from "./embedded.ts";
import { startDeadlines } from "./fights/jobs.ts";
import { FIGHT_JOBS } from "./fights/events.ts";
import { replayOf } from "./fights/service/replay.ts";
import { createFights } from "./fights/service/fights.ts";
import { barUser, personGone, walletProved, whyMoneyStays as whyMoneyStaysPort } from "./identity/events.ts";
import { authenticate, stillValid } from "./identity/service/authenticate.ts";
import { pruneIdentity } from "./identity/service/operators.ts";
import {
  CONTEST_JOBS,
  createContests,
  lockPool as lockPoolPort,
  movePool as movePoolPort,
  openPools as openPoolsPort,
  whyClosed,
} from "./ladder/events.ts";
import { retireInactive } from "./ladder/service/board.ts";
import type { SealRecord } from "./ladder/service/records.ts";
import { startMatchmakers } from "./ladder/service/matchmaker.ts";
import { barFromQueues } from "./ladder/service/queue.ts";
import { startPitSweep, tellEnded, tellStarted } from "./pit/jobs.ts";
import { barFromPit } from "./pit/service/bar.ts";
import { forgetSaid } from "./pit/service/forget.ts";
import { pruneChat, seatHouseBots } from "./pit/service/lobby.ts";
import { closeLedgerDays } from "./ledger/service/treasury.ts";
import { systemClock } from "./platform/clock.ts";
import { openDatabase } from "./platform/database.ts";
import { openDatabaseClock } from "./platform/database-clock.ts";
import { readEpoch } from "./platform/epoch.ts";
import { openHub, type Bus } from "./platform/hub.ts";
import { migrateJobs, startJobs, type Task } from "./platform/jobs.ts";
import { openLog, type Logger } from "./platform/logging.ts";
import type { Platform } from "./platform/platform.ts";
import { isCurrent, migrate } from "./platform/postgres/migrate.ts";
import { openPrisma } from "./platform/prisma.ts";
import { prune } from "./platform/prune.ts";
import { systemRandom } from "./platform/random.ts";
import { openRates } from "./platform/rates.ts";
import { openSigner } from "./platform/signing.ts";
import { openVault } from "./platform/vault.ts";
import { parseNodeId } from "./platform/graphql/node-ids.ts";
import { openMetrics } from "./platform/server/metrics.ts";
import type { Credentials } from "./platform/server/context.ts";
import { startServer } from "./platform/server/server.ts";
import type { SignedIn } from "./platform/viewer.ts";
import { DEBIAN } from "./quake/adapter/installation.ts";
import { MATCH_JOBS } from "./quake/events.ts";
import { startMatchSweep, startQuake } from "./quake/jobs.ts";
import { createMatches } from "./quake/service/create.ts";
import { whyQuakeIsClosed } from "./quake/service/opening.ts";
import { pruneFrames } from "./quake/service/prune.ts";
import { recordOf } from "./quake/service/signed-record.ts";
import { openMatchReplay } from "./quake/schema/replay.ts";
import { Sceneries } from "./quake/service/scenery.ts";
import { strategyTypes } from "./quake/strategy/house.ts";
import { EXAMPLES } from "./reach/examples.ts";
import { llmsText, skillsMarkdown } from "./reach/guide/skills.ts";
import { schema } from "./schema.ts";
import { forgetPerson } from "./social/service/moderation.ts";
import { barFromTeam, haveBets, teamDissolved } from "./teams/events.ts";
import { leaveTeams } from "./teams/service/endings.ts";
import { MATCH_FORMAT, REPLAY_FORMAT, signedText } from "./verify.ts";
import { onTaskEnded } from "./work/events.ts";
import { startWork } from "./work/jobs.ts";
import { endWorkOfPerson, endWorkOfTeam } from "./work/service/ended-work.ts";
import { barFromTeamWork, barFromWork } from "./work/service/scheduling.ts";
import { XP_JOBS } from "./xp/events.ts";
import { crownChampions } from "./xp/service/champions.ts";
import { observeTask, recordContest, recordTask } from "./xp/service/observe.ts";
import { takeContestBack } from "./xp/service/take-back.ts";

/** A running process. `notes` are lines for people about how it was started. */
export type App = { url: string; port: number; notes: readonly string[]; platform: Platform; stop(): Promise<void> };

const WEB_ROOT = fileURLToPath(new URL("../dist/web", import.meta.url));

createContests.bind((tx, platform, pairings) =>
  pairings[0]?.ladder === "QUAKE" ? createMatches(tx, platform, pairings) : createFights(tx, platform, pairings),
);
openPoolsPort.bind(openPools);
lockPoolPort.bind(lockPool);
movePoolPort.bind(movePool);
haveBets.bind(haveBetsBetween);
whyClosed.bind(async (platform, ladder) => (ladder === "QUAKE" ? whyQuakeIsClosed(platform, DEBIAN) : null));
onTaskEnded.bind(async (tx, _platform, ended) => {
  await observeTask(tx, ended);
  return [];
});
barUser.bind(barBotsOf);
personGone.bind(async (tx, platform, userId) => {
  await forgetPerson(tx, userId);
  await forgetSaid(tx, userId);
  await forgetProfilesOf(tx, platform, userId);
  await leaveTeams(tx, platform, userId);
  await endWorkOfPerson(tx, platform, userId);
});
teamDissolved.bind(endWorkOfTeam);
whyMoneyStaysPort.bind(async (tx, platform, userId) => {
  // A deposit that is being credited is seen then, and one that comes later is nobody's.
  await holdDeposits(tx);
  return whyMoneyStays(tx, platform, userId);
});
walletProved.bind(claimDeposits);
barBots.bind(async (tx, platform, botIds) => [
  ...(await barFromQueues(tx, platform, botIds)),
  ...(await barFromPit(tx, platform, botIds)),
  ...(await barFromWork(tx, platform, botIds)),
]);
barFromTeam.bind(barFromTeamWork);

/** What tests may bind in place of the machine's time and chance, and what whoever starts it has begun already. */
export type Given = Partial<Pick<Platform, "clock" | "random" | "epoch">> & { embedded?: Embedded };

/** Builds the platform, hands each domain's events to those above it, and listens. */
export async function startApp(config: Config, { embedded, ...given }: Given = {}): Promise<App> {
  const node = randomUUID();
  const { database, chain: local, stops: beneath } = embedded ?? (await startEmbedded(config));
  const stops: Stop[] = [...beneath];
  try {
    const databaseUrl = database?.url ?? config.databaseUrl ?? "";
    await migrate(databaseUrl);
    await migrateJobs(databaseUrl, openLog(config.logLevel));
    const { platform, stop } = await openPlatform(config, databaseUrl, given);
    stops.unshift(stop);
    const notes = await openChain(config, platform, local, stops);
    const payer = await openPayer(config, platform, node, local !== null);
    if (payer) stops.unshift(payer);
    stops.unshift(...(await openCustody(config, platform, node, local !== null)));
    await ensureHouseBots(platform);
    await seatHouseBots(platform);
    if (config.roles.includes("code")) {
      await reapSandboxes(platform);
      stops.unshift(startBattles(platform, node).stop);
    }
    if (config.roles.includes("quake"))
      stops.unshift(
        ...(await startQuake(platform, node, {
          ...config.quakePool,
          installation: DEBIAN,
          root: join(config.dataDir, "quake"),
        })),
      );
    if (config.roles.includes("engine")) stops.unshift(...(await startEngine(platform, node, databaseUrl)));
    const server = await startServer(serverParts(config, platform, databaseUrl), config.host, config.port);
    stops.unshift(server.stop);
    platform.origin = config.origin ?? `http://${config.host}:${server.port}`;
    return {
      url: platform.origin,
      port: server.port,
      notes: [...(database?.notes ?? []), ...notes],
      platform,
      stop: () => stopAll(stops),
    };
  } catch (error) {
    await stopAll(stops);
    throw error;
  }
}

/** Makes sure that the chain is the one that the database means; notes for people when it is the local one. */
async function openChain(
  { chain, roles }: Config,
  platform: Platform,
  local: LocalChain | null,
  stops: Stop[],
): Promise<string[]> {
  if (local) {
    const { chainId, tokenAddress } = await openLocalChain(platform, local);
    platform.chain = { id: chainId, rpcUrl: local.url, tokenAddress };
    stops.unshift(startLocalClock(platform.log, local).stop);
    return [`The local chain (id ${chainId}) answers at ${local.url}; NORTH stands at ${tokenAddress}`];
  }
  const { rpcUrl, tokenAddress } = chain;
  if (rpcUrl !== null && tokenAddress !== null && roles.includes("chain"))
    await openRemoteChain(platform, rpcUrl, { ...chain, tokenAddress });
  return [];
}

/** Pays withdrawals on this node where it has a chain and the key of the hot wallet. */
async function openPayer(
  { hotWallet, roles }: Config,
  platform: Platform,
  node: string,
  local: boolean,
): Promise<Stop | null> {
  const { id: chainId, rpcUrl, tokenAddress } = platform.chain;
  if (!hotWallet || rpcUrl === null || tokenAddress === null || !roles.includes("chain")) return null;
  const payer = { address: hotWallet.address, chainId, tokenAddress };
  if (local) await fundWallet(rpcUrl, payer);
  await registerWallet(platform, rpcUrl, payer);
  return startPayer(platform, { ...payer, rpcUrl, key: hotWallet.key }, node).stop;
}

/**
 * Sees on this node that money is covered, where it pays or takes any on a chain; watches for deposits where there is an address
 * that they go to. Without a master the hot wallets alone cover what is owed.
 */
async function openCustody(
  { custody, hotWallet, roles }: Config,
  platform: Platform,
  node: string,
  local: boolean,
): Promise<Stop[]> {
  const { id: chainId, rpcUrl, tokenAddress } = platform.chain;
  if (rpcUrl === null || tokenAddress === null || !roles.includes("chain")) return [];
  if (!custody) return hotWallet ? [startSolvency(platform, rpcUrl, { funding: null, node }).stop] : [];
  const { address, funder, creditTag } = custody;
  await registerCustody(platform, rpcUrl, { address, chainId, tokenAddress, creditTag });
  const funding = local && platform.playMoney && funder !== null ? { address, tokenAddress, funder } : null;
  const watching = { rpcUrl, tokenAddress, creditTag, funder: funding?.funder ?? null };
  return [startWatcher(platform, watching, node).stop, startSolvency(platform, rpcUrl, { funding, node }).stop];
}

/** What joins this node with others; a node alone does not load it. */
async function openBus({ redisUrl }: Config, log: Logger): Promise<{ redis: Redis | null; bus?: Bus }> {
  if (redisUrl === null) return { redis: null };
  const { openRedis, openRedisBus } = await import("./platform/redis-bus.ts");
  const redis = await openRedis(redisUrl, log);
  return { redis, bus: await openRedisBus(redis, randomUUID(), log) };
}

async function openPlatform(
  config: Config,
  databaseUrl: string,
  given: Given,
): Promise<{ platform: Platform; stop: Stop }> {
  const log = openLog(config.logLevel);
  const db = openDatabase(databaseUrl);
  const clock = await openDatabaseClock(db, log, systemClock);
  const prisma = openPrisma(databaseUrl);
  const { redis, bus } = await openBus(config, log);
  const hub = openHub(db, log, bus);
  const origin = config.origin ?? `http://${config.host}:${config.port}`;
  const platform: Platform = {
    db,
    prisma,
    hub,
    log,
    origin,
    clock,
    random: systemRandom,
    rates: openRates(redis),
    settings: config.settings,
    repositories: { folder: join(config.dataDir, "repositories"), isPrivateAllowed: !config.production },
    agents: config.agents,
    github: config.github,
    vault: openVault(config.secret),
    signer: openSigner(config.secret),
    chain: config.chain,
    quake: { servers: config.quakeServers, isLanAllowed: config.isQuakeLanAllowed },
    playMoney: config.playMoney,
    trustedProxies: config.trustedProxies,
    sandbox: config.sandbox,
    epoch: await readEpoch(db),
    ...given,
  };
  const stop = async () => {
    await hub.stop();
    await clock.stop();
    await prisma.$disconnect();
    await db.close();
    redis?.disconnect();
  };
  return { platform, stop };
}

async function startEngine(platform: Platform, node: string, databaseUrl: string): Promise<Stop[]> {
  const running = [
    startMatchmakers(platform, node),
    await startDeadlines(platform, node),
    startMatchSweep(platform, node),
    startPitSweep(platform),
    startWork(platform),
  ];
  running.push(
    await startJobs(databaseUrl, tasksOf(platform), ["daily-prune", "daily-boards", "daily-ledger"], platform.log),
  );
  return running.map(({ stop }) => stop);
}

/** Who hears of what after a commit. */
function tasksOf(platform: Platform): Record<string, Task> {
  return {
    [FIGHT_JOBS.started]: (payload) => tellStarted(platform, payload),
    [FIGHT_JOBS.ended]: async (payload) => {
      await settlePool(platform, String(payload["contestId"]));
      await tellEnded(platform, payload);
    },
    [MATCH_JOBS.ended]: async (payload) => void (await settlePool(platform, String(payload["contestId"]))),
    [CONTEST_JOBS.completed]: (payload) => recordContest(platform, payload),
    [CONTEST_JOBS.voided]: (payload) => takeContestBack(platform, payload),
    [XP_JOBS.task]: async (payload) => {
      await recordTask(platform, payload);
    },
    "daily-prune": async () => {
      await pruneChat(platform);
      await prune(platform);
      await pruneIdentity(platform);
      await pruneGitHub(platform);
      await pruneFrames(platform);
    },
    "daily-boards": async () => {
      await retireInactive(platform);
      await crownChampions(platform);
    },
    "daily-ledger": async () => {
      await closeLedgerDays(platform);
    },
  };
}

function serverParts(config: Config, platform: Platform, databaseUrl: string) {
  const skills = () => Promise.resolve(skillsMarkdown(platform.origin, platform.settings, schema));
  const sceneries = new Sceneries(DEBIAN, join(config.dataDir, "quake-maps"));
  const llms = () => Promise.resolve(llmsText(platform.origin));
  return {
    platform,
    schema,
    authenticate: (credentials: Credentials) => authenticate(platform, credentials),
    revalidate: (viewers: readonly SignedIn[]) => stillValid(platform, viewers),
    corsOrigins: config.corsOrigins,
    routes: [
      { path: "/skills.md", contentType: "text/markdown; charset=utf-8", body: skills },
      { path: "/agon-quake.d.ts", contentType: "text/plain; charset=utf-8", body: strategyTypes },
      { path: "/llms.txt", contentType: "text/plain; charset=utf-8", body: llms },
      { path: "/replays/", contentType: "application/json", body: (file: string) => record(platform, file) },
    ],
    doors: gitHubDoors(platform),
    downloads: [
      { path: /^\/matches\/([^/]+)\/replay$/, open: (id: string) => openMatchReplay(platform, id) },
      { path: /^\/quake\/maps\/(.*)$/, open: (name: string) => sceneries.of(name) },
    ],
    webRoot: WEB_ROOT,
    operations: persistedOperations(),
    examples: EXAMPLES,
    metrics: openMetrics(platform, config.metricsToken, [...withdrawalGauges(platform), ...depositGauges(platform)]),
    ready: () => isCurrent(databaseUrl).catch(() => false),
  };
}

/** The front end's operations by their SHA-256, as its build wrote them down; none before it is built. */
function persistedOperations(): ReadonlyMap<string, string> {
  const file = `${WEB_ROOT}/operations.json`;
  return new Map(
    existsSync(file) ? Object.entries(JSON.parse(readFileSync(file, "utf8")) as Record<string, string>) : [],
  );
}

/** `/replays/fight_….json` and `/replays/quake_match_….json`: a contest's signed record, after its end. */
async function record(platform: Platform, file: string): Promise<string | null> {
  const id = parseNodeId(file.replace(/\.json$/, ""));
  if (id?.typename === "Fight") return replayOf(platform, sealWith(platform, REPLAY_FORMAT), id.uuid);
  return id?.typename === "QuakeMatch" ? recordOf(platform, sealWith(platform, MATCH_FORMAT), id.uuid) : null;
}

function sealWith({ signer }: Platform, format: typeof REPLAY_FORMAT | typeof MATCH_FORMAT): SealRecord {
  return (sealed) => {
    const value = signer.sign(signedText(format, sealed.contest, sealed.finalHash));
    const signature = { algorithm: "Ed25519", publicKey: signer.publicKey, value };
    return { format, ...sealed, signature };
  };
}
