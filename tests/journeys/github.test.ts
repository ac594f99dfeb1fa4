import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, mutate, newPerson } from "../harness/agent.ts";
import { battleAt, battleOf, BROKEN, filesIn, FIX, newGladiator, OVER, startBattle } from "../harness/code-battle.ts";
import { freshDatabase } from "../harness/database.ts";
import * as github from "../harness/github-app.ts";
import { startGitHub, type GitHubServer } from "../harness/github.ts";
import { freePort, ROOMY, serverProcess, type ServerProcess } from "../harness/process.ts";
import { until } from "../harness/until.ts";

type Person = Awaited<ReturnType<typeof newPerson>>;
/** A process of its own: all that it writes is looked through. */
let app: ServerProcess;
let database: Awaited<ReturnType<typeof freshDatabase>>;
let hub: GitHubServer;
let dataDir: string;
let owner: Person;
let acme: { id: number };
let octo: ReturnType<GitHubServer["person"]>;
/** Command lines that had been seen while git ran. */
const lines = new Set<string>();
let watching: NodeJS.Timeout;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "agon-github-app-"));
  hub = await startGitHub();
  database = await freshDatabase();
  app = await serverWith({ LOG_LEVEL: "debug", ...hub.settings });
  owner = await newPerson(app.url);
  octo = hub.person("octo");
  hub.repository("acme/secret", filesIn(BROKEN));
  hub.repository("acme/other", filesIn(BROKEN));
  acme = hub.installation("acme");
  octo.may["acme/secret"] = "write";
  watching = setInterval(look, 20);
});
afterAll(async () => {
  clearInterval(watching);
  await app.signal("SIGTERM");
  await hub.stop();
  await database.drop();
  rmSync(dataDir, { recursive: true, force: true });
});

async function serverWith(variables: Record<string, string>): Promise<ServerProcess> {
  const started = serverProcess(await freePort(), database.url, { ...ROOMY, DATA_DIR: dataDir, ...variables });
  await started.start();
  return started;
}

/** How often each process has been looked at. What it is called changes when a shell goes on as another program, and soon. */
let looks = new Map<string, number>();
const LOOKS_MAX = 10;

function look(): void {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  for (const pid of pids) if ((looks.get(pid) ?? 0) < LOOKS_MAX) lines.add(commandOf(pid));
  looks = new Map(pids.map((pid) => [pid, (looks.get(pid) ?? 0) + 1]));
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return ""; // it has ended
  }
}

const code = async (field: string, input: object, key = owner.key) =>
  (await mutate(app.url, key, field, input))["code"] as unknown as string | undefined;

const connect = (who: Person, as = octo, installation: number | undefined = acme.id) =>
  github.connect(app.url, who, { hub, as, installation });
const begin = (who: Person, install = true) => github.begin(app.url, who, install);
const follow = (path: string, who: Person | null) => github.follow(app.url, path, who);
const installationsOf = (who: Person) => github.installationsOf(app.url, who);
const shown = (who: Person, name: string) => github.shown(app.url, who, name);

async function added(who: Person, name: string): Promise<string> {
  const { id, ...made } = await github.added(app.url, who, name);
  expect(made).toEqual({ public: false, onGitHub: true, hasToken: false });
  return id;
}

const FIXER = {
  kind: "COMMAND",
  command: ["sh", "-c", FIX],
};
const IDLE = { kind: "COMMAND", command: ["sh", "-c", "echo // >> sums.js"] };

