import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  type GraphQLArgument,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLObjectType,
} from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { schema } from "../../src/schema.ts";
import { ask, mutate, newBot, newKey, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { publishTalk, sayOn } from "../harness/talks.ts";

// Whatever belongs to the owner alone, as it would look in anybody's answer.
const SECRETS = {
  email: "only.mine@secret.example",
  wallet: "0xfeedfacefeedfacefeedfacefeedfacefeedface",
  device: "My-Secret-Device/1.0",
  keyName: "my secret key's name",
  balance: "31415926535897932384626433832",
  ledgerReason: "between the owner and the house",
  withdrawnTo: "0xdecafbaddecafbaddecafbaddecafbaddecafbad",
  taskPayload: "what only my own bots may read",
  teamDescription: "what only my team may read",
  teamProject: "what only my team may know that it works on",
  teamTask: "what only my team's bots may read",
  taskResult: "what my bot handed in for everybody's task",
  codeRepository: "https://secret.example/only-mine.git",
  gitHubAccount: "my-secret-account",
  gitHubRepository: "my-secret-account/only-mine",
  battlePrompt: "what only my gladiators may read",
  workflowStep: "what only who defined the workflow may read",
  workflowInput: "what only who started the workflow may read",
  depositedFrom: "0xbadc0ffeebadc0ffeebadc0ffeebadc0ffeebadc",
  unlisted: "what only who has the link may read",
  hiddenTalk: "what an operator hid from all others",
  xpReason: "why my bot's work counts for more",
};
const DEPTH = 4;

const MONEY = `SELECT ledger_post(gen_random_uuid(), 'CORRECTION', 'User:' || $1::uuid, 'matrix ' || $1::uuid, $3::text, NULL, now(),
  ARRAY['user:available', 'house:faucet'], ARRAY[$1::uuid, '00000000-0000-0000-0000-000000000000'::uuid], ARRAY[$2::numeric, -$2::numeric])`;

let app: App;
const ids: Record<string, string> = {};
const principals: Record<string, Record<string, string>> = { anonymous: {} };

beforeAll(async () => {
  app = await startTestApp({
    LIMIT_CALLOUT_INTERVAL_MS: 0,
    LIMIT_COST_PER_OPERATION_MAX: 100_000_000,
    LIMIT_COST_PER_MINUTE_SIGNED_IN: 1_000_000_000,
    LIMIT_COST_PER_MINUTE_ANONYMOUS: 1_000_000_000,
    LIMIT_BODY_BYTES_MAX: 10_000_000,
    LIMIT_DEPTH_MAX: 50,
    LIMIT_TOKENS_MAX: 1_000_000,
    LIMIT_ALIASES_MAX: 100_000,
  });
  const owner = await newPerson(app.url, "matrix_owner");
  const stranger = await newPerson(app.url, "matrix_stranger");
  const operator = await newPerson(app.url, "matrix_operator");
  const { pool } = app.platform.db;
  await pool.query("UPDATE app_user SET operator = true WHERE handle = 'matrix_operator'");
  await pool.query("UPDATE app_user SET email = $1 WHERE handle = 'matrix_owner'", [SECRETS.email]);
  const row = async (text: string) => (await pool.query<{ id: string }>(text)).rows[0]?.id ?? "";
  const userId = await row("SELECT id FROM app_user WHERE handle = 'matrix_owner'");
  await pool.query("INSERT INTO wallet (id, address, user_id, linked_at) VALUES ($1, $2, $3, now())", [
    crypto.randomUUID(),
    SECRETS.wallet,
    userId,
  ]);
  await pool.query("UPDATE session SET device = $1 WHERE user_id = $2", [SECRETS.device, userId]);
  await pool.query("UPDATE api_key SET name = $1 WHERE user_id = $2", [SECRETS.keyName, userId]);
  await pool.query(MONEY, [userId, SECRETS.balance, SECRETS.ledgerReason]);
  // Another has something, too: what all users have together, which is public, is not what one has.
  await pool.query(MONEY, [await row("SELECT id FROM app_user WHERE handle = 'matrix_operator'"), "1", null]);
  await pool.query(
    "INSERT INTO withdrawal (id, user_id, to_address, amount, status, created_at, moved_at) VALUES (gen_random_uuid(), $1, $2, 1, 'RESERVED', now(), now())",
    [userId, SECRETS.withdrawnTo],
  );
  await pool.query(
    `INSERT INTO deposit (id, user_id, from_address, to_address, amount, status, height, block_hash, log_index, tx_hash, seen_at, moved_at)
     VALUES (gen_random_uuid(), $1, $2, $2, 1, 'PENDING', 1, '0x' || repeat('b', 64), 0, '0x' || repeat('c', 64), now(), now())`,
    [userId, SECRETS.depositedFrom],
  );
  ids["botId"] = await newBot(app.url, owner.key, "Matrix_Own");
  await pool.query(
    `INSERT INTO xp_event (id, source, external_id, bot_id, owner_id, origin, kind, success, custom, reason, skills, bonuses, computed, added, publicly, occurred_at, recorded_at)
     SELECT gen_random_uuid(), 'task', 'matrix', id, owner_id, 'OBSERVED', 'TASK_COMPLETION', true, 200, $1, '{}', '{}', 20, 20, true, now(), now() FROM bot WHERE name = 'Matrix_Own'`,
    [SECRETS.xpReason],
  );
  await mutate(app.url, owner.key, "enterPit", { botId: ids["botId"] });
  await mutate(app.url, owner.key, "postMessage", { botId: ids["botId"], text: "hello" });
  await mutate(app.url, owner.key, "joinQueue", { botId: ids["botId"], ladder: "PIT_SLOW" });
  const working = await newKey(app.url, owner.token, ["PLAY", "WORK"]);
  const asSession = async (field: string, input: object, wanted: string) => {
    const type = field.charAt(0).toUpperCase() + field.slice(1);
    const query = `mutation($input: ${type}Input!) { ${field}(input: $input) { ... on ${type}Success { ${wanted} } ... on Refusal { code } } }`;
    const { data } = await ask(app.url, query, { input }, { authorization: `Bearer ${owner.token}` });
    return data as unknown as Record<string, never>;
  };
  const third = await newPerson(app.url, "matrix_third");
  const thirdBot = await newBot(app.url, third.key, "Matrix_Third");
  await mutate(app.url, third.key, "enterPit", { botId: thirdBot });
  const house = await ask(app.url, `{ bot(name: "House_Random") { id } }`);
  ids["targetId"] = (house.data as unknown as { bot: { id: string } }).bot.id;
  const callOut = (targetId: string, wanted: string) =>
    mutate(app.url, owner.key, "createCallout", { botId: ids["botId"], targetId }, wanted);
  const made = await callOut(ids["targetId"], "callout { fight { id } }");
  ids["fightId"] = ids["contestId"] = (made["callout"] as unknown as { fight: { id: string } }).fight.id;
  const open = await callOut(thirdBot, "callout { id }");
  ids["calloutId"] = (open["callout"] as unknown as { id: string }).id;
  await mutate(app.url, working, "createTask", { title: "private", payload: SECRETS.taskPayload });
  const answered = await asSession(
    "foundTeam",
    { name: "Matrix", description: SECRETS.teamDescription },
    "team { id }",
  );
  ids["teamId"] = (answered["foundTeam"] as unknown as { team: { id: string } }).team.id;
  const invited = await asSession(
    "inviteToTeam",
    { teamId: ids["teamId"], handle: "matrix_third" },
    "invitation { id }",
  );
  ids["invitationId"] = (invited["inviteToTeam"] as unknown as { invitation: { id: string } }).invitation.id;
  const begunProject = { teamId: ids["teamId"], name: "Matrix", description: SECRETS.teamProject };
  const project = await mutate(app.url, working, "foundProject", begunProject, "project { id }");
  ids["projectId"] = (project["project"] as unknown as { id: string }).id;
  const ofProject = { teamId: ids["teamId"], projectId: ids["projectId"] };
  await mutate(app.url, working, "createTask", { title: "team", payload: SECRETS.teamTask, ...ofProject });
  await mutate(app.url, working, "createTask", { title: "public", visibility: "PUBLIC", priority: 5 });
  const claimed = await mutate(app.url, working, "claimNextTask", { botId: ids["botId"], start: true }, "task { id }");
  ids["taskId"] = (claimed["task"] as unknown as { id: string }).id;
  const done = { botId: ids["botId"], taskId: ids["taskId"], token: 1, result: SECRETS.taskResult };
  await mutate(app.url, working, "completeTask", done);
  const steps = [{ key: "secret", title: "secret", input: { text: { value: SECRETS.workflowStep } } }];
  const defined = await mutate(app.url, working, "defineWorkflow", { name: "Matrix", steps }, "definition { id }");
  ids["definitionId"] = (defined["definition"] as unknown as { id: string }).id;
  const begin = { definitionId: ids["definitionId"], input: SECRETS.workflowInput };
  const begun = await mutate(app.url, working, "startWorkflow", begin, "workflow { id }");
  ids["workflowId"] = (begun["workflow"] as unknown as { id: string }).id;
  const publish = (text: string, more: object) =>
    publishTalk(app.url, owner.key, { transcript: [{ role: "user", text }], ...more });
  await publish(SECRETS.unlisted, { visibility: "UNLISTED" });
  ids["hiddenTalkId"] = await publish(SECRETS.hiddenTalk, { title: "hidden" });
  await pool.query("UPDATE conversation SET hidden_at = now(), hidden_reason = 'x' WHERE title = 'hidden'");
  ids["conversationId"] = await publish("all", {});
  ids["commentId"] = ids["contentId"] = await sayOn(app.url, owner.key, ids["conversationId"], "mine");
  const hex = (uuid: string) => uuid.replaceAll("-", "");
  const [repository, battle] = [crypto.randomUUID(), crypto.randomUUID()];
  await pool.query(
    `INSERT INTO code_repository (id, owner_id, url, public, facts, found, setup, test, created_at)
     VALUES ($1, $2, $3, false, '{"files":1,"bytes":1,"submodules":0,"agentSettings":[]}', '{"setup":[],"test":null,"because":[]}', '{}', 'npm test', now())`,
    [repository, userId, SECRETS.codeRepository],
  );
  await pool.query(
    `WITH i AS (INSERT INTO github_installation (id, owner_id, number, account, organization, login, login_number, created_at) VALUES ($1, $2, 1, $3, true, 'octo', 1, now()))
     INSERT INTO github_repository (id, installation_id, number, name, private, default_branch) VALUES ($1, $1, 1, $4, true, 'main')`,
    [battle, userId, SECRETS.gitHubAccount, SECRETS.gitHubRepository],
  );
  await pool.query(
    `INSERT INTO contest (id, ladder, status, origin, rated, hidden, seed_hash, seed, created_at)
     VALUES ($1, 'CODE', 'ANNOUNCED', 'INVITATION', false, true, sha256('x'), 'x', now())`,
    [battle],
  );
  await pool.query(
    `INSERT INTO code_battle (id, owner_id, repository_id, public, open, prompt, source, setup, test, checks, gladiators_max, time_limit_ms, votes, phase, created_at)
     VALUES ($1, $2, $3, false, false, $4, repeat('a', 40), '{}', 'npm test', '[]', 2, 5000, true, 'DRAFT', now())`,
    [battle, userId, repository, SECRETS.battlePrompt],
  );
  ids["repositoryId"] = `code_repository_${hex(repository)}`;
  ids["installationId"] = `git_hub_installation_${hex(battle)}`;
  ids["gitHubRepositoryId"] = `git_hub_repository_${hex(battle)}`;
  ids["battleId"] = `code_battle_${hex(battle)}`;
  ids["userId"] = `user_${hex(userId)}`;
  ids["subjectId"] = ids["userId"];
  ids["sessionId"] = `session_${hex(await row(`SELECT id FROM session WHERE user_id = '${userId}'`))}`;
  ids["apiKeyId"] = `api_key_${hex(await row(`SELECT id FROM api_key WHERE user_id = '${userId}'`))}`;
  await pool.query(
    "INSERT INTO strategy (id, bot_id, version, source, code, created_at) SELECT gen_random_uuid(), id, 1, 'secret', 'secret', now() FROM bot WHERE name = 'Matrix_Own'",
  );
  ids["strategyId"] = `strategy_${hex(await row("SELECT id FROM strategy LIMIT 1"))}`;
  ids["queueEntryId"] = `queue_entry_${hex(await row("SELECT id FROM queue_entry LIMIT 1"))}`;
  ids["withdrawalId"] = `withdrawal_${hex(await row("SELECT id FROM withdrawal LIMIT 1"))}`;
  const pooled = `WITH pool AS (INSERT INTO bet_pool (contest_id, status, exhibition, opened_at, closes_at) SELECT id, 'OPEN', true, now(), now() FROM fight LIMIT 1 RETURNING contest_id)`;
  const bet = `INSERT INTO bet (id, contest_id, bot_id, user_id, amount, placed_at) SELECT gen_random_uuid(), contest_id, bot_id, '${userId}', 1, now() FROM pool JOIN contest_participant USING (contest_id) LIMIT 1 RETURNING id`;
  ids["betId"] = `bet_${hex(await row(`${pooled} ${bet}`))}`;
  ids["depositId"] = `deposit_${hex(await row("SELECT id FROM deposit LIMIT 1"))}`;
  ids["messageId"] = `pit_message_${hex(await row("SELECT id FROM pit_message LIMIT 1"))}`;
  Object.assign(principals, {
    "another user's session": { authorization: `Bearer ${stranger.token}` },
    "another user's key": { "x-api-key": stranger.key },
    "an operator": { authorization: `Bearer ${operator.token}` },
    "the owner": { authorization: `Bearer ${owner.token}` },
  });
});
afterAll(() => app.stop());

const ID_BY_FIELD: Record<string, string> = {
  bot: "botId",
  fight: "fightId",
  user: "userId",
  task: "taskId",
  project: "projectId",
  codeBattle: "battleId",
  workflow: "workflowId",
  conversation: "hiddenTalkId",
};
const VALUES: Record<string, unknown> = {
  name: "Matrix_Own",
  handle: "matrix_owner",
  prefix: "Matrix",
  kind: "PIT",
  ladder: "PIT",
};

/** A value for an argument, from the rows of the owner; undefined where none is needed. */
function valueOf(field: string, { name, type }: GraphQLArgument): unknown {
  if (["first"].includes(name)) return 5;
  if (["after", "before", "last"].includes(name)) return undefined;
  if (name === "id") return ids[ID_BY_FIELD[field] ?? "botId"];
  if (name === "ids") return Object.values(ids);
  if (ids[name]) return ids[name];
  return isNonNullType(type) ? (VALUES[name] ?? inputFor(type)) : undefined;
}

/** Some acceptable input: ids of the owner's rows, first enum values, plain text. */
function inputFor(type: GraphQLInputType, name = ""): unknown {
  if (isNonNullType(type)) return inputFor(type.ofType, name);
  if (isListType(type)) return [inputFor(type.ofType, name)];
  if (isInputObjectType(type)) {
    const required = Object.values(type.getFields()).filter(({ type: each }) => isNonNullType(each));
    return Object.fromEntries(required.map((field) => [field.name, inputFor(field.type, field.name)]));
  }
  if (isEnumType(type)) return type.getValues()[0]?.name;
  if (type.name === "ID") return ids[name] ?? ids["botId"];
  if (type.name === "Int") return 1;
  if (type.name === "Boolean") return true;
  if (type.name === "Address") return SECRETS.wallet;
  if (type.name === "TokenAmount") return "50000";
  return name === "handle" ? "matrix_owner" : "some text of 12 or more";
}

/** Selects every field of a type that needs no argument or only a page, as deep as DEPTH. */
function selection(type: GraphQLNamedType, depth: number): string {
  if (isUnionType(type))
    return `{ __typename ${type
      .getTypes()
      .map((each) => `... on ${each.name} ${selection(each, depth)}`)
      .join(" ")} }`;
  if (!isObjectType(type) && !isInterfaceType(type)) return "";
  const fields = Object.values(type.getFields()).flatMap((field) => {
    const named = getNamedType(field.type);
    const composite = isObjectType(named) || isInterfaceType(named) || isUnionType(named);
    if (composite && depth === 0) return [];
    const args = field.args.flatMap((arg) => {
      const value = valueOf(field.name, arg);
      return value === undefined ? [] : [`${arg.name}: ${literal(value, arg.type)}`];
    });
    // The same name may be of another type in another member of a union: an alias keeps both.
    const alias = `${type.name}_${field.name}`;
    return [
      `${alias}: ${field.name}${args.length ? `(${args.join(", ")})` : ""} ${composite ? selection(named, depth - 1) : ""}`,
    ];
  });
  return `{ __typename ${fields.join(" ")} }`;
}

function literal(value: unknown, type: GraphQLInputType): string {
  const named = getNamedType(type);
  return isEnumType(named) ? String(value) : JSON.stringify(value);
}

const queries = Object.values(schema.getQueryType()?.getFields() ?? {});
const mutations = Object.values(schema.getMutationType()?.getFields() ?? {});
const others = ["anonymous", "another user's session", "another user's key"] as const;

async function read(field: (typeof queries)[number], principal: string): Promise<string> {
  const args = field.args.flatMap((arg) => {
    const value = valueOf(field.name, arg);
    return value === undefined ? [] : [`${arg.name}: ${literal(value, arg.type)}`];
  });
  const query = `{ ${field.name}${args.length ? `(${args.join(", ")})` : ""} ${selection(getNamedType(field.type), DEPTH)} }`;
  return JSON.stringify(await ask(app.url, query, {}, principals[principal]));
}

const shown = (text: string) =>
  Object.entries(SECRETS)
    .filter(([, secret]) => text.toLowerCase().includes(secret.toLowerCase()))
    .map(([name]) => name);

describe.each(others)("%s", (principal) => {
  test.each(queries.map((field) => [field.name, field] as const))(
    "reads nothing of the owner's own through %s, however deep",
    async (_name, field) => {
      const answer = await read(field, principal);
      expect(answer).not.toContain("INTERNAL");
      expect(shown(answer)).toEqual([]);
    },
  );

  test.each(
    "apiKey session bet deposit withdrawal team project invitation strategy repository battle hiddenTalk".split(" "),
  )("gets null for the owner's %s, as for one that does not exist", async (type) => {
    const id = ids[`${type}Id`];
    const none = `${id?.slice(0, -32)}${"0".repeat(32)}`;
    const answer = await ask(
      app.url,
      `query($id: ID!, $ids: [ID!]!) { node(id: $id) { id } nodes(ids: $ids) { id } }`,
      { id, ids: [id, none] },
      principals[principal],
    );
    expect(answer.data).toEqual({ node: null, nodes: [null, null] });
  });
});

test("an operator reads anybody's withdrawal by its id, and nothing of others in the own list", async () => {
  const query = `query($id: ID!) { node(id: $id) { ... on Withdrawal { to } } }`;
  const { data } = await ask(app.url, query, { id: ids["withdrawalId"] }, principals["an operator"]);
  expect(shown(JSON.stringify(data))).toEqual(["withdrawnTo"]);
  const viewer = queries.find(({ name }) => name === "viewer");
  expect(viewer && shown(await read(viewer, "an operator"))).toEqual([]);
});

test("the owner reads it all, so that the look is not blind", async () => {
  const viewer = queries.find(({ name }) => name === "viewer");
  expect(viewer && shown(await read(viewer, "the owner")).toSorted()).toEqual(Object.keys(SECRETS).toSorted());
});

// What a stranger may do by right with these inputs: they concern nobody but the stranger.
const OF_ONES_OWN = new Set([
  "registerUser",
  "registerBot",
  "createApiKey",
  "createSocketTicket",
  "createSiweChallenge",
  "claimFaucet",
  "signOut",
  "setPassword",
  "foundTeam",
  "createTask",
  "setXpPrivacy",
  "importAchievements",
  "createComment",
  "react",
  "unreact",
  "follow",
  "unfollow",
  "reportContent",
]);

describe.each(others)("%s changes nothing of the owner's", (principal) => {
  test.each(mutations.filter(({ name }) => !OF_ONES_OWN.has(name)).map((field) => [field.name, field] as const))(
    "by %s",
    async (name, field) => {
      const [input] = field.args;
      const query = `mutation($input: ${String(input?.type)}) { ${name}(input: $input) { __typename ... on Refusal { code } } }`;
      const { data, errors } = await ask(
        app.url,
        query,
        { input: inputFor(input?.type as GraphQLInputType) },
        principals[principal],
      );
      const result = data?.[name] as unknown as { __typename: string; code?: string } | undefined;
      expect(errors?.[0]?.extensions?.["code"] ?? result?.code).toMatch(/^[A-Z_]+$/);
      expect(result?.__typename ?? "Refusal").not.toMatch(/Success$/);
      expect(errors?.[0]?.extensions?.["code"]).not.toBe("INTERNAL");
    },
  );
});

const objects = Object.values(schema.getTypeMap()).filter(
  (type): type is GraphQLObjectType => isObjectType(type) && !type.name.startsWith("__"),
);
const accessOf = (extensions: object | null | undefined) =>
  (extensions as { pothosOptions?: { access?: string } } | undefined)?.pothosOptions?.access;
const CLASSES = "public viewer session owner operator READ PLAY WORK BET WITHDRAW REPORT ADMIN".split(" ");

test.each(
  objects
    .filter(({ name }) => !/(?:Connection|Edge)$|^PageInfo$|^(?:Query|Mutation|Subscription)$/.test(name))
    .map((type) => [type.name, type] as const),
)("%s says who may read it", (_name, type) => expect(CLASSES).toContain(accessOf(type.extensions)));

test.each(
  ["Query", "Mutation", "Subscription"].flatMap((root) =>
    Object.values((schema.getType(root) as GraphQLObjectType).getFields()).map(
      (field) => [`${root}.${field.name}`, field] as const,
    ),
  ),
)("%s says who may use it", (_name, field) => expect(CLASSES).toContain(accessOf(field.extensions)));
