import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { ask, newBot, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { until } from "../harness/until.ts";
import { newTask, newWorker, readTask, work } from "../harness/work.ts";
import { approvals } from "../harness/workflows.ts";

const run = promisify(execFile);

async function played(example: string, byName: boolean): Promise<string[]> {
  const app = await startTestApp({ LIMIT_ROUND_PAUSE_MS: 20 });
  try {
    const { key } = await newPerson(app.url);
    const bot = await newBot(app.url, key, "Example");
    const env = { ...process.env, AGON_URL: app.url, AGON_KEY: key, AGON_BOT: byName ? "Example" : bot };
    const { stdout } = await run("node", [`examples/${example}`], { env, timeout: 50_000 });
    return stdout.trim().split("\n");
  } finally {
    await app.stop();
  }
}

test("the bot of fifteen lines has no more of them", () => {
  const lines = readFileSync("examples/bot.ts", "utf8").split("\n");
  expect(lines.filter((line) => line.trim() !== "" && !line.startsWith("//")).length).toBeLessThanOrEqual(15);
});

test("the bot of fifteen lines fights a house bot to the end", async () => {
  const lines = await played("bot.ts", true);
  expect(lines.at(0)).toMatch(/^(WON|LOST|DRAWN) .*Example/);
  expect(lines.at(-1)).toBe("1 contest played");
});

test("the worker of fifteen lines has no more of them, and does a task", async () => {
  const lines = readFileSync("examples/worker.ts", "utf8").split("\n");
  expect(lines.filter((line) => line.trim() !== "" && !line.startsWith("//")).length).toBeLessThanOrEqual(15);
  const app = await startTestApp();
  try {
    const { key, botId } = await newWorker(app.url);
    const id = await newTask(app.url, key, { title: "count", payload: { text: "four" } });
    const { data } = await ask(app.url, "query($id: ID!) { node(id: $id) { ... on Bot { name } } }", { id: botId });
    const { name } = (data as unknown as { node: { name: string } }).node;
    const env = { ...process.env, AGON_URL: app.url, AGON_KEY: key, AGON_BOT: name };
    const { stdout } = await run("node", ["examples/worker.ts"], { env, timeout: 50_000 });
    expect(stdout.trim()).toBe("1 task done");
    expect(await readTask(app.url, key, id, "state result")).toEqual({
      state: "COMPLETED",
      result: { title: "count", characters: 15 },
    });
  } finally {
    await app.stop();
  }
});

test("the workflow of three steps is done by the worker, once a person said yes", async () => {
  const app = await startTestApp();
  try {
    const { key, botId } = await newWorker(app.url);
    const { data } = await ask(app.url, "query($id: ID!) { node(id: $id) { ... on Bot { name } } }", { id: botId });
    const { name } = (data as unknown as { node: { name: string } }).node;
    const env = { ...process.env, AGON_URL: app.url, AGON_KEY: key, AGON_BOT: name, AGON_TASKS: "2" };
    const worker = run("node", ["examples/worker.ts"], { env, timeout: 50_000 });
    const workflow = run("node", ["examples/workflow.ts"], { env, timeout: 50_000 });
    const [asked] = await until(async () => {
      const found = await approvals(app.url, key);
      return found.length > 0 && found;
    }, "the question");
    expect(asked).toMatchObject({ title: "Publish it?", payload: { counted: { characters: 24 } } });
    await work(app.url, key, "approveTask", { taskId: asked?.id });
    const lines = (await workflow).stdout.trim().split("\n");
    expect(lines.filter((line) => line.endsWith("COMPLETED"))).toEqual([
      "count COMPLETED",
      "check COMPLETED",
      "publish COMPLETED",
      "COMPLETED",
    ]);
    expect((await worker).stdout.trim()).toBe("2 tasks done");
  } finally {
    await app.stop();
  }
});

test("the bot without the SDK does the same on the wire", async () => {
  const lines = await played("graphql-ws.ts", false);
  expect(lines.join("\n")).toContain("JoinQueueSuccess");
  expect(lines.join("\n")).toContain("MoveRequested 2 1");
  expect(lines.at(-1)).toContain("ContestEnded");
});

test("the code battle is fought from nothing, and the gladiator that does more wins", { timeout: 90_000 }, async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "agon-example-"));
  const app = await startTestApp({}, {}, { DATA_DIR: dataDir });
  try {
    const { key } = await newPerson(app.url);
    const env = { ...process.env, AGON_URL: app.url, AGON_KEY: key };
    const { stdout } = await run("node", ["examples/code-battle.ts"], { env, timeout: 80_000 });
    const lines = stdout.trim().split("\n");
    expect(lines).toEqual(expect.arrayContaining(["COMPLETED"]));
    expect(lines.find((line) => line.startsWith("1."))).toMatch(
      /^1\. TINKER_\d+: 2 tests pass; TINKER_\d+ in code battle /,
    );
    expect(lines.find((line) => line.startsWith("2."))).toMatch(
      /^2\. SCRIBE_\d+: 1 tests pass; SCRIBE_\d+ in code battle /,
    );
  } finally {
    await app.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
});
