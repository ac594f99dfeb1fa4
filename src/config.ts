import { existsSync, readFileSync } from "node:fs";
import type { BlockList } from "node:net";
import { resolve } from "node:path";
import { createHmac, createPrivateKey } from "node:crypto";
import { BASE_CHAIN_ID, isDevelopmentAddress, LOCAL_CHAIN_ID } from "./chain/rules/chain.ts";
import { parseCreditTag } from "./chain/rules/deposits.ts";
import { addressOfKey } from "./platform/address.ts";
import { parseNetworks } from "./platform/caller-address.ts";
import { SECRET_LENGTH_MIN, secretIn } from "./platform/kept-secret.ts";
import { parseRemoteServer, type RemoteServer } from "./quake/rules/remote.ts";
import { gitHubOf } from "./codebattles/rules/github.ts";
import { DRIVERS, LIMITS, type SandboxConfig } from "./codebattles/rules/sandbox.ts";
import type { GitHubSettings } from "./platform/github-settings.ts";
import { DEFAULT_SETTINGS, type Settings } from "./platform/settings.ts";

/** What a node may do; default all. */
export const ROLES = ["api", "engine", "quake", "code", "chain", "web"] as const;
export type Role = (typeof ROLES)[number];

/** Everything the environment says, checked once. */
export type Config = {
  production: boolean;
  host: string;
  port: number;
  origin: string | null;
  dataDir: string;
  databaseUrl: string | null;
  redisUrl: string | null;
  roles: readonly Role[];
  secret: string;
  corsOrigins: readonly string[];
  /** The proxies whose word is taken for who asks. */
  trustedProxies: BlockList;
  metricsToken: string | null;
  logLevel: string;
  chain: ChainConfig;
  hotWallet: HotWalletConfig | null;
  custody: CustodyConfig | null;
  playMoney: boolean;
  /** Quake servers elsewhere, commanded by RCON. */
  quakeServers: readonly RemoteServer[];
  /** Whether operators may add Quake servers in private networks. */
  isQuakeLanAllowed: boolean;
  /** Game servers of this node. */
  quakePool: QuakePoolConfig;
  sandbox: SandboxConfig;
  /** Where command line agents are installed, and other hosts for their models. */
  agents: { folder: string | null; hosts: Readonly<Record<string, string>> };
  /** The operator's GitHub App, or which of its settings are missing. */
  github: GitHubSettings;
  settings: Settings;
};

/** The account that pays withdrawals. Its key is never stored, logged or shown. */
export type HotWalletConfig = { key: string; address: string };

/** Where deposits go to, and when they count; `funder` is whom play money on the local chain comes from. */
export type CustodyConfig = { address: string; creditTag: string; funder: string | null };

/** How many game servers this node may run, from which port on, for how long a round lasts, and how fast it passes. */
export type QuakePoolConfig = { servers: number; firstPort: number; round_min: number; timescale: number };

/** Without an endpoint development runs a chain of its own; production then has none. */
export type ChainConfig = { id: number; rpcUrl: string | null; tokenAddress: string | null };

type Environment = Record<string, string | undefined>;

/** A missing or unsafe value, named, with what to set. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;

/** Reads the environment; refuses to go on with a missing or unsafe value, naming it. */
export function readConfig(environment: Environment): Config {
  const read = reader(environment);
  const production = environment["NODE_ENV"] === "production";
  const dataDir = resolve(read.text("DATA_DIR", ".data"));
  const chain = readChain(read, production);
  const secret = secretOf(environment["AGON_SECRET"], production, dataDir);
  const hotWallet = readHotWallet(environment["HOT_WALLET_KEY"], { production, chain, secret });
  return {
    production,
    host: read.text("HOST", "127.0.0.1"),
    port: read.integer("PORT", 4000, 0, 65_535),
    origin: read.url("PUBLIC_ORIGIN")?.origin ?? null,
    dataDir,
    databaseUrl: read.url("DATABASE_URL")?.href ?? null,
    redisUrl: read.url("REDIS_URL")?.href ?? null,
    roles: read.list("AGON_ROLES", ROLES),
    secret,
    corsOrigins: read.words("CORS_ORIGINS"),
    trustedProxies: readTrustedProxies(read),
    metricsToken: environment["METRICS_TOKEN"] || null,
    logLevel: read.choice("LOG_LEVEL", "info", LOG_LEVELS),
    chain,
    hotWallet,
    custody: readCustody(read, { production, chain, secret, hotWallet }),
    playMoney: playMoneyOn(chain.id, read.flag("PLAY_MONEY", chain.id === LOCAL_CHAIN_ID)),
    quakeServers: readQuakeServers(read),
    isQuakeLanAllowed: read.flag("AGON_QUAKE_LAN", !production),
    quakePool: readQuakePool(read, production),
    sandbox: {
      driver: oneOf("SANDBOX_DRIVER", read.text("SANDBOX_DRIVER", "bwrap"), DRIVERS),
      dockerSocket: dockerSocket(read),
      limits: {
        ...LIMITS,
        diskMiB: read.integer("SANDBOX_DISK_MIB", LIMITS.diskMiB, 16, 65_536),
        filesMax: read.integer("SANDBOX_FILES_MAX", LIMITS.filesMax, 1_000, 10_000_000),
      },
    },
    agents: { folder: read.text("AGENTS_DIR", "") || null, hosts: readModelHosts(read) },
    github: gitHubOf({
      GITHUB_APP_ID: read.text("GITHUB_APP_ID", ""),
      GITHUB_APP_PRIVATE_KEY: readAppKey(read),
      GITHUB_APP_SLUG: read.text("GITHUB_APP_SLUG", ""),
      GITHUB_CLIENT_ID: read.text("GITHUB_CLIENT_ID", ""),
      GITHUB_CLIENT_SECRET: read.text("GITHUB_CLIENT_SECRET", ""),
      GITHUB_WEBHOOK_SECRET: read.text("GITHUB_WEBHOOK_SECRET", ""),
      GITHUB_BASE_URL: readGitHubUrl(read, production),
    }),
    settings: readSettings(read, chain.id, production),
  };
}

