import { execute, getNamedType, isLeafType, isObjectType, isInterfaceType, parse, type GraphQLField } from "graphql";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { compileRead, readableFields } from "../../src/platform/graphql/compiled.ts";
import { contextFor } from "../../src/platform/server/context.ts";
import { anonymousViewer } from "../../src/platform/viewer.ts";
import { schema } from "../../src/schema.ts";
import { mutate, newBot, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";

let app: App;
const variables: Record<string, unknown> = { kind: "PIT", name: "reads_3", first: 2 };
beforeAll(async () => {
  app = await startTestApp({ LIMIT_CALLOUT_INTERVAL_MS: 0 });
  const [ann, bob] = [await newPerson(app.url), await newPerson(app.url)];
  for (let row = 0; row < 4; row++) {
    const [one, two] = [
      await newBot(app.url, ann.key, `Reads_${row}`),
      await newBot(app.url, bob.key, `Other_${row}`),
    ] as const;
    for (const [key, botId] of [
      [ann.key, one],
      [bob.key, two],
    ] as const)
      await mutate(app.url, key, "enterPit", { botId });
    const made = await mutate(app.url, ann.key, "createCallout", { botId: one, targetId: two }, "callout { id }");
    const calloutId = (made["callout"] as unknown as { id: string }).id;
    const met = await mutate(app.url, bob.key, "acceptCallout", { calloutId }, "callout { fight { id } }");
    const fightId = (met["callout"] as unknown as { fight: { id: string } }).fight.id;
    if (row < 3) await mutate(app.url, bob.key, "concedeFight", { botId: two, fightId });
    if (row === 1) variables["id"] = fightId;
  }
  // Standings as rated contests would leave them: equal Elos, fractions, and one that is still provisional.
  await app.platform.db.pool.query(
    `UPDATE rating r SET on_board = b.n < 6, elo = 1000 + (b.n / 2) * 16, mu = 25.5 + b.n / 3.0, sigma = 3 + b.n / 7.0, rated_games = 8 + b.n,
       last_rated_at = '2026-11-24T09:30:00.120Z'
     FROM (SELECT id, row_number() OVER (ORDER BY id)::int AS n FROM bot) b WHERE b.id = r.bot_id`,
  );
});
afterAll(() => app.stop());

const ARGUMENTS: Record<string, string> = {
  "Query.ladder": "kind: $kind",
  "Query.fight": "id: $id",
  "Query.bot": "name: $name",
  "Ladder.leaderboard": "first: $first",
  "Bot.contests": "first: 3",
};

function typeOf(name: string) {
  const type = schema.getType(name);
  if (!isObjectType(type) && !isInterfaceType(type)) throw new Error(`${name} has no fields`);
  return type;
}

/** Everything readable below a type, to a depth. */
function selection(type: string, depth: number): string {
  const fields = typeOf(type).getFields();
  return readableFields(type)
    .flatMap((name) => {
      if (name === "__typename") return [name];
      const field = fields[name];
      if (!field) throw new Error(`${type}.${name} is readable but not in the schema`);
      return chosen(type, field, depth);
    })
    .join(" ");
}

function chosen(type: string, field: GraphQLField<unknown, unknown>, depth: number): string[] {
  const args = ARGUMENTS[`${type}.${field.name}`];
  const head = args ? `${field.name}(${args})` : field.name;
  const child = getNamedType(field.type);
  if (isLeafType(child)) return [head];
  if (depth === 0) return [];
  const rows = child.name.endsWith("Connection")
    ? getNamedType(typeOf(child.name).getFields()["nodes"]?.type)?.name
    : undefined;
  return rows
    ? [`${head} { nodes { ${selection(rows, depth - 1)} } }`]
    : [`${head} { ${selection(child.name, depth - 1)} }`];
}

const DECLARED = "$kind: LadderKind!, $id: ID!, $name: String!, $first: Int";
const used = (text: string) =>
  DECLARED.split(", ")
    .filter((each) => text.includes(each.slice(0, each.indexOf(":"))))
    .join(", ");

async function both(text: string, given: Record<string, unknown>) {
  const declared = used(text);
  const document = parse(`query Both${declared && `(${declared})`} { ${text} }`);
  const [operation] = document.definitions;
  const compiled = operation?.kind === "OperationDefinition" ? compileRead(schema, document, operation) : null;
  const values = compiled?.values(given);
  if (!compiled || !values) throw new Error(`${text} is not compiled`);
  const { rows } = await app.platform.db.pool.query<{ data: string }>(compiled.text, values);
  const contextValue = contextFor(app.platform, anonymousViewer("test"), { headers: {}, address: "test" });
  const executed = await execute({ schema, document, contextValue, variableValues: given });
  expect(executed.errors).toBeUndefined();
  return { compiled: rows[0]?.data ?? "", executed: JSON.stringify(executed.data) };
}

const plain = (json: string): unknown => JSON.parse(json);

test("there is much to read", () => {
  expect(readableFields("Bot").length).toBeGreaterThan(5);
  expect(readableFields("Query")).toEqual(expect.arrayContaining(["ladder", "fight", "bot"]));
});

test.each(["ladder", "fight", "bot"])(
  "%s as one statement gives what its resolvers give, field by field",
  async (root) => {
    for (const depth of [1, 2, 3, 4]) {
      const field = typeOf("Query").getFields()[root];
      if (!field) throw new Error(root);
      const [text = ""] = chosen("Query", field, depth);
      const { compiled, executed } = await both(text, variables);
      expect(compiled.length).toBeGreaterThan(25 * depth);
      expect(plain(compiled)).toEqual(plain(executed));
    }
  },
);

test("keys stand in the order in which they were asked for, aliases and fragments included", async () => {
  const text = `b: ladder(kind: PIT_SLOW) { name kind } a: ladder(kind: $kind) { __typename leaderboard(first: 3) { nodes { z: elo ... { bot { name } } bot { owner { handle } id } rank } } }`;
  const { compiled, executed } = await both(text, variables);
  expect(JSON.stringify(plain(compiled))).toBe(executed);
});

// What the statements call their own parts, and what PostgreSQL knows in every row.
const NAMES_OF_SQL = ["o", "r1", "r2", "r3p", "f", "h", "t", "data", "ctid", "tableoid", "row_to_json"];

test.each([
  ["of the operation", `KEY: __typename`],
  ["of an object below it", `KEY: bot(name: $name) { id }`],
  ["of an object's only value", `bot(name: $name) { KEY: name }`],
  ["of one of several values", `bot(name: $name) { id KEY: name }`],
  ["of an object within an object", `bot(name: $name) { name KEY: owner { handle } }`],
  ["of a value in a list", `fight(id: $id) { phase participants { KEY: placement } }`],
  ["of a list", `fight(id: $id) { phase KEY: participants { placement bot { name } } }`],
  ["of a page", `bot(name: $name) { KEY: contests(first: 2) { nodes { id } } }`],
  ["of a page's rows", `ladder(kind: PIT) { leaderboard(first: $first) { KEY: nodes { rank } } }`],
  ["of a value in a page", `ladder(kind: PIT) { leaderboard(first: $first) { nodes { KEY: elo rank } } }`],
  [
    "of everything on a ladder",
    `KEY: ladder(kind: PIT) { KEY: leaderboard(first: $first) { KEY: nodes { KEY: bot { KEY: owner { KEY: handle } } } } }`,
  ],
  [
    "of everything in a fight",
    `KEY: fight(id: $id) { KEY: participants { KEY: bot { KEY: contests(first: 2) { KEY: nodes { KEY: id } } } } }`,
  ],
])("the key %s may be any name that the statement uses itself", async (_place, text) => {
  for (const key of NAMES_OF_SQL) {
    const { compiled, executed } = await both(text.replaceAll("KEY", key), variables);
    expect(JSON.stringify(plain(compiled))).toBe(executed);
  }
});

test("keys as long as PostgreSQL takes them are told apart by their last character", async () => {
  const [one, two] = [`${"k".repeat(62)}1`, `${"k".repeat(62)}2`];
  const text = `${one}: bot(name: $name) { ${two}: name ${one}: id } ${two}: fight(id: $id) { participants { ${one}: placement ${two}: side } }`;
  const { compiled, executed } = await both(text, variables);
  expect(JSON.stringify(plain(compiled))).toBe(executed);
});

test("what is not there is null", async () => {
  const { compiled, executed } = await both(`fight(id: $id) { id }`, { id: `fight_${"0".repeat(32)}` });
  expect(plain(compiled)).toEqual({ fight: null });
  expect(plain(executed)).toEqual({ fight: null });
});

test.each([
  ["a field that runs by its resolver", `ladder(kind: PIT) { open }`],
  ["a directive", `ladder(kind: PIT) { kind @skip(if: true) name }`],
  ["a cursor", `ladder(kind: PIT) { leaderboard(first: 1) { edges { cursor } } }`],
  ["a page that goes on", `ladder(kind: PIT) { leaderboard(first: 1, after: "x") { nodes { elo } } }`],
  ["an alias that PostgreSQL would cut", `${"a".repeat(64)}: ladder(kind: PIT) { kind }`],
  [
    "a pair of aliases that PostgreSQL would make one",
    `bot(name: "x") { ${"a".repeat(63)}1: name ${"a".repeat(63)}2: id }`,
  ],
  [
    "an alias that PostgreSQL would cut to another",
    `bot(name: "x") { ${"a".repeat(63)}: name ${"a".repeat(63)}2: id }`,
  ],
  ["a fragment on one of several types", `bot(name: "x") { contests(first: 1) { nodes { ... on Fight { phase } } } }`],
])("%s is left to the resolvers", (_sentence, text) => {
  const document = parse(`{ ${text} }`);
  const [operation] = document.definitions;
  expect(operation?.kind === "OperationDefinition" && compileRead(schema, document, operation)).toBeNull();
});

test.each([
  ["a ladder that there is not", `ladder(kind: $kind) { kind }`, { kind: "CHESS" }],
  ["an id of another type", `fight(id: $id) { id }`, { id: `bot_${"0".repeat(32)}` }],
  [
    "a size that is no number",
    `ladder(kind: PIT) { leaderboard(first: $first) { nodes { elo } } }`,
    { first: "1; DROP TABLE bot" },
  ],
  ["a size beyond the limit", `ladder(kind: PIT) { leaderboard(first: $first) { nodes { elo } } }`, { first: 101 }],
  ["a variable that was not sent", `bot(name: $name) { id }`, {}],
])("%s is left to GraphQL's own words", (_sentence, text, given) => {
  const document = parse(`query Left(${used(text)}) { ${text} }`);
  const [operation] = document.definitions;
  const compiled = operation?.kind === "OperationDefinition" ? compileRead(schema, document, operation) : null;
  expect(compiled?.values(given)).toBeNull();
});
