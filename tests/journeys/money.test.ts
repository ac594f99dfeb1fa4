import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ConfigError, readConfig } from "../../src/config.ts";
import { ask, mutate, newBot, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";

const DAY_MS = 86_400_000;
const NORTH = 10n ** 18n;
const GRANT = String(1_000_000n * NORTH);

let app: App;
const clock = { at: new Date("2026-11-26T18:30:00Z"), now: () => clock.at };
beforeAll(async () => {
  app = await startTestApp({}, { clock }, { AGON_ROLES: "api" });
});
afterAll(() => app.stop());

const newUser = async () => {
  const { token, key, handle } = await newPerson(app.url);
  return { key, handle, headers: { authorization: `Bearer ${token}` } };
};
let named = 0;
type User = Awaited<ReturnType<typeof newUser>>;
const claim = (user: User, input: object = {}) =>
  mutate(app.url, user.key, "claimFaucet", input, "granted grantedFormatted balance { available }");
const BALANCE = `balance { available availableFormatted held heldFormatted deposited depositedFormatted withdrawn withdrawnFormatted wagered wageredFormatted won wonFormatted }`;
async function viewer<T>(user: User, selection: string): Promise<T> {
  const { data, errors } = await ask(app.url, `{ viewer { ${selection} } }`, {}, user.headers);
  expect(errors).toBeUndefined();
  return (data as unknown as { viewer: T }).viewer;
}

describe("the faucet", () => {
  test("grants a million NORTH a day, shown in the balance and in the ledger", async () => {
    const user = await newUser();
    expect(await claim(user)).toEqual({
      __typename: "ClaimFaucetSuccess",
      granted: GRANT,
      grantedFormatted: "1,000,000 NORTH",
      balance: { available: GRANT },
    });
    const zero = Object.fromEntries(
      ["held", "deposited", "withdrawn", "wagered", "won"].flatMap((name) => [
        [name, "0"],
        [`${name}Formatted`, "0 NORTH"],
      ]),
    );
    expect(await viewer(user, BALANCE)).toEqual({
      balance: { ...zero, available: GRANT, availableFormatted: "1,000,000 NORTH" },
    });
    const { user: self } = await viewer<{ user: { id: string } }>(user, "user { id }");
    const selection = "at kind account direction amount amountFormatted referenceId reversal reason";
    expect(await viewer(user, `ledger(first: 5) { nodes { ${selection} } }`)).toEqual({
      ledger: {
        nodes: [
          {
            at: "2026-11-26T18:30:00.000Z",
            kind: "FAUCET",
            account: "AVAILABLE",
            direction: "IN",
            amount: GRANT,
            amountFormatted: "1,000,000 NORTH",
            referenceId: self.id,
            reversal: false,
            reason: null,
          },
        ],
      },
    });
  });

  test("refuses a second claim until the next UTC day begins, and says before that it will", async () => {
    const user = await newUser();
    const faucet = () => viewer(user, "faucet { grantFormatted claimableAt }");
    expect(await faucet()).toEqual({ faucet: { grantFormatted: "1,000,000 NORTH", claimableAt: null } });
    await claim(user);
    const claimableAt = "2026-11-27T00:00:00.000Z";
    expect(await faucet()).toEqual({ faucet: { grantFormatted: "1,000,000 NORTH", claimableAt } });
    expect(await claim(user)).toMatchObject({ code: "ALREADY_CLAIMED", retryAfterMs: 5.5 * 3_600_000 });
    clock.at = new Date("2026-11-26T23:59:59.999Z");
    expect(await claim(user)).toMatchObject({ code: "ALREADY_CLAIMED", retryAfterMs: 1 });
    clock.at = new Date("2026-11-27T00:00:00Z");
    expect(await claim(user)).toMatchObject({ balance: { available: String(2_000_000n * NORTH) } });
  });

  test("grants once when twenty claims come at the same instant", async () => {
    const user = await newUser();
    const answers = await Promise.all(Array.from({ length: 20 }, () => claim(user)));
    expect(answers.filter((each) => (each["__typename"] as unknown as string) === "ClaimFaucetSuccess")).toHaveLength(
      1,
    );
    expect(answers.filter((each) => (each["code"] as unknown as string) === "ALREADY_CLAIMED")).toHaveLength(19);
    expect(await viewer(user, "balance { available }")).toEqual({ balance: { available: GRANT } });
  });

  test("gives the stored answer for the same idempotency key", async () => {
    const user = await newUser();
    const answers = await Promise.all(Array.from({ length: 10 }, () => claim(user, { idempotencyKey: "today" })));
    expect(new Set(answers.map((each) => each["__typename"]))).toEqual(new Set(["ClaimFaucetSuccess"]));
    expect(await viewer(user, "balance { available }")).toEqual({ balance: { available: GRANT } });
  });

  test("is in the account's export, signed and to the unit", async () => {
    const user = await newUser();
    await claim(user);
    const { export: record } = await viewer<{ export: { ledger: object[] } }>(user, "export");
    expect(record.ledger).toMatchObject([
      { kind: "FAUCET", account: "user:available", amount: GRANT, reversal: false },
    ]);
  });

  test("needs a key that may play", async () => {
    const user = await newUser();
    expect(await mutate(app.url, null, "claimFaucet", {})).toMatchObject({ code: "NOT_AUTHENTICATED" });
    const made = await mutate(app.url, user.key, "createApiKey", { name: "looks only", scopes: ["READ"] }, "key");
    expect(await mutate(app.url, made["key"] as unknown as string, "claimFaucet", {})).toMatchObject({
      code: "MISSING_SCOPE",
    });
    expect(await viewer(user, "balance { available }")).toEqual({ balance: { available: "0" } });
  });

  test("is closed where the money is real", async () => {
    const real = await startTestApp({}, {}, { AGON_ROLES: "api", CHAIN_ID: "8453" });
    try {
      const { key } = await newPerson(real.url);
      expect(await mutate(real.url, key, "claimFaucet", {})).toMatchObject({ code: "NOT_PLAY_MONEY" });
      const { rows } = await real.platform.db.pool.query("SELECT count(*)::int FROM journal");
      expect(rows).toEqual([{ count: 0 }]);
    } finally {
      await real.stop();
    }
    const environment = { CHAIN_ID: "8453", PLAY_MONEY: "true", AGON_SECRET: "a".repeat(32) };
    expect(() => readConfig(environment)).toThrow(ConfigError);
  });
});

describe("one's ledger", () => {
  type Page = {
    ledger: {
      edges: { cursor: string; node: { at: string } }[];
      pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; endCursor: string; startCursor: string };
    };
  };
  const pageOf = (user: User, args: string) =>
    viewer<Page>(
      user,
      `ledger(${args}) { edges { cursor node { at } } pageInfo { hasNextPage hasPreviousPage endCursor startCursor } }`,
    );
  let user: User;
  const days: string[] = [];
  beforeAll(async () => {
    user = await newUser();
    for (let day = 0; day < 7; day++) {
      clock.at = new Date(Date.UTC(2026, 11, 1) + day * DAY_MS);
      await claim(user);
      days.unshift(clock.at.toISOString());
    }
  });

  test("is paged from the newest on, without gap or repetition", async () => {
    const seen: string[] = [];
    for (let after = ""; ; ) {
      const { ledger } = await pageOf(user, `first: 3${after}`);
      seen.push(...ledger.edges.map(({ node }) => node.at));
      if (!ledger.pageInfo.hasNextPage) break;
      after = `, after: "${ledger.pageInfo.endCursor}"`;
    }
    expect(seen).toEqual(days);
  });

  test("is paged back from the oldest", async () => {
    const { ledger } = await pageOf(user, "last: 3");
    expect(ledger.edges.map(({ node }) => node.at)).toEqual(days.slice(4));
    expect(ledger.pageInfo).toMatchObject({ hasPreviousPage: true, hasNextPage: false });
    const before = await pageOf(user, `last: 3, before: "${ledger.pageInfo.startCursor}"`);
    expect(before.ledger.edges.map(({ node }) => node.at)).toEqual(days.slice(1, 4));
  });

  test.each(["bm90aGluZw", "!", Buffer.from(`${"0".repeat(36)} user:available`).toString("base64url")])(
    "refuses the cursor %s of no such list",
    async (cursor) => {
      const { errors } = await ask(
        app.url,
        `{ viewer { ledger(first: 1, after: "${cursor}") { nodes { at } } } }`,
        {},
        user.headers,
      );
      expect(errors?.[0]?.extensions?.["code"]).toBe("INVALID_CURSOR");
    },
  );

  test("is nobody else's", async () => {
    const stranger = await newUser();
    expect(await viewer(stranger, "ledger(first: 5) { nodes { at } } balance { available }")).toEqual({
      ledger: { nodes: [] },
      balance: { available: "0" },
    });
    const { ledger } = await pageOf(user, "first: 1");
    const foreign = await pageOf(stranger, `first: 5, after: "${ledger.pageInfo.endCursor}"`);
    expect(foreign.ledger.edges).toEqual([]);
  });

  test("a key that is bound to one bot reads its owner's, as every key does", async () => {
    const botId = await newBot(app.url, user.key, "Ledger_Bot");
    const made = await mutate(app.url, user.key, "createApiKey", { name: "bound", scopes: ["READ"], botId }, "key");
    const headers = { "x-api-key": made["key"] as unknown as string };
    const { data } = await ask(app.url, "{ viewer { balance { available } } }", {}, headers);
    expect(data).toEqual({ viewer: { balance: { available: String(7_000_000n * NORTH) } } });
  });
});

