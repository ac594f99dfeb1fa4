import { writeFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ask, mutate, newBot } from "./agent.ts";
import type { Git, GitServer } from "./git-server.ts";

/** A little repository whose tests fail: `subtract` adds, and `max` gives the smaller one. */
export const BROKEN = {
  "package.json": JSON.stringify({ name: "sums", scripts: { test: "node --test" } }),
  "sums.js":
    "exports.add = (a, b) => a + b;\nexports.subtract = (a, b) => a + b;\nexports.max = (a, b) => (a < b ? a : b);\n",
  "test/sums.test.js": `const { test } = require("node:test");
const assert = require("node:assert");
const { add, subtract, max } = require("../sums.js");
test("adds", () => assert.equal(add(2, 3), 5));
test("subtracts", () => assert.equal(subtract(5, 3), 2));
test("finds the larger one", () => assert.equal(max(1, 2), 2));
`,
};

/** A program that mends one of its faults. */
export const FIX = "sed -i 's/subtract = (a, b) => a + b/subtract = (a, b) => a - b/' sums.js";

/** Writes files into a checkout, and makes a commit of them. */
export const filesIn = (files: Record<string, string>) => (git: Git, checkout: string) => {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(checkout, path)), { recursive: true });
    writeFileSync(join(checkout, path), text);
  }
  git("add", "--all");
  git("commit", "--quiet", "-m", "files");
};

/** A repository of a git server with these files. */
export const repositoryWith = (server: GitServer, name: string, files: Record<string, string>): string =>
  server.repository(name, filesIn(files));

type Made = { __typename: string; code?: string } & Record<string, never>;
const idOf = (made: Made, name: string): string => {
  const id = (made[name] as { id: string } | undefined)?.id;
  if (id === undefined) throw new Error(JSON.stringify(made));
  return id;
};

/** A repository of a person, its set-up reviewed. */
export async function reviewed(
  url: string,
  key: string,
  given: object,
  { setup = [], test = "npm test" }: { setup?: string[]; test?: string } = {},
): Promise<string> {
  const repositoryId = idOf(
    (await mutate(url, key, "addRepository", given, "repository { id }")) as Made,
    "repository",
  );
  await mutate(url, key, "reviewRepositorySetup", { repositoryId, setup, test });
  return repositoryId;
}

/** A bot that is a gladiator. */
export async function newGladiator(url: string, key: string, name: string, program: object): Promise<string> {
  const botId = await newBot(url, key, name);
  const set = await mutate(url, key, "setGladiator", { botId, ...program });
  if (set["__typename"] !== ("SetGladiatorSuccess" as never)) throw new Error(JSON.stringify(set));
  return botId;
}

/** A battle by invitation between gladiators of the same person, started. */
export async function startBattle(url: string, key: string, plan: object, botIds: readonly string[]): Promise<string> {
  const made = (await mutate(url, key, "createCodeBattle", { timeLimitMs: 20_000, ...plan }, "battle { id }")) as Made;
  const battleId = idOf(made, "battle");
  for (const botId of botIds) await mutate(url, key, "inviteGladiator", { battleId, botId });
  const started = await mutate(url, key, "startCodeBattle", { battleId });
  if (started["__typename"] !== ("StartCodeBattleSuccess" as never)) throw new Error(JSON.stringify(started));
  return battleId;
}

export type Battle = {
  phase: string;
  status: string;
  failure: string | null;
  failureLog: string | null;
  rated: boolean;
  audit: { operation: string; about: string }[];
  events: { nodes: { __typename: string }[] };
  entries: {
    bot: { name: string };
    outcome: string | null;
    placement: number | null;
    exitCode: number | null;
    untold: number;
    diff: string | null;
    branch: string | null;
    push: string | null;
    tests: { name: string; base: string; own: string; restored: string }[];
    checks: { name: string; passed: boolean }[];
    score: { checksPassed: number; testsPassed: number; regressions: number; diffLines: number } | null;
  }[];
};

const BATTLE = `query($id: ID!) { codeBattle(id: $id) { phase status failure failureLog rated audit { operation about } events(first: 100) { nodes { __typename } }
  entries { bot { name } outcome placement exitCode untold diff branch push tests { name base own restored } checks { name passed } score { checksPassed testsPassed regressions diffLines } } } }`;

/** A battle as a person sees it; null where it is not theirs to see. */
export async function battleOf(url: string, key: string | null, id: string): Promise<Battle | null> {
  const { data, errors } = await ask(url, BATTLE, { id }, key ? { "x-api-key": key } : {});
  if (errors) throw new Error(JSON.stringify(errors));
  return (data as unknown as { codeBattle: Battle | null }).codeBattle;
}

/** The battle once it stands so. Only its phase is asked for until then: the server that answers also fights. */
export async function battleAt(url: string, key: string, id: string, phases: readonly string[]): Promise<Battle> {
  const query = "query($id: ID!) { codeBattle(id: $id) { phase } }";
  for (let tried = 0; tried < TRIES_MAX; tried++) {
    const { data, errors } = await ask(url, query, { id }, { "x-api-key": key });
    if (errors) throw new Error(JSON.stringify(errors));
    const found = data?.["codeBattle"] as unknown as Pick<Battle, "phase"> | null | undefined;
    const battle = found && phases.includes(found.phase) ? await battleOf(url, key, id) : null;
    // One that has gone on meanwhile is looked for again.
    if (battle && phases.includes(battle.phase)) return battle;
    await sleep(PAUSE_MS);
  }
  throw new Error(`the battle did not come to ${phases.join(" or ")}: ${JSON.stringify(await battleOf(url, key, id))}`);
}
/** Sandboxes are many processes: on a busy machine a battle takes its time. */
const TRIES_MAX = 2_000;
const PAUSE_MS = 100;
export const OVER = ["COMPLETED", "FAILED", "CANCELLED"] as const;
