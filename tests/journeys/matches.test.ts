import type { Client } from "graphql-ws";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { chainHash, genesisHash } from "../../src/platform/hash-chain.ts";
import { readEvents } from "../../src/platform/streams.ts";
import { ask, mutate, newKey, newPerson, socket } from "../harness/agent.ts";
import { startQuakeApp } from "../harness/quake-app.ts";
import {
  joinQuake,
  matches,
  matchIn,
  newEntrants,
  TIMESCALE,
  waitOf,
  type Entrant,
  type Match,
} from "../harness/quake-arena.ts";
import { boxOf, downloadReplay, type Frame } from "../harness/quake-replay.ts";
import { until } from "../harness/until.ts";

// Ranked rounds on real OpenArena servers, which npm run setup:quake installs: two owners, HTTP and WebSockets alone.

let app: App;
let entrants: [Entrant, Entrant];
let match: Match;
type Seen = { __typename: string; seq?: number; number?: number; text?: string };
const seen: Seen[] = [];
const fed: { matchId: string; kill: { number: number; text: string } }[] = [];
const inbox: { __typename: string; contest?: { id: string; __typename: string } }[] = [];

const frames: Frame[] = [];
let framesAtTheEnd = 0;
let hasShownAll = false;

/** Who bet on which bot. */
const bettors: { key: string; botId: string; placed: string }[] = [];
let late = "";

const STAKE = `50000${"0".repeat(18)}`;

/** What becomes of a bet: the success or the refusal, by name. */
async function place(key: string, contestId: string, botId: string): Promise<string> {
  const placed = await mutate(app.url, key, "placeBet", { contestId, botId, amount: STAKE });
  return String(placed["code"] ?? placed["__typename"]);
}

/** A person who bets on a bot. */
async function backer(contestId: string, botId: string) {
  const { token } = await newPerson(app.url);
  const key = await newKey(app.url, token, ["PLAY", "BET"]);
  await mutate(app.url, key, "claimFaucet", {});
  return { key, botId, placed: await place(key, contestId, botId) };
}

const EVENTS = `subscription($id: ID!, $after: Cursor) { matchEvents(matchId: $id, after: $after) { event {
  __typename ... on Event { seq } ... on MatchKill { number text } } } }`;
const FEED = "subscription { killFeed { matchId kill { number text } } }";
const FRAMES = `subscription($id: ID!) { matchFrames(matchId: $id) { atMs
  players { side x y z eye yaw pitch health armor weapon alive firing quad } missiles { id weapon x y z } taken drops { id name x y z } } }`;
const INBOX = `subscription($botId: ID!) { botEvents(botId: $botId) { event { __typename
  ... on ContestStarted { contest { id __typename } } ... on ContestEnded { contest { id __typename } } } } }`;

/** Hears a subscription with a socket of its own, until it is disposed of. */
function hear<Data>(
  key: string | null,
  query: string,
  variables: object,
  take: (data: Data) => void,
  complete = () => {},
): Client {
  const client = socket(app.url, key);
  const next = ({ data }: { data?: unknown }) => void (data && take(data as Data));
  client.subscribe({ query, variables: { ...variables } }, { next, error: () => undefined, complete });
  return client;
}

const uuidOf = (id: string) => id.slice(-32).replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");

const MATCHES_MAX = 3;

/** On a slow machine bots see the game too rarely to shoot and hit: a match without either proves little, and another is played. */
beforeAll(async () => {
  for (let played = 1; ; played++) {
    app = await startQuakeApp(1, { LIMIT_POOL_OPEN_MS: 3_000, LIMIT_MATCH_FRAME_DELAY_MS: 2_000 });
    await playMatch();
    const has = (of: "deaths" | "shots") => match.players.some((player) => player[of] > 0);
    if ((has("deaths") && has("shots")) || played === MATCHES_MAX) return;
    await app.stop();
  }
}, 240_000);
afterAll(() => app.stop());

