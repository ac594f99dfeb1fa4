import {
  getNullableType,
  isEnumType,
  isInputObjectType,
  isNonNullType,
  isScalarType,
  isUnionType,
  type GraphQLInputType,
} from "graphql";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { schema } from "../../src/schema.ts";
import { ask, mutate, newBot, newKey as keyOfSession, newPerson, socket } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";

const ALL = ["PLAY", "WORK", "BET", "WITHDRAW", "REPORT"];

let app: App;
let mine: string;
let other: string;
/** May do everything that a key may. */
let full: string;
/** Plays with `mine` alone. */
let bound: string;
/** Is bound to `mine`, too, with every scope that a key may have. */
let strong: string;

beforeAll(async () => {
  app = await startTestApp({ LIMIT_CALLOUT_INTERVAL_MS: 0, LIMIT_CHAT_INTERVAL_MS: 0 });
  const person = await newPerson(app.url);
  full = person.key;
  [mine, other] = [await newBot(app.url, full, "Bound_Mine"), await newBot(app.url, full, "Bound_Other")];
  for (const botId of [mine, other]) await mutate(app.url, full, "enterPit", { botId });
  full = await keyOfSession(app.url, person.token, ["PLAY", "WORK"]);
  // Whose own reports count: what is refused then is the bot.
  await app.platform.db.pool.query(
    "INSERT INTO xp_reporter (user_id, granted_by, at) SELECT id, id, now() FROM app_user WHERE handle = $1",
    [person.handle],
  );
  const all = await keyOfSession(app.url, person.token, ALL);
  strong = await newKey(all, { name: "strong", scopes: ALL, botId: mine });
  bound = await newKey(full, { name: "bound", scopes: ["PLAY", "WORK"], botId: mine });
});
afterAll(() => app.stop());

async function newKey(by: string, input: object): Promise<string> {
  const made = await mutate(app.url, by, "createApiKey", input, "key");
  return made["key"] as unknown as string;
}

const idOfKey = async (name: string) => {
  const { data } = await ask(app.url, "{ viewer { apiKeys { id name } } }", {}, { "x-api-key": full });
  const { apiKeys } = (data as unknown as { viewer: { apiKeys: { id: string; name: string }[] } }).viewer;
  return apiKeys.find((key) => key.name === name)?.id;
};

const FIGHT = `fight_${"0".repeat(32)}`;
const TASK = `task_${"0".repeat(32)}`;

test.each([
  ["updateBot", { character: "KNIGHT" }],
  ["heartbeat", {}],
  ["enterPit", {}],
  ["postMessage", { text: "not my mouth" }],
  ["createCallout", { targetId: FIGHT.replace("fight", "bot") }],
  ["joinQueue", { ladder: "PIT" }],
  ["leaveQueue", { ladder: "PIT" }],
  ["submitFightAction", { fightId: FIGHT, round: 1, exchange: 1, action: "RECOVER" }],
  ["concedeFight", { fightId: FIGHT }],
  ["leavePit", {}],
  ["claimNextTask", {}],
  ["claimTask", { taskId: TASK }],
  ["startTask", { taskId: TASK, token: 1 }],
  ["heartbeatTask", { taskId: TASK, token: 1 }],
  ["completeTask", { taskId: TASK, token: 1 }],
  ["failTask", { taskId: TASK, token: 1, code: "X", message: "x", retryable: true }],
  ["releaseTask", { taskId: TASK, token: 1 }],
  ["addTeamBot", { teamId: TASK.replace("task", "team") }],
  ["archiveBot", {}],
])("a key that is bound to one bot cannot %s with another of its owner", async (field, rest) => {
  expect((await mutate(app.url, bound, field, { botId: other, ...rest }))["code"]).toBe("NOT_YOUR_BOT");
});

const TEAM = TASK.replace("task", "team");
const PROJECT = TASK.replace("task", "project");
const RUN = { workflowId: TASK.replace("task", "workflow") };

