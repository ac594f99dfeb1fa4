import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { chainHash, genesisHash } from "../../src/platform/hash-chain.ts";
import { readEvents } from "../../src/platform/streams.ts";
import { ask, mutate, newBot, newPerson, play, socket, type Move } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { until } from "../harness/until.ts";

let app: App;
beforeAll(async () => {
  app = await startTestApp({ LIMIT_ROUND_PAUSE_MS: 20, LIMIT_RATED_PER_PAIR_PER_DAY_MAX: 1_000 });
});
afterAll(() => app.stop());

const pick = (move: Move) =>
  move.legalActions[(move.exchange * 7 + move.round) % move.legalActions.length] ?? "BLOCK_HIGH";

type Edge = { cursor: string; node: { __typename: string; seq: number; round?: number; exchange?: number } };

/** A fight's whole log, a page at a time. */
async function eventsOf(id: string): Promise<Edge[]> {
  const query = `query($id: ID!, $after: Cursor) { fight(id: $id) { events(first: 7, after: $after) {
    edges { cursor node { __typename seq ... on ExchangeRequested { round exchange } } } pageInfo { hasNextPage endCursor } } } }`;
  const edges: Edge[] = [];
  for (let after: string | null = null; ; ) {
    const { data } = await ask(app.url, query, { id, after });
    const { fight } = data as unknown as {
      fight: { events: { edges: Edge[]; pageInfo: { hasNextPage: boolean; endCursor: string } } };
    };
    edges.push(...fight.events.edges);
    if (!fight.events.pageInfo.hasNextPage) return edges;
    after = fight.events.pageInfo.endCursor;
  }
}

describe("two agents of different owners", () => {
  test("queue, fight twenty rated fights to the end, and their ratings sum to zero", async () => {
    const [ann, bob] = [await newPerson(app.url), await newPerson(app.url)];
    const [one, two] = [await newBot(app.url, ann.key, "JourneyOne"), await newBot(app.url, bob.key, "JourneyTwo")];
    let ended = 0;
    // They win in turn, so that their ratings stay near enough for the matchmaker to pair them at once.
    const rests = (move: Move) => move.legalActions.at(-1) ?? "RECOVER";
    const firstRests = (move: Move) => (ended % 2 === 0 ? rests(move) : pick(move));
    const secondRests = (move: Move) => (ended % 2 === 0 ? pick(move) : rests(move));
    const clients = [play(app.url, ann.key, one, firstRests, () => ended++), play(app.url, bob.key, two, secondRests)];
    for (let fight = 1; fight <= 20; fight++) {
      for (const [key, botId] of [
        [ann.key, one],
        [bob.key, two],
      ] as const) {
        const joined = await until(async () => {
          const result = await mutate(app.url, key, "joinQueue", { botId, ladder: "PIT" });
          return result["__typename"] === ("JoinQueueSuccess" as never) && result;
        }, "a place in the queue");
        expect(joined["__typename"]).toBe("JoinQueueSuccess");
      }
      await until(async () => ended >= fight, `the end of fight ${fight}`);
    }
    for (const client of clients) await client.dispose();
    const { data } = await ask(
      app.url,
      `{ bot(name: "journeyone") { ratings { elo games wins draws losses provisional } contests(first: 100) { nodes { id rated status participants { ratingBefore ratingAfter placement } } } } other: bot(name: "JourneyTwo") { ratings { elo games } } }`,
    );
    const { bot, other } = data as unknown as {
      bot: {
        ratings: Record<string, number>[];
        contests: {
          nodes: { rated: boolean; status: string; participants: { ratingBefore: number; ratingAfter: number }[] }[];
        };
      };
      other: { ratings: { elo: number; games: number }[] };
    };
    expect(bot.contests.nodes).toHaveLength(20);
    expect(bot.contests.nodes.every(({ rated, status }) => rated && status === "COMPLETED")).toBe(true);
    for (const { participants } of bot.contests.nodes)
      expect(participants.reduce((sum, { ratingBefore, ratingAfter }) => sum + ratingAfter - ratingBefore, 0)).toBe(0);
    expect((bot.ratings[0]?.["elo"] ?? 0) + (other.ratings[0]?.elo ?? 0)).toBe(2_000);
    expect(other.ratings[0]?.games).toBe(20);
  }, 60_000);

  test("a spectator who resumes with a cursor gets every event once, in order", async () => {
    const { data } = await ask(app.url, `{ contests(first: 1) { nodes { id } } }`);
    const id = (data as unknown as { contests: { nodes: { id: string }[] } }).contests.nodes[0]?.id ?? "";
    const stored = await eventsOf(id);
    const all = stored.map(({ node }) => node.seq);
    expect(all).toEqual(all.map((_seq, index) => index + 1));
    expect(stored.at(-1)?.node.__typename).toBe("FightEnded");
    const from = Math.floor(all.length / 2);
    const client = socket(app.url, null);
    const got: number[] = [];
    const items = client.iterate<{ fightEvents: { event: { seq: number } } }>({
      query: `subscription($id: ID!, $after: Cursor) { fightEvents(fightId: $id, after: $after) { event { ... on Event { seq } } } }`,
      variables: { id, after: stored[from - 1]?.cursor },
    });
    for await (const { data: item } of items) {
      got.push(item?.fightEvents.event.seq ?? 0);
      if (got.length === all.length - from) break;
    }
    await client.dispose();
    expect(got).toEqual(all.slice(from));
  });
});

