import type { BlockList } from "node:net";
import type { PrismaClient } from "../generated/prisma/client.ts";
import type { Clock } from "./clock.ts";
import type { Database } from "./database.ts";
import type { GitHubSettings } from "./github-settings.ts";
import type { Hub } from "./hub.ts";
import type { Logger } from "./logging.ts";
import type { Random } from "./random.ts";
import type { Rates } from "./rates.ts";
import type { Settings } from "./settings.ts";
import type { Signer } from "./signing.ts";
import type { Vault } from "./vault.ts";

/** What every use case may stand on; made once a process by app.ts. */
export type Platform = {
  db: Database;
  prisma: PrismaClient;
  clock: Clock;
  random: Random;
  hub: Hub;
  rates: Rates;
  settings: Settings;
  log: Logger;
  /** The chain that wallets are on; without an endpoint only plain wallets can sign in. */
  chain: { id: number; rpcUrl: string | null; tokenAddress: string | null };
  /** Quake servers elsewhere that the environment names, with the passwords of their consoles, and whether others may be in private networks. */
  quake: { servers: readonly { host: string; port: number; password: string }[]; isLanAllowed: boolean };
  /** Whether the money is worth nothing: people may grant it to themselves. */
  playMoney: boolean;
  /** How gladiators' programs are held, the socket of a container engine where one holds them, and what each may use. */
  sandbox: {
    driver: "bwrap" | "docker";
    dockerSocket: string;
    limits: { memoryMiB: number; diskMiB: number; filesMax: number; processesMax: number; cpus: number };
  };
  /** Where copies of repositories and what was set up for them are kept, and whether servers of this machine are as good as others. */
  repositories: { folder: string; isPrivateAllowed: boolean };
  /** Where command line agents are installed, null where none is, and the hosts that are asked in place of their models' own. */
  agents: { folder: string | null; hosts: Readonly<Record<string, string>> };
  /** The operator's GitHub App, or which of its settings are missing. */
  github: GitHubSettings;
  /** Keeps people's tokens and keys. */
  vault: Vault;
  /** Signs what people verify offline. */
  signer: Signer;
  /** Names this history of the database; part of every cursor. */
  epoch: string;
  /** The origin under which people reach this server, such as http://127.0.0.1:4000. */
  origin: string;
  /** The proxies whose word is taken for who asks. */
  trustedProxies: BlockList;
};
