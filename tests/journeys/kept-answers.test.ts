import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newBot, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { dice } from "../harness/dice.ts";

let app: App;
beforeAll(async () => {
  app = await startTestApp({ LIMIT_CALLOUT_INTERVAL_MS: 0, LIMIT_ROUND_PAUSE_MS: 1 });
});
afterAll(() => app.stop());

type Answered = { status: number; headers: Headers; data: unknown; cost: { requested: number; available: number } };

async function post(query: string, headers: Record<string, string> = {}): Promise<Answered> {
  const init = { method: "POST", headers: { "content-type": "application/json", ...headers } };
  return answered(await fetch(`${app.url}/graphql`, { ...init, body: JSON.stringify({ query }) }));
}

async function answered(response: Response): Promise<Answered> {
  const text = await response.text();
  const { data, extensions } = (text ? JSON.parse(text) : {}) as {
    data?: unknown;
    extensions?: { cost: Answered["cost"] };
  };
  return {
    status: response.status,
    headers: response.headers,
    data,
    cost: extensions?.cost ?? { requested: 0, available: 0 },
  };
}

test("who polls is told what it costs, and not told again what it knows", async () => {
  const query = "{ ladder(kind: PIT) { name leaderboard(first: 20) { nodes { elo bot { name } } } } }";
  const first = await post(query);
  expect(first.headers.get("x-cost-requested")).toBeNull();
  const second = await post(query);
  expect(second.data).toEqual(first.data);
  // The ladder, its page, twenty rows and twenty bots.
  expect(second.headers.get("x-cost-requested")).toBe("42");
  expect(second.cost.requested).toBe(42);
  expect(first.cost.available - second.cost.available).toBe(42);
  const etag = second.headers.get("etag") ?? "";
  expect(etag).toMatch(/^W\/"[\w-]{27}"$/);
  const third = await post(query, { "if-none-match": etag });
  expect([third.status, third.headers.get("etag"), third.data]).toEqual([304, etag, undefined]);
  const link = `${app.url}/graphql?query=${encodeURIComponent(query)}`;
  const linked = await answered(await fetch(link, { headers: { origin: "https://stats.example" } }));
  expect(linked.data).toEqual(first.data);
  expect(linked.headers.get("access-control-allow-origin")).toBe("*");
  expect((await fetch(link, { headers: { "if-none-match": etag } })).status).toBe(304);
});

test("a link neither changes anything nor shows a person's own", async () => {
  const { token } = await newPerson(app.url);
  for (const query of ["mutation { signOut(input: {}) { __typename } }", "{ viewer { user { handle } } }"]) {
    const link = `${app.url}/graphql?query=${encodeURIComponent(query)}`;
    const { status, data } = await answered(await fetch(link, { headers: { cookie: `agon_session=${token}` } }));
    expect(status).toBeGreaterThanOrEqual(400);
    expect(data ?? null).toBeNull();
  }
});

test("what depends on who asks, or on time, is not kept", async () => {
  const [ann, bob] = [await newPerson(app.url), await newPerson(app.url)];
  const mine = "{ viewer { user { handle } } }";
  for (const { key, handle } of [ann, bob, ann]) {
    const { data, headers } = await post(mine, { "x-api-key": key });
    expect(data).toEqual({ viewer: { user: { handle } } });
    expect(headers.get("etag")).toBeNull();
  }
  await newBot(app.url, ann.key, "Here_Now");
  expect((await post(`{ bot(name: "Here_Now") { name status } }`)).headers.get("etag")).toBeNull();
  expect((await post(`{ bot(name: "Here_Now") { name } }`)).headers.get("etag")).not.toBeNull();
});

const PAGE = "ladder(kind: PIT) { leaderboard(first: $n) { nodes { rank } } }";

test.each([
  ["is missing", `query($n: Int!) { ${PAGE} }`, {}, /non-null type "Int!" to be provided/],
  ["is null", `query($n: Int!) { ${PAGE} }`, { n: null }, /non-null type "Int!" not to be null/],
  ["is null in spite of its default", `query($n: Int! = 5) { ${PAGE} }`, { n: null }, /type "Int!" not to be null/],
  ["names no ladder", "query($l: LadderKind!) { ladder(kind: $l) { name } }", { l: null }, /type "LadderKind!"/],
  ["names no bot", "query($name: String!) { bot(name: $name) { id } }", { name: null }, /type "String!"/],
] as const)(
  "a required variable that %s is an error, however often it is asked",
  async (_what, query, variables, words) => {
    // So long a text gets no plan: it goes through the full pipeline.
    const full = await ask(app.url, `${query} #${"-".repeat(17_000)}`, variables);
    expect(full).toMatchObject({ errors: [{ extensions: { code: "BAD_INPUT" } }] });
    const answers = [await ask(app.url, query, variables), await ask(app.url, query, variables)];
    for (const { data, errors } of answers) {
      expect(data).toEqual(full.data);
      expect(errors).toEqual([expect.objectContaining({ message: expect.stringMatching(words) })]);
      expect(errors?.[0]?.extensions?.["code"]).toBe("BAD_INPUT");
    }
  },
);

