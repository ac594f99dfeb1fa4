import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newBot, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";

type Kept = {
  name: string;
  owner: "Lister_One" | "Lister_Two" | "house";
  capabilities: string[];
  status: "OFFLINE" | "ONLINE" | "BUSY";
  /** Its Elo on PIT; null without a standing. */
  elo: number | null;
};

// Oldest first; names are such that `_` matters to a search by its beginning.
const HOUSE: Kept[] = ["House_Random", "House_Drill", "House_Sage", "House_Learner"].map((name) => ({
  name,
  owner: "house",
  capabilities: [],
  status: "ONLINE",
  elo: null,
}));
const OWN: Kept[] = Array.from({ length: 18 }, (_none, index) => ({
  name: `${index % 2 ? "a_" : "Ab"}${String.fromCodePoint(122 - index)}`,
  owner: index % 3 ? "Lister_One" : "Lister_Two",
  capabilities: [...(index % 2 ? ["duel"] : []), ...(index === 7 ? ["rare-skill"] : [])],
  status: (["OFFLINE", "ONLINE", "BUSY"] as const)[index % 3]!,
  elo: index % 4 ? 1_000 + (index % 5) * 10 : null,
}));
let all: Kept[];

let app: App;
const people: Record<string, { key: string; token: string }> = {};

beforeAll(async () => {
  app = await startTestApp({ LIMIT_PRESENCE_MS: 600_000 }, {}, { AGON_ROLES: "api" });
  for (const handle of ["Lister_One", "Lister_Two"]) people[handle] = await newPerson(app.url, handle);
  for (const { name, owner, capabilities, status, elo } of OWN) {
    const key = people[owner]!.key;
    const made = await mutate(app.url, key, "registerBot", { name, capabilities }, "bot { id }");
    const botId = (made["bot"] as unknown as { id: string }).id;
    if (status !== "OFFLINE") await mutate(app.url, key, "heartbeat", { botId });
    if (status === "BUSY") {
      await mutate(app.url, key, "enterPit", { botId });
      await mutate(app.url, key, "createCallout", { botId, targetId: await idOf("House_Drill") });
    }
    if (elo !== null)
      await app.platform.db.pool.query(
        "INSERT INTO rating (ladder, bot_id, elo) SELECT 'PIT', id, $2 FROM bot WHERE name = $1",
        [name, elo],
      );
  }
  // House bots are made in one instant: which is newer is said by their ids alone.
  const ids = new Map(await Promise.all(HOUSE.map(async ({ name }) => [name, await idOf(name)] as const)));
  all = [...HOUSE.toSorted((a, b) => (ids.get(a.name)! < ids.get(b.name)! ? -1 : 1)), ...OWN];
  const archived = await mutate(app.url, people["Lister_One"]!.key, "registerBot", { name: "Aba" }, "bot { id }");
  const botId = (archived["bot"] as unknown as { id: string }).id;
  await mutate(app.url, people["Lister_One"]!.key, "archiveBot", { botId });
});
afterAll(() => app.stop());

async function idOf(name: string): Promise<string> {
  const { data } = await ask(app.url, `query($name: String!) { bot(name: $name) { id } }`, { name });
  return (data as unknown as { bot: { id: string } }).bot.id;
}