function readTrustedProxies(read: Reader): BlockList {
  const networks = parseNetworks(read.words("TRUSTED_PROXIES"));
  if (!networks)
    throw new ConfigError(
      "TRUSTED_PROXIES must be addresses or networks such as 10.0.0.0/8, separated by commas, and not everybody.",
    );
  return networks;
}

function readGitHubUrl(read: Reader, production: boolean): string {
  const url = read.url("GITHUB_BASE_URL");
  if (production && url && url.protocol !== "https:")
    throw new ConfigError("GITHUB_BASE_URL must begin with https: in production: tokens are sent there.");
  return url?.origin ?? "https://github.com";
}

/** The key of the GitHub App: as text, whose ends of lines may be written \\n, or in a file. No message repeats it. */
function readAppKey(read: Reader): string {
  const file = read.text("GITHUB_APP_PRIVATE_KEY_FILE", "");
  const given = file === "" ? read.text("GITHUB_APP_PRIVATE_KEY", "").replaceAll("\\n", "\n") : textOf(file);
  if (given === "") return "";
  try {
    return createPrivateKey(given).export({ type: "pkcs8", format: "pem" }).toString();
  } catch {
    throw new ConfigError(
      "GITHUB_APP_PRIVATE_KEY must be the private key that GitHub made for the app, in PEM. It is not repeated here.",
    );
  }
}

function textOf(file: string): string {
  if (!existsSync(file)) throw new ConfigError("GITHUB_APP_PRIVATE_KEY_FILE names a file that is not there.");
  return readFileSync(file, "utf8");
}

/** Other hosts for models, such as CLAUDE=https://gateway.example. */
function readModelHosts(read: Reader): Record<string, string> {
  const hosts = read.words("MODEL_HOSTS").map((word) => {
    const [, agent = "", host = ""] = /^(CLAUDE|CODEX|GEMINI|OPENCODE)=(https?:\/\/[\w.:-]+)$/.exec(word) ?? [];
    if (agent === "") throw new ConfigError("MODEL_HOSTS must be words such as CLAUDE=https://gateway.example.");
    return [agent, host] as const;
  });
  return Object.fromEntries(hosts);
}

const QUAKE_SERVERS_MAX = 16;

/** No message repeats what was given: it holds passwords. */
function readQuakeServers(read: Reader): RemoteServer[] {
  const servers = read.words("AGON_QUAKE_REMOTE").flatMap((word) => parseRemoteServer(word) ?? []);
  if (servers.length !== read.words("AGON_QUAKE_REMOTE").length || servers.length > QUAKE_SERVERS_MAX)
    throw new ConfigError(
      `AGON_QUAKE_REMOTE must be at most ${QUAKE_SERVERS_MAX} addresses such as quake://:password@host:27960, separated by commas. It is not repeated here.`,
    );
  return servers;
}

/** Time that passes faster is for tests: people could not follow, and remote players not play. */
function readQuakePool(read: Reader, production: boolean): QuakePoolConfig {
  const timescale = read.integer("AGON_QUAKE_TIMESCALE", 1, 1, 10);
  if (production && timescale !== 1) throw new ConfigError("AGON_QUAKE_TIMESCALE must be 1 in production.");
  return {
    servers: read.integer("AGON_QUAKE_SERVERS", 2, 0, QUAKE_SERVERS_MAX),
    firstPort: read.integer("AGON_QUAKE_PORT", 27_970, 1_024, 65_000),
    round_min: read.integer("AGON_QUAKE_ROUND_MIN", 2, 1, 20),
    timescale,
  };
}

