import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newBot, newPerson, socket } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { freshDatabase } from "../harness/database.ts";
import { until } from "../harness/until.ts";

const run = promisify(execFile);

let app: App;
let database: { url: string; drop(): Promise<void> };
let operator: { handle: string; token: string };
beforeAll(async () => {
  database = await freshDatabase();
  app = await startTestApp(
    { LIMIT_CALLOUT_INTERVAL_MS: 0, LIMIT_ROUND_PAUSE_MS: 20 },
    {},
    { DATABASE_URL: database.url },
  );
  operator = await newPerson(app.url);
});
afterAll(async () => {
  await app.stop();
  await database.drop();
});

const admin = async (...args: string[]) => {
  const env = { ...process.env, DATABASE_URL: database.url, AGON_SECRET: "0123456789abcdef0123456789abcdef" };
  return run("node", ["src/admin.ts", ...args], { env }).catch(
    (error: unknown) => error as { stdout: string; stderr: string; code: number },
  );
};
const act = async (field: string, input: object, selection = "") => {
  const name = field.charAt(0).toUpperCase() + field.slice(1);
  const query = `mutation($input: ${name}Input!) { ${field}(input: $input) { __typename ${selection && `... on ${name}Success { ${selection} }`} ... on Refusal { code } } }`;
  const { data } = await ask(app.url, query, { input }, { authorization: `Bearer ${operator.token}` });
  return data?.[field] as unknown as { __typename: string; code?: string };
};
const code = async (token: string) =>
  (await ask(app.url, `{ viewer { operator } }`, {}, { authorization: `Bearer ${token}` })).errors?.[0]?.extensions?.[
    "code"
  ];

test("the first operator is made on the server's own machine, and nobody else is one", async () => {
  expect((await act("suspendUser", { userId: `user_${"0".repeat(32)}`, reason: "why" })).code).toBe("MISSING_SCOPE");
  expect((await admin("grant", "nobody-here")).stderr).toContain("There is no user nobody-here.");
  expect((await admin("frobnicate", "x")).stderr).toContain("npm run admin --");
  expect((await admin("grant", operator.handle)).stdout).toContain("is an operator");
  expect((await act("suspendUser", { userId: `user_${"0".repeat(32)}`, reason: "why" })).code).toBe("NOT_FOUND");
});

test("operators, and nobody else, see whether code battles can run here, and what is missing", async () => {
  const query = `{ sandbox { driver usable missing memoryMiB processesMax } }`;
  const { data } = await ask(app.url, query, {}, { authorization: `Bearer ${operator.token}` });
  const { sandbox } = data as unknown as { sandbox: { usable: boolean; missing: string[] } };
  expect(sandbox).toMatchObject({ driver: "BWRAP", memoryMiB: 1_024, processesMax: 256 });
  expect(sandbox.usable).toBe(sandbox.missing.length === 0);
  const said = await admin("sandbox");
  expect(said.stdout + said.stderr).toContain(sandbox.usable ? "bwrap works here" : `- ${sandbox.missing[0]}`);
  expect((await ask(app.url, query)).errors?.[0]?.extensions?.["code"]).toBe("NOT_AUTHENTICATED");
});

test("a suspended user's keys and sessions stop at once, and its open socket within seconds; it is audited", async () => {
  const person = await newPerson(app.url);
  const bot = await newBot(app.url, person.key, "Suspended");
  const client = socket(app.url, person.key);
  const closed = new Promise<number>((resolve) =>
    client.on("closed", (event) => resolve((event as { code: number }).code)),
  );
  client.subscribe(
    { query: `subscription { botEvents(botId: "${bot}") { at } }` },
    { next: () => undefined, error: () => undefined, complete: () => undefined },
  );
  const { data } = await ask(app.url, `{ user(handle: "${person.handle}") { id } }`);
  const userId = (data as unknown as { user: { id: string } }).user.id;
  expect((await act("suspendUser", { userId, reason: " " })).code).toBe("BAD_INPUT");
  expect((await act("suspendUser", { userId, reason: "spam" })).__typename).toBe("SuspendUserSuccess");
  expect(await code(person.token)).toBe("BAD_CREDENTIALS");
  expect(await closed).toBe(4403);
  const log = await ask(
    app.url,
    `{ auditLog(first: 10, action: "user.suspended") { nodes { subject reason principal } } }`,
    {},
    { authorization: `Bearer ${operator.token}` },
  );
  expect(JSON.stringify(log.data)).toContain("spam");
  expect((await ask(app.url, `{ auditLog(first: 1) { nodes { at } } }`)).errors?.[0]?.extensions?.["code"]).toBe(
    "NOT_AUTHENTICATED",
  );
  expect((await act("unsuspendUser", { userId, reason: "a mistake" })).__typename).toBe("UnsuspendUserSuccess");
  expect(await code(person.token)).toBeUndefined();
});

