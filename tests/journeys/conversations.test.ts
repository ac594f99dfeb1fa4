import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newBot, newKey, newPerson, socket } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { CONVERSATION, publishTalk, readAs, sayOn, TALK, type Node, type Shown } from "../harness/talks.ts";

type Person = { handle: string; token: string; key: string; id: string };
let app: App;
let url: string;
let operator: Person;
beforeAll(async () => {
  app = await startTestApp({
    LIMIT_PUBLICATIONS_PER_HOUR: 1_000,
    LIMIT_COMMENTS_PER_MINUTE: 6,
    LIMIT_REPORTS_PER_HOUR: 1_000,
  });
  url = app.url;
  operator = await person();
  await app.platform.db.pool.query("UPDATE app_user SET operator = true WHERE handle = $1", [operator.handle]);
  operator.key = await newKey(url, operator.token, ["PLAY", "ADMIN"]);
});
afterAll(() => app.stop());

async function person(): Promise<Person> {
  const made = await newPerson(url);
  const { data } = await ask(url, "{ viewer { user { id } } }", {}, { "x-api-key": made.key });
  return { ...made, id: (data as unknown as { viewer: { user: { id: string } } }).viewer.user.id };
}

const publish = ({ key }: Person, more: object = {}) => publishTalk(url, key, more);
const comment = ({ key }: Person, conversationId: string, text = "Well done") => sayOn(url, key, conversationId, text);
const read = <T>(query: string, variables: object = {}, who: Person | null = null) =>
  readAs<T>(url, query, variables, who?.key);
const see = async (id: string, who: Person | null = null) =>
  (await read<{ conversation: Shown }>(CONVERSATION, { id }, who)).conversation;
const listed = async (filterBy: object = {}, orderBy = "NEWEST") =>
  (
    await read<{ conversations: { nodes: Node[] } }>(
      `query($filterBy: ConversationFilter, $orderBy: ConversationOrder) { conversations(first: 100, filterBy: $filterBy, orderBy: $orderBy) { nodes { id } } }`,
      { filterBy, orderBy },
    )
  ).conversations.nodes.map(({ id }) => id);