/** The programs that a sandbox shows are this machine's: an engine of another machine cannot show them. */
function dockerSocket(read: Reader): string {
  const [, path] = /^unix:\/\/(\/.*)$/.exec(read.text("DOCKER_HOST", "unix:///var/run/docker.sock")) ?? [];
  if (path === undefined)
    throw new ConfigError("DOCKER_HOST must be a socket of this machine: unix:///path/to/socket.");
  return path;
}

/** Whoever could grant themselves money that others must pay for would empty the house. */
function playMoneyOn(chainId: number, wanted: boolean): boolean {
  if (wanted && chainId !== LOCAL_CHAIN_ID)
    throw new ConfigError(
      `PLAY_MONEY is true, but CHAIN_ID is ${chainId}: play money is for the local chain ${LOCAL_CHAIN_ID} only.`,
    );
  return wanted;
}

function readChain(read: Reader, production: boolean): ChainConfig {
  const id = read.integer("CHAIN_ID", production ? BASE_CHAIN_ID : LOCAL_CHAIN_ID, 1, 2 ** 31 - 1);
  if (production && id === LOCAL_CHAIN_ID)
    throw new ConfigError(
      `CHAIN_ID is ${LOCAL_CHAIN_ID}, a chain of development: in production set that of the real one (Base is ${BASE_CHAIN_ID}).`,
    );
  return { id, rpcUrl: read.url("BASE_RPC_URL")?.href ?? null, tokenAddress: read.address("TOKEN_ADDRESS") };
}

/** The key of the hot wallet: its own on a real chain, on the local one a key that follows from the secret. */
function readHotWallet(
  given: string | undefined,
  { production, chain, secret }: { production: boolean; chain: ChainConfig; secret: string },
): HotWalletConfig | null {
  const local = chain.rpcUrl === null && !production;
  if (!given && !local) return null;
  const key = given || localKey(secret, "hot wallet");
  const address = addressOfKey(key);
  if (address === null)
    throw new ConfigError(
      "HOT_WALLET_KEY must be a private key: 0x and 64 hexadecimal digits. It is not repeated here.",
    );
  if (production && isDevelopmentAddress(address))
    throw new ConfigError("HOT_WALLET_KEY is a key that everybody knows: make one of your own, for withdrawals alone.");
  if (!local && (chain.rpcUrl === null || chain.tokenAddress === null))
    throw new ConfigError("HOT_WALLET_KEY is set: set BASE_RPC_URL and TOKEN_ADDRESS, too, or nothing can be paid.");
  return { key, address };
}

/** A key of the local chain that follows from the secret. */
const localKey = (secret: string, of: string) =>
  `0x${createHmac("sha256", secret).update(`agon ${of} of the local chain 1`).digest("hex")}`;

type Around = { production: boolean; chain: ChainConfig; secret: string; hotWallet: HotWalletConfig | null };

/** Where deposits go to: an address of the operator's, on the local chain one that follows from the secret. */
function readCustody(read: Reader, around: Around): CustodyConfig | null {
  const { production, chain, secret, hotWallet } = around;
  const local = chain.rpcUrl === null && !production;
  const creditTag = readCreditTag(read, local, production || chain.id === BASE_CHAIN_ID);
  const own = (of: string) => (local ? addressOfKey(localKey(secret, of)) : null);
  const address = read.address("MASTER_ADDRESS") ?? own("master");
  if (address === null && production && hotWallet)
    throw new ConfigError("HOT_WALLET_KEY is set: set MASTER_ADDRESS, too, or nothing covers what is paid.");
  if (address === null) return null;
  refuseMaster(address, local, around);
  return { address, creditTag, funder: own("faucet") };
}

function readCreditTag(read: Reader, local: boolean, real: boolean): string {
  const tag = read.text("CREDIT_TAG", local && !real ? "safe" : "finalized");
  if (parseCreditTag(tag) === null)
    throw new ConfigError("CREDIT_TAG must be finalized, safe, or latest-N for N blocks behind the newest.");
  if (tag !== "finalized" && real)
    throw new ConfigError(`CREDIT_TAG is ${tag}: real money is credited in final blocks only. Set finalized.`);
  return tag;
}

function refuseMaster(address: string, local: boolean, { production, chain, hotWallet }: Around): void {
  if (address === hotWallet?.address)
    throw new ConfigError(
      "MASTER_ADDRESS is the hot wallet: deposits go to another account, whose key is on no server.",
    );
  if (production && isDevelopmentAddress(address))
    throw new ConfigError("MASTER_ADDRESS is an account whose key everybody knows: set one of your own.");
  if (!local && (chain.rpcUrl === null || chain.tokenAddress === null))
    throw new ConfigError("MASTER_ADDRESS is set: set BASE_RPC_URL and TOKEN_ADDRESS, too, or no deposit is seen.");
}

