import { setTimeout as sleep } from "node:timers/promises";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newBot, newKey, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { publishTalk, TALK } from "../harness/talks.ts";
import { change, personOf } from "../harness/teams.ts";
import { until } from "../harness/until.ts";

let app: App;
beforeAll(async () => {
  // Bots stay where they are, however slow the machine is.
  app = await startTestApp({ LIMIT_PRESENCE_MS: 600_000 });
});
afterAll(() => app.stop());

const rows = async <T extends object>(sql: string, values: unknown[]) =>
  // On a connection of its own: within a transaction the first look is what all later ones see.
  (await app.platform.db.pool.query<T>(sql, values)).rows;
const waiting = async () => {
  const sql =
    "SELECT count(*)::int4 AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
  return (await rows<{ n: number }>(sql, []))[0]?.n ?? 0;
};
const uuidOf = (id: string) => id.slice(-32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");

let named = 0;
async function withBot() {
  const person = await newPerson(app.url);
  const botId = await newBot(app.url, person.key, `Behind_${named++}`);
  const act = async (field: string, input: object) => {
    const { code, __typename } = await mutate(app.url, person.key, field, input);
    return String(code ?? __typename);
  };
  return { ...person, botId, act };
}

async function leave({ handle, token }: { handle: string; token: string }): Promise<string> {
  const query = `mutation($input: DeleteAccountInput!) { deleteAccount(input: $input) { __typename } }`;
  const { data } = await ask(app.url, query, { input: { handle } }, { authorization: `Bearer ${token}` });
  return (data as never as { deleteAccount: { __typename: string } }).deleteAccount.__typename;
}

/** A deletion that has archived the bots and barred them, and stands still before its commit while `work` runs. */
async function whileLeaving<T>(person: { handle: string; token: string }, work: () => Promise<T>): Promise<T> {
  const client = await app.platform.db.pool.connect();
  await client.query("BEGIN; LOCK TABLE conversation_comment IN ACCESS EXCLUSIVE MODE");
  const leaving = leave(person);
  try {
    await until(async () => (await waiting()) >= 1, "the deletion at what was said");
    return await work();
  } finally {
    await client.query("COMMIT");
    client.release();
    expect(await leaving).toBe("DeleteAccountSuccess");
  }
}

/** What a request comes to that is made while its person leaves: it waits for the deletion, or it does not. */
async function behind(person: { handle: string; token: string }, request: () => Promise<string>): Promise<string> {
  let answered = false;
  const asked = await whileLeaving(person, async () => {
    const answer = request().finally(() => (answered = true));
    await until(async () => answered || (await waiting()) >= 2, "the request behind the deletion");
    return [answer];
  });
  return (await Promise.all(asked))[0] ?? "";
}

test("who is gone gets no bot", async () => {
  const person = await withBot();
  const name = `Behind_${named++}`;
  expect(await behind(person, () => person.act("registerBot", { name }))).toBe("NOT_AUTHENTICATED");
  expect(await rows("SELECT FROM bot WHERE name = $1", [name])).toEqual([]);
});

test("who is gone gets no key, and none in place of another", async () => {
  const [maker, rotator] = [await withBot(), await withBot()];
  const keysOf = ({ handle }: { handle: string }) =>
    rows<{ id: string; user_id: string }>(
      "SELECT k.id, k.user_id FROM api_key k JOIN app_user u ON u.id = k.user_id WHERE u.handle = $1",
      [handle],
    );
  const userId = (await keysOf(maker))[0]?.user_id;
  const made = behind(maker, () => maker.act("createApiKey", { name: "late", scopes: ["PLAY"] }));
  expect(await made).toBe("NOT_AUTHENTICATED");
  expect(await rows("SELECT FROM api_key WHERE user_id = $1", [userId])).toHaveLength(1);

  const { data } = await ask(app.url, "{ viewer { apiKeys { id } } }", {}, { "x-api-key": rotator.key });
  const apiKeyId = (data as never as { viewer: { apiKeys: { id: string }[] } }).viewer.apiKeys[0]?.id;
  expect(await behind(rotator, () => rotator.act("rotateApiKey", { apiKeyId, graceMs: 0 }))).toBe("NOT_FOUND");
});

test.each<[string, object | ((of: { talk: string; botId: string }) => object), string]>([
  ["publishConversation", { title: "Late", visibility: "PUBLIC", transcript: TALK }, "conversation WHERE publisher_id"],
  ["createComment", ({ talk }) => ({ conversationId: talk, text: "Late" }), "conversation_comment WHERE author_id"],
  ["react", ({ talk }) => ({ contentId: talk, kind: "LIKE" }), "social_reaction WHERE user_id"],
  ["follow", ({ botId }) => ({ subjectId: botId }), "bot_follow WHERE follower_id"],
])("who is gone leaves nothing by %s", async (field, given, left) => {
  const [person, other] = [await withBot(), await withBot()];
  const talk = await publishTalk(app.url, other.key);
  const userId = (await rows<{ id: string }>("SELECT id FROM app_user WHERE handle = $1", [person.handle]))[0]?.id;
  const input = typeof given === "function" ? given({ talk, botId: other.botId }) : given;
  expect(await behind(person, () => person.act(field, input))).toBe("NOT_AUTHENTICATED");
  expect(await rows(`SELECT FROM ${left} = $1`, [userId])).toEqual([]);
});

test("who is gone is followed by nobody", async () => {
  const [person, fan] = [await withBot(), await withBot()];
  const { id } = await personOf(app.url, person);
  expect(await behind(person, () => fan.act("follow", { subjectId: id }))).toBe("NOT_FOUND");
  expect(await rows("SELECT FROM user_follow WHERE user_id = $1", [uuidOf(id)])).toEqual([]);
});

test("who is gone founds no team", async () => {
  const person = await withBot();
  const name = `Behind ${named++}`;
  const found = async () => {
    const { code, __typename } = await change(app.url, person, "foundTeam", { name });
    return code ?? __typename;
  };
  expect(await behind(person, found)).toBe("NOT_AUTHENTICATED");
  expect(await rows("SELECT FROM team WHERE name = $1", [name])).toEqual([]);
});

test("a wallet opens nothing of who is gone: it resets no password, and signs in as somebody new", async () => {
  const account = privateKeyToAccount(generatePrivateKey());
  const signed = async () => {
    const challenge = await mutate(app.url, null, "createSiweChallenge", { address: account.address }, "message");
    const message = String(challenge["message"]);
    return { message, signature: await account.signMessage({ message }) };
  };
  const signIn = async () => mutate(app.url, null, "signInWithEthereum", await signed(), "token user { id handle }");
  const person = async () => {
    const { token, user } = (await signIn()) as never as { token: string; user: { id: string; handle: string } };
    return { token, ...user };
  };
  const first = await person();
  const password = "somebody else's password";
  const reset = async () =>
    String((await mutate(app.url, null, "resetPassword", { ...(await signed()), password }))["code"]);
  expect(await behind(first, reset)).toBe("NOT_FOUND");
  const second = await person();
  let third = "";
  await behind(second, async () => (third = (await person()).id));
  expect(new Set([first.id, second.id, third]).size).toBe(3);
  const left =
    "SELECT u.password_hash FROM app_user u WHERE u.id = ANY($1) AND (u.password_hash IS NOT NULL OR EXISTS (SELECT FROM session s WHERE s.user_id = u.id AND s.revoked_at IS NULL))";
  expect(await rows(left, [[first.id, second.id].map(uuidOf)])).toEqual([]);
});

test("what a person wrote of a bot is not written again behind its deletion", async () => {
  const person = await withBot();
  const input = { botId: person.botId, skillsMarkdown: "# Mine" };
  expect(await behind(person, () => person.act("updateBot", input))).toBe("BOT_ARCHIVED");
  expect(await rows("SELECT skills_markdown AS skills FROM bot WHERE id = $1", [uuidOf(person.botId)])).toEqual([
    { skills: "" },
  ]);
});

test("a bot that was taken out of the queues joins none before its end is committed", async () => {
  const person = await withBot();
  const input = { botId: person.botId, ladder: "PIT_SLOW" };
  expect(await behind(person, () => person.act("joinQueue", input))).toBe("BOT_ARCHIVED");
  expect(await rows("SELECT FROM queue_entry WHERE bot_id = $1", [uuidOf(person.botId)])).toEqual([]);
});

/** A person with a key for work. */
async function withWork() {
  const person = await withBot();
  const key = await newKey(app.url, person.token, ["WORK"]);
  const work = async (field: string, input: object, selection = "__typename") =>
    (await mutate(app.url, key, field, input, selection)) as Record<string, unknown>;
  const act = async (field: string, input: object) => {
    const { code, __typename } = await work(field, input);
    return String(code ?? __typename);
  };
  return { ...person, work, act };
}
const steps = [{ key: "a", title: "late" }];

test.each<[string, (person: Awaited<ReturnType<typeof withWork>>) => Promise<[string, object]>]>([
  ["no task", async () => ["createTask", { title: "late" }]],
  [
    "no failed task back",
    async ({ work }) => {
      const { task } = await work("createTask", { title: "late", approval: true }, "task { id }");
      const { id: taskId } = task as { id: string };
      await work("rejectTask", { taskId, reason: "no" });
      return ["retryTask", { taskId }];
    },
  ],
  ["no workflow", async () => ["defineWorkflow", { name: "late", steps }]],
  [
    "no run",
    async ({ work }) => {
      const { definition } = await work("defineWorkflow", { name: "early", steps }, "definition { id }");
      return ["startWorkflow", { definitionId: (definition as { id: string }).id }];
    },
  ],
])("who is gone gets %s", async (_what, prepared) => {
  const person = await withWork();
  const [field, input] = await prepared(person);
  const [user] = await rows<{ id: string }>("SELECT id FROM app_user WHERE handle = $1", [person.handle]);
  expect(await behind(person, () => person.act(field, input))).toBe("NOT_AUTHENTICATED");
  const left = `SELECT id FROM task WHERE creator_id = $1 AND ended_at IS NULL
    UNION ALL SELECT id FROM workflow WHERE creator_id = $1 AND ended_at IS NULL
    UNION ALL SELECT id FROM workflow_definition WHERE creator_id = $1 AND name = 'late'`;
  expect(await rows(left, [user?.id])).toEqual([]);
});

test("who leaves holds nobody up in the Pit", async () => {
  const [leaver, bystander] = [await withBot(), await withBot()];
  for (const { act, botId } of [leaver, bystander]) expect(await act("enterPit", { botId })).toBe("EnterPitSuccess");
  const said = await whileLeaving(leaver, () => {
    const speaking = bystander.act("postMessage", { botId: bystander.botId, text: "still here" });
    return Promise.race([speaking, sleep(5_000, "held up")]);
  });
  expect(said).toBe("PostMessageSuccess");
});