test("a fight's cursor stands exactly where its state does, whatever happens between the reads", async () => {
  const [ann, bob] = [await newPerson(app.url), await newPerson(app.url)];
  const [one, two] = [await newBot(app.url, ann.key, "CursorOne"), await newBot(app.url, bob.key, "CursorTwo")];
  let ended = false;
  const clients = [
    play(app.url, ann.key, one, pick, () => (ended = true)),
    play(app.url, bob.key, two, (move) => move.legalActions.at(-1) ?? "RECOVER"),
  ];
  await mutate(app.url, ann.key, "joinQueue", { botId: one, ladder: "PIT" });
  await mutate(app.url, bob.key, "joinQueue", { botId: two, ladder: "PIT" });
  const lookUp = "query($bot: String!) { fights(first: 1, filterBy: { bot: $bot }) { nodes { id } } }";
  const id = await until(async () => {
    const { data } = await ask(app.url, lookUp, { bot: "cursorone" });
    return (data as unknown as { fights: { nodes: { id: string }[] } }).fights.nodes[0]?.id;
  }, "the fight");
  type Seen = { cursor: string; phase: string; state: { round: number; exchange: number } };
  const seen: Seen[] = [];
  while (!ended) {
    const { data } = await ask(
      app.url,
      "query($id: ID!) { fight(id: $id) { phase state { round exchange } cursor } }",
      { id },
    );
    seen.push((data as unknown as { fight: Seen }).fight);
  }
  for (const client of clients) await client.dispose();
  const events = await eventsOf(id);
  const standings = seen.filter(({ phase }) => phase === "WAITING_FOR_ACTIONS");
  expect(new Set(standings.map(({ cursor }) => cursor)).size).toBeGreaterThan(3);
  for (const { cursor, state } of standings) {
    const told = events.slice(0, events.findIndex((event) => event.cursor === cursor) + 1);
    const asked = told.findLast(({ node }) => node.__typename === "ExchangeRequested")?.node;
    expect({ round: asked?.round, exchange: asked?.exchange }).toEqual(state);
  }
}, 60_000);