async function playMatch(): Promise<void> {
  for (const list of [seen, fed, inbox, bettors, frames]) list.length = 0;
  hasShownAll = false;
  entrants = (await newEntrants(app.url, ["Ann_Q", "_Bob_Q"])) as [Entrant, Entrant];
  const [{ key, botId }] = entrants;
  const clients = [
    hear<{ killFeed: (typeof fed)[number] }>(null, FEED, {}, ({ killFeed }) => fed.push(killFeed)),
    hear<{ botEvents: { event: (typeof inbox)[number] } }>(key, INBOX, { botId }, ({ botEvents }) =>
      inbox.push(botEvents.event),
    ),
  ];
  for (const entrant of entrants) await joinQuake(app.url, entrant);
  const { id, cursor: after } = await until(async () => (await matches(app.url))[0], "a match");
  clients.push(
    hear<{ matchEvents: { event: Seen } }>(null, EVENTS, { id, after }, ({ matchEvents }) =>
      seen.push(matchEvents.event),
    ),
  );
  clients.push(
    hear<{ matchFrames: Frame }>(
      null,
      FRAMES,
      { id },
      ({ matchFrames }) => frames.push(matchFrames),
      () => (hasShownAll = true),
    ),
  );
  for (const entrant of entrants) bettors.push(await backer(id, entrant.botId));
  await matchIn(app.url, ["LIVE"]);
  for (const better of bettors) late = await place(better.key, id, botId);
  match = await matchIn(app.url, ["COMPLETED", "VOIDED"], id);
  if (match.voidReason !== null) throw new Error(`the match is void: ${match.voidReason}`);
  await until(() => seen.some(({ __typename }) => __typename === "MatchCompleted"), "the end on the stream");
  framesAtTheEnd = frames.length;
  await until(() => hasShownAll, "the last frame");
  await until(() => inbox.some(({ __typename }) => __typename === "ContestEnded"), "the end in the inbox");
  for (const client of clients) await client.dispose();
}

test("two owners' bots meet rated and play to the end; ratings move and sum to zero", () => {
  expect(match).toMatchObject({ status: "COMPLETED", phase: "COMPLETED", rated: true, voidReason: null });
  expect(match.participants.map(({ bot }) => bot.id).toSorted()).toEqual(entrants.map(({ botId }) => botId).toSorted());
  const moves = match.participants.map(({ ratingBefore, ratingAfter }) => (ratingAfter ?? NaN) - (ratingBefore ?? NaN));
  expect(moves.reduce((sum, move) => sum + move, 0)).toBe(0);
  const [first, second] = match.players;
  const placements = match.participants.map(({ placement }) => placement ?? 0).toSorted((a, b) => a - b);
  expect(placements).toEqual(first?.score === second?.score ? [1, 1] : [1, 2]);
});

test("the log's deaths are those that are stored, and with the scores' sum they agree", async () => {
  const deaths = match.players.reduce((sum, { deaths: own }) => sum + own, 0);
  expect(deaths).toBeGreaterThan(0);
  const query = `query($id: ID!) { match(id: $id) { kills(first: 100) { nodes { number text suicide means
    killer { id } victim { id name } } pageInfo { hasNextPage } } } }`;
  const { data } = await ask(app.url, query, { id: match.id });
  type Kill = {
    number: number;
    text: string;
    suicide: boolean;
    killer: { id: string } | null;
    victim: { id: string; name: string };
  };
  const kills = (data as unknown as { match: { kills: { nodes: Kill[] } } }).match.kills.nodes;
  expect(kills.map(({ number }) => number)).toEqual(Array.from({ length: deaths }, (_none, index) => index + 1));
  for (const { text, victim } of kills) expect(text.startsWith(`${victim.name} `)).toBe(true);
  for (const { bot, kills: own, score, suicides } of match.players) {
    expect(own).toBe(kills.filter(({ killer, suicide }) => killer?.id === bot.id && !suicide).length);
    // Where two play, a suicide gives the other a point.
    const given = match.players.find((other) => other.bot.id !== bot.id)?.suicides ?? 0;
    expect(score).toBeLessThanOrEqual(own + given);
    expect(score).toBeGreaterThanOrEqual(own - suicides);
  }
});

