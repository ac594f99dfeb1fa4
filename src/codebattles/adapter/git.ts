import { spawn } from "node:child_process";
import type { Socket } from "node:net";
import { kill } from "node:process";
import type { Place } from "../rules/repository.ts";

/** What git is let read and write. */
export type GitCall = {
  args: readonly string[];
  /** The bare repository that it works in; null for what works in none. */
  repository: string | null;
  input: string | Uint8Array | null;
  /** Where it may fetch from, by which address, and with which header of authorization; null when it stays at home. */
  remote: (Place & { address: string | null; authorization: string | null }) | null;
  timeMaxMs: number;
  /** How large a file it may write, in MiB. */
  fileMiBMax: number;
  outputBytesMax: number;
};

export type GitEnded = { code: number | null; signal: string | null; timedOut: boolean; stdout: Buffer; said: string };

const SAID_MAX = 4_000;
/** Waits beside git for the end of descriptor 3, which is git's own end or this server's, also by `kill -9`: all helpers end then. */
const WITH_US = "{ read -r -u 3; kill -9 0; } >/dev/null 2>&1 & exec 3<&-;";
/** A single allocation, so that a small pack does not become all of the host's memory. */
const ALLOCATION_MAX = "512m";

/**
 * Runs the host's git with nothing of the host's settings, and with all off by which a repository makes git run programs.
 * It never works in a checkout: only in bare repositories that nobody but this server writes to.
 */
export function runGit(call: GitCall): Promise<GitEnded> {
  const limits = `ulimit -f ${call.fileMiBMax * 1_024}; ulimit -c 0; ${WITH_US} exec "$@"`; // bash counts files in KiB
  const git = ["git", ...(call.repository === null ? [] : ["--git-dir", call.repository]), ...call.args];
  const child = spawn("bash", ["--norc", "-c", limits, "git", ...git], {
    env: environmentOf(call),
    cwd: "/",
    detached: true, // a group of its own, so that its helpers end with it
    stdio: ["pipe", "pipe", "pipe", "pipe"],
  });
  const life = child.stdio[3] as Socket;
  life.on("error", () => null); // it is the end of the other side
  child.once("exit", () => life.destroy());
  const out: Buffer[] = [];
  let size = 0;
  let said = "";
  let timedOut = false;
  const end = () => {
    try {
      if (child.pid !== undefined) kill(-child.pid, "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  };
  child.stdout.on("data", (bytes: Buffer) => {
    size += bytes.length;
    if (size > call.outputBytesMax) end();
    else out.push(bytes);
  });
  child.stderr.on("data", (bytes: Buffer) => {
    said = `${said}${bytes.toString()}`.slice(-SAID_MAX);
  });
  child.stdin.on("error", () => null); // it ended before it had read all
  child.stdin.end(call.input ?? "");
  const timer = setTimeout(() => {
    timedOut = true;
    end();
  }, call.timeMaxMs);
  return new Promise((resolve, reject) => {
    child.once("error", reject).once("close", (code, signal) => {
      clearTimeout(timer);
      const over = size > call.outputBytesMax ? "the output exceeds its limit" : said;
      resolve({ code, signal, timedOut, stdout: Buffer.concat(out), said: over });
    });
  });
}

const SETTINGS: Readonly<Record<string, string>> = {
  "core.hooksPath": "/dev/null",
  "core.fsmonitor": "false",
  "core.attributesFile": "/dev/null",
  "core.excludesFile": "/dev/null",
  "core.bigFileThreshold": "16m",
  "credential.helper": "",
  "fetch.fsckObjects": "true",
  "fetch.recurseSubmodules": "false",
  "gc.auto": "0",
  "http.followRedirects": "false",
  "http.lowSpeedLimit": "1000",
  "http.lowSpeedTime": "20",
  "index.threads": "1",
  "pack.threads": "1",
  "pack.windowMemory": "64m",
  "protocol.allow": "never",
  "safe.bareRepository": "explicit",
  "submodule.recurse": "false",
  "transfer.bundleURI": "false",
  "transfer.fsckObjects": "true",
};

/** The same tree always becomes the same commit. */
const IDENTITY = Object.fromEntries(
  ["AUTHOR", "COMMITTER"].flatMap((who) => [
    [`GIT_${who}_NAME`, "Agon"],
    [`GIT_${who}_EMAIL`, "arena@agon.invalid"],
    [`GIT_${who}_DATE`, "2000-01-01T00:00:00Z"],
  ]),
);

/** Settings in variables: a token in one is in no argument, no URL and no file. */
function environmentOf({ remote }: GitCall): Record<string, string> {
  const settings = Object.entries(SETTINGS);
  if (remote) {
    const scheme = remote.url.startsWith("https:") ? "https" : "http";
    settings.push([`protocol.${scheme}.allow`, "always"]);
    // The address that was found good is the one that is used, whatever the name means a moment later.
    if (remote.address !== null)
      settings.push(["http.curloptResolve", `${remote.host}:${remote.port}:${remote.address}`]);
    if (remote.authorization !== null)
      settings.push([`http.${remote.url}.extraHeader`, `Authorization: ${remote.authorization}`]);
  }
  const numbered = settings.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return {
    PATH: "/usr/local/bin:/usr/bin:/bin",
    HOME: "/nonexistent",
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_NO_LAZY_FETCH: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_ASKPASS: "/bin/false",
    ...IDENTITY,
    GIT_ALLOC_LIMIT: ALLOCATION_MAX,
    GIT_CONFIG_COUNT: String(settings.length),
    ...Object.fromEntries(numbered),
  };
}
