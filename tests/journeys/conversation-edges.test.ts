import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newKey, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { CONVERSATION, publishTalk, readAs, sayOn } from "../harness/talks.ts";
import { until } from "../harness/until.ts";

type Person = { handle: string; token: string; key: string };
let app: App;
let url: string;
let operator: Person;
beforeAll(async () => {
  app = await startTestApp({ LIMIT_PUBLICATIONS_PER_HOUR: 3 });
  url = app.url;
  operator = await newPerson(url);
  await rows("UPDATE app_user SET operator = true WHERE handle = $1", [operator.handle]);
  operator.key = await newKey(url, operator.token, ["PLAY", "ADMIN"]);
});
afterAll(() => app.stop());

const rows = async <Row extends object>(sql: string, values: unknown[]) =>
  // On a connection of its own: within a transaction the first look is what all later ones see.
  (await app.platform.db.pool.query<Row>(sql, values)).rows;
const waiting = async () => {
  const sql =
    "SELECT count(*)::int4 AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
  return (await rows<{ n: number }>(sql, []))[0]?.n ?? 0;
};
const moderate = (field: "hideContent" | "restoreContent", contentId: string) =>
  mutate(url, operator.key, field, { contentId, reason: "A key stands in it" });
const react = async (who: Person, contentId: string, field = "react") => {
  const { code, __typename } = await mutate(url, who.key, field, { contentId, kind: "LIKE" });
  return String(code ?? __typename);
};
const countOf = async (id: string): Promise<unknown> =>
  (await readAs<{ conversation: object }>(url, CONVERSATION, { id })).conversation;
async function leave({ handle, token }: Person): Promise<unknown> {
  const query = `mutation($input: DeleteAccountInput!) { deleteAccount(input: $input) { __typename } }`;
  const { data } = await ask(url, query, { input: { handle } }, { authorization: `Bearer ${token}` });
  return data;
}

test("what is no transcript takes a point of the hour, and is not read when none is left", async () => {
  const { key } = await newPerson(url);
  const codes: unknown[] = [];
  for (const transcript of ["no json", "no json", "no json", "no json", [{ role: "user", text: "Mend it" }]])
    codes.push((await mutate(url, key, "publishConversation", { title: "A talk", transcript }))["code"]);
  const [wrong, waits] = ["INVALID_TRANSCRIPT", "RATE_LIMITED"];
  expect(codes).toEqual([wrong, wrong, wrong, waits, waits]);
});

test("a feed is priced by what it looks at, whatever the size of its page", async () => {
  const { key } = await newPerson(url);
  const query = "{ viewer { feed(first: 1) { nodes { __typename } } } }";
  const { extensions } = await ask(url, query, {}, { "x-api-key": key });
  expect((extensions as unknown as { cost: { requested: number } }).cost.requested).toBeGreaterThanOrEqual(50);
});

describe("reactions and their counts stay together", () => {
  test("whoever takes one back of what is hidden is refused, and has it still", async () => {
    const [who, fan] = [await newPerson(url), await newPerson(url)];
    const id = await publishTalk(url, who.key);
    const said = await sayOn(url, who.key, id, "Well done");
    for (const contentId of [id, said]) {
      await react(fan, contentId);
      await moderate("hideContent", contentId);
      expect(await react(fan, contentId, "unreact")).toBe("NOT_FOUND");
      await moderate("restoreContent", contentId);
      await react(fan, contentId);
    }
    expect(await countOf(id)).toMatchObject({ reactionCount: 1, reactions: [{ kind: "LIKE", count: 1 }] });
    const counted = "SELECT reactions FROM conversation_comment WHERE id = $1";
    expect(await rows(counted, [said.slice(-32)])).toEqual([{ reactions: 1 }]);
    expect(await leave(fan)).toEqual({ deleteAccount: { __typename: "DeleteAccountSuccess" } });
    expect(await countOf(id)).toMatchObject({ reactionCount: 0, reactions: [] });
  });

  test.each(["conversation", "comment"])("whoever reacts to a %s that is being hidden did not", async (what) => {
    const [who, fan] = [await newPerson(url), await newPerson(url)];
    const id = await publishTalk(url, who.key);
    const about = { conversation: id, comment: await sayOn(url, who.key, id, "Well done") }[what] as string;
    const table = { conversation: "conversation", comment: "conversation_comment" }[what];
    const client = await app.platform.db.pool.connect();
    await client.query("BEGIN");
    // What hideContent does.
    const hide = `UPDATE ${table} SET hidden_at = now(), hidden_reason = 'x' WHERE id = $1`;
    await client.query(hide, [about.slice(-32)]);
    const reacting = react(fan, about);
    await until(async () => (await waiting()) >= 1, "the reaction behind the hiding");
    await client.query("COMMIT");
    client.release();
    expect(await reacting).toBe("NOT_FOUND");
    expect(await rows("SELECT FROM social_reaction WHERE subject_id = $1", [about.slice(-32)])).toEqual([]);
    expect(await leave(fan)).toEqual({ deleteAccount: { __typename: "DeleteAccountSuccess" } });
  });

  test("of many at once each counts, and one that comes twice counts once", async () => {
    const who = await newPerson(url);
    const fans = await Promise.all(Array.from({ length: 5 }, () => newPerson(url)));
    const id = await publishTalk(url, who.key);
    await Promise.all([...fans, ...fans].map((fan) => react(fan, id)));
    expect(await countOf(id)).toMatchObject({ reactionCount: 5, reactions: [{ kind: "LIKE", count: 5 }] });
    await Promise.all([...fans, ...fans].slice(1, 9).map((fan) => react(fan, id, "unreact")));
    expect(await countOf(id)).toMatchObject({ reactionCount: 0, reactions: [] });
  });
});

describe("a command that is repeated", () => {
  const words = "turns { text }";
  const inContent = `content { ... on Conversation { ${words} } ... on ConversationComment { text conversation { ${words} } } }`;

  test("tells nothing of what was hidden since but to its author and operators", async () => {
    const [who, other] = [await newPerson(url), await newPerson(url)];
    const conversationId = await publishTalk(url, who.key);
    const input = { conversationId, text: "It is 1234", idempotencyKey: "said" };
    const said = await sayOn(url, other.key, conversationId, "Well done");
    const say = (selection: string) => mutate(url, other.key, "createComment", input, selection);
    const like = async (contentId: string) => {
      const liked = { contentId, kind: "LIKE", idempotencyKey: `like ${contentId}` };
      return (await mutate(url, other.key, "react", liked, inContent))["content"];
    };
    const title = { conversationId, title: "Another", idempotencyKey: "title" };
    const edit = async () =>
      (await mutate(url, who.key, "editConversation", title, `conversation { ${words} }`))["conversation"];
    const comment = `comment { text conversation { ${words} } }`;
    for (const shown of [(await say(comment))["comment"], await like(conversationId), await like(said), await edit()])
      expect(JSON.stringify(shown)).toContain("Mend sum.js");
    await moderate("hideContent", conversationId);
    for (const hidden of [(await say(comment))["comment"], await like(conversationId), await like(said)])
      expect(hidden).toBeNull();
    expect(JSON.stringify(await edit())).toContain("Mend sum.js");
    const kept = await mutate(
      url,
      operator.key,
      "hideContent",
      { contentId: conversationId, reason: "Again" },
      inContent,
    );
    expect(JSON.stringify(kept["content"])).toContain("Mend sum.js");
  });
});
