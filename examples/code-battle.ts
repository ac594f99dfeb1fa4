// A code battle from nothing: a small repository with failing tests on a git server of its own, two gladiators of the house, a
// judge, and their branches pushed back. No model key and no container engine is needed; the server needs bubblewrap and root.
//   AGON_URL=http://127.0.0.1:4000 AGON_KEY=cq_… npx node examples/code-battle.ts
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const { AGON_URL = "http://127.0.0.1:4000", AGON_KEY = "" } = process.env;
const run = process.pid;

const FILES = {
  "package.json": '{ "name": "sums", "scripts": { "test": "node --test" } }\n',
  "sums.js": "exports.subtract = (a, b) => a + b;\nexports.max = (a, b) => (a < b ? a : b);\n",
  "test/sums.test.js": `const { test } = require("node:test");
const assert = require("node:assert");
const { subtract, max } = require("../sums.js");
test("subtracts", () => assert.equal(subtract(5, 3), 2));
test("finds the larger one", () => assert.equal(max(1, 2), 2));
`,
};
const PROMPT =
  'Make the tests pass: replace "(a, b) => a + b" with "(a, b) => a - b" in "sums.js", and see what else is wrong.';

/** A git server: git's own CGI program behind HTTP (RFC 3875). */
function serveGit(folder: string, request: IncomingMessage, response: ServerResponse): void {
  const [path = "", query = ""] = (request.url ?? "").split("?");
  const type = request.headers["content-type"] ?? "";
  const protocol = String(request.headers["git-protocol"] ?? "");
  const encoding = String(request.headers["content-encoding"] ?? "");
  const variables = { GIT_PROJECT_ROOT: folder, GIT_HTTP_EXPORT_ALL: "1", PATH_INFO: path, QUERY_STRING: query };
  const asked = { REQUEST_METHOD: request.method ?? "GET", CONTENT_TYPE: type, GIT_PROTOCOL: protocol };
  const env = { PATH: process.env["PATH"], ...variables, ...asked, HTTP_CONTENT_ENCODING: encoding, REMOTE_USER: "me" };
  const child = spawn("git", ["http-backend"], { env, stdio: ["pipe", "pipe", "inherit"] });
  request.pipe(child.stdin);
  const parts: Buffer[] = [];
  child.stdout.on("data", (bytes: Buffer) => void parts.push(bytes));
  child.once("close", () => {
    const whole = Buffer.concat(parts);
    const end = whole.indexOf("\r\n\r\n");
    for (const line of whole.subarray(0, end).toString().split("\r\n")) {
      const [name = "", value = ""] = line.split(": ");
      if (name === "Status") response.statusCode = Number(value.split(" ")[0]);
      else response.setHeader(name, value);
    }
    response.end(whole.subarray(end + 4));
  });
}

async function ask<Data>(query: string, variables: object): Promise<Data> {
  const headers = { "content-type": "application/json", "x-api-key": AGON_KEY };
  const body = JSON.stringify({ query, variables });
  const answer = await (await fetch(`${AGON_URL}/graphql`, { method: "POST", headers, body })).json();
  const { data, errors } = answer as { data?: Data; errors?: unknown };
  if (!data) throw new Error(JSON.stringify(errors));
  return data;
}

/** A mutation whose refusal ends the example. */
async function mutate(name: string, input: object, selection = "__typename"): Promise<Record<string, { id: string }>> {
  const type = name.charAt(0).toUpperCase() + name.slice(1);
  const query = `mutation($input: ${type}Input!) { ${name}(input: $input) { ... on ${type}Success { ${selection} } ... on Refusal { code message hint } } }`;
  const made = (await ask<Record<string, Record<string, { id: string }>>>(query, { input }))[name] ?? {};
  if ("code" in made) throw new Error(`${name}: ${JSON.stringify(made)}`);
  return made;
}

type Entry = {
  bot: { name: string };
  placement: number;
  score: { testsPassed: number } | null;
  push: string;
  branch: string;
};
type Battle = { phase: string; entries: Entry[] };

/** Looks until the battle is so, and says each stage. */
async function watch(id: string, isDone: (battle: Battle) => boolean): Promise<Battle> {
  const query = `query($id: ID!) { codeBattle(id: $id) { phase entries { bot { name } placement score { testsPassed } push branch } } }`;
  for (let last = ""; ; await sleep(200)) {
    const { codeBattle: battle } = await ask<{ codeBattle: Battle }>(query, { id });
    if (battle.phase !== last) console.log(battle.phase);
    last = battle.phase;
    if (isDone(battle) || ["FAILED", "CANCELLED"].includes(battle.phase)) return battle;
  }
}

const folder = mkdtempSync(join(tmpdir(), "code-battle-"));
const git = (...args: string[]) => execFileSync("git", args, { cwd: folder, encoding: "utf8" }).trim();
const server = createServer((request, response) => serveGit(folder, request, response));
try {
  git("init", "--quiet", "--bare", "--initial-branch=main", "sums.git");
  git("clone", "--quiet", "sums.git", "checkout");
  mkdirSync(join(folder, "checkout/test"));
  for (const [path, text] of Object.entries(FILES)) writeFileSync(join(folder, "checkout", path), text);
  git("-C", "checkout", "add", "--all");
  git("-C", "checkout", "-c", "user.name=Me", "-c", "user.email=me@example.org", "commit", "--quiet", "-m", "Sums");
  git("-C", "checkout", "push", "--quiet", "origin", "HEAD:main");
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/sums.git`;

  const { repository } = await mutate("addRepository", { url }, "repository { id }");
  const repositoryId = repository?.id;
  await mutate("reviewRepositorySetup", { repositoryId, setup: [], test: "npm test" });
  const { battle } = await mutate("createCodeBattle", { repositoryId, prompt: PROMPT }, "battle { id }");
  const battleId = battle?.id ?? "";
  for (const skill of ["SCRIBE", "TINKER"]) {
    const { bot } = await mutate("registerBot", { name: `${skill}_${run}` }, "bot { id }");
    await mutate("setGladiator", { botId: bot?.id, kind: "HOUSE", skill });
    await mutate("inviteGladiator", { battleId, botId: bot?.id });
  }
  await mutate("startCodeBattle", { battleId });
  await watch(battleId, ({ phase }) => phase === "COMPLETED");
  await mutate("pushCodeBattle", { battleId });
  const { entries } = await watch(battleId, (now) => now.entries.every(({ push }) => push === "PUSHED"));
  for (const { bot, placement, score, branch } of entries)
    console.log(
      `${placement}. ${bot.name}: ${score?.testsPassed} tests pass; ${git("-C", "sums.git", "log", "-1", "--format=%s", branch)}`,
    );
} finally {
  server.close();
  rmSync(folder, { recursive: true, force: true });
}
