import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newBot, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";

type Person = { handle: string; token: string; key: string };
type Nodes<Row> = { nodes: Row[] };

let app: App;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.stop());

const session = (who: Person | null) => (who ? { authorization: `Bearer ${who.token}` } : undefined);

async function idOf(handle: string): Promise<string> {
  const { data } = await ask(app.url, "query($handle: String!) { user(handle: $handle) { id } }", { handle });
  return (data as unknown as { user: { id: string } }).user.id;
}

/** Who follows a person or bot, as somebody sees it. */
async function followersOf(id: string, reader: Person | null = null): Promise<string[]> {
  const list = "followedBy(first: 10) { nodes { follower { handle } } }";
  const query = `query($id: ID!) { node(id: $id) { ... on Bot { ${list} } ... on User { ${list} } } }`;
  const { data } = await ask(app.url, query, { id }, session(reader));
  const { nodes } = (data as unknown as { node: { followedBy: Nodes<{ follower: { handle: string } }> } }).node
    .followedBy;
  return nodes.map(({ follower }) => follower.handle);
}

/** Whom a person follows, as somebody sees it: bots, then people. */
async function followedBy(handle: string, reader: Person | null = null): Promise<string[]> {
  const query = `query($handle: String!) { user(handle: $handle) {
    followsBots(first: 10) { nodes { bot { name } } } followsUsers(first: 10) { nodes { user { handle } } } } }`;
  const { data } = await ask(app.url, query, { handle }, session(reader));
  type Lists = { followsBots: Nodes<{ bot: { name: string } }>; followsUsers: Nodes<{ user: { handle: string } }> };
  const { followsBots, followsUsers } = (data as unknown as { user: Lists }).user;
  return [...followsBots.nodes.map(({ bot }) => bot.name), ...followsUsers.nodes.map(({ user }) => user.handle)];
}

const setProfile = ({ handle }: Person, profile: string) =>
  app.platform.db.pool.query(
    `INSERT INTO xp_user (user_id, profile) SELECT id, $2 FROM app_user WHERE handle = $1
     ON CONFLICT (user_id) DO UPDATE SET profile = $2`,
    [handle, profile],
  );

/** Puts people into a team of their own. */
async function joinTeam(name: string, people: readonly Person[]): Promise<void> {
  const { query } = app.platform.db.pool;
  const pool = query.bind(app.platform.db.pool);
  await pool("INSERT INTO team (id, name, created_at) VALUES (gen_random_uuid(), $1, now())", [name]);
  for (const { handle } of people)
    await pool(
      `INSERT INTO team_member (team_id, user_id, role, joined_at)
       SELECT t.id, u.id, 'OWNER', now() FROM team t, app_user u WHERE t.name = $1 AND u.handle = $2`,
      [name, handle],
    );
}

test("one sees who follows a bot or a person and whom a person follows, the newest first", async () => {
  const [star, early, late] = [await newPerson(app.url), await newPerson(app.url), await newPerson(app.url)];
  const botId = await newBot(app.url, star.key, "Followed");
  const starId = await idOf(star.handle);
  for (const who of [early, late])
    for (const subjectId of [botId, starId]) await mutate(app.url, who.key, "follow", { subjectId });
  for (const id of [botId, starId]) expect(await followersOf(id)).toEqual([late.handle, early.handle]);
  expect(await followedBy(early.handle)).toEqual(["Followed", star.handle]);
  await mutate(app.url, early.key, "unfollow", { subjectId: botId });
  expect(await followedBy(early.handle)).toEqual([star.handle]);
  await mutate(app.url, star.key, "archiveBot", { botId });
  expect(await followedBy(late.handle)).toEqual([star.handle]);
});

test("who hides the profile is named in no list of others, and shows none; team mates see what is for teams", async () => {
  const [star, shy, mate] = [await newPerson(app.url), await newPerson(app.url), await newPerson(app.url)];
  const starId = await idOf(star.handle);
  await mutate(app.url, shy.key, "follow", { subjectId: starId });
  await mutate(app.url, mate.key, "follow", { subjectId: await idOf(shy.handle) });
  await joinTeam("Shy ones", [shy, mate]);
  for (const [profile, stranger, together] of [
    ["PUBLIC", true, true],
    ["TEAM", false, true],
    ["PRIVATE", false, false],
  ] as const) {
    await setProfile(shy, profile);
    const seen = async (reader: Person | null) => [
      (await followersOf(starId, reader)).includes(shy.handle),
      (await followedBy(shy.handle, reader)).includes(star.handle),
      (await followedBy(mate.handle, reader)).includes(shy.handle),
    ];
    expect([profile, ...(await seen(null))]).toEqual([profile, stranger, stranger, stranger]);
    expect([profile, ...(await seen(mate))]).toEqual([profile, together, together, together]);
    expect([profile, ...(await seen(shy))]).toEqual([profile, true, true, true]);
  }
});