type Page = {
  edges: { cursor: string; node: { name: string } }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
};
const LIST = `query($filterBy: BotFilter, $orderBy: BotOrder, $first: Int, $after: String, $last: Int, $before: String) {
  bots(filterBy: $filterBy, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
    edges { cursor node { name status } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;

async function list(variables: object): Promise<Page> {
  const { data, errors } = await ask(app.url, LIST, variables);
  expect(errors).toBeUndefined();
  return (data as unknown as { bots: Page }).bots;
}
const namesOf = ({ edges }: Page) => edges.map(({ node }) => node.name);

/** The whole list, page by page in either direction. */
async function walk(variables: object, size: number, forwards: boolean): Promise<string[]> {
  const names: string[] = [];
  for (let cursor: string | null = null; ; ) {
    const page: Page = await list({
      ...variables,
      ...(forwards ? { first: size, after: cursor } : { last: size, before: cursor }),
    });
    if (forwards) names.push(...namesOf(page));
    else names.unshift(...namesOf(page));
    const more = forwards ? page.pageInfo.hasNextPage : page.pageInfo.hasPreviousPage;
    if (!more) return names;
    cursor = forwards ? page.pageInfo.endCursor : page.pageInfo.startCursor;
  }
}

type Filter = {
  capability?: string | undefined;
  status?: Kept["status"] | undefined;
  ownerHandle?: string | undefined;
  ladder?: "PIT" | undefined;
  search?: string | undefined;
};

/** What a list must show, by the fixtures alone. */
function expected(filter: Filter, orderBy: string): string[] {
  const bytes = ({ name }: Kept) => Buffer.from(name.toLowerCase()).toString("hex");
  const found = all.filter(
    (bot) =>
      (!filter.capability || bot.capabilities.includes(filter.capability)) &&
      (!filter.status || bot.status === filter.status) &&
      (!filter.ownerHandle || bot.owner.toLowerCase() === filter.ownerHandle.toLowerCase()) &&
      (!filter.ladder || bot.elo !== null) &&
      (!filter.search || bot.name.toLowerCase().startsWith(filter.search.toLowerCase())),
  );
  if (orderBy === "NAME") return found.toSorted((a, b) => (bytes(a) < bytes(b) ? -1 : 1)).map(({ name }) => name);
  // Older ids are smaller: among equals of a board the older bot stands first.
  if (orderBy === "ELO") return found.toSorted((a, b) => (b.elo ?? 0) - (a.elo ?? 0)).map(({ name }) => name);
  return found.toReversed().map(({ name }) => name);
}

const some = <T>(...values: T[]) => [undefined, ...values];
const FILTERS: Filter[] = some("duel", "rare-skill", "nobody-can").flatMap((capability) =>
  some("OFFLINE" as const, "ONLINE" as const, "BUSY" as const).flatMap((status) =>
    some("lister_one", "house", "nobody").flatMap((ownerHandle) =>
      some("a_", "ab").map((search) => ({ capability, status, ownerHandle, search })),
    ),
  ),
);

describe.each(["NEWEST", "NAME", "ELO"])("bots by %s", (orderBy) => {
  const ladders = orderBy === "ELO" ? (["PIT"] as const) : ([undefined, "PIT"] as const);

  test("are those that every part of the filter lets through, in order", async () => {
    for (const ladder of ladders)
      for (const filter of FILTERS) {
        const filterBy: Filter = { ...filter, ladder };
        const names = namesOf(await list({ filterBy, orderBy, first: 100 }));
        expect({ filterBy, names }).toEqual({ filterBy, names: expected(filterBy, orderBy) });
      }
  });

  test.each([1, 2, 3, 7, 100])("are the same in pages of %i, forwards and backwards", async (size) => {
    for (const ladder of ladders)
      for (const filter of [{}, { status: "ONLINE" }, { capability: "duel" }, { search: "A" }] as Filter[]) {
        const filterBy: Filter = { ...filter, ladder };
        const whole = expected(filterBy, orderBy);
        expect(await walk({ filterBy, orderBy }, size, true)).toEqual(whole);
        expect(await walk({ filterBy, orderBy }, size, false)).toEqual(whole);
      }
  });

  test("say before and behind a page whether there is more", async () => {
    const filterBy = { ladder: "PIT" };
    const whole = expected({ ladder: "PIT" }, orderBy);
    const first = await list({ filterBy, orderBy, first: 3 });
    expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    const second = await list({ filterBy, orderBy, first: 3, after: first.pageInfo.endCursor });
    expect(second.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
    const between = { after: first.edges[0]?.cursor, before: second.edges[2]?.cursor };
    expect(namesOf(await list({ filterBy, orderBy, first: 100, ...between }))).toEqual(whole.slice(1, 5));
    expect(namesOf(await list({ filterBy, orderBy, first: 0 }))).toEqual([]);
  });
});

test("a bot that registers while somebody pages on is met in no page twice", async () => {
  const filterBy = { ownerHandle: "Lister_Two" };
  const first = await list({ filterBy, orderBy: "NEWEST", first: 2 });
  const made = await mutate(app.url, people["Lister_Two"]!.key, "registerBot", { name: "Late_Comer" }, "bot { id }");
  const rest = await list({ filterBy, orderBy: "NEWEST", first: 100, after: first.pageInfo.endCursor });
  expect([...namesOf(first), ...namesOf(rest)]).toEqual(expected({ ownerHandle: "Lister_Two" }, "NEWEST"));
  const botId = (made["bot"] as unknown as { id: string }).id;
  await mutate(app.url, people["Lister_Two"]!.key, "archiveBot", { botId });
});

test("a bot that comes online is found at once by whoever polls", async () => {
  const { key } = people["Lister_One"]!;
  const online = () => list({ filterBy: { status: "ONLINE", search: "waker" }, first: 5 });
  const made = await mutate(app.url, key, "registerBot", { name: "Waker" }, "bot { id }");
  const botId = (made["bot"] as unknown as { id: string }).id;
  expect(namesOf(await online())).toEqual([]);
  await mutate(app.url, key, "heartbeat", { botId });
  expect(namesOf(await online())).toEqual(["Waker"]);
  await mutate(app.url, key, "archiveBot", { botId });
  expect(namesOf(await online())).toEqual([]);
});

describe("a list that cannot be made is refused by name, with the argument:", () => {
  test.each([
    ["an order by Elo of no ladder", { orderBy: "ELO" }, "BAD_INPUT", ["orderBy"]],
    ["a capability in capitals", { filterBy: { capability: "Duel" } }, "BAD_INPUT", ["filterBy", "capability"]],
    ["a search with a wildcard", { filterBy: { search: "a%" } }, "BAD_INPUT", ["filterBy", "search"]],
    ["a search of 16 letters", { filterBy: { search: "a".repeat(16) } }, "BAD_INPUT", ["filterBy", "search"]],
    ["a handle with NUL", { filterBy: { ownerHandle: "a\0" } }, "BAD_INPUT", ["filterBy", "ownerHandle"]],
    ["both ends at once", { first: 1, last: 1 }, "BAD_INPUT", ["last"]],
    ["a cursor of nothing", { after: "x" }, "INVALID_CURSOR", ["after"]],
  ])("%s", async (_sentence, variables, code, path) => {
    const { errors } = await ask(app.url, LIST, variables);
    expect(errors?.[0]?.extensions).toMatchObject({ code, path, hint: expect.any(String) });
  });

  test("a cursor of another order", async () => {
    const { pageInfo } = await list({ orderBy: "NAME", first: 1 });
    const { errors } = await ask(app.url, LIST, { orderBy: "NEWEST", before: pageInfo.endCursor });
    expect(errors?.[0]?.extensions).toMatchObject({ code: "INVALID_CURSOR", path: ["before"] });
  });
});

describe("what a bot says of itself", () => {
  const shown = async (name: string) =>
    (
      await ask(app.url, `query($name: String!) { bot(name: $name) { capabilities metadata skillsMarkdown } }`, {
        name,
      })
    ).data?.["bot"] as unknown;

  test("is kept, changed part by part, and shown to everybody", async () => {
    const { key } = people["Lister_One"]!;
    const metadata = { model: "a-1", homepage: null, nested: { list: [1, 2.5, "😀"] } };
    const input = { name: "Profile", capabilities: ["duel", "code-review", "duel"], metadata };
    const made = await mutate(app.url, key, "registerBot", input, "bot { id }");
    const botId = (made["bot"] as unknown as { id: string }).id;
    expect(await shown("Profile")).toEqual({ capabilities: ["duel", "code-review"], metadata, skillsMarkdown: "" });
    await mutate(app.url, key, "updateBot", { botId, skillsMarkdown: "# Hits hard" });
    expect(await shown("Profile")).toMatchObject({ capabilities: ["duel", "code-review"], metadata });
    await mutate(app.url, key, "updateBot", { botId, capabilities: [], metadata: {} });
    expect(await shown("Profile")).toEqual({ capabilities: [], metadata: {}, skillsMarkdown: "# Hits hard" });
    await mutate(app.url, key, "archiveBot", { botId });
  });

  test.each([
    [{ capabilities: ["Duel"] }, "INVALID_CAPABILITIES", ["input", "capabilities"]],
    [{ capabilities: Array(33).fill("duel") }, "INVALID_CAPABILITIES", ["input", "capabilities"]],
    [{ metadata: { big: "x".repeat(4_096) } }, "METADATA_TOO_LARGE", ["input", "metadata"]],
    [{ metadata: [] }, "BAD_INPUT", ["input", "metadata"]],
    [{ metadata: { nul: "\0" } }, "BAD_INPUT", ["input", "metadata"]],
    [{ skillsMarkdown: "x".repeat(8_193) }, "BAD_INPUT", ["input", "skillsMarkdown"]],
    [{ skillsMarkdown: "\0" }, "BAD_INPUT", ["input", "skillsMarkdown"]],
  ])("is refused whole where it is not acceptable: %o", async (profile, code, path) => {
    const { key } = people["Lister_Two"]!;
    const name = "Refused";
    const registered = await mutate(app.url, key, "registerBot", { name, ...profile });
    expect(registered).toMatchObject({ code, path, hint: expect.any(String) });
    expect(await shown(name)).toBeNull();
    const updated = await mutate(app.url, key, "updateBot", { botId: await idOf(OWN[0]!.name), ...profile });
    expect(updated).toMatchObject({ code, path });
  });
});

test("a person's page shows the handle, when it was made, and its bots, and nothing of the account", async () => {
  const query = `{ user(handle: "LISTER_TWO") { handle createdAt bots(first: 3) { nodes { name owner { handle } } pageInfo { hasNextPage } } } }`;
  const { data, errors } = await ask(app.url, query);
  expect(errors).toBeUndefined();
  const { user } = data as unknown as { user: { handle: string; createdAt: string; bots: { nodes: object[] } } };
  expect(user).toMatchObject({ handle: "Lister_Two", createdAt: expect.stringMatching(/Z$/) });
  expect(user.bots).toEqual({
    nodes: expected({ ownerHandle: "Lister_Two" }, "NEWEST")
      .slice(0, 3)
      .map((name) => ({ name, owner: { handle: "Lister_Two" } })),
    pageInfo: { hasNextPage: true },
  });
  const { errors: secret } = await ask(app.url, `{ user(handle: "Lister_Two") { email } }`);
  expect(secret?.[0]?.message).toContain('Cannot query field "email"');
});

test("a name and a handle are found as they are written, not as patterns", async () => {
  const { key, handle } = await newPerson(app.url, "under_score");
  await newBot(app.url, key, "Lit_ral");
  for (const [query, found] of [
    ['{ bot(name: "lit_ral") { name status } }', { bot: { name: "Lit_ral", status: "ONLINE" } }],
    ['{ bot(name: "L%") { name status } }', { bot: null }],
    ['{ bot(name: "Lit_r_l") { name status } }', { bot: null }],
    ['{ user(handle: "under_score") { handle } }', { user: { handle } }],
    ['{ user(handle: "under_scor_") { handle } }', { user: null }],
  ] as const)
    expect((await ask(app.url, query)).data).toEqual(found);
});
