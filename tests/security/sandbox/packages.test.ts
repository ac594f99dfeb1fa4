import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inFresh, runShell } from "../../../src/codebattles/adapter/arena.ts";
import { setUp } from "../../../src/codebattles/adapter/layers.ts";
import type { Way } from "../../../src/codebattles/adapter/registry-proxy.ts";
import { fetchBase } from "../../../src/codebattles/adapter/repositories.ts";
import { repositoryWith } from "../../harness/code-battle.ts";
import { startGitServer, type GitServer } from "../../harness/git-server.ts";
import { startNpmRegistry, type NpmRegistry } from "../../harness/npm-registry.ts";
import { openTestDriver, SMALL, type TestDriver } from "../../harness/sandboxes.ts";

let git: GitServer;
let registry: NpmRegistry;
let opened: TestDriver;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "agon-packages-"));
  [git, opened] = [await startGitServer(), await openTestDriver("bwrap")];
  registry = await startNpmRegistry([
    {
      name: "agon-left",
      files: { "index.js": "module.exports = 6 * require('agon-right');" },
      dependencies: { "agon-right": "^1.0.0" },
    },
    { name: "agon-right", files: { "index.js": "module.exports = 7;" } },
  ]);
});
afterAll(async () => {
  await opened.stop();
  await git.stop();
  await registry.stop();
  rmSync(folder, { recursive: true, force: true });
});

const stop = new AbortController().signal;
const asked: string[] = [];
/** The registry of the test stands where the real one would. */
const way: Way = (host) => {
  asked.push(host);
  return Promise.resolve({ host: "127.0.0.1", port: registry.port });
};

/** Asks the proxy inside for a host, and prints the line that it answers. */
const ASK = `const socket = require("net").connect(8098, "127.0.0.1", () => socket.write("CONNECT " + process.argv[2] + " HTTP/1.1\\r\\n\\r\\n"));
socket.once("data", (bytes) => { console.log(process.argv[2], String(bytes).split("\\r\\n")[0]); socket.destroy(); });`;

/** npm is a large program. */
const ROOMY = { ...SMALL, memoryMiB: 512, diskMiB: 64, processesMax: 256 };

async function setUpOf(name: string, files: Record<string, string>, setup: readonly string[]) {
  const url = repositoryWith(git, name, files);
  const store = { folder: join(folder, "store"), isPrivateAllowed: true, mibMax: 1_024 };
  const base = await fetchBase(store, { url, revision: null, authorization: null });
  if (typeof base === "string") throw new Error(base);
  const arena = { driver: opened.driver, limits: ROOMY, base, stop };
  const plan = { folder: join(folder, "layers"), mibMax: 1_024, sockets: join(folder, "sockets"), setup, way };
  return { arena, made: await setUp(arena, plan) };
}

test("npm install in a set-up gets packages and what they need through the proxy, and copies have them without a network", {
  timeout: 120_000,
}, async () => {
  const files = {
    "package.json": JSON.stringify({ name: "uses", dependencies: { "agon-left": "1.0.0" } }),
    ".npmrc": "cafile=authority.pem\nfund=false\n",
    "authority.pem": registry.authority,
    ".gitignore": "node_modules\n",
    "ask.js": ASK,
  };
  const hosts = ["evil.example:443", "registry.npmjs.org:80", "127.0.0.1:5432", "registry.npmjs.org:443"];
  const { arena, made } = await setUpOf("uses", files, [
    "npm install --no-package-lock",
    ...hosts.map((host) => `node ask.js ${host}`),
    'node -e \'require("net").connect(443, "1.1.1.1").on("error", (error) => console.log("outside", error.code))\'',
  ]);
  expect(made).toMatchObject({ ok: true });
  expect(made.said).toMatch(/added 2 packages/);
  expect(made.said).toContain("evil.example:443 HTTP/1.1 403 Forbidden");
  expect(made.said).toContain("registry.npmjs.org:80 HTTP/1.1 403 Forbidden");
  expect(made.said).toContain("127.0.0.1:5432 HTTP/1.1 403 Forbidden");
  expect(made.said).toContain("registry.npmjs.org:443 HTTP/1.1 200");
  expect(made.said).toMatch(/outside (ENETUNREACH|EACCES|EPERM)/);
  expect(new Set(asked)).toEqual(new Set(["registry.npmjs.org"]));
  expect(registry.seen).toEqual(expect.arrayContaining(["/agon-left", "/agon-right"]));
  expect(readdirSync(join(folder, "sockets"))).toEqual([]);

  const layer = made.ok ? made.layer : null;
  const look = `cd repository && /opt/agon/node -p 'require("agon-left")'; git status --porcelain; ls /opt/agon`;
  const copy = await inFresh({ ...arena, layer }, (sandbox) => runShell(sandbox, look, { stop }));
  expect(copy.stdout.toString()).toBe("42\ngladiator.mjs\nnode\n");
});

test("a set-up whose package is not there fails with what npm said, and leaves no layer", {
  timeout: 120_000,
}, async () => {
  const files = {
    "package.json": JSON.stringify({ name: "lacks", dependencies: { "agon-nowhere": "1.0.0" } }),
    ".npmrc": "cafile=authority.pem\n",
    "authority.pem": registry.authority,
  };
  const before = existsSync(join(folder, "layers")) ? readdirSync(join(folder, "layers")) : [];
  const { made } = await setUpOf("lacks", files, ["npm install --no-package-lock"]);
  expect(made.ok).toBe(false);
  expect(made.said).toMatch(/404.*agon-nowhere/);
  expect(readdirSync(join(folder, "layers"))).toEqual(before);
});
