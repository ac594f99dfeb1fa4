import { afterEach, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, socket } from "../harness/agent.ts";
import { startQuakeApp } from "../harness/quake-app.ts";
import { joinQuake, matches, matchIn, newEntrants, type Entrant, type Match } from "../harness/quake-arena.ts";
import { until } from "../harness/until.ts";

// Four owners' strategies meet on a real OpenArena server, round after round. AGON_CHAOS=full plays one at real time, too.

const FULL = process.env["AGON_CHAOS"] === "full";
const FAST = { timescale: 5, roundMin: 1, rounds: 3, timeoutMs: 300_000 };
const REAL = { timescale: 1, roundMin: 2, rounds: 1, timeoutMs: 300_000 };
const STRATEGIES = ["competition", "hunter", "adaptive", "random"] as const;

let app: App;
/** Names are free for another try. */
let tries = 0;
afterEach(() => app.stop());

/** Four bots that play the reference strategies, as their owners uploaded them. */
async function newPlayers(): Promise<Entrant[]> {
  tries++;
  const entrants = await newEntrants(
    app.url,
    STRATEGIES.map((name) => `${name}_${tries}`),
  );
  for (const [index, { key, botId }] of entrants.entries()) {
    const { data } = await ask(app.url, `{ referenceStrategy(name: ${STRATEGIES[index]}) }`);
    const source = data?.["referenceStrategy"];
    const uploaded = await mutate(app.url, key, "uploadStrategy", { botId, source, activate: true });
    expect(uploaded).toMatchObject({ __typename: "UploadStrategySuccess" });
  }
  return entrants;
}

type Kill = { number: number; suicide: boolean; killer: { id: string } | null; victim: { id: string } };
const KILL = "number suicide killer { id } victim { id }";

/** The deaths of a match as they are told to whoever follows it. */
function follow({ id, cursor }: Match): { told: Kill[]; stop(): Promise<void> } {
  const told: Kill[] = [];
  const client = socket(app.url, null);
  const query = `subscription($id: ID!, $after: Cursor) { matchEvents(matchId: $id, after: $after) { event {
    __typename ... on MatchKill { ${KILL} } } } }`;
  client.subscribe<{ matchEvents: { event: Kill & { __typename: string } } }>(
    { query, variables: { id, after: cursor } },
    {
      next: ({ data }) => {
        const { __typename, ...kill } = data?.matchEvents.event ?? { __typename: null };
        if (__typename === "MatchKill") told.push(kill as Kill);
      },
      error: () => undefined,
      complete: () => undefined,
    },
  );
  return { told, stop: async () => client.dispose() };
}

async function killsOf(id: string): Promise<Kill[]> {
  const query = `query($id: ID!) { match(id: $id) { kills(first: 100) { nodes { ${KILL} } pageInfo { hasNextPage } } } }`;
  const { data } = await ask(app.url, query, { id });
  const { kills } = (data as unknown as { match: { kills: { nodes: Kill[]; pageInfo: { hasNextPage: boolean } } } })
    .match;
  expect(kills.pageInfo.hasNextPage).toBe(false);
  return kills.nodes;
}

/** All four wait, meet and play; the round's match, and its deaths as they were told. */
async function playRound(entrants: readonly Entrant[], before: ReadonlySet<string>): Promise<[Match, Kill[]]> {
  for (const entrant of entrants) await joinQuake(app.url, entrant);
  const begun = await until(async () => (await matches(app.url)).find(({ id }) => !before.has(id)), "their match");
  const { told, stop } = follow(begun);
  const over = () => matchIn(app.url, ["COMPLETED", "VOIDED"], begun.id);
  const match = await over().catch(over);
  await until(async () => told.length === (await killsOf(match.id)).length, "every death on the stream");
  await stop();
  return [match, told];
}

const sum = (numbers: readonly number[]) => numbers.reduce((all, number) => all + number, 0);

