import { spawn, type ChildProcessByStdio } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ownProcess from "node:process";
import type { Readable, Writable } from "node:stream";
import { StartError } from "../../platform/start-error.ts";
import type { ChannelFlavour } from "../protocol/netchan.ts";
import { PROTOCOL_VERSION } from "../protocol/out-of-band.ts";
import { safeCommand, safeMap, type CommandRefusal } from "../rules/commands.ts";
import { readConsoleLine, type ConsoleLine } from "../rules/console.ts";
import type { Installation } from "./installation.ts";

/** How a server is started. */
export type ServerOptions = {
  installation: Installation;
  /** A folder of its own: the engine writes its settings and logs there, and we know it by this name. */
  home: string;
  /** The engine takes one of the nine after it when it is taken; servers are to be ten apart. */
  port: number;
  /** One of `MAPS`; any other is refused. */
  map: string;
  /** Only who knows it may join. */
  password: string;
  /** Minutes of a round; whole. */
  timeLimit_min: number;
  /** What it speaks with its players. */
  flavour: ChannelFlavour;
  /** How many times faster than real time it runs: 1, and more in tests. */
  timescale: number;
};

/** A running dedicated server, whose console is ours. */
export type GameServer = {
  pid: number;
  /** The one that it really listens on, at 127.0.0.1. */
  port: number;
  /** Calls back with what its log says from now on. Returns the way to stop. */
  onLine(callback: (line: ConsoleLine) => void): () => void;
  /** Writes a command of plain words to its console; anything else is refused. */
  command(...words: readonly string[]): CommandRefusal | null;
  /** Settles when it has ended, for whatever reason. */
  ended: Promise<void>;
  stop(): Promise<void>;
};

const START_MAX_MS = 15_000;
const QUIT_MAX_MS = 2_000;
const LINE_CHARACTERS_MAX = 4_096;
const LAST_WORDS_MAX = 20;
export const CONFIG_FILE = "agon.cfg";
const GAME_FOLDER = "baseoa";
const FRAMES_PER_SECOND = 20;

type Child = ChildProcessByStdio<Writable, null, Readable>;

/** Starts a server; it is ready when its map runs. It ends with this process, unless that is killed with SIGKILL. */
export async function startGameServer(options: ServerOptions): Promise<GameServer> {
  const map = safeMap(options.map);
  if (!map.ok) throw new StartError(`${map.refusal}: no server loads ${JSON.stringify(options.map)}.`);
  mkdirSync(join(options.home, GAME_FOLDER), { recursive: true });
  writeFileSync(join(options.home, GAME_FOLDER, CONFIG_FILE), settings(options), { mode: 0o600 });
  const child = spawn(options.installation.engine, commandLine(options), { stdio: ["pipe", "ignore", "pipe"] });
  const server = new RunningServer(child);
  const failure = await server.started();
  if (failure === null) return server;
  await server.stop();
  throw new StartError(
    `QUAKE_SERVER_FAILED: ${options.installation.engine} ${failure}; it said: ${server.lastWords}. Run npm run setup:quake.`,
  );
}

/** Few: the engine silently drops what is beyond its 32nd command. The rest stands in a file. */
function commandLine({ installation, home, port, map, flavour, timescale }: ServerOptions): string[] {
  const set = {
    com_basegame: GAME_FOLDER,
    fs_basepath: installation.data,
    fs_homepath: home,
    com_protocol: PROTOCOL_VERSION,
    com_legacyprotocol: flavour === "LEGACY" ? PROTOCOL_VERSION : 0,
    com_hunkmegs: 128,
    cl_motd: 0,
    ttycon: 0,
    dedicated: 1,
    net_enabled: 1,
    net_ip: "127.0.0.1",
    net_port: port,
    timescale,
    sv_fps: FRAMES_PER_SECOND * timescale,
  };
  const variables = Object.entries(set).flatMap(([name, value]) => ["+set", name, String(value)]);
  return [...variables, "+exec", CONFIG_FILE, "+map", map];
}

function settings({ password, timeLimit_min }: ServerOptions): string {
  const set = {
    sv_hostname: "Agon",
    sv_master1: "",
    sv_master2: "",
    sv_pure: 0,
    sv_maxclients: 8,
    sv_floodProtect: 0,
    sv_timeout: 20,
    sv_allowDownload: 0,
    g_gametype: 0,
    g_password: password,
    g_needpass: 1,
    g_allowVote: 0,
    g_doWarmup: 0,
    // Without a log file the game says nothing on the console either.
    g_log: "games.log",
    timelimit: timeLimit_min,
    fraglimit: 0,
  };
  return Object.entries(set)
    .map(([name, value]) => `set ${name} "${value}"\n`)
    .join("");
}

class RunningServer implements GameServer {
  readonly pid: number;
  port = 0;
  readonly ended: Promise<void>;
  private readonly child: Child;
  private readonly callbacks = new Set<(line: ConsoleLine) => void>();
  private readonly words: string[] = [];
  private rest = "";

  constructor(child: Child) {
    this.child = child;
    this.pid = child.pid ?? 0;
    const killNow = () => void child.kill("SIGKILL");
    ownProcess.on("exit", killNow);
    this.ended = new Promise((resolve) => {
      child.once("error", () => resolve());
      child.once("exit", () => resolve());
    });
    void this.ended.then(() => ownProcess.off("exit", killNow));
    // A server that has ended does not read any more; `ended` tells of it.
    child.stdin.on("error", () => undefined);
    child.stderr.setEncoding("latin1").on("data", (text: string) => this.hear(text));
  }

  get lastWords(): string {
    return this.words.join(" | ") || "nothing";
  }

  onLine(callback: (line: ConsoleLine) => void): () => void {
    this.callbacks.add(callback);
    return () => void this.callbacks.delete(callback);
  }

  command(...words: readonly string[]): CommandRefusal | null {
    const safe = safeCommand(words);
    if (!safe.ok) return safe.refusal;
    this.child.stdin.write(`${safe.value}\n`);
    return null;
  }

  async stop(): Promise<void> {
    if (this.pid === 0) return;
    this.command("quit");
    const kill = setTimeout(() => void this.child.kill("SIGKILL"), QUIT_MAX_MS);
    await this.ended;
    clearTimeout(kill);
  }

  /** Null once the map runs; otherwise what went wrong. */
  async started(): Promise<string | null> {
    let leave = (): void => undefined;
    const ready = new Promise<null>((resolve) => {
      leave = this.onLine(({ type }) => {
        if (type === "GAME_BEGAN" && this.port !== 0) resolve(null);
      });
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve(`was not ready within ${START_MAX_MS} ms`), START_MAX_MS);
    });
    const failure = await Promise.race([ready, late, this.ended.then(() => "ended at once")]);
    clearTimeout(timer);
    leave();
    return failure;
  }

  private hear(text: string): void {
    const lines = (this.rest + text).split("\n");
    this.rest = (lines.pop() ?? "").slice(-LINE_CHARACTERS_MAX);
    for (const line of lines) {
      this.words.push(line.slice(0, 200));
      if (this.words.length > LAST_WORDS_MAX) this.words.shift();
      const said = readConsoleLine(line.slice(0, LINE_CHARACTERS_MAX));
      if (!said) continue;
      if (said.type === "LISTENING") this.port = said.port;
      for (const callback of this.callbacks) callback(said);
    }
  }
}