test("who follows the match, or the feed of all, has seen every death once, in order, in the game's words", () => {
  const told = seen.filter(({ __typename }) => __typename === "MatchKill");
  expect(told.map(({ number }) => number)).toEqual(told.map((_kill, index) => index + 1));
  expect(told).toHaveLength(match.players.reduce((sum, { deaths }) => sum + deaths, 0));
  expect(fed.map(({ kill }) => kill)).toEqual(told.map(({ number, text }) => ({ number, text })));
  expect(new Set(fed.map(({ matchId }) => matchId))).toEqual(new Set([match.id]));
  const seqs = seen.map(({ seq }) => seq);
  expect(seqs).toEqual(seqs.map((_seq, index) => (seqs[0] ?? 0) + index));
});

test("the match goes through its stages once, and its chain holds", async () => {
  const stream = `match:${uuidOf(match.id)}`;
  const stored = await readEvents(app.platform.db, stream, 0, 1_000);
  const stages = stored.map(({ type }) => type).filter((type) => type !== "MatchKill" && type !== "MatchScored");
  expect(stages).toEqual(["MatchAnnounced", "MatchJoining", "MatchRosterFrozen", "MatchStarted", "MatchCompleted"]);
  let hash = genesisHash(stream);
  for (const event of stored) {
    hash = chainHash(hash, event.text);
    expect(event.hash?.equals(hash)).toBe(true);
  }
});

test("a bot's inbox tells of its match, and its record counts every kill by its means", async () => {
  const contests = inbox.filter(({ __typename }) => __typename.startsWith("Contest"));
  expect(contests.map(({ __typename }) => __typename)).toEqual(["ContestStarted", "ContestEnded"]);
  expect(contests.map(({ contest }) => contest)).toEqual(
    [1, 2].map(() => ({ id: match.id, __typename: "QuakeMatch" })),
  );
  const query = `query($id: ID!) { node(id: $id) { ... on Bot { quakeRecord { kills deaths suicides killsPerDeath weapons { means kills deaths suicides } }
    contests(first: 5) { nodes { id __typename } } ratings { ladder games } } } }`;
  for (const { bot, kills, deaths, suicides } of match.players) {
    const { data } = await ask(app.url, query, { id: bot.id });
    const node = (
      data as unknown as { node: { quakeRecord: Record<string, unknown>; contests: unknown; ratings: unknown } }
    ).node;
    expect(node.quakeRecord).toMatchObject({ kills, deaths, suicides, killsPerDeath: kills / Math.max(1, deaths) });
    expect(node.contests).toEqual({ nodes: [{ id: match.id, __typename: "QuakeMatch" }] });
    expect(node.ratings).toEqual([{ ladder: "QUAKE", games: 1 }]);
  }
});

