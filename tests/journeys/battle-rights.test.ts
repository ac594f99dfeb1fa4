import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { battleAt, battleOf, BROKEN, newGladiator, repositoryWith, reviewed } from "../harness/code-battle.ts";
import { startGitServer, type GitServer } from "../harness/git-server.ts";
import { readByPost } from "../harness/streams.ts";

type Person = Awaited<ReturnType<typeof newPerson>>;
let app: App;
let git: GitServer;
let dataDir: string;
let owner: Person;
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "agon-rights-"));
  git = await startGitServer();
  app = await startTestApp({}, {}, { DATA_DIR: dataDir });
  owner = await newPerson(app.url, "maker");
});
afterAll(async () => {
  await app.stop();
  await git.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const SLEEP = { kind: "COMMAND", command: ["sleep", "60"] };
const code = async (who: Person, field: string, input: object) =>
  (await mutate(app.url, who.key, field, input))["code"] as unknown;

/** A battle of the owner that takes entries. */
async function draft(repository: string, plan: object, { isPrivate = false } = {}): Promise<string> {
  const url = repositoryWith(git, repository, BROKEN);
  const repositoryId = await reviewed(app.url, owner.key, { url, private: isPrivate });
  const given = { repositoryId, prompt: "Keep it secret.", timeLimitMs: 20_000, ...plan };
  const made = await mutate(app.url, owner.key, "createCodeBattle", given, "battle { id }");
  return (made["battle"] as unknown as { id: string }).id;
}

const INVITATIONS = `{ viewer { codeBattles(first: 10) { nodes { id } } codeInvitations(first: 10) { nodes {
  battleId repositoryName public gladiatorsMax timeLimitMs bot { name } by { handle } } } } }`;
type Invited = { viewer: { codeBattles: { nodes: object[] }; codeInvitations: { nodes: object[] } } };
async function invitationsOf({ key }: Person): Promise<Invited["viewer"]> {
  const { data, errors } = await ask(app.url, INVITATIONS, {}, { "x-api-key": key });
  expect(errors).toBeUndefined();
  return (data as unknown as Invited).viewer;
}

test("who is invited into a private battle sees enough to decide, and the battle only after a yes", {
  timeout: 60_000,
}, async () => {
  const [yes, silent] = [await newPerson(app.url), await newPerson(app.url)];
  const mine = await newGladiator(app.url, owner.key, "Inviter", SLEEP);
  const [accepting, unanswered] = [
    await newGladiator(app.url, yes.key, "Accepting", SLEEP),
    await newGladiator(app.url, silent.key, "Unanswered", SLEEP),
  ];
  const battleId = await draft("private-one", {}, { isPrivate: true });
  for (const botId of [mine, accepting, unanswered])
    expect(await code(owner, "inviteGladiator", { battleId, botId })).toBeUndefined();
  const { codeBattles, codeInvitations } = await invitationsOf(silent);
  expect(codeBattles.nodes).toEqual([]);
  expect(codeInvitations.nodes).toEqual([
    {
      ...{ battleId, repositoryName: "private-one", public: false, gladiatorsMax: 2, timeLimitMs: 20_000 },
      ...{ bot: { name: "Unanswered" }, by: { handle: "maker" } },
    },
  ]);
  expect((await invitationsOf(owner)).codeInvitations.nodes).toEqual([]);
  const sees = async (who: Person) => (await battleOf(app.url, who.key, battleId)) !== null;
  expect([await sees(yes), await sees(silent)]).toEqual([false, false]);
  expect(await code(yes, "answerBattleInvitation", { battleId, botId: accepting, accept: true })).toBeUndefined();
  expect([await sees(yes), await sees(silent)]).toEqual([true, false]);
  expect((await invitationsOf(yes)).codeInvitations.nodes).toEqual([]);

  expect(await code(owner, "startCodeBattle", { battleId })).toBeUndefined();
  await battleAt(app.url, owner.key, battleId, ["RUNNING"]);
  expect([await sees(yes), await sees(silent)]).toEqual([true, false]);
  expect((await invitationsOf(silent)).codeInvitations.nodes).toEqual([]);
  const query = `subscription($id: ID!) { battleEvents(battleId: $id) { event { __typename } } }`;
  const refused = await readByPost(app.url, { query, variables: { id: battleId } }, silent.key);
  await refused.ended;
  expect(refused.text()).toContain("NOT_FOUND");
  expect(await code(owner, "cancelCodeBattle", { battleId })).toBeUndefined();
});