// Each of these is asked again and again while things happen; a comment makes a second one that was never asked before.
const POLLED = (fightId: string) => [
  "{ ladder(kind: PIT) { leaderboard(first: 20) { nodes { elo rank bot { name character contests(first: 3) { nodes { status participants { placement } } } } } } newcomers { elo } waiting queue { joinedAt } } }",
  "{ arenaStats { contests bots liveNow waiting } }",
  "{ contests(first: 20) { nodes { id status ... on Fight { phase state { round exchange fighters { hp stamina } } } } } }",
  `{ fight(id: "${fightId}") { status phase cursor participants { placement bot { name character } } state { round exchange fighters { hp stamina } } exchanges { number } } }`,
  "{ bots(first: 50) { nodes { name character skillsMarkdown owner { handle } queueEntry { status } ratings { elo games } } } }",
  `{ bot(name: "Moves_1") { name character skillsMarkdown contests(first: 5) { nodes { status } } } }`,
  "{ pit { cursor presences(first: 50) { nodes { bot { name } } } messages(last: 20) { nodes { text } } fights { id status } } }",
];

test("whatever happens, the next answer of this server shows it, kept or not", async () => {
  const people = [await newPerson(app.url), await newPerson(app.url)] as const;
  const bots = [
    await newBot(app.url, people[0].key, "Moves_1"),
    await newBot(app.url, people[1].key, "Moves_2"),
  ] as const;
  for (const side of [0, 1] as const) await mutate(app.url, people[side].key, "enterPit", { botId: bots[side] });
  const roll = dice("kept answers");
  const meet = async () => {
    const made = await mutate(
      app.url,
      people[0].key,
      "createCallout",
      { botId: bots[0], targetId: bots[1] },
      "callout { id }",
    );
    const calloutId = (made["callout"] as unknown as { id: string }).id;
    const met = await mutate(app.url, people[1].key, "acceptCallout", { calloutId }, "callout { fight { id } }");
    return (met["callout"] as unknown as { fight: { id: string } }).fight.id;
  };
  let fightId = await meet();
  let place = { round: 1, exchange: 1 };
  const steps: (() => Promise<unknown>)[] = [
    async () => {
      for (const side of [0, 1] as const)
        await mutate(app.url, people[side].key, "submitFightAction", {
          botId: bots[side],
          fightId,
          ...place,
          action: "RECOVER",
        });
      place = { ...place, exchange: place.exchange + 1 };
    },
    () =>
      mutate(app.url, people[0].key, "updateBot", {
        botId: bots[0],
        character: roll(2) ? "KNIGHT" : "DEMON",
        skillsMarkdown: `${roll(1e6)}`,
      }),
    () => mutate(app.url, people[1].key, "joinQueue", { botId: bots[1], ladder: "PIT_SLOW" }),
    () => mutate(app.url, people[1].key, "leaveQueue", { botId: bots[1], ladder: "PIT_SLOW" }),
    () => mutate(app.url, people[0].key, "registerBot", { name: `Moves_${roll(1e6)}` }),
    () => mutate(app.url, people[1].key, roll(2) ? "leavePit" : "enterPit", { botId: bots[1] }),
    async () => {
      await mutate(app.url, people[1].key, "concedeFight", { botId: bots[1], fightId });
      await mutate(app.url, people[1].key, "enterPit", { botId: bots[1] });
      [fightId, place] = [await meet(), { round: 1, exchange: 1 }];
    },
  ];
  for (let tried = 0; tried < 40; tried++) {
    for (const query of POLLED(fightId)) await post(query);
    await steps[roll(steps.length)]?.();
    for (const query of POLLED(fightId)) {
      const [kept, fresh] = [await post(query), await post(`${query} # ${tried} ${roll(1e9)}`)];
      expect(kept.data).toEqual(fresh.data);
      expect(kept.data).not.toBeNull();
    }
  }
}, 120_000);