test("shots and awards are stored with the result, by weapon, and move the bots' records", async () => {
  const aim = "shots hits accuracy aim { weapon shots hits accuracy } awards { excellent impressive gauntlet }";
  const query = `query($id: ID!) { match(id: $id) { players { bot { id quakeRecord { ${aim} } } ${aim} } } }`;
  const { data } = await ask(app.url, query, { id: match.id });
  type Aim = { shots: number; hits: number; accuracy: number | null };
  type Shot = Aim & { aim: (Aim & { weapon: string })[]; awards: Record<string, number> };
  const { players } = (data as unknown as { match: { players: (Shot & { bot: { quakeRecord: Shot } })[] } }).match;
  expect(players).toHaveLength(2);
  // Somebody died; the other may have come too late to shoot on a busy machine.
  expect(players.reduce((sum, { shots }) => sum + shots, 0)).toBeGreaterThan(0);
  for (const { bot, ...own } of players) {
    expect(own.shots).toBe(own.aim.reduce((sum, { shots }) => sum + shots, 0));
    expect(own.hits).toBe(own.aim.reduce((sum, { hits }) => sum + hits, 0));
    for (const { shots, hits, accuracy } of [own, ...own.aim]) expect(accuracy).toBe(shots === 0 ? null : hits / shots);
    expect(own.hits).toBeLessThanOrEqual(own.shots);
    expect(bot.quakeRecord).toEqual(own);
  }
  const stream = `match:${uuidOf(match.id)}`;
  const told = (await readEvents(app.platform.db, stream, 0, 1_000)).at(-1)?.body["results"];
  const shotsIn = (each: { aim: { shots: number }[] }) => each.aim.map(({ shots }) => shots).join(" ");
  const results = told as unknown as { aim: { shots: number }[] }[];
  expect(results.map(shotsIn).toSorted()).toEqual(players.map(shotsIn).toSorted());
});

const lookAt = async (id: string) => {
  const { data } = await ask(app.url, `query($id: ID!) { match(id: $id) { replay { url frames lengthMs bytes } } }`, {
    id,
  });
  type Look = { match: { replay: { url: string; frames: number; lengthMs: number; bytes: number } } };
  return (data as unknown as Look).match.replay;
};

test("everybody sees the match late: much of it comes after its end, and its last frame ends the stream", async () => {
  const { data } = await ask(app.url, `{ limits { name value } }`);
  expect(data?.["limits"]).toContainEqual({ name: "matchFrameDelayMs", value: 2_000 });
  expect(framesAtTheEnd).toBeGreaterThan(0);
  expect(frames.length).toBeGreaterThan(framesAtTheEnd);
  const times = frames.map(({ atMs }) => atMs);
  expect(times).toEqual([...new Set(times)].toSorted((a, b) => a - b));
  expect(new Set(frames.flatMap(({ players }) => players.map(({ side }) => side)))).toEqual(new Set([0, 1]));
  const client = socket(app.url, null);
  const refused = new Promise<unknown>((resolve) =>
    client.subscribe(
      { query: FRAMES, variables: { id: match.id } },
      { next: ({ errors }) => resolve(errors), error: resolve, complete: () => resolve(null) },
    ),
  );
  expect(await refused).toMatchObject([{ extensions: { code: "MATCH_OVER" } }]);
  await client.dispose();
});

test("its replay is what was seen, within the map, with the deaths that are stored", async () => {
  const named = await lookAt(match.id);
  expect(named.url).toBe(`${app.url}/matches/${match.id}/replay`);
  const { replay, headers } = await downloadReplay(named.url);
  expect(headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
  expect(replay).toMatchObject({ match: match.id, map: match.map, lengthMs: named.lengthMs });
  expect(replay.frames).toHaveLength(named.frames);
  expect(named.bytes).toBeLessThan(1_000_000);
  const stored = new Map(replay.frames.map((frame) => [frame.atMs, frame]));
  for (const frame of frames) expect(stored.get(frame.atMs)).toEqual(frame);
  const isInside = await boxOf(match.map);
  for (const { players, missiles, drops } of replay.frames)
    expect([...players, ...missiles, ...drops].filter((point) => !isInside(point))).toEqual([]);
  const query = `query($id: ID!) { match(id: $id) { kills(first: 100) { nodes { number atMs suicide killer { id } victim { id } } } } }`;
  const { data } = await ask(app.url, query, { id: match.id });
  type Kill = { number: number; atMs: number; suicide: boolean; killer: { id: string } | null; victim: { id: string } };
  const kills = (data as unknown as { match: { kills: { nodes: Kill[] } } }).match.kills.nodes;
  const sideOf = (id: string) => replay.players.find(({ bot }) => bot === id)?.side;
  expect(replay.kills.map(({ means: _means, ...kill }) => kill)).toEqual(
    kills.map(({ number, atMs, suicide, killer, victim }) => ({
      number,
      atMs: atMs * TIMESCALE,
      killer: killer ? sideOf(killer.id) : null,
      victim: sideOf(victim.id),
      suicide,
    })),
  );
  const last = (side: number) => replay.scores.findLast((score) => score.side === side)?.score ?? 0;
  for (const { bot, score } of match.players) expect(last(sideOf(bot.id) ?? -1)).toBe(score);
});

test.each([
  ["quake_match_00000000000000000000000000000000", 404, "NOT_FOUND"],
  ["bot_00000000000000000000000000000000", 400, "INVALID_ID"],
  ["no%20id", 400, "INVALID_ID"],
  [`quake_match_${"0".repeat(400)}`, 400, "INVALID_ID"],
])("%.40s has no replay", async (id, status, code) => {
  const answer = await fetch(`${app.url}/matches/${id}/replay`);
  expect(answer.status).toBe(status);
  expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code } }] });
});