test("who comes back from GitHub is who went, with what GitHub shows that person, once", async () => {
  const other = await newPerson(app.url);
  const asked = await begin(owner);
  expect(new URL(asked).pathname).toBe("/github-apps/agon-test/installations/new");
  const way = hub.back(octo, asked, acme.id);
  expect([await follow(way, other), await follow(way, owner)]).toEqual(["BAD_STATE", "BAD_STATE"]);
  const again = hub.back(octo, await begin(owner), acme.id);
  expect([await follow(again, owner), await follow(again, owner)]).toEqual(["CONNECTED", "BAD_STATE"]);
  expect(await follow(hub.back(octo, await begin(owner), acme.id), null)).toBe("BAD_STATE");
  expect(await follow("/github/callback?code=x&state=nobodys", owner)).toBe("BAD_STATE");
  expect(await installationsOf(owner)).toMatchObject([
    {
      account: "acme",
      suspended: false,
      repositories: { nodes: [{ name: "acme/secret", private: true, defaultBranch: "main" }] },
    },
  ]);
  expect(await installationsOf(other)).toEqual([]);
  expect(new URL(await begin(owner, false)).pathname).toBe("/login/oauth/authorize");
});

test("an installation of others is nobody else's, by whatever number it is asked for", async () => {
  const stranger = await newPerson(app.url);
  const somebody = hub.person("somebody");
  expect(await connect(stranger, somebody)).toBe("INSTALLATION_NOT_YOURS");
  expect(await connect(stranger, somebody, 999_999)).toBe("INSTALLATION_NOT_YOURS");
  expect(await follow(hub.back(somebody, await begin(stranger)), stranger)).toBe("NO_INSTALLATION");
  expect(await installationsOf(stranger)).toEqual([]);
  const input = { gitHubRepositoryId: await shown(owner, "acme/secret") };
  expect(await code("addGitHubRepository", input, stranger.key)).toBe("NOT_FOUND");
});

test("a battle on a private repository: fetched, judged, pushed and pulled, and no token is found anywhere", {
  timeout: 240_000,
}, async () => {
  const repositoryId = await added(owner, "acme/secret");
  expect(await code("addGitHubRepository", { gitHubRepositoryId: await shown(owner, "acme/secret") })).toBe(
    "REPOSITORY_KNOWN",
  );
  expect(await code("createCodeBattle", { repositoryId, prompt: "p", open: true })).toBe("PRIVATE_REPOSITORY");
  const bots = [
    await newGladiator(app.url, owner.key, "Hub_A", FIXER),
    await newGladiator(app.url, owner.key, "Hub_B", IDLE),
  ];
  const id = await startBattle(app.url, owner.key, { repositoryId, prompt: "Fix it." }, bots);
  const pull = { battleId: id, botId: bots[0] };
  expect(await code("openPullRequestForGladiator", pull)).toBe("BATTLE_NOT_COMPLETED");
  const battle = await battleAt(app.url, owner.key, id, OVER);
  expect([battle.phase, battle.failure]).toEqual(["COMPLETED", null]);
  const outsider = await newPerson(app.url);
  expect(await battleOf(app.url, outsider.key, id)).toBeNull();
  expect(await code("openPullRequestForGladiator", pull)).toBe("BRANCH_NOT_PUSHED");
  await mutate(app.url, owner.key, "pushCodeBattle", { battleId: id });
  const pushed = await until(async () => {
    const now = await battleOf(app.url, owner.key, id);
    return now?.entries.every(({ push }) => push === "PUSHED") ? now : null;
  }, "the branches");
  expect(hub.git("acme/secret")("show", `${pushed.entries[0]?.branch}:sums.js`)).toContain("a - b");
  expect(await code("openPullRequestForGladiator", pull, outsider.key)).toBe("NOT_FOUND");
  const open = () => mutate(app.url, owner.key, "openPullRequestForGladiator", pull, "number url");
  const first = await Promise.all([open(), open()]);
  const [one] = first;
  expect(one).toMatchObject({ number: 1, url: `${hub.url}/acme/secret/pull/1` });
  expect([first[1], await open()]).toEqual([one, one]);
  expect(hub.pulls).toMatchObject([{ head: pushed.entries[0]?.branch, base: "main" }]);
  expect(await code("openPullRequestForGladiator", { ...pull, botId: bots[1], base: "no-such" })).toBe(
    "NOTHING_TO_PULL",
  );

  const { audit } = (await battleOf(app.url, owner.key, id)) ?? { audit: [] };
  const about = audit.filter(({ operation }) => operation === "token").map((each) => each.about.split(" until ")[0]);
  expect([...new Set(about)]).toEqual(["read acme/secret", "push acme/secret", "pull acme/secret"]);
  expect(audit.filter(({ operation }) => operation === "pull request").map((each) => each.about)).toContain(
    `${pushed.entries[0]?.branch} is number 1`,
  );
  const asked = hub.asked.flatMap(({ permissions }) => (permissions ? [JSON.stringify(permissions)] : []));
  expect([...new Set(asked)]).toEqual([
    `{"contents":"read"}`,
    `{"contents":"write"}`,
    `{"contents":"read","pull_requests":"write"}`,
  ]);
  expect(hub.tokens.size).toBe(0);
  expect(hub.wrong).toEqual([]);
  expect(lines.size).toBeGreaterThan(10);
  expect([...lines].filter((line) => line.includes("http-backend") || line.includes("git")).length).toBeGreaterThan(0);
  const places = {
    lines: [...lines].join("\n"),
    api: JSON.stringify([
      pushed,
      audit,
      await ask(
        app.url,
        `query($id: ID!) { codeBattle(id: $id) { events(first: 100) { nodes { __typename } } } }`,
        { id },
        { "x-api-key": owner.key },
      ),
    ]),
    database: await dump(),
    disk: onDisk(),
    log: app.said(),
  };
  expect(hub.given.length).toBeGreaterThan(5);
  for (const [place, text] of Object.entries(places))
    expect([place, ...hub.given.filter((token) => text.includes(token) || text.includes(encoded(token)))]).toEqual([
      place,
    ]);
});