describe("publishing", () => {
  test("a transcript is published for a bot, read by everybody, and found by tag, bot and person", async () => {
    const who = await person();
    const botId = await newBot(url, who.key, `Told_${Date.now() % 1e6}`);
    const tag = `tag-${Date.now()}`;
    const id = await publish(who, { botId, tags: [tag, "b", "b"] });
    expect(await see(id)).toMatchObject({
      title: "A talk",
      tags: ["b", tag],
      publisher: { handle: who.handle },
      turns: [
        { kind: "USER", text: "Mend sum.js", tool: null, failed: false },
        { kind: "ASSISTANT", text: "It subtracts.", tool: null, failed: false },
        { kind: "TOOL_CALL", text: '{"path":"sum.js"}', tool: "read", failed: false },
        { kind: "TOOL_RESULT", text: "a - b", tool: "read", failed: false },
      ],
    });
    for (const filter of [{ tag }, { botId }, { userId: who.id }]) expect(await listed(filter)).toEqual([id]);
    expect(await listed({ tag: "no-such-tag" })).toEqual([]);
    expect(await listed()).toContain(id);
  });

  test("an unlisted one is in no list, and whoever has its id reads it", async () => {
    const who = await person();
    const id = await publish(who, { visibility: "UNLISTED" });
    expect(id).toMatch(/^conversation_[0-9a-f]{12}4/);
    expect(await listed({ userId: who.id })).toEqual([]);
    const own = await read<{ viewer: { conversations: { nodes: Node[] } } }>(
      "{ viewer { conversations(first: 5) { nodes { id } } } }",
      {},
      who,
    );
    expect(own.viewer.conversations.nodes).toEqual([{ id }]);
    expect(await see(id)).toMatchObject({ title: "A talk" });
    await mutate(url, who.key, "editConversation", { conversationId: id, visibility: "PUBLIC", title: "Now public" });
    expect(await listed({ userId: who.id })).toEqual([id]);
    expect(await see(id)).toMatchObject({ title: "Now public", tags: ["mending"] });
  });

  test.each(["claude", "codex", "gemini", "opencode"])("the recorded stream of %s is taken as it is", async (agent) => {
    const transcript = readFileSync(`tests/fixtures/codebattles/${agent}-stream.jsonl`, "utf8");
    const shown = await see(await publish(await person(), { transcript }));
    expect(shown?.turns.filter(({ kind }) => kind === "TOOL_CALL").length).toBeGreaterThan(0);
    expect(shown?.turns.findLast(({ kind }) => kind === "ASSISTANT")?.text).toMatch(/^(?:Done|Fixed)/);
  });

  test("what looks like a secret never reaches the database, whatever it stands in", async () => {
    const who = await person();
    const secrets = [who.key, `ghp_${"a1".repeat(18)}`, `sk-ant-${"x9".repeat(20)}`];
    const id = await publish(who, {
      title: `My key ${secrets[0]}`,
      transcript: [
        { role: "user", text: `key ${secrets[0]}` },
        { role: "assistant", toolCalls: [{ name: "sh", input: { env: { TOKEN: secrets[1] } }, output: [secrets[2]] }] },
      ],
    });
    await comment(who, id, `and ${secrets[1]}`);
    const text = JSON.stringify(await see(id));
    for (const secret of secrets) expect(text).not.toContain(secret);
    expect(text.match(/\[cut\]/g)).toHaveLength(5);
    const rows = await app.platform.db.pool.query(
      "SELECT c.*, m.text FROM conversation c JOIN conversation_comment m ON true",
    );
    for (const secret of secrets) expect(JSON.stringify(rows.rows)).not.toContain(secret);
  });

  test("commands to terminals and marks that turn text are taken out, markup stays text", async () => {
    const text = "\u001B[31mred\u001B[0m \u202Eback <script>alert(1)</script>";
    const shown = await see(await publish(await person(), { transcript: [{ role: "assistant", text }] }));
    expect(shown?.turns[0]?.text).toBe("red back <script>alert(1)</script>");
  });

  test("262,144 bytes are taken in every spelling, one more is refused by name", async () => {
    const who = await person();
    const room = 262_144 - JSON.stringify({ role: "user", text: "" }).length;
    // As JSON lines within JSON each of these quotes is four bytes.
    const quotes = '"'.repeat(Math.floor(room / 2));
    const line = JSON.stringify({ role: "user", text: quotes });
    expect(line.length).toBeGreaterThanOrEqual(262_143);
    expect((await see(await publish(who, { transcript: line })))?.turns[0]?.text).toBe(quotes);
    const more = { title: "t", transcript: [{ role: "user", text: "x".repeat(room - 1) }] };
    expect(await mutate(url, who.key, "publishConversation", more)).toMatchObject({
      code: "TRANSCRIPT_TOO_LARGE",
      path: ["input", "transcript"],
    });
  });

  test.each([
    [{ title: " " }, "INVALID_TITLE", "title"],
    [{ title: "x".repeat(121) }, "INVALID_TITLE", "title"],
    [{ title: "two\nlines" }, "INVALID_TITLE", "title"],
    [{ tags: Array.from({ length: 9 }, (_none, n) => `t${n}`) }, "INVALID_TAGS", "tags"],
    [{ tags: ["<b>"] }, "INVALID_TAGS", "tags"],
    [{ transcript: "no json" }, "INVALID_TRANSCRIPT", "transcript"],
    [{ transcript: [] }, "INVALID_TRANSCRIPT", "transcript"],
    [{ transcript: [{ role: "constructor", text: "x" }] }, "INVALID_TRANSCRIPT", "transcript"],
    [{ transcript: { role: "user" } }, "INVALID_TRANSCRIPT", "transcript"],
  ])("%j is refused as %s", async (wrong, code, field) => {
    const { key } = await person();
    const input = { title: "A talk", transcript: TALK, ...wrong };
    expect(await mutate(url, key, "publishConversation", input)).toMatchObject({ code, path: ["input", field] });
  });

  test("the same idempotency key gives the same conversation, another input with it is refused", async () => {
    const who = await person();
    const idempotencyKey = "once";
    expect(await publish(who, { idempotencyKey })).toBe(await publish(who, { idempotencyKey }));
    const input = { title: "Another", transcript: TALK, idempotencyKey };
    expect(await mutate(url, who.key, "publishConversation", input)).toMatchObject({ code: "IDEMPOTENCY_KEY_REUSED" });
    expect(await listed({ userId: who.id })).toHaveLength(1);
  });

  test("for another's bot nobody publishes, and a key that is bound to a bot only for that one", async () => {
    const [who, other] = [await person(), await person()];
    const name = `Bound_${Date.now() % 1e6}`;
    const botId = await newBot(url, who.key, name);
    const input = { title: "A talk", transcript: TALK };
    expect(await mutate(url, other.key, "publishConversation", { ...input, botId })).toMatchObject({
      code: "NOT_YOUR_BOT",
    });
    const made = await mutate(url, who.key, "createApiKey", { name: "bound", scopes: ["PLAY"], botId }, "key");
    const bound = made["key"] as unknown as string;
    expect(await mutate(url, bound, "publishConversation", input)).toMatchObject({ code: "NOT_YOUR_BOT" });
    expect(await mutate(url, bound, "publishConversation", { ...input, botId })).toMatchObject({
      __typename: "PublishConversationSuccess",
    });
    const id = await publish(who);
    for (const [field, more] of [
      ["createComment", { conversationId: id, text: "x" }],
      ["react", { contentId: id, kind: "LIKE" }],
      ["follow", { subjectId: other.id }],
      ["reportContent", { contentId: id, reason: "x" }],
    ] as const)
      expect(await mutate(url, bound, field, more)).toMatchObject({ code: "MISSING_SCOPE" });
    expect(await mutate(url, bound, "deleteConversation", { conversationId: id })).toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("comments and reactions", () => {
  test("are made, changed and taken back by who made them, and by nobody else", async () => {
    const [who, other] = [await person(), await person()];
    const id = await publish(who);
    const commentId = await comment(other, id, "First\nand second line");
    expect(await mutate(url, who.key, "editComment", { commentId, text: "x" })).toMatchObject({ code: "NOT_FOUND" });
    expect(await mutate(url, who.key, "deleteComment", { commentId })).toMatchObject({ code: "NOT_FOUND" });
    expect(await mutate(url, other.key, "editConversation", { conversationId: id, title: "x" })).toMatchObject({
      code: "NOT_FOUND",
    });
    expect(await mutate(url, other.key, "deleteConversation", { conversationId: id })).toMatchObject({
      code: "NOT_FOUND",
    });
    await mutate(url, other.key, "editComment", { commentId, text: "Better" });
    for (const contentId of [id, id, commentId]) await mutate(url, other.key, "react", { contentId, kind: "LIKE" });
    expect(await see(id, other)).toMatchObject({
      commentCount: 1,
      reactionCount: 1,
      reactions: [{ kind: "LIKE", count: 1, mine: true }],
      comments: { nodes: [{ text: "Better", author: { handle: other.handle } }] },
    });
    await mutate(url, other.key, "unreact", { contentId: id, kind: "LIKE" });
    await mutate(url, other.key, "deleteComment", { commentId });
    expect(await see(id, who)).toMatchObject({ commentCount: 0, reactionCount: 0, reactions: [] });
  });

  test.each(["", "x".repeat(2_001), "bell \u0007"])("a comment like %j is refused", async (text) => {
    const who = await person();
    const conversationId = await publish(who);
    expect(await mutate(url, who.key, "createComment", { conversationId, text })).toMatchObject({
      code: "INVALID_COMMENT",
    });
  });

  test("who says too much in a minute waits", async () => {
    const who = await person();
    const id = await publish(who);
    for (let said = 0; said < 6; said++) await comment(who, id);
    const answer = await mutate(url, who.key, "createComment", { conversationId: id, text: "once more" });
    expect(answer).toMatchObject({ code: "RATE_LIMITED" });
    expect(Number(answer["retryAfterMs"])).toBeGreaterThan(0);
  });

  test("the most reactions come first where that is asked", async () => {
    const [who, other] = [await person(), await person()];
    const [liked, plain] = [await publish(who, { tags: ["ordered"] }), await publish(who, { tags: ["ordered"] })];
    await mutate(url, other.key, "react", { contentId: liked, kind: "CELEBRATE" });
    expect(await listed({ tag: "ordered" })).toEqual([plain, liked]);
    expect(await listed({ tag: "ordered" }, "MOST_REACTIONS")).toEqual([liked, plain]);
  });

  test("a comment is heard behind the cursor of the page", async () => {
    const who = await person();
    const id = await publish(who);
    const { conversation } = await read<{ conversation: { cursor: string } }>(
      "query($id: ID!) { conversation(id: $id) { cursor } }",
      { id },
    );
    await comment(who, id, "heard");
    const client = socket(url, who.key);
    const query = `subscription($id: ID!, $after: Cursor) { conversationEvents(conversationId: $id, after: $after) { event { __typename ... on CommentPosted { comment { text } } } } }`;
    const items = client.iterate({ query, variables: { id, after: conversation.cursor } });
    const { value } = await items.next();
    expect(value).toMatchObject({
      data: { conversationEvents: { event: { __typename: "CommentPosted", comment: { text: "heard" } } } },
    });
    await client.dispose();
  });
});

describe("moderation", () => {
  const reports = async (who: Person) =>
    ask(
      url,
      "{ contentReports(first: 100) { nodes { reason comment { id } conversation { id } } } }",
      {},
      { "x-api-key": who.key },
    );

  test("a report reaches operators, who hide and restore, audited; hidden is hidden from all others", async () => {
    const [who, other, reader] = [await person(), await person(), await person()];
    const id = await publish(who, { tags: ["hidden-one"] });
    const commentId = await comment(other, id, "rude");
    await mutate(url, reader.key, "reportContent", { contentId: commentId, reason: "It is rude" });
    expect(
      await mutate(url, reader.key, "reportContent", { contentId: commentId, reason: "It is rude" }),
    ).toMatchObject({ code: "ALREADY_REPORTED" });
    expect(JSON.stringify((await reports(operator)).data)).toContain("It is rude");
    expect((await reports(reader)).errors?.[0]?.extensions?.["code"]).toBe("FORBIDDEN");
    for (const field of ["hideContent", "restoreContent"])
      expect(await mutate(url, reader.key, field, { contentId: id, reason: "x" })).toMatchObject({
        code: "MISSING_SCOPE",
      });
    await mutate(url, operator.key, "hideContent", { contentId: commentId, reason: "Rude" });
    expect(JSON.stringify((await reports(operator)).data)).not.toContain("It is rude");
    expect(await see(id, reader)).toMatchObject({ commentCount: 0, comments: { nodes: [] } });
    expect(await see(id, other)).toMatchObject({ comments: { nodes: [{ text: "rude" }] } });
    await mutate(url, operator.key, "hideContent", { contentId: id, reason: "All of it" });
    for (const nobody of [reader, other, null]) expect(await see(id, nobody)).toBeNull();
    expect((await read<{ node: unknown }>("query($id: ID!) { node(id: $id) { id } }", { id })).node).toBeNull();
    expect(await listed({ tag: "hidden-one" })).toEqual([]);
    expect(await see(id, who)).toMatchObject({ title: "A talk" });
    for (const [field, more] of [
      ["createComment", { conversationId: id, text: "x" }],
      ["react", { contentId: id, kind: "LIKE" }],
      ["react", { contentId: commentId, kind: "LIKE" }],
      ["reportContent", { contentId: id, reason: "x" }],
      ["editComment", { commentId, text: "x" }],
    ] as const)
      expect(await mutate(url, other.key, field, more)).toMatchObject({ code: "NOT_FOUND" });
    for (const contentId of [id, commentId])
      await mutate(url, operator.key, "restoreContent", { contentId, reason: "After all" });
    expect(await see(id, reader)).toMatchObject({ commentCount: 1 });
    const log = await ask(
      url,
      "{ auditLog(first: 10) { nodes { action reason } } }",
      {},
      { "x-api-key": operator.key },
    );
    expect(JSON.stringify(log.data)).toContain('{"action":"content.hidden","reason":"All of it"}');
    expect(JSON.stringify(log.data)).toContain('{"action":"content.restored","reason":"After all"}');
  });

  test("a suspended person writes no more, and an operator deletes what others published", async () => {
    const who = await person();
    const id = await publish(who);
    await mutate(url, operator.key, "suspendUser", { userId: who.id, reason: "Spam" });
    const { errors } = await ask(
      url,
      `mutation($input: CreateCommentInput!) { createComment(input: $input) { __typename } }`,
      { input: { conversationId: id, text: "still here" } },
      { "x-api-key": who.key },
    );
    expect(errors?.[0]?.extensions?.["code"]).toBe("BAD_CREDENTIALS");
    await mutate(url, operator.key, "deleteConversation", { conversationId: id });
    expect(await see(id)).toBeNull();
  });
});

describe("following", () => {
  const feed = async (who: Person) =>
    (
      await read<{ viewer: { feed: { nodes: { __typename: string }[] } } }>(
        `{ viewer { feed(first: 20) { nodes { __typename ... on ConversationPublished { conversation { id } } ... on ContestFinished { contest { id } } ... on AchievementReached { key user { handle } } } } } }`,
        {},
        who,
      )
    ).viewer.feed.nodes;

  test("the feed tells of contests, conversations and achievements of those whom one follows, as far as they show it", async () => {
    const [who, star] = [await person(), await person()];
    const botId = await newBot(url, star.key, `Star_${Date.now() % 1e6}`);
    for (const [subjectId, type] of [
      [star.id, "User"],
      [botId, "Bot"],
    ])
      expect(
        await mutate(url, who.key, "follow", { subjectId }, `subject { ... on ${type} { followers followed } }`),
      ).toMatchObject({ subject: { followers: 1, followed: true } });
    expect(await mutate(url, who.key, "follow", { subjectId: who.id })).toMatchObject({ code: "FOLLOW_ONESELF" });
    const [id] = [await publish(star), await publish(star, { visibility: "UNLISTED" })];
    const { data } = await ask(url, `{ bot(name: "House_Drill") { id } }`);
    const targetId = (data as unknown as { bot: Node }).bot.id;
    await mutate(url, star.key, "enterPit", { botId });
    const called = await mutate(url, star.key, "createCallout", { botId, targetId }, "callout { fight { id } }");
    const fightId = (called["callout"] as unknown as { fight: Node }).fight.id;
    await mutate(url, star.key, "concedeFight", { botId, fightId });
    await app.platform.db.pool.query(
      `INSERT INTO xp_achievement (user_id, key, bot_id, at, public_at) SELECT id, k, NULL, now() + interval '1 s', now() + interval '1 s' FROM app_user, unnest(ARRAY['FIRST_STEPS', 'PIT_FIRST_BLOOD']) k WHERE handle = $1`,
      [star.handle],
    );
    const achievement = { __typename: "AchievementReached" };
    const contest = { __typename: "ContestFinished", contest: { id: fightId } };
    const conversation = { __typename: "ConversationPublished", conversation: { id } };
    // By default others see what ladders brought, and not what work did.
    const usual = await feed(who);
    expect(usual.filter(({ __typename }) => __typename !== "AchievementReached")).toEqual([contest, conversation]);
    expect(JSON.stringify(usual)).not.toContain("FIRST_STEPS");
    await app.platform.db.pool.query(
      "INSERT INTO xp_user (user_id) SELECT id FROM app_user WHERE handle = $1 ON CONFLICT DO NOTHING",
      [star.handle],
    );
    const set = async (value: string) =>
      app.platform.db.pool.query(
        "UPDATE xp_user SET profile = $2, achievements = $2 WHERE user_id = (SELECT id FROM app_user WHERE handle = $1)",
        [star.handle, value],
      );
    await set("PUBLIC");
    expect((await feed(who)).some(({ __typename }) => __typename === achievement.__typename)).toBe(true);
    expect(JSON.stringify(await feed(who))).toContain("FIRST_STEPS");
    await set("PRIVATE");
    // The bot itself is followed, too: its contests are everybody's to see.
    expect(await feed(who)).toEqual([contest, conversation]);
    await mutate(url, who.key, "unfollow", { subjectId: botId });
    expect(await feed(who)).toEqual([conversation]);
    await mutate(url, operator.key, "hideContent", { contentId: id, reason: "x" });
    expect(await feed(who)).toEqual([]);
  });
});

test("an account's export has all that was published and said, and its deletion takes it away", async () => {
  const [who, other] = [await person(), await person()];
  const [own, others] = [await publish(who, { title: "To be gone" }), await publish(other)];
  await comment(who, others, "Bye");
  await mutate(url, who.key, "react", { contentId: others, kind: "LIKE" });
  await mutate(url, who.key, "follow", { subjectId: other.id });
  const session = { authorization: `Bearer ${who.token}` };
  const exported = await ask(url, "{ viewer { export } }", {}, session);
  for (const part of ["To be gone", "Bye", '"LIKE"', '"follows":[{'])
    expect(JSON.stringify(exported.data)).toContain(part);
  const gone = `mutation($input: DeleteAccountInput!) { deleteAccount(input: $input) { __typename } }`;
  await ask(url, gone, { input: { handle: who.handle } }, session);
  expect(await see(own)).toBeNull();
  expect(await see(others)).toMatchObject({ commentCount: 0, reactionCount: 0, comments: { nodes: [] } });
  const followers = "query($handle: String!) { user(handle: $handle) { followers } }";
  expect(await read(followers, { handle: other.handle })).toEqual({ user: { followers: 0 } });
});
