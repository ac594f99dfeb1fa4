import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, mutate, newBot, newPerson, socket } from "../harness/agent.ts";
import { freshDatabase } from "../harness/database.ts";
import { freePort, ROOMY, serverProcess, type ServerProcess } from "../harness/process.ts";
import { until } from "../harness/until.ts";

let database: { url: string; drop(): Promise<void> };
let server: ServerProcess;
let pool: pg.Pool;

beforeAll(async () => {
  database = await freshDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 1 });
  server = serverProcess(await freePort(), database.url, { ...ROOMY, AGON_ROLES: "api" });
  await server.start();
});
afterAll(async () => {
  await server.stop();
  await pool.end();
  await database.drop();
});

type Item = { pitEvents: { cursor: string; event: { __typename: string } } };

/** What a subscriber of the Pit hears from a cursor on, and the code of the error that ends it. */
function listen(after: string) {
  const client = socket(server.url, null);
  const heard: { cursor: string; type: string }[] = [];
  const ended: string[] = [];
  client.subscribe<Item>(
    {
      query: "subscription($after: Cursor) { pitEvents(after: $after) { cursor event { __typename } } }",
      variables: { after },
    },
    {
      next: ({ data }) =>
        void (data && heard.push({ cursor: data.pitEvents.cursor, type: data.pitEvents.event.__typename })),
      error: (errors) =>
        void ended.push(String((errors as { extensions?: { code?: string } }[])[0]?.extensions?.code ?? errors)),
      complete: () => undefined,
    },
  );
  return { heard, ended, types: () => heard.map(({ type }) => type), leave: () => client.dispose() };
}

const cursor = async () =>
  ((await ask(server.url, "{ pit { cursor } }")).data as unknown as { pit: { cursor: string } }).pit.cursor;
async function enter(name: string): Promise<void> {
  const { key } = await newPerson(server.url);
  await mutate(server.url, key, "enterPit", { botId: await newBot(server.url, key, name) });
}

test("who follows a stream of which an older state is restored is told so, gets one gap, and goes on", async () => {
  const before = listen(await cursor());
  for (const name of ["Restored_1", "Restored_2", "Restored_3"]) await enter(name);
  await until(() => before.heard.length === 3, "what was said before");
  await pool.query("DELETE FROM stream_event WHERE stream = 'pit' AND seq > 1");
  await pool.query("UPDATE stream_head SET seq = 1 WHERE stream = 'pit'");
  await until(() => before.ended.length > 0, "the end of what is not so any more");
  expect(before.ended).toEqual(["HISTORY_REPLACED"]);
  const after = listen(before.heard.at(-1)?.cursor ?? "");
  await until(() => after.heard.length === 1, "the gap");
  await enter("Restored_4");
  await until(() => after.heard.length === 2, "what came then");
  expect(after.types()).toEqual(["StreamGap", "AgentEntered"]);
  await Promise.all([before.leave(), after.leave()]);
});

test("after a restore into the same database a cursor from before gives one gap, whatever was written since", async () => {
  const old = await cursor();
  await server.signal("SIGKILL");
  // What pg_restore does to a table: it is filled anew.
  await pool.query("CREATE TABLE dumped AS TABLE stream_head");
  await pool.query("TRUNCATE stream_head; INSERT INTO stream_head TABLE dumped; DROP TABLE dumped");
  await server.start();
  await enter("Restored_5");
  const heard = listen(old);
  await until(() => heard.heard.length === 1, "the gap");
  expect(heard.types()).toEqual(["StreamGap"]);
  await heard.leave();
});
