import { spawn, type ChildProcess } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask } from "../harness/agent.ts";
import { familyOf, processesNaming, stillRunning } from "../harness/leftovers.ts";
import { freePort } from "../harness/process.ts";
import { until } from "../harness/until.ts";

// The README's `npm start` itself: with its own database and chain, in a folder of its own.

type Run = {
  said(): string;
  family(): ReturnType<typeof familyOf>;
  ended: Promise<number | null>;
  child: ChildProcess;
};

let folder: string;
let port: number;
let url: string;
let first: Run;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "agon-start-"));
  await chmod(folder, 0o755);
  port = await freePort();
  url = `http://127.0.0.1:${port}`;
});
afterAll(async () => {
  for (const { pid } of processesNaming(places())) process.kill(pid, "SIGKILL");
  for (const place of places()) await rm(place, { recursive: true, force: true });
});

/** Everything that says where the machine's own database or chain is would lead away from the README. */
const OWN = /^(?:DATABASE_URL|REDIS_URL|BASE_RPC_URL|AGON_|LIMIT_|NODE_ENV|PUBLIC_ORIGIN|HOST$|PORT$)/;

/** Runs one of package.json's scripts as people do. Game servers and their fixed ports are another test's. */
function npm(args: readonly string[], variables: Record<string, string> = {}): Run {
  const inherited = Object.entries(process.env).filter(([name]) => !OWN.test(name));
  const own = { DATA_DIR: folder, PORT: String(port), AGON_QUAKE_SERVERS: "0" };
  const env = { ...Object.fromEntries(inherited), ...own, ...variables };
  const child = spawn("npm", [...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  const words: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => void words.push(String(text)));
  const ended = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  return { said: () => words.join(""), family: () => familyOf(child.pid ?? 0), ended, child };
}

async function started(run: Run): Promise<Run> {
  const over = run.ended.then((code) => `it ended with ${code} and said ${run.said()}`);
  const late = until(() => run.said().includes("First key"), "the start's last line").then(() => null);
  expect(await Promise.race([over, late])).toBeNull();
  return run;
}

/** Where its database and chain are: as root not in a folder that the database's user cannot enter, and then it says so. */
const places = () => [folder, ...(/its binaries and data are in (\S+)[.]\n/.exec(first?.said() ?? "")?.slice(1) ?? [])];
const handles = async () => (await ask(url, `{ user(handle: "house") { handle } }`)).data;
const databases = () => processesNaming(places()).filter(({ line }) => /postgres|anvil/.test(line));
const nonEmpty = <T>([one, ...more]: readonly T[]): [T, ...T[]] | null => (one === undefined ? null : [one, ...more]);
function server({ family, said }: Run): number {
  const found = family().find(({ line }) => line.includes("src/main.ts"));
  // A signal to process 0 would end whoever runs the tests.
  if (!found) throw new Error(`there is no server; it said: ${said()}`);
  return found.pid;
}

test("npm start answers, and says where and how to get a first key", async () => {
  first = await started(npm(["start"]));
  const lines = [`Agon runs at ${url}`, `${url}/graphql `, `${url}/graphiql`, `${url}/skills.md`, `${url}/manage`];
  for (const line of lines) expect(first.said()).toContain(line);
  expect(await handles()).toEqual({ user: { handle: "house" } });
  expect(await (await fetch(`${url}/manage`)).text()).toContain("<div id=");
  expect(databases().length).toBeGreaterThanOrEqual(2);
});

test("another start on the same data is refused with who has it and what to do, and the first goes on", async () => {
  const before = databases();
  const second = npm(["start"], { PORT: String(await freePort()) });
  expect(await second.ended).toBe(1);
  expect(second.said()).toMatch(/DATA_DIR_IN_USE: .*is used by process \d+.*DATA_DIR/);
  expect(second.said()).toContain(`process ${server(first)}`);
  expect(await handles()).toEqual({ user: { handle: "house" } });
  expect(stillRunning(before)).toHaveLength(before.length);
});

test("a start on a port that is taken is refused before it makes anything", async () => {
  const elsewhere = join(folder, "elsewhere");
  const second = npm(["start"], { DATA_DIR: elsewhere });
  expect(await second.ended).toBe(1);
  expect(second.said()).toMatch(/PORT_TAKEN: .*Set PORT/);
  expect(processesNaming([elsewhere])).toEqual([]);
});

test("an operator's command shares the database with a running server", async () => {
  const command = npm(["run", "admin", "--", "servers"]);
  expect([await command.ended, command.said()]).toEqual([0, expect.any(String)]);
  expect(await handles()).toEqual({ user: { handle: "house" } });
});

test("after kill -9 the next start takes over what was left, and what was written is there", async () => {
  const input = { handle: "Survivor", email: "survivor@example.org", password: "correct horse battery" };
  const register = `mutation($input: RegisterUserInput!) { registerUser(input: $input) { __typename } }`;
  expect((await ask(url, register, { input })).data).toEqual({ registerUser: { __typename: "RegisterUserSuccess" } });
  process.kill(server(first), "SIGKILL");
  await first.ended;
  expect(databases().length).toBeGreaterThanOrEqual(2);
  first = await started(npm(["start"]));
  const found = await ask(url, `{ user(handle: "Survivor") { handle } }`);
  expect(found.data).toEqual({ user: { handle: "Survivor" } });
});

test("stopped by SIGTERM it leaves no process", async () => {
  const family = [...first.family(), ...databases()];
  expect(family.length).toBeGreaterThanOrEqual(3);
  first.child.kill("SIGTERM");
  await first.ended;
  await until(() => stillRunning(family).length === 0, `the end of ${stillRunning(family).join("\n")}`);
  expect(databases()).toEqual([]);
});

test("an operator's command ends the database that it had to start, and lets go of the folder", async () => {
  expect(await npm(["run", "admin", "--", "grant", "Survivor"]).ended).toBe(0);
  expect(databases()).toEqual([]);
});

test("a folder whose making was cut half-way is made anew", async () => {
  const cut = await mkdtemp(join(tmpdir(), "agon-cut-"));
  await chmod(cut, 0o755);
  const variables = { DATA_DIR: cut, AGON_ROLES: "api" };
  const making = npm(["start"], variables);
  const [initdb] = await until(() => nonEmpty(making.family().filter(({ line }) => /initdb -D/.test(line))), "initdb");
  process.kill(server(making), "SIGKILL");
  process.kill(initdb.pid, "SIGKILL");
  await making.ended;
  const again = await started(npm(["start"], variables));
  const elsewhere = /its binaries and data are in (\S+)[.]\n/.exec(again.said())?.slice(1) ?? [];
  again.child.kill("SIGTERM");
  await again.ended;
  for (const place of [cut, ...elsewhere]) await rm(place, { recursive: true, force: true });
});