test.each([
  ["createTask", { title: "not my order" }],
  ["cancelTask", { taskId: TASK }],
  ["retryTask", { taskId: TASK }],
  ["approveTask", { taskId: TASK }],
  ["rejectTask", { taskId: TASK, reason: "no" }],
  ["defineWorkflow", { name: "mine", steps: [{ key: "a", title: "a" }] }],
  ["startWorkflow", { definitionId: TASK.replace("task", "workflow_definition") }],
  ["pauseWorkflow", RUN],
  ["resumeWorkflow", RUN],
  ["cancelWorkflow", RUN],
  ["foundProject", { teamId: TEAM, name: "mine" }],
  ["updateProject", { projectId: PROJECT, name: "mine" }],
  ["archiveProject", { projectId: PROJECT }],
  ["registerBot", { name: "Bound_Third" }],
  ["claimFaucet", {}],
])("a key that is bound to one bot cannot %s: it does not speak for its owner", async (field, input) => {
  expect(await mutate(app.url, bound, field, input)).toMatchObject({
    code: "MISSING_SCOPE",
    message: "A key that is bound to one bot does not speak for its owner.",
  });
});

/** Mutations that do not speak for the owner, and that name no bot or name it by something else. */
const BY_THEMSELVES = {
  rotateApiKey: "a key gives no more than it has: below",
  revokeApiKey: "a key ends none that is stronger: below",
  createSocketTicket: "it is for the key itself",
  signOut: "only sessions end",
  testStrategy: "nothing is kept of it",
  importXpEvents: "each line names its bot, and is refused alone",
  acceptCallout: "the callout says which bot: below",
  declineCallout: "as acceptCallout",
  cancelCallout: "as acceptCallout",
  activateStrategy: "the strategy says which bot",
  deactivateStrategy: "as activateStrategy",
  editConversation: "the conversation says which bot",
  deleteConversation: "as editConversation",
  removeTeamBot: "the team comes first, then NOT_TEAM_ADMIN",
};

/** What a few take whose type does not say it. */
const FITTING: Record<string, object> = {
  failTask: { code: "SAMPLE" },
  publishConversation: { transcript: [{ role: "user", text: "hello" }] },
  setGladiator: { kind: "HOUSE", skill: "SCRIBE" },
};
const VALUES: Record<string, unknown> = {
  Address: `0x${"1".repeat(40)}`,
  Boolean: true,
  DateTime: "2030-01-01T00:00:00Z",
  Int: 1,
  JSON: {},
  Sha256: "0".repeat(64),
  String: "sample",
  TokenAmount: "1",
};
/** Whose id a field takes where its name does not say so. */
const TYPES: Record<string, string> = {
  battleId: "code_battle",
  commentId: "conversation_comment",
  contentId: "conversation_comment",
  contestId: "fight",
  definitionId: "workflow_definition",
  gitHubRepositoryId: "git_hub_repository",
  matchId: "quake_match",
  repositoryId: "code_repository",
  subjectId: "user",
  targetId: "bot",
};

/** Something that a field takes, as far as its type says. */
function sample(field: string, type: GraphQLInputType): unknown {
  const plain = getNullableType(type);
  if (isEnumType(plain)) return plain.getValues()[0]?.name;
  if (isInputObjectType(plain)) return sampled(Object.values(plain.getFields()));
  if (!isScalarType(plain)) return [];
  if (plain.name === "ID") return `${TYPES[field] ?? snake(field.replace(/Id$/, ""))}_${"0".repeat(32)}`;
  return VALUES[plain.name];
}
const snake = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const sampled = (fields: readonly { name: string; type: GraphQLInputType }[]) =>
  Object.fromEntries(
    fields.filter(({ type }) => isNonNullType(type)).map(({ name, type }) => [name, sample(name, type)]),
  );

const mutations = Object.values(schema.getMutationType()?.getFields() ?? {});
/** Those that a key may ask for at all: others want a session, or nobody in particular. */
const forKeys = mutations.filter(({ type, name }) => {
  const result = getNullableType(type);
  const answers = isUnionType(result) ? result.getTypes().map(String) : [];
  return answers.includes("MissingScopeRefusal") && !(name in BY_THEMSELVES);
});