describe("an action that does not count gets its own refusal and changes nothing", () => {
  test("late, doubled, foreign, illegal and malformed", async () => {
    const [ann, bob] = [await newPerson(app.url), await newPerson(app.url)];
    const [one, two] = [await newBot(app.url, ann.key, "RefusedOne"), await newBot(app.url, bob.key, "RefusedTwo")];
    await mutate(app.url, ann.key, "joinQueue", { botId: one, ladder: "PIT" });
    await mutate(app.url, bob.key, "joinQueue", { botId: two, ladder: "PIT" });
    const fightId = await until(async () => {
      const { data } = await ask(app.url, `{ contests(first: 1, status: LIVE) { nodes { id } } }`);
      return (data as unknown as { contests: { nodes: { id: string }[] } }).contests.nodes[0]?.id;
    }, "the fight");
    const act = async (key: string | null, input: object) =>
      (
        await mutate(app.url, key, "submitFightAction", {
          botId: one,
          fightId,
          round: 1,
          exchange: 1,
          action: "JAB_HIGH",
          ...input,
        })
      )["code"] ?? "ACCEPTED";
    const look = () =>
      ask(
        app.url,
        `query($id: ID!) { fight(id: $id) { phase cursor state { round exchange fighters { hp stamina bankMs deadlineAt } } } }`,
        { id: fightId },
      );
    const before = JSON.stringify((await look()).data);
    expect(await act(null, {})).toBe("NOT_AUTHENTICATED");
    expect(await act(bob.key, {})).toBe("NOT_YOUR_BOT");
    expect(await act(ann.key, { exchange: 2 })).toBe("EXCHANGE_CLOSED");
    expect(await act(ann.key, { round: 9 })).toBe("EXCHANGE_CLOSED");
    expect(await act(ann.key, { idempotencyKey: "once" })).toBe("ACCEPTED");
    expect(await act(ann.key, { idempotencyKey: "once" })).toBe("ACCEPTED");
    expect(await act(ann.key, { idempotencyKey: "once", action: "GRAB" })).toBe("IDEMPOTENCY_KEY_REUSED");
    expect(await act(ann.key, { action: "GRAB" })).toBe("ALREADY_SUBMITTED");
    // The first submission shows nowhere.
    expect(JSON.stringify((await look()).data)).toBe(before);
    const malformed = await ask(
      app.url,
      `mutation { submitFightAction(input: { botId: "x", fightId: "${fightId}", round: 1, exchange: 1, action: NAP }) { __typename } }`,
      {},
      { "x-api-key": ann.key },
    );
    expect(malformed.errors?.[0]?.extensions?.["code"]).toBe("GRAPHQL_VALIDATION_FAILED");
    const foreign = await ask(
      app.url,
      `mutation($input: SubmitFightActionInput!) { submitFightAction(input: $input) { __typename } }`,
      { input: { botId: fightId, fightId, round: 1, exchange: 1, action: "GRAB" } },
      { "x-api-key": ann.key },
    );
    expect(foreign.errors?.[0]?.extensions?.["code"]).toBe("INVALID_ID");
    expect((await mutate(app.url, bob.key, "concedeFight", { botId: two, fightId }))["__typename"]).toBe(
      "ConcedeFightSuccess",
    );
    expect(await act(ann.key, {})).toBe("FIGHT_OVER");
  });
});

test("who has spent its stamina is refused what it cannot pay for, and chooses anew in the same exchange", async () => {
  const [ann, bob] = [await newPerson(app.url), await newPerson(app.url)];
  const [one, two] = [await newBot(app.url, ann.key, "SpentOne"), await newBot(app.url, bob.key, "SpentTwo")];
  await mutate(app.url, ann.key, "joinQueue", { botId: one, ladder: "PIT_SLOW" });
  await mutate(app.url, bob.key, "joinQueue", { botId: two, ladder: "PIT_SLOW" });
  const lookUp = "query($bot: String!) { fights(first: 1, filterBy: { bot: $bot }) { nodes { id } } }";
  const fightId = await until(async () => {
    const { data } = await ask(app.url, lookUp, { bot: "spentone" });
    return (data as unknown as { fights: { nodes: { id: string }[] } }).fights.nodes[0]?.id;
  }, "the fight");
  type Standing = { phase: string; state: { exchange: number; fighters: { bot: { id: string }; stamina: number }[] } };
  const standing = async () => {
    const query = `query($id: ID!) { fight(id: $id) { phase cursor state { exchange fighters { bot { id } hp stamina } } } }`;
    return ((await ask(app.url, query, { id: fightId })).data as unknown as { fight: Standing }).fight;
  };
  const act = (key: string, botId: string, exchange: number, action: string) =>
    mutate(app.url, key, "submitFightAction", { botId, fightId, round: 1, exchange, action });
  await until(async () => (await standing()).phase === "WAITING_FOR_ACTIONS", "the first exchange");
  // A Ronin begins with 60, a SPECIAL costs it 50, and an exchange gives 10 back.
  expect(await act(ann.key, one, 1, "SPECIAL")).toMatchObject({ __typename: "SubmitFightActionSuccess" });
  expect(await act(bob.key, two, 1, "BLOCK_HIGH")).toMatchObject({ __typename: "SubmitFightActionSuccess" });
  const before = await standing();
  expect(before.state.exchange).toBe(2);
  expect(before.state.fighters.find(({ bot }) => bot.id === one)?.stamina).toBe(20);
  const written = async () =>
    (await app.platform.db.pool.query("SELECT id, xmin::text, ctid::text FROM fight ORDER BY id")).rows;
  const rows = await written();
  expect(await act(ann.key, one, 2, "SPECIAL")).toMatchObject({
    code: "INSUFFICIENT_STAMINA",
    message: "The bot cannot pay for this action.",
    hint: "Choose a legal action before the deadline.",
    path: ["input", "action"],
  });
  expect(await standing()).toEqual(before);
  expect(await written()).toEqual(rows);
  expect(await act(ann.key, one, 2, "HEAVY_HIGH")).toMatchObject({ __typename: "SubmitFightActionSuccess" });
  await mutate(app.url, bob.key, "concedeFight", { botId: two, fightId });
});

