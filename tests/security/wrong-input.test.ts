import {
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLNamedType,
} from "graphql";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { schema } from "../../src/schema.ts";
import { ask, mutate, newBot, newPerson, type Answer } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";

// Every argument of every field and every field of every input, one at a time, gets values that nobody should send.

let app: App;
let headers: Record<string, string>;
const ids: Record<string, string> = {};

beforeAll(async () => {
  // Without an engine nothing but the requests writes.
  app = await startTestApp({ LIMIT_CALLOUT_INTERVAL_MS: 0, LIMIT_CHAT_INTERVAL_MS: 0 }, {}, { AGON_ROLES: "api" });
  const person = await newPerson(app.url, "wrong_input");
  await app.platform.db.pool.query("UPDATE app_user SET operator = true WHERE handle = 'wrong_input'");
  headers = { authorization: `Bearer ${person.token}` };
  ids["Bot"] = await newBot(app.url, person.key, "Wrong_Input");
  await mutate(app.url, person.key, "enterPit", { botId: ids["Bot"] });
  await mutate(app.url, person.key, "joinQueue", { botId: ids["Bot"], ladder: "PIT_SLOW" });
  const { data } = await ask(app.url, `{ bot(name: "House_Random") { id } }`);
  const called = { botId: ids["Bot"], targetId: (data as unknown as { bot: { id: string } }).bot.id };
  const made = await mutate(app.url, person.key, "createCallout", called, "callout { fight { id } }");
  ids["Fight"] = (made["callout"] as unknown as { fight: { id: string } }).fight.id;
});
afterAll(() => app.stop());

const cursorOf = (text: string) => Buffer.from(text).toString("base64url");
const NO_UUID = "-".repeat(36);
const NIL = "00000000-0000-0000-0000-000000000000";
const CURSORS = [
  ...[NO_UUID, "", "999999999999 x", `999999999 ${NO_UUID}`, `NAME a ${NO_UUID}`, `ELO 9999999 ${NO_UUID}`],
  ...[`999999999 ${NO_UUID} 999999999`, `GPC:S:${NO_UUID}`, "GPC:N:1", "OC:1", `00000000 1 pit`, "\0", `"${NIL}"`],
].map(cursorOf);
const TEXTS = ["", "\0", "a\0b", "\ud800", "\u202eevil", "%_\\", "__proto__", "x".repeat(20_000)];
const INTS = [-2_147_483_648, -1, 0, 101, 2_147_483_647, 2 ** 31, 1.5, "1"];
const DATES = [
  "0001-01-01T00:00:00Z",
  "9999-12-31T23:59:59-23:59",
  "2026-02-31T00:00:00Z",
  "0000-01-01T00:00:00+23:59",
];
const IDS = [`fight_${"0".repeat(32)}`, `bot_${"0".repeat(32)}`, "bot_", "\0", "1", `api_key_${"f".repeat(32)}`, ""];
const JSONS = [null, 1, "x", [], { __proto__x: 1 }, { a: "\0" }, { a: "\ud800" }, JSON.parse('{"__proto__":{"a":1}}')];

/** Something that takes values: what is no cursor anywhere else is a text like any other. */
type Taking = { name: string; type: GraphQLInputType; description?: string | null | undefined };
const isCursor = ({ name, description }: Taking) => /^(?:after|before) |cursor/i.test(`${name} ${description ?? ""}`);

function wrongValues(taking: Taking): unknown[] {
  const nullable = getNullableType(taking.type);
  if (isListType(nullable))
    return [
      null,
      [],
      [null],
      ...wrongValues({ ...taking, type: nullable.ofType })
        .slice(0, 5)
        .map((each) => [each]),
    ];
  const named = getNamedType(nullable);
  if (isEnumType(named)) return [null, "NO_SUCH_VALUE", "__proto__", "toString", "", 1];
  if (isInputObjectType(named)) return [null, [], true, ...wrongObjects(named)];
  const texts = isCursor(taking) ? [...TEXTS, ...CURSORS] : TEXTS;
  const byName: Record<string, unknown[]> = { Int: INTS, ID: IDS, DateTime: DATES, JSON: JSONS, Boolean: ["true", 1] };
  return [null, {}, [], true, ...(byName[named.name] ?? texts), ...(named.name === "ID" ? Object.values(ids) : [])];
}