describe("the treasury", () => {
  test("shows everybody the totals and operators each kind of account, which sum to zero", async () => {
    const user = await newUser();
    await claim(user);
    const selection = "users usersFormatted inPlay rake accounts { account negative amount }";
    const { data } = await ask(app.url, `{ treasury { ${selection} } }`);
    const shown = data as unknown as { treasury: { users: string; inPlay: string; rake: string; accounts: null } };
    expect(BigInt(shown.treasury.users) % BigInt(GRANT)).toBe(0n);
    expect(shown.treasury).toMatchObject({ inPlay: "0", rake: "0", accounts: null });

    const { data: own } = await ask(app.url, `{ treasury { accounts { account } } }`, {}, user.headers);
    expect(own).toEqual({ treasury: { accounts: null } });

    await app.platform.db.pool.query("UPDATE app_user SET operator = true WHERE handle = $1", [user.handle]);
    const { data: all } = await ask(app.url, `{ treasury { ${selection} } }`, {}, user.headers);
    const { accounts } = (
      all as unknown as { treasury: { accounts: { account: string; negative: boolean; amount: string }[] } }
    ).treasury;
    expect(accounts).toHaveLength(10);
    expect(accounts.reduce((sum, { negative, amount }) => sum + BigInt(amount) * (negative ? -1n : 1n), 0n)).toBe(0n);
    expect(accounts.find(({ account }) => account === "house:faucet")).toEqual({
      account: "house:faucet",
      negative: true,
      amount: shown.treasury.users,
    });
  });
});

describe("an amount", () => {
  test.each([
    ["negative", `"-1"`],
    ["a fraction", `"1.5"`],
    ["an exponent", `"1e18"`],
    ["a JSON number", "50000"],
    ["79 digits long", `"1${"0".repeat(78)}"`],
    ["with a leading zero", `"01"`],
  ])("that is %s is refused by name, and nothing is written", async (_sentence, wager) => {
    const user = await newUser();
    const botId = await newBot(app.url, user.key, `Amount_${named++}`);
    const { errors } = await ask(
      app.url,
      `mutation { createCallout(input: { botId: "${botId}", targetId: "${botId}", wager: ${wager} }) { __typename } }`,
      {},
      user.headers,
    );
    expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_INPUT" });
    const { rows } = await app.platform.db.pool.query("SELECT count(*)::int FROM callout");
    expect(rows).toEqual([{ count: 0 }]);
  });
});