/** What a round has to be whoever won it. */
async function judge({ id, rated, voidReason, players, participants }: Match, told: readonly Kill[]): Promise<void> {
  expect({ rated, voidReason, players: players.length }).toEqual({ rated: true, voidReason: null, players: 4 });
  const kills = await killsOf(id);
  expect(told).toEqual(kills);
  expect(kills.map(({ number }) => number)).toEqual(kills.map((_kill, index) => index + 1));
  expect(sum(players.map(({ deaths }) => deaths))).toBe(kills.length);
  expect(sum(players.map((player) => player.kills + player.suicides))).toBe(kills.length);
  for (const { bot, ...player } of players) {
    const ofOthers = kills.filter(({ killer, suicide }) => killer?.id === bot.id && !suicide).length;
    const ownFault = kills.filter(({ victim, suicide }) => victim.id === bot.id && suicide).length;
    expect(player).toMatchObject({ kills: ofOthers, suicides: ownFault });
    // A suicide costs a point, but for those that the game spares.
    expect(player.score).toBeLessThanOrEqual(ofOthers);
    expect(player.score).toBeGreaterThanOrEqual(ofOthers - ownFault);
    const better = players.filter(({ score }) => score > player.score).length;
    expect(participants.find((one) => one.bot.id === bot.id)?.placement).toBe(better + 1);
  }
  expect(sum(participants.map(({ ratingBefore, ratingAfter }) => (ratingAfter ?? NaN) - (ratingBefore ?? NaN)))).toBe(
    0,
  );
}

/** What a bot's page says of it. */
async function recordOf(botId: string) {
  const query = `query($id: ID!) { node(id: $id) { ... on Bot { ratings { ladder elo games } quakeRecord {
    kills deaths suicides killsPerDeath weapons { kills deaths suicides } } } } }`;
  const { data } = await ask(app.url, query, { id: botId });
  type Counts = { kills: number; deaths: number; suicides: number };
  type Found = {
    ratings: { ladder: string; elo: number; games: number }[];
    quakeRecord: Counts & { killsPerDeath: number; weapons: Counts[] };
  };
  return (data as unknown as { node: Found }).node;
}

test.each(FULL ? [FAST, REAL] : [FAST])(
  "four bots play $rounds whole rounds $timescale times as fast: log, clients, stream, store and scores agree, and Elo sums to zero",
  async ({ timescale, roundMin, rounds }) => {
    app = await startQuakeApp(1, {}, { AGON_QUAKE_TIMESCALE: `${timescale}`, AGON_QUAKE_ROUND_MIN: `${roundMin}` });
    const entrants = await newPlayers();
    const played: Match[] = [];
    for (let round = 0; round < rounds; round++) {
      const [match, told] = await playRound(entrants, new Set(played.map(({ id }) => id)));
      await judge(match, told);
      for (const { bot, ratingBefore } of match.participants) {
        const last = played.at(-1)?.participants.find((one) => one.bot.id === bot.id);
        expect(ratingBefore).toBe(last ? last.ratingAfter : 1_000);
      }
      played.push(match);
    }
    expect(sum(played.flatMap(({ players }) => players.map(({ kills }) => kills)))).toBeGreaterThan(0);
    for (const { botId } of entrants) {
      const own = played.flatMap(({ players }) => players.filter(({ bot }) => bot.id === botId));
      const count = (of: "kills" | "deaths" | "suicides") => sum(own.map((player) => player[of]));
      const [kills, deaths, suicides] = [count("kills"), count("deaths"), count("suicides")];
      const { ratings, quakeRecord } = await recordOf(botId);
      expect(quakeRecord).toMatchObject({ kills, deaths, suicides, killsPerDeath: kills / Math.max(1, deaths) });
      for (const of of ["kills", "deaths", "suicides"] as const)
        expect(sum(quakeRecord.weapons.map((weapon) => weapon[of]))).toBe({ kills, deaths, suicides }[of]);
      const elo = played.at(-1)?.participants.find(({ bot }) => bot.id === botId)?.ratingAfter;
      expect(ratings).toEqual([{ ladder: "QUAKE", elo, games: rounds }]);
    }
  },
  FAST.timeoutMs,
);
