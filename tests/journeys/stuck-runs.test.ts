import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { startTestApp } from "../harness/app.ts";
import { until } from "../harness/until.ts";
import { newWorker } from "../harness/work.ts";
import { become, define, doTasks, run } from "../harness/workflows.ts";

let app: App;
let url: string;
beforeAll(async () => {
  app = await startTestApp();
  url = app.url;
});
afterAll(() => app.stop());

const query = async <Row extends object>(sql: string, values: unknown[]) =>
  (await app.platform.db.pool.query<Row>(sql, values)).rows;

test.each([
  ["STOP", "FAILED"],
  ["COMPENSATE", "COMPENSATED"],
])(
  "under %s a run ends by a step that gets too much, though another was to begin beside it",
  async (onFailure, state) => {
    const own = await newWorker(url);
    // Twice 40 KiB are more than a task may carry, which is seen when it is made.
    const steps = [{ key: "a", input: { x: "/input", y: "/input" } }, { key: "b" }];
    const id = await run(url, own.key, steps, { input: "x".repeat(40 * 1_024), onFailure });
    expect(await become(url, own.key, id, state)).toEqual({
      state,
      failure: "STEP_FAILED",
      steps: { a: "FAILED", b: "CANCELLED" },
    });
  },
);

describe("a crowd of runs that cannot go on holds nobody up:", () => {
  const CROWD = 200;
  /** Runs of a definition that nothing can be made of, in the state RUNNING, older than all others. */
  async function crowd(wakeAt: string): Promise<{ key: string; definitionId: string; ids: string[] }> {
    const own = await newWorker(url);
    const { definition } = await define(url, own.key, [{ key: "a" }]);
    const definitionId = definition?.id.slice(-32) ?? "";
    await query("UPDATE workflow_definition SET body = '{}' WHERE id = $1::uuid", [definitionId]);
    const rows = await query<{ id: string }>(
      `INSERT INTO workflow (id, definition_id, creator_id, state, input, wake_at, created_at, updated_at)
       SELECT ('00000000' || substr(gen_random_uuid()::text, 9))::uuid, id, creator_id, 'RUNNING', '{}', ${wakeAt}, now(), now()
       FROM workflow_definition, generate_series(1, $2::int4) WHERE id = $1::uuid RETURNING id`,
      [definitionId, CROWD],
    );
    return { key: own.key, definitionId, ids: rows.map(({ id }) => id) };
  }
  const rested = (ids: string[], times: number) =>
    until(async () => {
      const sql =
        "SELECT count(*)::int4 AS n FROM workflow WHERE id = ANY($1::uuid[]) AND faults >= $2 AND wake_at > now()";
      return (await query<{ n: number }>(sql, [ids, times]))[0]?.n === CROWD;
    }, "the rest of all of them");
  async function goesOn(): Promise<void> {
    const other = await newWorker(url);
    const id = await run(url, other.key, [{ key: "a" }, { key: "b", after: ["a"] }]);
    await doTasks(url, other, 2);
    await become(url, other.key, id, "COMPLETED");
  }

  test("runs whose time has come, which are tried again and again, each time later", async () => {
    const { ids } = await crowd("now() - interval '1 hour'");
    await goesOn();
    await rested(ids, 2);
  });

  test("runs of which tasks ended, which are taken in once the run is mended", async () => {
    const { key, definitionId, ids } = await crowd("NULL");
    const worker = await newWorker(url);
    const model = await run(url, worker.key, [{ key: "a" }]);
    await doTasks(url, worker, 1);
    await become(url, worker.key, model, "COMPLETED");
    await query(
      `INSERT INTO workflow_step SELECT (jsonb_populate_record(s, jsonb_build_object('workflow_id', w, 'state', 'RUNNING', 'completed', 0))).*
       FROM workflow_step s, unnest($2::uuid[]) w WHERE s.workflow_id = $1::uuid`,
      [model.slice(-32), ids],
    );
    await query(
      `INSERT INTO task SELECT (jsonb_populate_record(t, jsonb_build_object('id', gen_random_uuid(), 'workflow_id', w, 'absorbed', false))).*
       FROM task t, unnest($2::uuid[]) w WHERE t.workflow_id = $1::uuid`,
      [model.slice(-32), ids],
    );
    await goesOn();
    await rested(ids, 1);
    const [mended = ""] = ids;
    await query(
      `UPDATE workflow_definition SET body = (SELECT d.body FROM workflow_definition d JOIN workflow w ON w.definition_id = d.id WHERE w.id = $2::uuid)
       WHERE id = $1::uuid`,
      [definitionId, model.slice(-32)],
    );
    await become(url, key, `workflow_${mended.replaceAll("-", "")}`, "COMPLETED");
    expect(await query("SELECT faults FROM workflow WHERE id = $1::uuid", [mended])).toEqual([{ faults: 0 }]);
  });
});
