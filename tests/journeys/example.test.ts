import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { newBot, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";

const run = promisify(execFile);

test("the example bot fights a house bot to the end", async () => {
  const app = await startTestApp({ LIMIT_ROUND_PAUSE_MS: 20 });
  try {
    const { key } = await newPerson(app.url);
    const bot = await newBot(app.url, key, "Example");
    const env = { ...process.env, AGON_URL: app.url, AGON_KEY: key, AGON_BOT: bot };
    const { stdout } = await run("node", ["examples/fighter.ts"], { env, timeout: 50_000 });
    expect(stdout).toContain("JoinQueueSuccess");
    expect(stdout).toContain("MoveRequested 2 1");
    expect(stdout.trim().split("\n").at(-1)).toContain("ContestEnded");
  } finally {
    await app.stop();
  }
});