test("a suspended bot may not queue, a live fight is voided, and a completed one is taken back once", async () => {
  const { key } = await newPerson(app.url);
  const bot = await newBot(app.url, key, "Voided");
  const { data } = await ask(app.url, `{ bot(name: "House_Random") { id } }`);
  const targetId = (data as unknown as { bot: { id: string } }).bot.id;
  await mutate(app.url, key, "enterPit", { botId: bot });
  const fight = async () => {
    const made = await mutate(app.url, key, "createCallout", { botId: bot, targetId }, "callout { fight { id } }");
    return (made["callout"] as unknown as { fight: { id: string } }).fight.id;
  };
  const record = async () =>
    (
      (await ask(app.url, `{ bot(name: "Voided") { ratings { games losses } } }`)).data as unknown as {
        bot: { ratings: object[] };
      }
    ).bot.ratings;
  const live = await fight();
  expect((await act("voidContest", { contestId: live, reason: "test" })).__typename).toBe("VoidContestSuccess");
  expect((await ask(app.url, `{ fight(id: "${live}") { status phase endReason } }`)).data).toEqual({
    fight: { status: "VOIDED", phase: "VOIDED", endReason: "VOIDED" },
  });
  expect((await act("voidContest", { contestId: live, reason: "again" })).code).toBe("ALREADY_VOID");
  const done = await fight();
  await mutate(app.url, key, "concedeFight", { botId: bot, fightId: done });
  expect(await record()).toEqual([{ games: 1, losses: 1 }]);
  expect((await act("voidContest", { contestId: done, reason: "test" })).__typename).toBe("VoidContestSuccess");
  expect((await act("voidContest", { contestId: done, reason: "twice" })).code).toBe("ALREADY_VOID");
  expect(await record()).toEqual([{ games: 0, losses: 0 }]);
  expect((await act("suspendBot", { botId: bot, reason: "test" })).__typename).toBe("SuspendBotSuccess");
  expect((await mutate(app.url, key, "joinQueue", { botId: bot, ladder: "PIT" }))["code"]).toBe("BOT_SUSPENDED");
});

test("a ticket opens one socket, once, and dies with its key", async () => {
  const { key } = await newPerson(app.url);
  const bot = await newBot(app.url, key, "Ticketed");
  const made = await mutate(app.url, key, "createSocketTicket", {}, "ticket expiresAt");
  const ticket = made["ticket"] as unknown as string;
  const open = async () => {
    const { createClient } = await import("graphql-ws");
    const { default: WebSocket } = await import("ws");
    const client = createClient({
      url: `${app.url.replace("http", "ws")}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { ticket },
      retryAttempts: 0,
    });
    const closed = new Promise<number>((resolve) =>
      client.on("closed", (event) => resolve((event as { code: number }).code)),
    );
    let pending = 0;
    client.subscribe(
      { query: `subscription { botEvents(botId: "${bot}") { pending } }` },
      { next: () => void pending++, error: () => undefined, complete: () => undefined },
    );
    return {
      closed,
      opened: new Promise((resolve) => client.on("connected", () => resolve("opened"))),
      pending: () => pending,
    };
  };
  const first = await open();
  expect(await first.opened).toBe("opened");
  const second = await open();
  expect(await second.closed).toBe(4403);
  // The socket that the ticket opened lives on, until its key is revoked.
  await new Promise((resolve) => setTimeout(resolve, 3_500));
  const keys = await app.platform.db.pool.query<{ id: string }>(
    "SELECT id FROM api_key WHERE bot_id IS NULL ORDER BY id DESC LIMIT 1",
  );
  await app.platform.db.pool.query("UPDATE api_key SET revoked_at = now() WHERE id = $1", [keys.rows[0]?.id]);
  expect(await first.closed).toBe(4403);
});

test("an operator resets a lost password from the machine, and every session ends", async () => {
  const { handle, token } = await newPerson(app.url);
  const { stdout } = await admin("reset-password", handle);
  const password = /: (\S+)\s*$/.exec(stdout)?.[1] ?? "";
  expect(await code(token)).toBe("BAD_CREDENTIALS");
  const result = await mutate(app.url, null, "signIn", { login: handle, password }, "token");
  expect(result["__typename"]).toBe("SignInSuccess");
  await until(async () => (await code(result["token"] as unknown as string)) === undefined, "the new session");
});