test("people bet until it is live, and its result pays them, or nobody wins and all get theirs back", async () => {
  expect(bettors.map(({ placed }) => placed)).toEqual(["PlaceBetSuccess", "PlaceBetSuccess"]);
  expect(late).toBe("POOL_CLOSED");
  const query = `{ viewer { bets(first: 5) { nodes { status payout } } } }`;
  const betOf = async (key: string) => {
    const { data } = await ask(app.url, query, {}, { "x-api-key": key });
    return (data as unknown as { viewer: { bets: { nodes: { status: string; payout: string | null }[] } } }).viewer.bets
      .nodes[0];
  };
  await until(async () => (await betOf(bettors[0]?.key ?? ""))?.status !== "ACTIVE", "the settlement");
  const firsts = match.participants.filter(({ placement }) => placement === 1);
  for (const { key, botId } of bettors) {
    const won = firsts.some(({ bot }) => bot.id === botId);
    const due = firsts.length > 1 ? ["REFUNDED", STAKE] : won ? ["WON", `97000${"0".repeat(18)}`] : ["LOST", "0"];
    expect(Object.values((await betOf(key)) ?? {}).slice(-2)).toEqual(due);
  }
});

/** What strangers see of a bot's XP, and of what its owner unlocked. */
async function experienceOf(botId: string) {
  const query = `query($id: ID!) { node(id: $id) { ... on Bot { xp { total shown } owner { achievements { key unlockedAt } } } } }`;
  const { data } = await ask(app.url, query, { id: botId });
  type Found = {
    xp: { total: number; shown: string };
    owner: { achievements: { key: string; unlockedAt: string | null }[] };
  };
  const { xp, owner } = (data as unknown as { node: Found }).node;
  return { ...xp, unlocked: owner.achievements.filter(({ unlockedAt }) => unlockedAt).map(({ key }) => key) };
}

test("it is a fact of each bot, once, and of equals gives 20 XP for the win, 5 for the loss, 10 for a draw", async () => {
  const firsts = match.participants.filter(({ placement }) => placement === 1).length;
  const first = { 1: ["WIN", 20, ["QUAKE_FIRST_BLOOD"]] as const, 2: ["DRAW", 10, []] as const }[firsts];
  for (const { bot, placement } of match.participants) {
    const [result, xp, unlocked] = (placement === 1 && first) || (["LOSS", 5, []] as const);
    const shown = { total: xp, shown: "CONTESTS", unlocked };
    await expect.poll(() => experienceOf(bot.id), { timeout: 10_000 }).toEqual(shown);
    const { rows } = await app.platform.db.pool.query(
      "SELECT source, kind, origin, result, publicly, computed, added, occurred_at, external_id FROM xp_event WHERE bot_id = $1",
      [uuidOf(bot.id)],
    );
    const fact = { source: "contest", kind: "CONTEST", origin: "OBSERVED", result, publicly: true };
    const id = `${uuidOf(match.id)}:${uuidOf(bot.id)}`;
    expect(rows).toEqual([{ ...fact, computed: xp, added: xp, occurred_at: expect.any(Date), external_id: id }]);
  }
});

