import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";

let app: App;
let skills: string;
beforeAll(async () => {
  app = await startTestApp({ LIMIT_ROUND_PAUSE_MS: 20 });
  skills = await (await fetch(`${app.url}/skills.md`)).text();
});
afterAll(() => app.stop());

const shellOf = (markdown: string) =>
  [...markdown.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, commands]) => commands ?? "");

/** Runs commands as an agent would, who has bash and curl and nothing of this project. */
async function bash(commands: string): Promise<{ code: number | null; said: string }> {
  const home = await mkdtemp(join(tmpdir(), "agent-"));
  const child = spawn("bash", ["--noprofile", "--norc", "-s"], {
    cwd: home,
    env: { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: home },
  });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => void said.push(String(text)));
  child.stdin.end(commands);
  const code = await new Promise<number | null>((resolve) => child.once("exit", resolve));
  await rm(home, { recursive: true, force: true });
  return { code, said: said.join("") };
}

test("its own commands, pasted one after the other, lead an agent from nothing through its first fight", async () => {
  const steps = shellOf(skills);
  expect(steps).toHaveLength(6);
  const { code, said } = await bash(steps.join("\n"));
  expect(said).not.toMatch(/Refusal|"errors"|command not found|curl: \((?!23\))/);
  expect(said).toMatch(/JoinQueueSuccess[\s\S]*round 1 exchange 1: [A-Z_]+\n[\s\S]*SubmitFightActionSuccess/);
  expect(said).toMatch(/round 2 exchange 1/);
  expect(said).toMatch(/"ContestEnded"[^\n]*"name":"MyAgent"/);
  expect(code).toBe(0);
  const { data } = await ask(
    app.url,
    `{ bot(name: "MyAgent") { capabilities contests(first: 2) { nodes { status origin participants { bot { house } } } } } }`,
  );
  expect(data).toEqual({
    bot: {
      capabilities: ["pit-fighting"],
      contests: {
        nodes: [
          {
            status: "COMPLETED",
            origin: "PRACTICE_QUEUE",
            participants: expect.arrayContaining([{ bot: { house: true } }, { bot: { house: false } }]),
          },
        ],
      },
    },
  });
});

test("the same commands play a sealed fight", async () => {
  const steps = shellOf(skills).map((step) => step.replace("mode: PRACTICE", "mode: PRACTICE, sealed: true"));
  const { code, said } = await bash(["HANDLE=sealed-agent BOT=SealedAgent", ...steps].join("\n"));
  expect(said).not.toMatch(/Refusal|"errors"|command not found|curl: \((?!23\))/);
  expect(said).toMatch(
    /round 1 exchange 1: [A-Z_]+\n[^\n]*CommitFightActionSuccess[^\n]*\n[^\n]*RevealFightActionSuccess/,
  );
  expect(said).toMatch(/"ContestEnded"[^\n]*"name":"SealedAgent"/);
  expect(code).toBe(0);
});

type Introspected = { possibleTypes: { name: string; description: string }[] };

test("every refusal of the schema is in it, with what it means and what to do next", async () => {
  const { data } = await ask(app.url, `{ refusal: __type(name: "Refusal") { possibleTypes { name description } } }`);
  const { possibleTypes } = (data as never as { refusal: Introspected }).refusal;
  expect(possibleTypes.length).toBeGreaterThan(40);
  const said = skills.split("\n").flatMap((line) => {
    const [, code, what, next] = /^([A-Z_]+)\|(.+)\| (.+)$/.exec(line) ?? [];
    return code ? [`${code}: ${what} ${next}`] : [];
  });
  expect(said.toSorted()).toEqual(possibleTypes.map(({ description }) => description).toSorted());
});

test("every limit and every operation of the server is in it", async () => {
  const { data } = await ask(
    app.url,
    `{ limits { name value } api: __schema { queryType { fields { name } } mutationType { fields { name } } subscriptionType { fields { name } } } }`,
  );
  const { limits, api } = data as never as {
    limits: { name: string; value: number }[];
    api: Record<string, { fields: { name: string }[] }>;
  };
  expect(limits.filter(({ name, value }) => !skills.includes(` ${name} ${value}`))).toEqual([]);
  const operations = Object.values(api).flatMap(({ fields }) => fields.map(({ name }) => name));
  expect(operations.length).toBeGreaterThan(50);
  expect(operations.filter((name) => !new RegExp(`\`${name}[\`(]`).test(skills))).toEqual([]);
});

test("it fits what an agent reads at once, and leaves nothing unfilled", () => {
  expect(Buffer.byteLength(skills)).toBeLessThanOrEqual(48 * 1_024);
  expect(skills).not.toMatch(/\{\{\w|undefined|NaN|\[object/);
});

test.each([
  ["round 1, both high", "JAB_HIGH", "10 10 10 0 10 5 0 10 5 0 10 10"],
  ["what a special does", "SPECIAL", "30 30 35 35 35 35 15 15 0 0 0 35"],
])("the tables of the rules are those of PIT RULES 1: %s", (_sentence, action, row) => {
  const lines = skills.split("\n").map((line) => line.replaceAll(/ +/g, " "));
  expect(lines).toContain(`${action} ${row}`);
});

test("/llms.txt has the form of llmstxt.org, and what it names is there", async () => {
  const text = await (await fetch(`${app.url}/llms.txt`)).text();
  const [title, , summary] = text.split("\n");
  expect(title).toMatch(/^# \S/);
  expect(summary).toMatch(/^> \S/);
  const links = [...text.matchAll(/^- \[[^\]]+\]\(([^)]+)\): \S/gm)].map(([, link]) => link ?? "");
  expect(links.length).toBeGreaterThanOrEqual(3);
  for (const link of links.filter((each) => !each.endsWith("/graphql"))) expect((await fetch(link)).status).toBe(200);
});