test.each(forKeys.map(({ name }) => name))(
  "%s: with all scopes, a bound key is refused for another bot, or for its owner",
  async (field) => {
    const [input] = mutations.find(({ name }) => name === field)?.args ?? [];
    const type = input && getNullableType(input.type);
    const fields = type && isInputObjectType(type) ? type.getFields() : {};
    const given = { ...sampled(Object.values(fields)), ...("botId" in fields && { botId: other }), ...FITTING[field] };
    expect((await mutate(app.url, strong, field, given))["code"]).toMatch(/^(?:NOT_YOUR_BOT|MISSING_SCOPE)$/);
  },
);

test("the person's yes to a step is not a bot's to say, though its key may work", async () => {
  const made = await mutate(app.url, full, "createTask", { title: "Pay?", approval: true }, "task { id }");
  const { id: taskId } = made["task"] as unknown as { id: string };
  expect((await mutate(app.url, bound, "approveTask", { taskId }))["code"]).toBe("MISSING_SCOPE");
  const said = await mutate(app.url, full, "approveTask", { taskId }, "task { state }");
  expect(said["task"]).toEqual({ state: "COMPLETED" });
});

test("with its own bot it can", async () => {
  expect((await mutate(app.url, bound, "postMessage", { botId: mine, text: "mine" }))["__typename"]).toBe(
    "PostMessageSuccess",
  );
});

test("it neither hears another bot's inbox nor answers its callouts", async () => {
  const client = socket(app.url, bound);
  const heard = await new Promise((resolve) =>
    client.subscribe(
      { query: "subscription($id: ID!) { botEvents(botId: $id) { cursor } }", variables: { id: other } },
      { next: (item) => resolve(item.errors?.[0]?.extensions?.["code"]), error: resolve, complete: () => undefined },
    ),
  );
  await client.dispose();
  expect(JSON.stringify(heard)).toContain("NOT_YOUR_BOT");
  const called = { botId: mine, targetId: other };
  const made = await mutate(app.url, bound, "createCallout", called, "callout { id }");
  const { id: calloutId } = made["callout"] as unknown as { id: string };
  expect((await mutate(app.url, bound, "acceptCallout", { calloutId }))["code"]).toBe("NOT_YOUR_BOT");
});

test.each([
  ["one for all bots", ["PLAY"], null],
  ["one for another bot", ["PLAY"], "other"],
  ["one that may bet", ["PLAY", "BET"], "mine"],
])("a bound key cannot make %s", async (_sentence, scopes, whose) => {
  const input = { name: "stronger", scopes, botId: whose && (whose === "other" ? other : mine) };
  expect((await mutate(app.url, bound, "createApiKey", input))["code"]).toBe("MISSING_SCOPE");
});

test("no key is rotated by a weaker one into the hands of its holder", async () => {
  const reader = await newKey(full, { name: "reader", scopes: ["READ"] });
  const stronger = await idOfKey("test");
  for (const weak of [bound, reader]) {
    const answer = await mutate(app.url, weak, "rotateApiKey", { apiKeyId: stronger, graceMs: 0 }, "key");
    expect(answer).toMatchObject({ code: "MISSING_SCOPE", path: ["input", "apiKeyId"] });
  }
  const itself = { apiKeyId: await idOfKey("bound"), graceMs: 60_000 };
  const rotated = await mutate(app.url, bound, "rotateApiKey", itself, "key");
  expect(rotated["key"]).toMatch(/^cq_[0-9a-f]{40}$/);
  const successor = rotated["key"] as unknown as string;
  expect((await mutate(app.url, successor, "heartbeat", { botId: other }))["code"]).toBe("NOT_YOUR_BOT");
  expect((await mutate(app.url, full, "heartbeat", { botId: other }))["__typename"]).toBe("HeartbeatSuccess");
});