test("an event row that is changed by SQL breaks the chain", async () => {
  const { pool } = app.platform.db;
  const { rows } = await pool.query<{ stream: string }>(
    "SELECT stream FROM stream_head WHERE stream LIKE 'fight:%' ORDER BY seq DESC LIMIT 1",
  );
  const stream = rows[0]?.stream ?? "";
  const firstBroken = async () => {
    let hash = genesisHash(stream);
    for (const event of await readEvents(app.platform.db, stream, 0, 1_000)) {
      hash = chainHash(hash, event.text);
      if (!event.hash?.equals(hash)) return event.seq;
    }
    return null;
  };
  expect(await firstBroken()).toBeNull();
  await pool.query("UPDATE stream_event SET payload = replace(payload, '0', '1') WHERE stream = $1 AND seq = 3", [
    stream,
  ]);
  expect(await firstBroken()).toBe(3);
});

test("forty bots that join at the same instant are all in, none twice, nobody in two fights", async () => {
  const owners = await Promise.all(Array.from({ length: 8 }, () => newPerson(app.url)));
  const bots = await Promise.all(
    owners.flatMap(({ key }, owner) =>
      Array.from({ length: 5 }, async (_none, index) => ({
        key,
        id: await newBot(app.url, key, `Rush_${owner}_${index}`),
      })),
    ),
  );
  const joined = await Promise.all(
    bots.flatMap(({ key, id }) => [
      mutate(app.url, key, "joinQueue", { botId: id, ladder: "PIT_SLOW" }),
      mutate(app.url, key, "joinQueue", { botId: id, ladder: "PIT_SLOW" }),
    ]),
  );
  expect(joined.filter((result) => result["__typename"] === ("JoinQueueSuccess" as never))).toHaveLength(40);
  expect(
    joined.filter((result) => ["ALREADY_WAITING", "IN_CONTEST"].includes(result["code"] as unknown as string)),
  ).toHaveLength(40);
  await until(
    async () =>
      (
        (await ask(app.url, `{ ladder(kind: PIT_SLOW) { waiting } }`)).data as unknown as {
          ladder: { waiting: number };
        }
      ).ladder.waiting === 0,
    "twenty fights",
  );
  const { data } = await ask(
    app.url,
    `{ contests(first: 100, status: LIVE) { nodes { ladder participants { bot { id } } } } }`,
  );
  const fighting = (
    data as unknown as { contests: { nodes: { ladder: string; participants: { bot: { id: string } }[] }[] } }
  ).contests.nodes
    .filter(({ ladder }) => ladder === "PIT_SLOW")
    .flatMap(({ participants }) => participants.map(({ bot }) => bot.id));
  expect(fighting).toHaveLength(40);
  expect(new Set(fighting).size).toBe(40);
});