/** What `npm run deploy:token` is told. */
export type DeploymentConfig = {
  production: boolean;
  rpcUrl: string;
  key: `0x${string}`;
  distributor: `0x${string}` | null;
};

/** Reads where and by whom the token is to be deployed. No message repeats the key. */
export function readDeployment(environment: Environment): DeploymentConfig {
  const read = reader(environment);
  const rpcUrl = read.url("BASE_RPC_URL")?.href;
  if (!rpcUrl) throw new ConfigError("BASE_RPC_URL is missing: set it to the RPC endpoint of the chain.");
  const key = environment["DEPLOYER_KEY"] ?? "";
  if (!/^0x[0-9a-fA-F]{64}$/.test(key))
    throw new ConfigError("DEPLOYER_KEY must be a private key: 0x and 64 hexadecimal digits.");
  return {
    production: environment["NODE_ENV"] === "production",
    rpcUrl,
    key: key as `0x${string}`,
    distributor: read.address("TOKEN_DISTRIBUTOR"),
  };
}

function readSettings(read: Reader, chainId: number, production: boolean): Settings {
  const settings: Settings = {
    ...DEFAULT_SETTINGS,
    persistedOnly: read.flag("GRAPHQL_PERSISTED_ONLY", false),
    suggestions: read.flag("GRAPHQL_SUGGESTIONS", !production),
    exhibitionPools: read.flag("EXHIBITION_POOLS", chainId === LOCAL_CHAIN_ID),
  };
  for (const name of Object.keys(DEFAULT_SETTINGS) as (keyof Settings)[]) {
    const value = settings[name];
    if (typeof value === "number")
      Object.assign(settings, { [name]: read.integer(`LIMIT_${constantCase(name)}`, value, 0, 2 ** 31 - 1) });
  }
  return settings;
}

/** costPerMinuteAnonymous is LIMIT_COST_PER_MINUTE_ANONYMOUS in the environment. */
const constantCase = (name: string) => name.replaceAll(/[A-Z]/g, "_$&").toUpperCase();

function secretOf(given: string | undefined, production: boolean, dataDir: string): string {
  if (given) {
    if (given.length < SECRET_LENGTH_MIN)
      throw new ConfigError(
        `AGON_SECRET is shorter than ${SECRET_LENGTH_MIN} characters: make one with \`openssl rand -hex 32\`.`,
      );
    return given;
  }
  if (production)
    throw new ConfigError(
      "AGON_SECRET is missing: in production set it to the output of `openssl rand -hex 32` and keep it.",
    );
  return secretIn(dataDir);
}

type Reader = ReturnType<typeof reader>;

function reader(environment: Environment) {
  const value = (name: string) => environment[name] || undefined;
  const words = (name: string) => (value(name) ?? "").split(",").flatMap((word) => word.trim() || []);
  return {
    words,
    text: (name: string, fallback: string) => value(name) ?? fallback,
    flag: (name: string, fallback: boolean) => parseFlag(name, value(name)) ?? fallback,
    integer: (name: string, fallback: number, min: number, max: number) =>
      parseInteger(name, value(name), min, max) ?? fallback,
    url: (name: string) => parseUrl(name, value(name)),
    address: (name: string) => parseAddress(name, value(name)),
    choice: (name: string, fallback: string, allowed: readonly string[]) =>
      oneOf(name, value(name) ?? fallback, allowed),
    list: <T extends string>(name: string, allowed: readonly T[]): readonly T[] => {
      const given = words(name);
      return given.length === 0 ? allowed : given.map((word) => oneOf(name, word, allowed));
    },
  };
}

function oneOf<T extends string>(name: string, word: string, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === word);
  if (!found) throw new ConfigError(`${name} says "${word}"; allowed are ${allowed.join(", ")}.`);
  return found;
}

function parseFlag(name: string, text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  if (text !== "true" && text !== "false") throw new ConfigError(`${name} must be true or false.`);
  return text === "true";
}

function parseInteger(name: string, text: string | undefined, min: number, max: number): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (!Number.isInteger(number) || number < min || number > max)
    throw new ConfigError(`${name} must be a whole number from ${min} to ${max}.`);
  return number;
}

function parseUrl(name: string, text: string | undefined): URL | null {
  if (text === undefined) return null;
  const url = URL.parse(text);
  if (!url) throw new ConfigError(`${name} is not a URL.`);
  return url;
}

/** In lower case, as addresses are stored and compared. */
function parseAddress(name: string, text: string | undefined): `0x${string}` | null {
  if (text === undefined) return null;
  if (!/^0x[0-9a-fA-F]{40}$/.test(text))
    throw new ConfigError(`${name} must be an address: 0x and 40 hexadecimal digits.`);
  return text.toLowerCase() as `0x${string}`;
}
