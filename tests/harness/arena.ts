import { BlockList } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase } from "../../src/platform/database.ts";
import { openHub } from "../../src/platform/hub.ts";
import { openLog } from "../../src/platform/logging.ts";
import type { Platform } from "../../src/platform/platform.ts";
import { openPrisma } from "../../src/platform/prisma.ts";
import { systemRandom } from "../../src/platform/random.ts";
import { openRates } from "../../src/platform/rates.ts";
import { openSigner } from "../../src/platform/signing.ts";
import { openVault } from "../../src/platform/vault.ts";
import { DEFAULT_SETTINGS } from "../../src/platform/settings.ts";
import { freshDatabase } from "./database.ts";

/** A bot as tests make it: online, of an owner of its own unless one is named. */
export type ArenaBot = { botId: string; ownerId: string };

/** A platform on a database of its own, with a clock that stands until it is moved, and no server. */
export type Arena = {
  platform: Platform;
  /** The instant that the clock shows. */
  now: Date;
  newBot(options?: { ownerId?: string; house?: boolean; elo?: number }): Promise<ArenaBot>;
  rows<Row extends object>(text: string, values?: unknown[]): Promise<Row[]>;
  stop(): Promise<void>;
};

/** Opens an arena whose clock stands at `now`. */
export async function openArena(now = new Date("2026-11-24T12:00:00Z")): Promise<Arena> {
  const database = await freshDatabase();
  const db = openDatabase(database.url);
  const prisma = openPrisma(database.url);
  const log = openLog("silent");
  const hub = openHub(db, log);
  const arena: Arena = {
    now,
    platform: {
      db,
      prisma,
      hub,
      log,
      clock: { now: () => arena.now },
      random: systemRandom,
      rates: openRates(null),
      settings: { ...DEFAULT_SETTINGS },
      chain: { id: 31_337, rpcUrl: null, tokenAddress: null },
      quake: { servers: [], isLanAllowed: true },
      playMoney: true,
      sandbox: {
        ...{ driver: "bwrap", dockerSocket: "/var/run/docker.sock" },
        limits: { memoryMiB: 1_024, diskMiB: 1_024, filesMax: 200_000, processesMax: 256, cpus: 1 },
      },
      repositories: { folder: join(tmpdir(), `agon-arena-${process.pid}`), isPrivateAllowed: true },
      agents: { folder: null, hosts: {} },
      github: { missing: ["GITHUB_APP_ID"] },
      vault: openVault("a secret of tests, 32 characters"),
      signer: openSigner("a secret of tests, 32 characters"),
      epoch: "00000000",
      origin: "http://127.0.0.1",
      trustedProxies: new BlockList(),
    },
    newBot: (options = {}) => newBot(arena, options),
    rows: async (text, values = []) => (await db.pool.query(text, values)).rows as never,
    stop: async () => {
      await hub.stop();
      await prisma.$disconnect();
      await db.close();
      await database.drop();
    },
  };
  return arena;
}

async function newBot(
  { rows, platform, now }: Arena,
  { ownerId, house = false, elo }: { ownerId?: string; house?: boolean; elo?: number },
): Promise<ArenaBot> {
  const [botId, owner] = [platform.random.id(now), ownerId ?? platform.random.id(now)];
  const handle = `u${owner.replaceAll("-", "").slice(-20)}`;
  const name = `b${botId.replaceAll("-", "").slice(-14)}`;
  await rows(`INSERT INTO app_user (id, handle, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, [
    owner,
    handle,
    now,
  ]);
  await rows(`INSERT INTO bot (id, owner_id, name, house_policy, created_at) VALUES ($1, $2, $3, $4, $5)`, [
    botId,
    owner,
    name,
    house ? "random" : null,
    now,
  ]);
  await rows(`INSERT INTO bot_presence (bot_id, last_seen_at) VALUES ($1, $2)`, [botId, now]);
  if (elo !== undefined) await rows(`INSERT INTO rating (ladder, bot_id, elo) VALUES ('PIT', $1, $2)`, [botId, elo]);
  return { botId, ownerId: owner };
}
