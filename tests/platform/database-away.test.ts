import pg from "pg";
import { expect, test } from "vitest";
import { ask, mutate, newBot, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { freshDatabase } from "../harness/database.ts";
import { until } from "../harness/until.ts";

test("the server lives on when PostgreSQL ends its connections in the middle of work", async () => {
  const database = await freshDatabase();
  const killer = new pg.Client({ connectionString: database.url });
  await killer.connect();
  const app = await startTestApp({}, {}, { DATABASE_URL: database.url });
  const { key } = await newPerson(app.url);
  const bot = await newBot(app.url, key, "Survivor");
  let working = true;
  const work = Array.from({ length: 8 }, async () => {
    while (working) await mutate(app.url, key, "updateBot", { botId: bot, character: "KNIGHT" }).catch(() => undefined);
  });
  for (let time = 0; time < 10; time++) {
    await killer.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  working = false;
  await Promise.all(work);
  await until(
    async () =>
      (await mutate(app.url, key, "updateBot", { botId: bot, character: "DEMON" }).catch(() => null))?.["__typename"],
    "a success after it",
  );
  expect((await ask(app.url, `{ bot(name: "Survivor") { character } }`)).data).toEqual({ bot: { character: "DEMON" } });
  await app.stop();
  await killer.end();
  await database.drop();
});