test("a key that ends makes, and gets by rotation, none that outlives it", async () => {
  const soon = new Date(Date.now() + 3_600_000).toISOString();
  const later = new Date(Date.now() + 7_200_000).toISOString();
  const ending = await newKey(full, { name: "ending", scopes: ["PLAY"], expiresAt: soon });
  for (const expiresAt of [null, later]) {
    const longer = { name: "longer", scopes: ["PLAY"], expiresAt };
    expect(await mutate(app.url, ending, "createApiKey", longer)).toMatchObject({
      code: "MISSING_SCOPE",
      path: ["input", "expiresAt"],
    });
  }
  const endless = { apiKeyId: await idOfKey("test"), graceMs: 60_000 };
  expect((await mutate(app.url, ending, "rotateApiKey", endless))["code"]).toBe("MISSING_SCOPE");
  expect(await newKey(ending, { name: "as short", scopes: ["PLAY"], expiresAt: soon })).toMatch(/^cq_/);
});

test("a weak key does not end a stronger one", async () => {
  const reader = await newKey(full, { name: "another reader", scopes: ["READ"] });
  const apiKeyId = await idOfKey("test");
  expect(await mutate(app.url, reader, "revokeApiKey", { apiKeyId })).toMatchObject({
    code: "MISSING_SCOPE",
    path: ["input", "apiKeyId"],
  });
  expect((await mutate(app.url, full, "heartbeat", { botId: mine }))["__typename"]).toBe("HeartbeatSuccess");
});

type KeyShown = { id: string; name: string; expiresAt: string | null };
async function keysOf(key: string): Promise<KeyShown[]> {
  const { data } = await ask(app.url, "{ viewer { apiKeys { id name expiresAt } } }", {}, { "x-api-key": key });
  return (data as unknown as { viewer: { apiKeys: KeyShown[] } }).viewer.apiKeys;
}
async function rotate(
  headers: Record<string, string>,
  apiKeyId: string,
  graceMs: number,
): Promise<{ key?: string; code?: string }> {
  const query = `mutation($input: RotateApiKeyInput!) { rotateApiKey(input: $input) { ... on RotateApiKeySuccess { key } ... on Refusal { code } } }`;
  const { data } = await ask(app.url, query, { input: { apiKeyId, graceMs } }, headers);
  return (data as unknown as { rotateApiKey: { key?: string; code?: string } }).rotateApiKey;
}

test("rotating one key again and again makes no more than the 20 keys of a user", async () => {
  const { key, token } = await newPerson(app.url);
  const [{ id: apiKeyId } = { id: "" }] = await keysOf(key);
  const codes: unknown[] = [];
  for (let rotation = 0; rotation < 20; rotation++)
    codes.push((await rotate({ authorization: `Bearer ${token}` }, apiKeyId, 60_000)).code ?? "made");
  expect(codes).toEqual([...Array<string>(19).fill("made"), "KEY_LIMIT"]);
  expect((await rotate({ authorization: `Bearer ${token}` }, apiKeyId, 0)).key).toMatch(/^cq_/);
});

test("a key that was rotated, rotated again, gives one that lasts as long as it was made to, and not for its holder", async () => {
  const { key, token } = await newPerson(app.url);
  const session = { authorization: `Bearer ${token}` };
  const soon = new Date(Date.now() + 7_200_000).toISOString();
  const ending = await newKey(key, { name: "ending", scopes: ["PLAY"], expiresAt: soon });
  const lasting = async () => (await keysOf(key)).filter(({ name }) => name === "ending").map((each) => each.expiresAt);
  const first = (await keysOf(key)).find(({ name }) => name === "ending")?.id ?? "";
  expect((await rotate({ "x-api-key": ending }, first, 60_000)).key).toMatch(/^cq_/);
  expect(await rotate({ "x-api-key": ending }, first, 60_000)).toMatchObject({ code: "ALREADY_ROTATED" });
  expect((await rotate(session, first, 60_000)).key).toMatch(/^cq_/);
  expect((await lasting()).filter((until) => until === soon)).toHaveLength(2);
});
