import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { schema } from "../../src/schema.ts";
import { ask } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { listsOf, rowsIn, type ListCase } from "./lists/operations.ts";
import { fillOne } from "./lists/rows.ts";

const ROWS = 50;

/** Lists that the rules bound, with the most rows that they can have. Whatever is not here must be filled with 50. */
const BOUNDED: Record<string, number> = {
  "Query.ladders": 4,
  "Query.limits": 20,
  "Query.nodes": 1,
  "Bot.ratings": 4,
  "Fight.participants": 2,
  "CodeBattle.participants": 8,
  "BattleEnded.placements": 8,
  "Fight.rounds": 5,
  "FightState.fighters": 2,
  "QuakeMatch.participants": 4,
  "QuakeMatch.players": 4,
  "MatchPlayer.weapons": 29,
  "QuakeRecord.weapons": 29,
  "MatchPlayer.aim": 8,
  "QuakeRecord.aim": 8,
  "MatchAnnounced.bots": 4,
  "MatchRosterFrozen.bots": 4,
  "MatchCompleted.results": 4,
  "MatchVoided.requeued": 4,
  "Pool.byBot": 2,
  "HotWallet.alarms": 1,
  "Treasury.accounts": 10,
  "Experience.days": 2,
  "Experience.skills": 32,
  "BotStatistics.byComplexity": 4,
  "User.achievements": 30,
  "Recommendations.bots": 20,
  "Conversation.reactions": 4,
  "ConversationComment.reactions": 4,
};

/** Nobody listens there: they are told as unreachable at once. */
const AGON_QUAKE_REMOTE = Array.from({ length: 16 }, (_none, port) => `quake://:password@127.0.0.1:${port + 1}`).join();

/** The ladders are always four; one of them is what four are compared with. */
const ofOneLadder = ({ operation, ...each }: ListCase): ListCase => ({
  ...each,
  operation: operation.replace("Query__ladders: ladders {", "Query__ladders: ladder(kind: PIT) {"),
});

type Cost = { statements: number; rows: Map<string, number> };
type Measured = Map<string, Cost>;

let app: App;
let [statements, requests] = [0, 0];
let reachable: ReturnType<typeof listsOf>;
let [few, many]: Measured[] = [new Map(), new Map()];
const query = pg.Client.prototype.query;
const keyOf = (name: string) => name.replace(".", "__");

async function costOf(token: string, { name, operation }: ListCase): Promise<Cost> {
  statements = 0;
  // A comment makes each request a new one: a kept answer costs no statement.
  const text = `${operation} # ${requests++}`;
  const { data, errors } = await ask(app.url, text, {}, { authorization: `Bearer ${token}` });
  expect(errors, `${name}: ${operation}`).toBeUndefined();
  return { statements, rows: rowsIn(data) };
}

/** What is looked up once, such as who asks, is not the list's cost: what costs more than before is asked for again. */
async function measure(token: string, cases: readonly ListCase[], before?: Measured): Promise<Measured> {
  const costs: Measured = new Map();
  for (const each of cases) {
    const first = await costOf(token, each);
    const dearer = first.statements > (before?.get(each.name)?.statements ?? 0);
    const again = dearer ? await costOf(token, each) : first;
    costs.set(each.name, again.statements < first.statements ? again : first);
  }
  return costs;
}

beforeAll(async () => {
  const limits = { COST_PER_OPERATION_MAX: 100_000_000, COST_PER_MINUTE_SIGNED_IN: 1_000_000_000, DEPTH_MAX: 60 };
  const sizes = { TOKENS_MAX: 1_000_000, ALIASES_MAX: 100_000, BODY_BYTES_MAX: 10_000_000, CALLOUT_INTERVAL_MS: 0 };
  const variables = Object.entries({ ...limits, ...sizes }).map(([name, value]) => [`LIMIT_${name}`, value] as const);
  app = await startTestApp(Object.fromEntries(variables), {}, { AGON_ROLES: "api", AGON_QUAKE_REMOTE });
  const { values, token, more } = await fillOne(app);
  reachable = listsOf(schema, values);
  const { top, beneath } = reachable;
  pg.Client.prototype.query = function counted(this: pg.Client, ...given: never[]) {
    const [first] = given as unknown as [string | { text?: string }];
    const text = typeof first === "string" ? first : (first?.text ?? "");
    // The server looks at the database's clock once a second, whoever asks for what.
    if (!/^\s*(?:BEGIN|COMMIT|ROLLBACK|DEALLOCATE|SELECT clock_timestamp\(\))/i.test(text)) statements++;
    return (query as (...each: never[]) => never).apply(this, given);
  };
  few = await measure(token, [...top, ...beneath].map(ofOneLadder));
  await more(2 * ROWS + 10);
  many = await measure(token, [...top, ...beneath], few);
}, 300_000);
afterAll(async () => {
  pg.Client.prototype.query = query;
  await app.stop();
});

/** The cases whose cost differs between few and many rows as `differs` says. */
function grown(cases: readonly ListCase[], differs: (one: number, fifty: number) => boolean) {
  return cases.flatMap(({ name }) => {
    const [one, fifty] = [few?.get(name)?.statements ?? 0, many?.get(name)?.statements ?? Infinity];
    return differs(one, fifty) ? [`${name}: ${one} statements for one row, ${fifty} for ${ROWS}`] : [];
  });
}

describe("every list of the schema", () => {
  test("costs the same number of SQL statements for 50 rows as for one, with all that its rows have beside them", () => {
    expect(grown(reachable.top, (one, fifty) => one !== fifty)).toEqual([]);
  });

  // Branches that come to the same rows at the same instant share a statement: many rows may cost fewer. One row that was
  // read on the way already costs none, where 50 others cost one: never more than that.
  test("costs no more on each of 50 rows of another list", () => {
    expect(grown(reachable.beneath, (one, fifty) => fifty > one + 1)).toEqual([]);
  });

  test("was measured with 50 rows, or with as many as the rules allow", () => {
    const short = reachable.top.flatMap(({ name }) => {
      const [wanted, got] = [BOUNDED[name] ?? ROWS, many?.get(name)?.rows.get(keyOf(name)) ?? 0];
      return got >= wanted ? [] : [`${name}: ${got} of ${wanted} rows`];
    });
    expect(short).toEqual([]);
  });

  test("was measured by itself, also where only another list's rows lead to it, and was never empty", () => {
    const measured = new Set([...reachable.top, ...reachable.beneath].map(({ field }) => field));
    expect(reachable.lists.filter((name) => !measured.has(name))).toEqual([]);
    const filled = new Set(
      [...(many?.values() ?? [])].flatMap(({ rows }) => [...rows].flatMap(([key, most]) => (most > 0 ? [key] : []))),
    );
    expect(reachable.lists.filter((name) => !filled.has(keyOf(name)))).toEqual([]);
    expect(reachable.top.length).toBeGreaterThan(25);
    expect(reachable.beneath.length).toBeGreaterThan(50);
  });
});
