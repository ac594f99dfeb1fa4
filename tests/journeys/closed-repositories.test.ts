import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import {
  battleAt,
  battleOf,
  BROKEN,
  FIX,
  newGladiator,
  OVER,
  repositoryWith,
  reviewed,
  startBattle,
} from "../harness/code-battle.ts";
import { startGitServer, type GitServer } from "../harness/git-server.ts";
import { until } from "../harness/until.ts";

const TOKEN = "ghs_0123456789abcdefCLOSED";

type Person = Awaited<ReturnType<typeof newPerson>>;
let app: App;
let git: GitServer;
let dataDir: string;
/** Repositories that are shown to who brings the token alone: each from when it is put in here. */
const tokens: Record<string, string> = {};
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "agon-closed-"));
  git = await startGitServer(tokens);
  app = await startTestApp({}, {}, { DATA_DIR: dataDir });
});
afterAll(async () => {
  await app.stop();
  await git.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const shell = (text: string) => ({ kind: "COMMAND", command: ["sh", "-c", text] });

/** Which try this is: names are taken once. */
let turn = 0;

/** A repository that everybody may read, which its owner has added with a token to push. */
async function withToken({ key }: Person, name: string): Promise<string> {
  const url = repositoryWith(git, name, BROKEN);
  return reviewed(app.url, key, { url, token: TOKEN });
}

const draft = (owner: Person, plan: object) =>
  mutate(app.url, owner.key, "createCodeBattle", { prompt: "Fix it.", ...plan }, "battle { id public }");

test("a repository whose server has closed it is closed here when it is read next, and so are the battles on it", async () => {
  const [owner, stranger] = [await newPerson(app.url), await newPerson(app.url)];
  const name = `closing-${turn++}`;
  const repositoryId = await withToken(owner, name);
  const first = (await draft(owner, { repositoryId }))["battle"] as unknown as { id: string; public: boolean };
  expect(first.public).toBe(true);
  expect(await battleOf(app.url, stranger.key, first.id)).not.toBeNull();
  tokens[`${name}.git`] = TOKEN;
  expect(await draft(owner, { repositoryId })).toMatchObject({ battle: { public: false } });
  expect(await battleOf(app.url, stranger.key, first.id)).toBeNull();
  expect(await battleOf(app.url, owner.key, first.id)).not.toBeNull();
  expect((await draft(owner, { repositoryId, open: true }))["code"]).toBe("PRIVATE_REPOSITORY");
});

test("a repository whose server does not answer for a moment stays public", async () => {
  const owner = await newPerson(app.url);
  const repositoryId = await withToken(owner, `away-${turn++}`);
  await app.platform.db.pool.query("UPDATE code_repository SET url = $1 WHERE url LIKE '%/away-%'", [
    "http://127.0.0.1:1/away.git",
  ]);
  expect((await draft(owner, { repositoryId }))["code"]).toBe("REPOSITORY_UNREACHABLE");
  const query = "{ viewer { codeRepositories(first: 10) { nodes { public } } } }";
  const { data } = await ask(app.url, query, {}, { "x-api-key": owner.key });
  expect(data).toEqual({ viewer: { codeRepositories: { nodes: [{ public: true }] } } });
});

const PUSHES = `query($id: ID!) { codeBattle(id: $id) { entries { push pushRefusal branch } } }`;
type Pushes = { codeBattle: { entries: { push: string | null; pushRefusal: string | null; branch: string | null }[] } };

test("a repository that its server hides from everybody for a moment stays public", async () => {
  const owner = await newPerson(app.url);
  const name = `hiding-${turn++}`;
  const repositoryId = await withToken(owner, name);
  tokens[`${name}.git`] = "nobody has it";
  expect((await draft(owner, { repositoryId }))["code"]).toBe("REPOSITORY_DENIED");
  delete tokens[`${name}.git`];
  expect(await draft(owner, { repositoryId })).toMatchObject({ battle: { public: true } });
});

test("a push that breaks here is refused by name, and is not tried again for ever", async () => {
  const owner = await newPerson(app.url);
  const number = turn++;
  const repositoryId = await withToken(owner, `breaking-${number}`);
  const bots = await Promise.all(
    ["A", "B"].map((each) => newGladiator(app.url, owner.key, `Break_${each}${number}`, shell(FIX))),
  );
  const id = await startBattle(app.url, owner.key, { repositoryId, prompt: "Fix it." }, bots);
  expect((await battleAt(app.url, owner.key, id, OVER)).phase).toBe("COMPLETED");
  // As behind a change of AGON_SECRET: what was sealed does not open.
  await app.platform.db.pool.query("UPDATE code_repository SET token = '\\x00' WHERE url LIKE $1", [
    `%/breaking-${number}.git`,
  ]);
  expect(await mutate(app.url, owner.key, "pushCodeBattle", { battleId: id })).not.toHaveProperty("code");
  const entries = await until(async () => {
    const { data } = await ask(app.url, PUSHES, { id }, { "x-api-key": owner.key });
    const now = (data as unknown as Pushes).codeBattle.entries;
    return now.every(({ push }) => push !== "REQUESTED") ? now : null;
  }, "an end of the push");
  expect(entries).toEqual(Array(2).fill({ push: "REFUSED", pushRefusal: "PUSH_FAILED", branch: null }));
  // Each is a fetch, of which a person has sixty an hour; three are gone.
  const codes: unknown[] = [];
  for (let asked = 0; asked < 58; asked++)
    codes.push((await mutate(app.url, owner.key, "pushCodeBattle", { battleId: id }))["code"]);
  expect(codes).toEqual([...Array<undefined>(57).fill(undefined), "RATE_LIMITED"]);
});