const encoded = (token: string) => Buffer.from(`x-access-token:${token}`).toString("base64");

/** Everything in every table, as text. */
async function dump(): Promise<string> {
  const admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
  const { rows } = await admin.query<{ name: string }>(
    `SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
  );
  const all: string[] = [];
  for (const { name } of rows)
    all.push(JSON.stringify((await admin.query(`SELECT t::text AS row FROM ${name} t`)).rows));
  await admin.end();
  return all.join("\n");
}

const onDisk = () =>
  execFileSync("sh", ["-c", `find "$1" -type f ! -name '*.pack' -exec cat {} +`, "sh", dataDir], {
    encoding: "latin1",
    maxBuffer: 1e9,
  });

test("a token of one repository opens no other, and one to read writes nothing", async () => {
  const [secret, other] = hub.installations[0]?.repositories ?? [];
  if (!secret || !other) throw new Error("there are two repositories");
  const token = "ghs_only_for_secret";
  const expiresAtMs = Date.now() + 60_000;
  hub.tokens.set(token, {
    repositories: [secret],
    permissions: { contents: "read" },
    installation: acme.id,
    expiresAtMs,
  });
  const status = async (path: string) =>
    (await fetch(`${hub.url}/${path}`, { headers: { authorization: `Basic ${encoded(token)}` } })).status;
  expect([
    await status("acme/secret.git/info/refs?service=git-upload-pack"),
    await status("acme/secret.git/info/refs?service=git-receive-pack"),
    await status("acme/other.git/info/refs?service=git-upload-pack"),
  ]).toEqual([200, 403, 403]);
  hub.tokens.delete(token);
});

test("what GitHub tells counts when it is signed, and once", async () => {
  const installation = { id: acme.id };
  const [secret, other] = hub.installations[0]?.repositories ?? [];
  if (!secret || !other) throw new Error("there are two repositories");
  const gone = { action: "deleted", installation };
  expect(await hub.deliver(app.url, "installation", gone, { signature: `sha256=${"0".repeat(64)}` })).toBe(401);
  expect(await hub.deliver(app.url, "installation", gone, { signature: "" })).toBe(401);
  expect(await installationsOf(owner)).toHaveLength(1);

  const id = crypto.randomUUID();
  const suspend = { action: "suspend", installation };
  expect(await hub.deliver(app.url, "installation", suspend, { id })).toBe(204);
  expect(await installationsOf(owner)).toMatchObject([{ suspended: true }]);
  expect(await code("addGitHubRepository", { gitHubRepositoryId: await shown(owner, "acme/secret") })).toBe(
    "GITHUB_SUSPENDED",
  );
  expect(await hub.deliver(app.url, "installation", { action: "unsuspend", installation })).toBe(204);
  expect(await hub.deliver(app.url, "installation", suspend, { id })).toBe(200);
  const body = hub.delivered.at(-3) ?? "";
  expect(JSON.parse(body)).toMatchObject(suspend);
  // Nobody signs the number of a delivery.
  expect(await hub.deliver(app.url, "installation", suspend, { body })).toBe(200);
  expect(await installationsOf(owner)).toMatchObject([{ suspended: false }]);

  const news = (repository: { id: number; name: string }) => [
    { id: repository.id, full_name: repository.name, private: true },
  ];
  const add = { action: "added", installation, repositories_added: news(other), repositories_removed: [] };
  expect(await hub.deliver(app.url, "installation_repositories", add)).toBe(204);
  expect(await shown(owner, "acme/other")).toBe("");
  octo.may["acme/other"] = "read";
  hub.limits = { left: 1, after_s: 1, status: 401 };
  const again = { id: crypto.randomUUID() };
  expect(await hub.deliver(app.url, "installation_repositories", add, again)).toBe(503);
  const redelivered = { ...again, body: hub.delivered.at(-1) ?? "" };
  expect(await hub.deliver(app.url, "installation_repositories", add, redelivered)).toBe(204);
  expect(await shown(owner, "acme/other")).not.toBe("");
  const push = { installation, repository: hub.repositoryOf(secret) };
  expect(await hub.deliver(app.url, "push", push)).toBe(204);
  const remove = { action: "removed", installation, repositories_added: [], repositories_removed: news(other) };
  expect(await hub.deliver(app.url, "installation_repositories", remove)).toBe(204);
  expect(await shown(owner, "acme/other")).toBe("");
  expect((await fetch(`${app.url}/github/webhooks`)).status).toBe(405);
});

test("whoever may only read is not let push, and GitHub is not asked again before it wants to be", {
  timeout: 240_000,
}, async () => {
  const reader = await newPerson(app.url);
  const readOnly = hub.person("reader");
  readOnly.may["acme/secret"] = "read";
  expect(await connect(reader, readOnly)).toBe("CONNECTED");
  const repositoryId = await added(reader, "acme/secret");
  const bots = [
    await newGladiator(app.url, reader.key, "Read_A", FIXER),
    await newGladiator(app.url, reader.key, "Read_B", IDLE),
  ];

  hub.limits = { left: 1, after_s: 1 };
  const id = await startBattle(app.url, reader.key, { repositoryId, prompt: "Fix it." }, bots);
  expect(hub.limits.left).toBe(0);
  expect((await battleAt(app.url, reader.key, id, OVER)).phase).toBe("COMPLETED");
  await mutate(app.url, reader.key, "pushCodeBattle", { battleId: id });
  await until(async () => (await refusalsOf(reader, id))?.every((name) => name === "GITHUB_DENIED"), "two refusals");
  expect(hub.tokens.size).toBe(0);

  hub.limits = { left: 1, after_s: 1_800 };
  const limited = await mutate(app.url, reader.key, "createCodeBattle", { repositoryId, prompt: "p" });
  expect(limited["code"]).toBe("GITHUB_RATE_LIMITED");
  expect(Number(limited["retryAfterMs"])).toBeGreaterThan(1_700_000);
  const before = hub.asked.length;
  expect(await code("createCodeBattle", { repositoryId, prompt: "p" }, reader.key)).toBe("GITHUB_RATE_LIMITED");
  expect(hub.asked.length).toBe(before);
});

async function refusalsOf(who: Person, id: string): Promise<(string | null)[] | undefined> {
  const query = `query($id: ID!) { codeBattle(id: $id) { entries { push pushRefusal } } }`;
  const { data } = await ask(app.url, query, { id }, { "x-api-key": who.key });
  const { entries } = (data as unknown as { codeBattle: { entries: { push: string; pushRefusal: string | null }[] } })
    .codeBattle;
  return entries.map(({ pushRefusal }) => pushRefusal);
}

test("what is revoked in the middle of a battle is not reached any more, and is again after another yes", {
  timeout: 240_000,
}, async () => {
  const [late, lateAt] = [await newPerson(app.url), hub.person("late")];
  hub.repository("globex/app", filesIn(BROKEN));
  const globex = hub.installation("globex");
  lateAt.may["globex/app"] = "admin";
  expect(await connect(late, lateAt, globex.id)).toBe("CONNECTED");
  const repositoryId = await added(late, "globex/app");
  const bots = [
    await newGladiator(app.url, late.key, "Late_A", FIXER),
    await newGladiator(app.url, late.key, "Late_B", IDLE),
  ];
  const id = await startBattle(app.url, late.key, { repositoryId, prompt: "Fix it." }, bots);
  await battleAt(app.url, late.key, id, ["RUNNING", "COLLECTING", "JUDGING", "COMPLETED"]);
  expect(await hub.deliver(app.url, "installation", { action: "deleted", installation: { id: globex.id } })).toBe(204);
  expect(await installationsOf(late)).toEqual([]);
  expect((await battleAt(app.url, late.key, id, OVER)).phase).toBe("COMPLETED");
  await mutate(app.url, late.key, "pushCodeBattle", { battleId: id });
  await until(
    async () => (await refusalsOf(late, id))?.every((name) => name === "GITHUB_NOT_CONNECTED"),
    "two refusals",
  );
  expect(await code("createCodeBattle", { repositoryId, prompt: "p" }, late.key)).toBe("GITHUB_NOT_CONNECTED");
  expect(await connect(late, lateAt, globex.id)).toBe("CONNECTED");
  await mutate(app.url, late.key, "pushCodeBattle", { battleId: id });
  await until(async () => {
    const { entries } = (await battleOf(app.url, late.key, id)) ?? { entries: [] };
    return entries.length === 2 && entries.every(({ push }) => push === "PUSHED");
  }, "both pushed");
  const [installation] = await installationsOf(late);
  const mine = { installationId: installation?.id ?? "" };
  expect((await github.asSession(app.url, owner, "removeGitHubInstallation", mine, "removed")).code).toBe("NOT_FOUND");
  expect((await github.asSession(app.url, late, "removeGitHubInstallation", mine, "removed")).__typename).toBe(
    "RemoveGitHubInstallationSuccess",
  );
  expect(await code("createCodeBattle", { repositoryId, prompt: "p" }, late.key)).toBe("GITHUB_NOT_CONNECTED");
  expect(hub.wrong).toEqual([]);
});

test("without an app all of it is closed, and says which settings are missing", async () => {
  const plain = await serverWith({ AGON_ROLES: "api", GITHUB_APP_ID: "1" });
  const person = await newPerson(plain.url);
  const query = `mutation { connectGitHub(input: {}) { ... on Refusal { code message } } }`;
  const { data } = await ask(plain.url, query, {}, { authorization: `Bearer ${person.token}` });
  expect(data).toMatchObject({ connectGitHub: { code: "GITHUB_CLOSED" } });
  expect(JSON.stringify(data)).toContain("GITHUB_APP_PRIVATE_KEY, GITHUB_APP_SLUG");
  expect((await ask(plain.url, "{ gitHubClosed }")).data?.["gitHubClosed"]).toContain("GITHUB_WEBHOOK_SECRET");
  expect(await hub.deliver(plain.url, "installation", { action: "deleted", installation: { id: acme.id } })).toBe(404);
  await plain.signal("SIGTERM");
});
