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
  "Query.gameServers": 16,
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
};

/** Nobody listens there: they are told as unreachable at once. */
const AGON_QUAKE_REMOTE = Array.from({ length: 16 }, (_none, port) => `quake://:password@127.0.0.1:${port + 1}`).join();

/** The ladders are always four; one of them is what four are compared with. */
const oneOf = (operation: string) =>
  operation.replace("Query__ladders: ladders {", "Query__ladders: ladder(kind: PIT) {");
const asItIs = (operation: string) => operation;

type Cost = { statements: number; rows: Map<string, number> };
type Measured = Map<string, Cost>;

let app: App;
let [statements, requests] = [0, 0];
let [shallow, deep] = [[] as ListCase[], [] as ListCase[]];
let reachable: { lists: string[]; selected: Set<string> };
const [shallowFew, shallowMany, deepFew, deepMany]: Measured[] = [new Map(), new Map(), new Map(), new Map()];
const query = pg.Client.prototype.query;
const keyOf = (name: string) => name.replace(".", "__");

async function measure(
  token: string,
  cases: readonly ListCase[],
  into: Measured | undefined,
  asked: (operation: string) => string,
): Promise<void> {
  for (const { name, operation } of cases) {
    // What is looked up once, such as who asks, is not the list's cost.
    const counts: number[] = [];
    for (let run = 0; run < 2; run++) {
      statements = 0;
      // A comment makes each request a new one: a kept answer costs no statement.
      const { data, errors } = await ask(
        app.url,
        `${asked(operation)} # ${requests++}`,
        {},
        { authorization: `Bearer ${token}` },
      );
      expect(errors, `${name}: ${operation}`).toBeUndefined();
      counts.push(statements);
      into?.set(name, { statements: Math.min(...counts), rows: rowsIn(data) });
    }
  }
}

beforeAll(async () => {
  const limits = { COST_PER_OPERATION_MAX: 100_000_000, COST_PER_MINUTE_SIGNED_IN: 1_000_000_000, DEPTH_MAX: 60 };
  const sizes = { TOKENS_MAX: 1_000_000, ALIASES_MAX: 100_000, BODY_BYTES_MAX: 10_000_000, CALLOUT_INTERVAL_MS: 0 };
  const variables = Object.entries({ ...limits, ...sizes }).map(([name, value]) => [`LIMIT_${name}`, value] as const);
  app = await startTestApp(Object.fromEntries(variables), {}, { AGON_ROLES: "api", AGON_QUAKE_REMOTE });
  const { values, token, more } = await fillOne(app);
  const [one, three] = [listsOf(schema, values, 1), listsOf(schema, values, 3)];
  [shallow, deep, reachable] = [one.cases, three.cases, three];
  pg.Client.prototype.query = function counted(this: pg.Client, ...given: never[]) {
    const [first] = given as unknown as [string | { text?: string }];
    const text = typeof first === "string" ? first : (first?.text ?? "");
    if (!/^\s*(?:BEGIN|COMMIT|ROLLBACK|DEALLOCATE)/i.test(text)) statements++;
    return (query as (...each: never[]) => never).apply(this, given);
  };
  await measure(token, shallow, shallowFew, oneOf);
  await measure(token, deep, deepFew, oneOf);
  await more(2 * ROWS + 10);
  await measure(token, shallow, shallowMany, asItIs);
  await measure(token, deep, deepMany, asItIs);
}, 300_000);
afterAll(async () => {
  pg.Client.prototype.query = query;
  await app.stop();
});

/** The lists whose cost differs between few and many rows as `differs` says. */
function grown(
  few: Measured | undefined,
  many: Measured | undefined,
  differs: (one: number, fifty: number) => boolean,
) {
  return [...(few ?? [])].flatMap(([name, { statements: one }]) => {
    const fifty = many?.get(name)?.statements ?? Infinity;
    return differs(one, fifty) ? [`${name}: ${one} statements for one row, ${fifty} for ${ROWS}`] : [];
  });
}

describe("every list of the schema", () => {
  test("costs the same number of SQL statements for 50 rows as for one, with all that its rows have beside them", () => {
    expect(grown(shallowFew, shallowMany, (one, fifty) => one !== fifty)).toEqual([]);
  });

  // Branches that come to the same rows at the same instant share a statement: many rows may cost fewer. One row that was
  // read on the way already costs none, where 50 others cost one: never more than that.
  test("costs no more for 50 rows three levels deep", () => {
    expect(grown(deepFew, deepMany, (one, fifty) => fifty > one + 1)).toEqual([]);
  });

  test("was measured with 50 rows, or with as many as the rules allow", () => {
    const short = shallow.flatMap(({ name }) => {
      const [wanted, got] = [BOUNDED[name] ?? ROWS, shallowMany?.get(name)?.rows.get(keyOf(name)) ?? 0];
      return got >= wanted ? [] : [`${name}: ${got} of ${wanted} rows`];
    });
    expect(short).toEqual([]);
  });

  test("is selected somewhere, also where only another list's rows lead to it, and was never empty", () => {
    expect(reachable.lists.filter((name) => !reachable.selected.has(name))).toEqual([]);
    const filled = new Set(
      [...(deepMany?.values() ?? [])].flatMap(({ rows }) =>
        [...rows].flatMap(([key, most]) => (most > 0 ? [key] : [])),
      ),
    );
    expect(reachable.lists.filter((name) => !filled.has(keyOf(name)))).toEqual([]);
    expect(shallow.length).toBeGreaterThan(25);
  });
});
