import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fight, type Gladiator } from "../../src/codebattles/adapter/gladiator.ts";
import type { Sandbox } from "../../src/codebattles/adapter/sandbox.ts";
import { startGitServer, type GitServer } from "../harness/git-server.ts";
import { openTestDriver, runIn, SMALL } from "../harness/sandboxes.ts";

const run = promisify(execFile);
type Event = Parameters<Parameters<typeof fight>[2]>[0];

let server: GitServer;
let dataDir: string;
let sandbox: Sandbox;
beforeAll(async () => {
  server = await startGitServer();
  dataDir = mkdtempSync(join(tmpdir(), "agon-data-"));
  sandbox = await (await openTestDriver("bwrap")).driver.create({ limits: SMALL, mounts: [] });
  await runIn(sandbox, ["mkdir", "repository"]);
});
afterAll(async () => {
  await sandbox.destroy();
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const admin = (...args: string[]) =>
  run("node", ["src/admin.ts", ...args], { env: { ...process.env, DATA_DIR: dataDir } }).catch(
    (error: unknown) => error as { stdout: string; stderr: string; code: number },
  );

test("an operator lets the house gladiator work on a repository, and sees what it says and changes", async () => {
  const url = server.repository("sum", (git, checkout) => {
    writeFileSync(join(checkout, "sum.js"), "module.exports = (a, b) => a - b;\n");
    git("add", "--all");
    git("commit", "--quiet", "-m", "sum");
  });
  const { stdout } = await admin("spar", url, 'Please replace "a - b" with "a + b" in "sum.js".');
  expect(stdout).toContain(`{"type":"Output","text":"I replaced \\"a - b\\" in sum.js."}`);
  expect(stdout).toContain("-module.exports = (a, b) => a - b;\n+module.exports = (a, b) => a + b;\n");
  expect(await admin("spar", `${url}x`, "p")).toMatchObject({ code: 1, stderr: "Refused: REPOSITORY_NOT_FOUND\n" });
});

test("an operator sees how a repository would be set up", async () => {
  const url = server.repository("setup", (git, checkout) => {
    writeFileSync(join(checkout, "go.mod"), "module x\n");
    git("add", "--all");
    git("commit", "--quiet", "-m", "go");
  });
  const { stdout } = await admin("repository", url, "main");
  expect(stdout).toContain("Set up by: go mod download\nTested by: go test ./...\nBecause of: go.mod");
  expect((await admin("repository", "ext::sh -c id")).stderr).toBe("Refused: BAD_REPOSITORY_URL\n");
});

const fought = async (shell: string, more: Partial<Gladiator> = {}) => {
  const events: Event[] = [];
  const gladiator: Gladiator = {
    ...{ adapter: "command", argv: ["sh", "-c", shell], environment: {}, prompt: "the prompt", secrets: [] },
    ...{ timeMaxMs: 20_000, stop: null },
    ...more,
  };
  return { ...(await fight(sandbox, gladiator, (event) => void events.push(event))), events };
};

test("a program reads its prompt, and each of its lines is told", async () => {
  const { events, exitCode } = await fought("cat; echo; echo wrong >&2; printf 'no end'");
  expect(exitCode).toBe(0);
  expect(events).toEqual(
    expect.arrayContaining([
      { type: "Output", text: "the prompt" },
      { type: "Output", text: "wrong" },
      { type: "Output", text: "no end" },
    ]),
  );
});

test("a secret is not told, also when it comes in two pieces", async () => {
  const { events } = await fought("printf 'the key is top-se'; sleep 0.3; echo cret!", { secrets: ["top-secret"] });
  expect(events).toEqual([{ type: "Output", text: "the key is [cut]!" }]);
});

test("letters that come in pieces stay whole", async () => {
  const { events } = await fought(String.raw`printf 'caf\303'; sleep 0.3; printf '\251\n'`);
  expect(events).toEqual([{ type: "Output", text: "café" }]);
});

test("who talks without end is told of up to 10 MiB, and what was not told is counted", async () => {
  const { events, untold, by } = await fought("yes $(head -c 1000 /dev/zero | tr '\\0' x) | head -n 20000");
  const told = events.reduce((sum, event) => sum + (event.type === "Usage" ? 0 : event.text.length), 0);
  expect(told).toBe(10_485_000);
  expect(untold).toBe(20_000 - 10_485);
  expect(by).toBe("EXIT");
});

test("what an agent used is added up", async () => {
  const line = (tokens: number) =>
    JSON.stringify({ type: "step_finish", part: { tokens: { input: tokens, output: 1 } } });
  const { inputTokens, outputTokens } = await fought(`echo '${line(3)}'; echo '${line(4)}'`, { adapter: "opencode" });
  expect([inputTokens, outputTokens]).toEqual([7, 2]);
});
