import { createHmac, createVerify, generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { Ajv } from "ajv";
import { gitIn, makeRepository, serve, type Git } from "./git-server.ts";
import {
  NOW,
  OPENED,
  PROFILE,
  PULL,
  PULL_LINKS,
  PULL_URLS,
  REPOSITORY,
  REPOSITORY_URLS,
  userOf,
} from "./github-shapes.ts";

type Level = "none" | "read" | "write" | "admin";
/** A person of this GitHub, and what that person may do with which repository. */
type Person = { id: number; login: string; may: Record<string, Level> };
type Repository = { id: number; name: string; private: boolean };
type Installation = { id: number; account: string; repositories: Repository[]; suspended: boolean };
type Token = {
  repositories: Repository[];
  permissions: Record<string, string>;
  installation: number;
  expiresAtMs: number;
};
type Delivery = { id?: string; signature?: string; body?: string };
type Pull = { number: number; repository: string; head: string; base: string; title: string; body: string };

/**
 * A GitHub over HTTP, as an Enterprise Server has it: the pages that send people back, the API, and git itself, which asks
 * for the very tokens that the API gives. What it answers is checked against GitHub's published description of its answers.
 */
export type GitHubServer = Awaited<ReturnType<typeof startGitHub>>;

const DESCRIPTION = JSON.parse(readFileSync("tests/fixtures/github/answers.json", "utf8")) as {
  responses: Record<string, object>;
  components: object;
};
const ajv = new Ajv({ strict: false });
const CHECKS = Object.fromEntries(
  Object.entries(DESCRIPTION.responses).map(([route, schema]) => [
    route,
    ajv.compile({ ...schema, components: DESCRIPTION.components }),
  ]),
);

const APP = { GITHUB_APP_ID: "4242", GITHUB_APP_SLUG: "agon-test", GITHUB_CLIENT_ID: "Iv1.0123456789abcdef" };
const NOT_FOUND: [number, unknown] = [404, { message: "Not Found" }];
const LEVELS = ["none", "read", "write", "admin"];

let deliveries = 0;

/** Starts a GitHub with one app and nobody in it. */
export async function startGitHub() {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  const secrets = {
    GITHUB_CLIENT_SECRET: randomBytes(20).toString("hex"),
    GITHUB_WEBHOOK_SECRET: randomBytes(20).toString("hex"),
  };
  const world = new World(publicKey.export({ type: "spki", format: "pem" }).toString(), secrets.GITHUB_CLIENT_SECRET);
  const server = createServer((request, response) => {
    world.answer(request, response).catch((error: unknown) => {
      world.wrong.push(String(error));
      response.writeHead(500).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  world.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const key = privateKey.export({ type: "pkcs1", format: "pem" }).toString();
  return Object.assign(world, {
    /** The settings of the app, as its operator has them. */
    settings: { ...APP, ...secrets, GITHUB_APP_PRIVATE_KEY: key, GITHUB_BASE_URL: world.url },
    /** Sends a webhook as GitHub does; `signature` in place of its own. */
    deliver: async (to: string, event: string, payload: object, given: Delivery = {}) => {
      // As GitHub's, each says when it was made: two are never the same.
      const body = given.body ?? JSON.stringify({ ...payload, sent: deliveries++ });
      world.delivered.push(body);
      const digest = createHmac("sha256", secrets.GITHUB_WEBHOOK_SECRET).update(body).digest("hex");
      const headers = {
        "content-type": "application/json",
        "x-github-event": event,
        "x-github-delivery": given.id ?? crypto.randomUUID(),
        "x-hub-signature-256": given.signature ?? `sha256=${digest}`,
      };
      return (await fetch(`${to}/github/webhooks`, { method: "POST", headers, body })).status;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(world.folder, { recursive: true, force: true });
    },
  });
}

class World {
  url = "";
  readonly folder = mkdtempSync(join(tmpdir(), "agon-github-"));
  readonly people = new Map<string, Person>();
  readonly installations: Installation[] = [];
  readonly tokens = new Map<string, Token>();
  readonly pulls: Pull[] = [];
  /** Every token that it ever gave, those of people too: none of them may be found anywhere. */
  readonly given: string[] = [];
  /** What it was asked, and what was wrong with its own answers. */
  readonly asked: { route: string; permissions?: unknown }[] = [];
  readonly wrong: string[] = [];
  /** The bodies of the webhooks that it sent. */
  readonly delivered: string[] = [];
  /** How often it says next that it is asked too often, and after how many seconds to come again. */
  limits: { left: number; after_s: number; status?: 401 | 403 } = { left: 0, after_s: 1 };
  private readonly codes = new Map<string, Person>();
  private readonly userTokens = new Map<string, Person>();
  private ids = 1_000;
  private readonly publicKey: string;
  private readonly clientSecret: string;
  constructor(publicKey: string, clientSecret: string) {
    this.publicKey = publicKey;
    this.clientSecret = clientSecret;
  }

  person(login: string): Person {
    const made = { id: ++this.ids, login, may: {} };
    this.people.set(login, made);
    return made;
  }

  /** A repository with real commits, of an installation of its owner's, which is made where there is none. */
  repository(name: string, build: (git: Git, checkout: string) => void, isPrivate = true): Repository {
    makeRepository(this.folder, name, build);
    const account = name.split("/")[0] ?? "";
    const made = { id: ++this.ids, name, private: isPrivate };
    this.installation(account).repositories.push(made);
    return made;
  }

  installation(account: string): Installation {
    const known = this.installations.find((each) => each.account === account);
    if (known) return known;
    const made = { id: ++this.ids, account, repositories: [], suspended: false };
    this.installations.push(made);
    return made;
  }

  git(name: string): Git {
    return gitIn(join(this.folder, `${name}.git`));
  }

  /** The address that GitHub sends a person back to who said yes, as a browser would follow it. */
  back(person: Person, asked: string, installation?: number): string {
    const code = randomBytes(10).toString("hex");
    this.codes.set(code, person);
    const state = new URL(asked).searchParams.get("state") ?? "";
    const query = new URLSearchParams({ code, state });
    if (installation !== undefined) query.set("installation_id", String(installation));
    return `/github/callback?${query}`;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "/", this.url);
    const [, name = "", rest = ""] = /^\/([\w.-]+\/[\w.-]+)\.git\/(.*)$/.exec(pathname) ?? [];
    if (name !== "") return this.serveGit(name, `${rest}?${searchParams}`, request, response);
    const body = await text(request);
    const parameters = (body === "" ? {} : JSON.parse(body)) as Record<string, never>;
    const { method = "", headers } = request;
    const call = { authorization: headers.authorization ?? "", parameters, searchParams };
    const [status, answer, route] = this.route(method, pathname, call);
    this.asked.push({ route: route ?? pathname, permissions: parameters["permissions"] });
    if (status < 300) this.check(route ?? "", answer);
    const limit = status === 429 ? { "retry-after": String(this.limits.after_s) } : {};
    response.writeHead(status, { "content-type": "application/json", ...limit });
    response.end(status === 204 ? undefined : JSON.stringify(answer));
  }

  private check(route: string, answer: unknown): void {
    const check = CHECKS[route];
    if (check && !check(answer)) this.wrong.push(`${route}: ${ajv.errorsText(check.errors)}`);
  }

  private serveGit(name: string, rest: string, request: IncomingMessage, response: ServerResponse): void {
    const [, given = ""] = /^Basic (.*)$/.exec(request.headers.authorization ?? "") ?? [];
    const token = this.tokens.get(Buffer.from(given, "base64").toString().replace("x-access-token:", ""));
    const repository = token?.repositories.find((each) => each.name === name);
    const wants = rest.includes("git-receive-pack") ? "write" : "read";
    const isPublic = this.installations.some(({ repositories }) =>
      repositories.some((each) => each.name === name && !each.private),
    );
    const has = LEVELS.indexOf(token?.permissions["contents"] ?? "none");
    const may = repository && this.lives(token) && has >= LEVELS.indexOf(wants);
    if (!may && !(isPublic && wants === "read"))
      return void response.writeHead(given === "" ? 401 : 403, { "www-authenticate": "Basic realm=GitHub" }).end();
    serve(this.folder, request, response);
  }

  private lives(token: Token | undefined): boolean {
    const installation = this.installations.find(({ id }) => id === token?.installation);
    return (
      token !== undefined && token.expiresAtMs > Date.now() && installation !== undefined && !installation.suspended
    );
  }

  private route(method: string, path: string, call: Call): [number, unknown, string?] {
    if (path === "/login/oauth/access_token") return this.exchange(call.parameters);
    const at = path.replace("/api/v3", "");
    if (/^\/applications\/[^/]+\/token$/.test(at))
      return this.userTokens.delete(call.parameters["access_token"] ?? "") ? [204, null] : [404, {}];
    if (this.limits.left > 0 && at.startsWith("/app/")) {
      this.limits.left--;
      const { status = 429 } = this.limits;
      return [status, { message: status === 401 ? "Bad credentials" : "You have exceeded a secondary rate limit." }];
    }
    const installation = /^\/app\/installations\/(\d+)\/access_tokens$/.exec(at)?.[1];
    if (installation && method === "POST") return this.issue(Number(installation), call);
    if (at === "/user" || at.startsWith("/user/")) return this.ofPerson(at, call);
    return this.withToken(method, at, call);
  }

  private exchange({ client_id: id, client_secret: secret, code }: Record<string, never>): [number, unknown] {
    const person = this.codes.get(code ?? "");
    this.codes.delete(code ?? "");
    if (id !== APP.GITHUB_CLIENT_ID || secret !== this.clientSecret)
      return [200, { error: "incorrect_client_credentials" }];
    if (!person) return [200, { error: "bad_verification_code", error_description: "wrong", error_uri: "u" }];
    const token = this.newToken("ghu");
    this.userTokens.set(token, person);
    return [200, { access_token: token, token_type: "bearer", scope: "" }];
  }

  private newToken(kind: string): string {
    const token = `${kind}_${randomBytes(18).toString("hex")}`;
    this.given.push(token);
    return token;
  }

  /** RS256 by the app's own key, for ten minutes at most. */
  private isApp(authorization: string): boolean {
    const [head = "", claims = "", signature = ""] = authorization.replace(/^bearer /i, "").split(".");
    const { alg } = JSON.parse(Buffer.from(head, "base64url").toString() || "{}") as { alg?: string };
    if (alg !== "RS256") return false;
    const good = createVerify("RSA-SHA256").update(`${head}.${claims}`).verify(this.publicKey, signature, "base64url");
    const { iss, iat, exp } = JSON.parse(Buffer.from(claims, "base64url").toString()) as Record<string, number>;
    const now_s = Date.now() / 1_000;
    return (
      good &&
      String(iss) === APP.GITHUB_APP_ID &&
      (exp ?? 0) > now_s &&
      (exp ?? 0) - now_s <= 600 &&
      (iat ?? now_s) <= now_s
    );
  }

  private issue(number: number, { authorization, parameters }: Call): [number, unknown, string] {
    const route = "POST /app/installations/{installation_id}/access_tokens";
    if (!this.isApp(authorization)) return [401, { message: "A JSON web token could not be decoded" }, route];
    const installation = this.installations.find(({ id }) => id === number);
    if (!installation) return [404, { message: "Not Found" }, route];
    if (installation.suspended) return [403, { message: "This installation has been suspended" }, route];
    const wanted = (parameters["repository_ids"] ?? []) as number[];
    const repositories = installation.repositories.filter(({ id }) => wanted.includes(id));
    if (wanted.length !== 1 || repositories.length !== 1) return [422, { message: "not accessible" }, route];
    const permissions = parameters["permissions"] as unknown as Record<string, string>;
    const token = this.newToken("ghs");
    const expiresAtMs = Date.now() + 3_600_000;
    this.tokens.set(token, { repositories, permissions, installation: number, expiresAtMs });
    const shown = repositories.map((each) => this.repositoryOf(each));
    const expires = new Date(expiresAtMs).toISOString().replace(/\.\d+/, "");
    return [
      201,
      { token, expires_at: expires, permissions, repository_selection: "selected", repositories: shown },
      route,
    ];
  }

  private ofPerson(at: string, { authorization }: Call): [number, unknown, string?] {
    const person = this.userTokens.get(authorization.replace(/^(token|bearer) /i, ""));
    if (!person) return [401, { message: "Bad credentials" }];
    if (at === "/user") return [200, { ...userOf(this.url, person), ...PROFILE }, "GET /user"];
    const sees = ({ name }: Repository) => (person.may[name] ?? "none") !== "none";
    const seen = this.installations.filter(({ repositories }) => repositories.some(sees));
    if (at === "/user/installations")
      return [
        200,
        { total_count: seen.length, installations: seen.map((each) => this.installationOf(each)) },
        "GET /user/installations",
      ];
    const [, number] = /^\/user\/installations\/(\d+)\/repositories$/.exec(at) ?? [];
    const found = seen.find(({ id }) => String(id) === number);
    if (!found) return [404, { message: "Not Found" }];
    const repositories = found.repositories.filter(sees).map((each) => this.repositoryOf(each));
    return [
      200,
      { total_count: repositories.length, repositories },
      "GET /user/installations/{installation_id}/repositories",
    ];
  }

  private withToken(
    method: string,
    at: string,
    { authorization, parameters, searchParams }: Call,
  ): [number, unknown, string?] {
    const secret = authorization.replace(/^(token|bearer) /i, "");
    const token = this.tokens.get(secret);
    if (!token || !this.lives(token)) return [401, { message: "Bad credentials" }];
    if (method === "DELETE" && at === "/installation/token")
      return this.tokens.delete(secret) ? [204, null] : [404, {}];
    const [, name, rest = ""] = /^\/repos\/([^/]+\/[^/]+)\/(.*)$/.exec(at) ?? [];
    const repository = token.repositories.find((each) => each.name === name);
    return repository ? this.inRepository(repository, rest, token, { method, parameters, searchParams }) : NOT_FOUND;
  }

  private inRepository(
    repository: Repository,
    rest: string,
    { permissions }: Token,
    { method, parameters, searchParams }: Omit<Call, "authorization"> & { method: string },
  ): [number, unknown, string?] {
    const [, login] = /^collaborators\/([^/]+)\/permission$/.exec(rest) ?? [];
    if (login !== undefined) return this.permission(repository, login);
    if (rest !== "pulls") return NOT_FOUND;
    if (permissions["pull_requests"] !== "write") return [403, { message: "Resource not accessible by integration" }];
    return method === "POST" ? this.open(repository, parameters) : this.pullsFrom(repository, searchParams.get("head"));
  }

  private pullsFrom(repository: Repository, head: string | null): [number, unknown, string] {
    const branch = head?.split(":")[1];
    const found = this.pulls.filter((pull) => pull.repository === repository.name && pull.head === branch);
    return [200, found.map((pull) => this.pullOf(pull, repository)), "GET /repos/{owner}/{repo}/pulls"];
  }

  private permission({ name }: Repository, login: string): [number, unknown, string?] {
    const person = this.people.get(login);
    if (!person) return [404, { message: "Not Found" }];
    const permission = person.may[name] ?? "none";
    const role = { permission, role_name: permission, user: { ...userOf(this.url, person), role_name: permission } };
    return [200, role, "GET /repos/{owner}/{repo}/collaborators/{username}/permission"];
  }

  private open(repository: Repository, { head, base, title, body }: Record<string, never>): [number, unknown, string] {
    const route = "POST /repos/{owner}/{repo}/pulls";
    const { name } = repository;
    const branches = this.git(name)("for-each-ref", "--format=%(refname:short)", "refs/heads").split("\n");
    const isThere = this.pulls.some((pull) => pull.repository === name && pull.head === head);
    if (isThere || ![head, base].every((branch) => branches.includes(branch ?? "")))
      return [422, { message: "Validation Failed" }, route];
    const made = { number: this.pulls.length + 1, repository: name, head, base, title, body } as unknown as Pull;
    this.pulls.push(made);
    return [201, { ...this.pullOf(made, repository), ...OPENED }, route];
  }

  private installationOf({ id, account, suspended }: Installation) {
    const at = `${this.url}/api/v3/installations/${id}`;
    const times = { created_at: NOW, updated_at: NOW, suspended_at: suspended ? NOW : null };
    const urls = { access_tokens_url: at, repositories_url: at, html_url: at };
    const of = {
      app_id: Number(APP.GITHUB_APP_ID),
      app_slug: APP.GITHUB_APP_SLUG,
      target_id: id,
      target_type: "Organization",
    };
    const may = { permissions: { contents: "write", pull_requests: "write", metadata: "read" }, events: ["push"] };
    const rest = { repository_selection: "selected", suspended_by: null, single_file_name: null };
    return { id, account: userOf(this.url, { id, login: account }), ...times, ...urls, ...of, ...may, ...rest };
  }

  repositoryOf({ id, name: full, private: isPrivate }: Repository): object {
    const [owner = "", name = ""] = full.split("/");
    const urls = Object.fromEntries(REPOSITORY_URLS.map((key) => [key, `${this.url}/${full}`]));
    return {
      ...{ ...urls, ...REPOSITORY, id, name, full_name: full, private: isPrivate, node_id: `R_${id}` },
      owner: userOf(this.url, { id, login: owner }),
    };
  }

  private pullOf({ number, head, base, title, body }: Pull, repository: Repository): object {
    const url = `${this.url}/${repository.name}/pull/${number}`;
    const urls = Object.fromEntries(PULL_URLS.map((key) => [key, url]));
    const [owner = ""] = repository.name.split("/");
    const user = userOf(this.url, { id: 1, login: owner });
    const repo = this.repositoryOf(repository);
    const end = (ref: string) => ({
      label: `${owner}:${ref}`,
      ref,
      sha: this.git(repository.name)("rev-parse", ref),
      repo,
      user,
    });
    const links = Object.fromEntries(PULL_LINKS.map((key) => [key, { href: url }]));
    return { ...urls, ...PULL, id: number, number, title, body, user, head: end(head), base: end(base), _links: links };
  }
}

type Call = { authorization: string; parameters: Record<string, never>; searchParams: URLSearchParams };
