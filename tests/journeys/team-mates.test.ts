import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newBot, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { newTeam, takeOut } from "../harness/teams.ts";
import { until } from "../harness/until.ts";

let app: App;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.stop());

type Person = { token: string; key: string };
/** What is between two people before their bots meet. */
type Ties = (one: Person, two: Person) => Promise<unknown>;

const oneTeam: Ties = (one, two) => newTeam(app.url, one, two);
const teamOfAThird: Ties = async (one, two) => newTeam(app.url, await newPerson(app.url), one, two);
const twoTeams: Ties = (one, two) => Promise.all([newTeam(app.url, one), newTeam(app.url, two)]);
const teamThatOneLeft: Ties = async (one, two) => takeOut(app.url, two, await newTeam(app.url, one, two), two);

type Fight = { id: string; rated: boolean; status: string };

/** A bot's newest fight, and its Elo on a ladder where it has any. */
async function standingOf(botId: string, ladder: string) {
  const query = `query($id: ID!) { node(id: $id) { ... on Bot { contests(first: 1) { nodes { id rated status } } ratings { ladder elo } } } }`;
  const { data } = await ask(app.url, query, { id: botId });
  const { node } = data as unknown as {
    node: { contests: { nodes: Fight[] }; ratings: { ladder: string; elo: number }[] };
  };
  return {
    fight: node.contests.nodes[0],
    elo: node.ratings.find((rating) => rating.ladder === ladder)?.elo ?? 1_000,
  };
}

let made = 0;
test.each<[string, Ties, string, object]>([
  ["of one team meet unrated in the Pit", oneTeam, "PIT", { rated: false, elo: [1_000, 1_000] }],
  ["of one team meet unrated in the slow Pit", oneTeam, "PIT_SLOW", { rated: false, elo: [1_000, 1_000] }],
  ["who are members of another's team do, too", teamOfAThird, "PIT", { rated: false, elo: [1_000, 1_000] }],
  ["of two teams meet rated in the Pit", twoTeams, "PIT", { rated: true, elo: [984, 1_016] }],
  ["of two teams meet rated in the slow Pit", twoTeams, "PIT_SLOW", { rated: true, elo: [984, 1_016] }],
  ["are rated once one has left the team", teamThatOneLeft, "PIT", { rated: true, elo: [984, 1_016] }],
])("two owners %s, and a fight that is given up counts so", async (_sentence, tie, ladder, expected) => {
  const [one, two] = [await newPerson(app.url), await newPerson(app.url)];
  await tie(one, two);
  const [loser, winner] = [
    await newBot(app.url, one.key, `Mate_${made++}`),
    await newBot(app.url, two.key, `Mate_${made++}`),
  ];
  for (const [key, botId] of [
    [one.key, loser],
    [two.key, winner],
  ] as const)
    expect(await mutate(app.url, key, "joinQueue", { botId, ladder })).toMatchObject({
      __typename: "JoinQueueSuccess",
    });
  const { id: fightId } = await until(async () => (await standingOf(loser, ladder)).fight, "the fight");
  await mutate(app.url, one.key, "concedeFight", { botId: loser, fightId });
  await until(async () => (await standingOf(loser, ladder)).fight?.status === "COMPLETED", "the fight's end");
  const [lost, won] = [await standingOf(loser, ladder), await standingOf(winner, ladder)];
  expect(won.fight).toEqual({ id: fightId, rated: lost.fight?.rated, status: "COMPLETED" });
  expect({ rated: lost.fight?.rated, elo: [lost.elo, won.elo] }).toEqual(expected);
});
