import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, type Answer } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";

const ORIGIN = "https://agon.example";
const LIMITS = {
  LIMIT_SIGN_INS_PER_MINUTE: 2,
  LIMIT_REGISTRATIONS_PER_HOUR: 1,
  LIMIT_COST_PER_MINUTE_ANONYMOUS: 1_000,
};

let behind: App;
let open: App;
beforeAll(async () => {
  const variables = { TRUSTED_PROXIES: "127.0.0.1, 10.0.0.0/8", PUBLIC_ORIGIN: ORIGIN };
  behind = await startTestApp(LIMITS, {}, variables);
  open = await startTestApp(LIMITS);
});
afterAll(async () => {
  await behind.stop();
  await open.stop();
});

const codeOf = ({ data }: Answer, field: string) => (data?.[field] as unknown as { code?: string } | undefined)?.code;
const at = ({ port }: App) => `http://127.0.0.1:${port}`;
async function signIn(app: App, forwarded: string): Promise<string | undefined> {
  const query = `mutation { signIn(input: { login: "nobody", password: "nobody's password" }) { ... on Refusal { code } } }`;
  return codeOf(await ask(at(app), query, {}, { "x-forwarded-for": forwarded }), "signIn");
}

let people = 0;
function register(app: App, headers: Record<string, string>): Promise<Response> {
  const handle = `proxied${people++}`;
  const input = { handle, email: `${handle}@example.org`, password: "correct horse battery" };
  const query = `mutation($input: RegisterUserInput!) { registerUser(input: $input) { __typename ... on Refusal { code } } }`;
  return fetch(`${at(app)}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ query, variables: { input } }),
  });
}

describe("behind a proxy that is trusted", () => {
  test("sign-ins are counted for who asks, not for the proxy", async () => {
    for (let time = 0; time < 2; time++) expect(await signIn(behind, "203.0.113.1")).toBe("WRONG_LOGIN");
    expect(await signIn(behind, "203.0.113.1")).toBe("RATE_LIMITED");
    expect(await signIn(behind, "203.0.113.2")).toBe("WRONG_LOGIN");
  });

  test("what stands left of a proxy's own word changes nothing", async () => {
    for (let time = 0; time < 2; time++)
      expect(await signIn(behind, `192.0.2.${time}, 203.0.113.3, 10.0.0.9`)).toBe("WRONG_LOGIN");
    expect(await signIn(behind, "192.0.2.7, 203.0.113.3, 10.0.0.9")).toBe("RATE_LIMITED");
  });

  test("addresses of one IPv6 network are one", async () => {
    expect(await signIn(behind, "2001:db8:1:2::1")).toBe("WRONG_LOGIN");
    expect(await signIn(behind, "2001:db8:1:2:ffff::2")).toBe("WRONG_LOGIN");
    expect(await signIn(behind, "2001:db8:1:2:abcd::3")).toBe("RATE_LIMITED");
    expect(await signIn(behind, "2001:db8:1:3::1")).toBe("WRONG_LOGIN");
  });

  test("new accounts are counted for who asks", async () => {
    const code = async (from: string) =>
      codeOf((await (await register(behind, { "x-forwarded-for": from })).json()) as Answer, "registerUser");
    expect([await code("203.0.113.5"), await code("203.0.113.5"), await code("203.0.113.6")]).toEqual([
      undefined,
      "RATE_LIMITED",
      undefined,
    ]);
  });

  test("so are the points of who has not signed in", async () => {
    const left = async (from: string) => {
      const { extensions } = await ask(
        at(behind),
        "{ bots(first: 1) { nodes { id } } }",
        {},
        { "x-forwarded-for": from },
      );
      return (extensions as unknown as { cost: { available: number; requested: number } }).cost;
    };
    const [first, second, other] = [await left("203.0.113.7"), await left("203.0.113.7"), await left("203.0.113.8")];
    expect(second.available).toBe(first.available - second.requested);
    expect(other.available).toBe(first.available);
  });

  test("a page under the public origin gets a cookie for HTTPS, whatever Host the proxy writes; a foreign page gets none", async () => {
    const cookieFor = async (from: string, origin: string) =>
      (await register(behind, { "x-forwarded-for": from, origin })).headers.get("set-cookie");
    expect(await cookieFor("203.0.113.10", ORIGIN)).toMatch(/^agon_session=[\w-]{43}; .*; Secure$/);
    expect(await cookieFor("203.0.113.11", "https://evil.example")).toBeNull();
  });

  test("metrics without a token are not for who comes through a proxy", async () => {
    const status = async (headers: Record<string, string>) =>
      (await fetch(`${at(behind)}/metrics`, { headers })).status;
    expect([await status({}), await status({ "x-forwarded-for": "203.0.113.1" })]).toEqual([200, 403]);
  });
});

test("nobody is believed whose address is not trusted", async () => {
  expect(await signIn(open, "203.0.113.1")).toBe("WRONG_LOGIN");
  expect(await signIn(open, "203.0.113.2")).toBe("WRONG_LOGIN");
  expect(await signIn(open, "203.0.113.3")).toBe("RATE_LIMITED");
});

test("many who ask whether the server is ready cost the database next to nothing", async () => {
  const sessions = async () =>
    Number(
      (
        await open.platform.db.pool.query<{ sessions: string }>(
          "SELECT sessions FROM pg_stat_database WHERE datname = current_database()",
        )
      ).rows[0]?.sessions,
    );
  const before = await sessions();
  const answers = await Promise.all(Array.from({ length: 100 }, () => fetch(`${at(open)}/ready`)));
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  // A connection that has ended is counted soon after.
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  expect((await sessions()) - before).toBeLessThan(20);
});

test("the page of GraphiQL runs its own scripts and nobody else's, and stands in nobody's frame", async () => {
  const policy = (await fetch(`${at(open)}/graphiql`)).headers.get("content-security-policy") ?? "";
  expect(policy).toMatch(/script-src(?: 'sha256-[\w+/=]+')+;/);
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toMatch(/script-src[^;]*unsafe/);
});