test("afterwards nobody waits, and both may join again", async () => {
  for (const { botId } of entrants) expect(await waitOf(app.url, botId)).toBeNull();
});

test("an operator takes a result back: ratings, records and statistics are as before", async () => {
  const person = await newPerson(app.url, "match_operator");
  await app.platform.db.pool.query("UPDATE app_user SET operator = true WHERE handle = 'match_operator'");
  const voidIt = async (input: object, token: string | null) => {
    const query = `mutation($input: VoidMatchInput!) { voidMatch(input: $input) { __typename ... on Refusal { code } ... on VoidMatchSuccess { match { status voidReason } } } }`;
    const { data, errors } = await ask(app.url, query, { input }, token ? { authorization: `Bearer ${token}` } : {});
    return (data?.["voidMatch"] ?? { code: errors?.[0]?.extensions?.["code"] }) as unknown as Record<string, unknown>;
  };
  const input = { matchId: match.id, reason: "for the test" };
  expect(await voidIt(input, null)).toMatchObject({ code: "NOT_AUTHENTICATED" });
  expect(await voidIt({ ...input, reason: " " }, person.token)).toMatchObject({ code: "BAD_INPUT" });
  expect(await voidIt({ ...input, matchId: entrants[0].botId }, person.token)).toMatchObject({ code: "INVALID_ID" });
  const unknown = `quake_match_${"0".repeat(32)}`;
  expect(await voidIt({ ...input, matchId: unknown }, person.token)).toMatchObject({ code: "NOT_FOUND" });
  expect(await voidIt(input, person.token)).toMatchObject({ match: { status: "VOIDED", voidReason: "OPERATOR" } });
  expect(await voidIt(input, person.token)).toMatchObject({ code: "ALREADY_VOID" });
  for (const { botId } of entrants)
    await expect
      .poll(() => experienceOf(botId), { timeout: 10_000 })
      .toEqual({ total: 0, shown: "CONTESTS", unlocked: [] });
  const query = `query($id: ID!) { node(id: $id) { ... on Bot { quakeRecord { kills deaths weapons { means } shots accuracy aim { shots } awards { excellent } } ratings { elo games } } } }`;
  for (const { botId } of entrants) {
    const { data } = await ask(app.url, query, { id: botId });
    expect(data).toEqual({
      node: {
        quakeRecord: {
          ...{ kills: 0, deaths: 0, weapons: [], shots: 0, accuracy: null, aim: [] },
          awards: { excellent: 0 },
        },
        ratings: [{ elo: 1_000, games: 0 }],
      },
    });
  }
});

test("ids of other things are refused by name, and a match that does not exist is null", async () => {
  const asked = async (query: string, id: string) => ask(app.url, query, { id });
  const look = "query($id: ID!) { match(id: $id) { id } }";
  const foreign = await asked(look, entrants[0].botId);
  expect(foreign.errors?.[0]?.extensions?.["code"]).toBe("INVALID_ID");
  expect((await asked(look, `quake_match_${"0".repeat(32)}`)).data).toEqual({ match: null });
  const filter = await ask(app.url, `{ matches(first: 1, filterBy: { bot: "no bot; quit" }) { nodes { id } } }`);
  expect(filter.errors?.[0]?.extensions).toMatchObject({ code: "BAD_INPUT", path: ["filterBy", "bot"] });
  const twice = await mutate(app.url, entrants[0].key, "leaveQueue", {
    botId: entrants[0].botId,
    ladder: "QUAKE",
  });
  expect(twice["code"]).toBe("NOT_WAITING");
});