/** An input object with one wrong field after the other. */
function wrongObjects(type: GraphQLInputObjectType): unknown[] {
  const fields = type.getFields();
  return Object.values(fields).flatMap((field) =>
    wrongValues(field).map((each) => ({ ...fittingFields(fields), [field.name]: each })),
  );
}

const FITTING: Record<string, unknown> = { name: "Wrong_Input", handle: "wrong_input", kind: "PIT", ladder: "PIT" };

/** Some acceptable value. */
function fitting(name: string, type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return fitting(name, type.ofType);
  if (isListType(type)) return [fitting(name, type.ofType)];
  if (isInputObjectType(type)) return fittingFields(type.getFields());
  if (isEnumType(type)) return FITTING[name] ?? type.getValues()[0]?.name;
  if (type.name === "ID") return ids[name === "fightId" ? "Fight" : "Bot"];
  if (type.name === "Int") return 1;
  if (type.name === "Boolean") return true;
  if (type.name === "Address") return `0x${"ab".repeat(20)}`;
  if (type.name === "TokenAmount") return "0";
  return FITTING[name] ?? "some text of 12 or more";
}

function fittingFields(fields: Record<string, { name: string; type: GraphQLInputType }>): Record<string, unknown> {
  const required = Object.values(fields).filter(({ type }) => isNonNullType(type));
  return Object.fromEntries(required.map(({ name, type }) => [name, fitting(name, type)]));
}

type Field = GraphQLField<unknown, unknown>;
type Step = { field: Field; on: string };

/** Each field with arguments that can be reached from Query, by one of the shortest ways there. */
function asked(): Step[][] {
  const query = schema.getQueryType();
  const seen = new Set<string>();
  const found: Step[][] = [];
  const queue: { type: GraphQLNamedType; path: Step[] }[] = query ? [{ type: query, path: [] }] : [];
  for (let next = queue.shift(); next; next = queue.shift()) {
    const { type, path } = next;
    if (isUnionType(type)) for (const member of type.getTypes()) queue.push({ type: member, path });
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    if (seen.has(type.name) || type.name.startsWith("__") || path.length > 5) continue;
    seen.add(type.name);
    for (const field of Object.values(type.getFields())) {
      const there = [...path, { field, on: type.name }];
      if (field.args.length > 0) found.push(there);
      queue.push({ type: getNamedType(field.type), path: there });
    }
  }
  return found;
}

/** A query for the last step of a path, whose one argument is the variable `wrong`. */
function queryFor(path: Step[], wrong: GraphQLArgument): { query: string; variables: Record<string, unknown> } {
  const variables: Record<string, unknown> = {};
  const declared: string[] = [`$wrong: ${String(wrong.type)}`];
  const write = (index: number): string => {
    const step = path[index];
    if (!step) return "{ __typename }";
    const last = index === path.length - 1;
    const args = step.field.args.flatMap((arg) => {
      if (last && arg === wrong) return [`${arg.name}: $wrong`];
      if (!isNonNullType(arg.type)) return arg.name === "first" && !last ? ["first: 2"] : [];
      declared.push(`$${arg.name}${index}: ${String(arg.type)}`);
      variables[`${arg.name}${index}`] = fitting(arg.name, arg.type);
      return [`${arg.name}: $${arg.name}${index}`];
    });
    const named = getNamedType(step.field.type);
    const inner = "getFields" in named || isUnionType(named) ? write(index + 1) : "";
    return `{ __typename ... on ${step.on} { ${step.field.name}${args.length ? `(${args.join(", ")})` : ""} ${inner} } }`;
  };
  const body = write(0);
  return { query: `query(${declared.join(", ")}) ${body}`, variables };
}

