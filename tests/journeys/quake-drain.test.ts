import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, newPerson } from "../harness/agent.ts";
import { freshDatabase } from "../harness/database.ts";
import { freePort, ROOMY, serverProcess, type ServerProcess } from "../harness/process.ts";
import { joinQuake, matches, matchIn, newEntrants, quakeNode, type Entrant } from "../harness/quake-arena.ts";
import { until } from "../harness/until.ts";

// An operator takes a real game server out of play, and its node is started anew meanwhile.

let database: Awaited<ReturnType<typeof freshDatabase>>;
let dataDir: string;
let node: ServerProcess;
let admin: Record<string, string>;
beforeAll(async () => {
  database = await freshDatabase();
  dataDir = await mkdtemp(join(tmpdir(), "agon-quake-drain-"));
  node = serverProcess(await freePort(), database.url, { ...ROOMY, ...quakeNode(1, dataDir) });
  await node.start();
  const { token } = await newPerson(node.url, "drains");
  admin = { authorization: `Bearer ${token}` };
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query("UPDATE app_user SET operator = true WHERE handle = 'drains'");
  await client.end();
}, 60_000);
afterAll(async () => {
  await node.stop();
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});

type Shown = { id: string; answer: string; state: string; drainReason: string | null };

async function server(): Promise<Shown> {
  const { data } = await ask(node.url, "{ gameServers { id answer state drainReason } }", {}, admin);
  return (data as unknown as { gameServers: [Shown] }).gameServers[0];
}

async function act(name: "drain" | "resume", input: object): Promise<unknown> {
  const type = name === "drain" ? "DrainGameServer" : "ResumeGameServer";
  const field = `${name}GameServer`;
  const query = `mutation($input: ${type}Input!) { ${field}(input: $input) { ... on ${type}Success { server { drainReason } } ... on Refusal { code path } } }`;
  return (await ask(node.url, query, { input }, admin)).data?.[field];
}

/** Two bots that wait, and the match that is made of them. */
async function announced(names: readonly [string, string]): Promise<string> {
  const entrants = (await newEntrants(node.url, names)) as [Entrant, Entrant];
  for (const entrant of entrants) await joinQuake(node.url, entrant);
  const own = async () =>
    (await matches(node.url)).find(({ participants }) =>
      entrants.every(({ botId }) => participants.some(({ bot }) => bot.id === botId)),
    );
  return (await until(own, "their match")).id;
}

const closedBecause = async () => {
  const { data } = await ask(node.url, "{ ladder(kind: QUAKE) { closedBecause } }");
  return (data as unknown as { ladder: { closedBecause: string | null } }).ladder.closedBecause;
};

test("a drained server finishes its round and takes no new one, also after a restart, until it is resumed", async () => {
  const last = await announced(["Last_One", "Last_Two"]);
  await matchIn(node.url, ["LIVE"], last);
  const next = await announced(["Next_One", "Next_Two"]);
  const { id: serverId } = await server();
  expect(await act("drain", { serverId, reason: " " })).toMatchObject({ code: "BAD_INPUT" });
  expect(await act("drain", { serverId: last, reason: "new memory" })).toMatchObject({ code: "NOT_FOUND" });
  expect(await act("resume", { serverId, reason: "new memory" })).toMatchObject({ code: "NOT_DRAINING" });
  expect(await act("drain", { serverId, reason: "new memory" })).toMatchObject({
    server: { drainReason: "new memory" },
  });
  expect(await act("drain", { serverId, reason: "again" })).toMatchObject({
    code: "ALREADY_DRAINING",
    path: ["input", "serverId"],
  });
  await until(async () => (await server()).state === "DRAINING", "a draining server");
  expect(await matchIn(node.url, ["COMPLETED", "VOIDED"], last)).toMatchObject({ phase: "COMPLETED" });
  await until(async () => (await server()).state === "DOWN", "the server's end");
  await until(async () => /drained/.test((await closedBecause()) ?? ""), "a closed ladder");
  await node.signal("SIGTERM");
  await node.start();
  // The node is there again, with the same server, and the match still waits for it.
  await until(async () => (await server()).answer === "ANSWERS", "the node");
  expect(await server()).toMatchObject({ id: serverId, state: "DOWN", drainReason: "new memory" });
  expect((await matchIn(node.url, ["ANNOUNCED"], next)).phase).toBe("ANNOUNCED");
  expect(await act("resume", { serverId, reason: "it is in" })).toMatchObject({ server: { drainReason: null } });
  await matchIn(node.url, ["LIVE"], next);
  const { data } = await ask(node.url, "{ auditLog(first: 2) { nodes { action reason } } }", {}, admin);
  expect((data as unknown as { auditLog: { nodes: object[] } }).auditLog.nodes).toEqual([
    { action: "server.resumed", reason: "it is in" },
    { action: "server.drained", reason: "new memory" },
  ]);
}, 180_000);

const run = promisify(execFile);
const command = (...args: string[]) => {
  const env = { ...process.env, DATABASE_URL: database.url, AGON_SECRET: ROOMY.AGON_SECRET };
  return run("node", ["src/admin.ts", ...args], { env }).catch(
    (error: unknown) => error as { stdout: string; stderr: string },
  );
};

test("on the machine itself commands do the same", async () => {
  const [id = ""] = (await command("servers")).stdout.split(" ");
  expect((await command("drain", id)).stderr).toContain("drain SERVER WHY");
  expect((await command("drain", "no-server", "because")).stderr).toContain("no such game server");
  expect((await command("drain", id, "new", "memory")).stdout).toContain("takes no other");
  expect((await command("servers")).stdout).toMatch(/drained since \S+: new memory/);
  expect(await server()).toMatchObject({ drainReason: "new memory" });
  expect((await command("resume", id, "it is in")).stdout).toContain("takes rounds again");
  expect((await command("resume", id, "it is in")).stderr).toContain("not being drained");
}, 60_000);