const PROPER = /^[A-Z][A-Z_]+$/;

/** What is wrong with how an answer refuses; null for a good one. */
function fault({ data, errors }: Answer): string | null {
  for (const { message, extensions } of errors ?? []) {
    const code = String(extensions?.["code"]);
    if (code === "INTERNAL" || !PROPER.test(code)) return `${code}: ${message}`;
    if (typeof extensions?.["hint"] !== "string") return `${code} has no hint`;
    if (/NaN|undefined|\[object/.test(message)) return message;
  }
  return data === undefined && !errors ? "no answer" : null;
}

/** What is about who asks, how much they have asked for already, or the arena itself: no field of the input is wrong. */
const ABOUT_NO_FIELD = new Set([
  ...["NOT_AUTHENTICATED", "MISSING_SCOPE", "SESSION_NEEDED", "NOT_A_REPORTER", "WRONG_LOGIN"],
  ...["RATE_LIMITED", "BOT_LIMIT", "KEY_LIMIT", "TEAM_LIMIT", "STRATEGY_BUSY", "ALREADY_CLAIMED", "NO_TASK"],
  ...["TOO_MANY_REPOSITORIES", "TOO_MANY_BATTLES", "TOO_MANY_SERVERS", "TOO_MANY_TASKS", "TOO_MANY_LANES"],
  ...["TOO_MANY_WORKFLOWS", "TOO_MANY_DEFINITIONS", "NO_CHAIN", "ALREADY_STOPPED", "NOT_STOPPED", "GITHUB_CLOSED"],
]);

type Told = { __typename?: string; code?: string; hint?: string | null; path?: readonly string[] | null };

/** What is wrong with a refusal: it says what to do next, and points at a field of the input. */
function refusalFault({ code, hint, path }: Told, fields: object): string | null {
  if (!code) return null;
  if (!hint) return `${code} has no hint`;
  const [root, field = ""] = path ?? [];
  return ABOUT_NO_FIELD.has(code) || (root === "input" && field in fields)
    ? null
    : `${code} points at ${JSON.stringify(path)}`;
}

/** Tables that change though a mutation is refused, and why. */
const ALSO_WRITTEN: Readonly<Record<string, string>> = { session: "its end moves with its use" };

type Rows = Readonly<Record<string, string>>;

/** Every table's rows as a number: who writes a row anew, takes one away or adds one makes it another. */
async function rowsWritten(): Promise<Rows> {
  rowsQuery ||= await writeRowsQuery();
  const { rows } = await app.platform.db.pool.query<{ rows: Rows }>({ name: "rows-written", text: rowsQuery });
  return rows[0]?.rows ?? {};
}

let rowsQuery = "";
async function writeRowsQuery(): Promise<string> {
  const { rows } = await app.platform.db.pool.query<{ name: string }>(
    "SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
  );
  const each = rows.flatMap(({ name }) =>
    name in ALSO_WRITTEN
      ? []
      : `SELECT '${name}' AS name, coalesce(sum(hashtext(ctid::text || xmin::text)), 0)::text AS rows FROM "${name}"`,
  );
  expect(each.length).toBeGreaterThan(50);
  return `SELECT json_object_agg(name, rows) AS rows FROM (${each.join(" UNION ALL ")}) AS t`;
}

const changed = (before: Rows, after: Rows) => Object.keys(after).filter((name) => before[name] !== after[name]);

async function faultsOf(
  wrongs: readonly unknown[],
  send: (wrong: unknown) => Promise<Answer>,
): Promise<Record<string, string>> {
  const faults: Record<string, string> = {};
  for (const wrong of wrongs) {
    const found = fault(await send(wrong));
    if (found) faults[String(JSON.stringify(wrong)).slice(0, 60)] = found;
  }
  return faults;
}

test.each(
  asked().flatMap((path) => {
    const { field, on } = path.at(-1) as Step;
    return field.args.map((arg) => [`${on}.${field.name}(${arg.name})`, path, arg] as const);
  }),
)("%s refuses by name whatever it cannot take", async (_name, path, arg) => {
  const { query, variables } = queryFor(path, arg);
  const proper = await ask(app.url, query, { ...variables, wrong: fitting(arg.name, arg.type) }, headers);
  expect(JSON.stringify(proper.errors ?? [])).not.toContain("Cannot query");
  const inner = getNamedType(arg.type);
  const wrongs = isInputObjectType(inner) ? wrongObjects(inner) : wrongValues(arg);
  expect(await faultsOf(wrongs, (wrong) => ask(app.url, query, { ...variables, wrong }, headers))).toEqual({});
});

test("every list's cursors are among what gets them that are none", () => {
  const args = asked().flatMap((path) => path.at(-1)?.field.args ?? []);
  const places = args.filter(({ name }) => name === "after" || name === "before");
  expect(places.length).toBeGreaterThan(50);
  expect(places.filter((arg) => !isCursor(arg))).toEqual([]);
});

test("half of a surrogate pair is refused by name under an idempotency key, too", async () => {
  const query = `mutation($input: PostMessageInput!) { postMessage(input: $input) { ... on Refusal { code path } } }`;
  const input = { botId: ids["Bot"], text: "half \ud800", idempotencyKey: "half" };
  const { data } = await ask(app.url, query, { input }, headers);
  expect(data).toEqual({ postMessage: { code: "BAD_INPUT", path: ["input", "text"] } });
});

// These would end the session that asks.
const ENDING = new Set(["signOut", "deleteAccount", "suspendUser", "revokeSession"]);

const inputs = Object.values(schema.getMutationType()?.getFields() ?? {}).flatMap((mutation) => {
  const type = getNamedType(mutation.args[0]?.type);
  if (!isInputObjectType(type) || ENDING.has(mutation.name)) return [];
  return Object.values(type.getFields()).map(
    (field) => [`${mutation.name}(${field.name})`, mutation.name, type, field] as const,
  );
});

test.each(inputs)("%s refuses by name whatever it cannot take", async (_name, mutation, type, field) => {
  const query = `mutation($input: ${type.name}!) { ${mutation}(input: $input) { __typename ... on Refusal { code message hint path } } }`;
  const sent = async (wrong: unknown): Promise<Sent> => {
    const answer = await ask(
      app.url,
      query,
      { input: { ...fittingFields(type.getFields()), [field.name]: wrong } },
      headers,
    );
    const told: Told = answer.data?.[mutation] ?? {};
    return {
      wrong,
      done: told.__typename?.endsWith("Success") ?? false,
      found: fault(answer) ?? refusalFault(told, type.getFields()),
    };
  };
  const { all, written } = await sendAll(wrongValues(field), sent);
  const faults = all.flatMap(({ wrong, found }) =>
    found ? [[String(JSON.stringify(wrong)).slice(0, 60), found]] : [],
  );
  expect({ ...Object.fromEntries(faults), written }).toEqual({ written: [] });
});

type Sent = { wrong: unknown; done: boolean; found: string | null };

/** Sends one after the other; tells which tables those wrote to that were refused. Where some were taken, the others are sent once more alone. */
async function sendAll(
  wrongs: readonly unknown[],
  sent: (wrong: unknown) => Promise<Sent>,
): Promise<{ all: Sent[]; written: string[] }> {
  const before = await rowsWritten();
  const all: Sent[] = [];
  for (const wrong of wrongs) all.push(await sent(wrong));
  const refused = all.filter(({ done }) => !done).map(({ wrong }) => wrong);
  if (refused.length === all.length) return { all, written: changed(before, await rowsWritten()) };
  return { all, written: (await sendAll(refused, sent)).written };
}
