import { setTimeout as sleep } from "node:timers/promises";
import { App } from "@octokit/app";
import { Octokit } from "@octokit/core";
import type { GitHubApp, GitHubSettings } from "../../platform/github-settings.ts";
import {
  isWorthWaiting,
  PERMISSIONS,
  refusalOfStatus,
  waitOf,
  type Answered,
  type GitHubRefusal,
  type Purpose,
} from "../rules/github.ts";

/** GitHub does not do it; carries the name of the reason and nothing that GitHub said: its errors quote requests. */
export class GitHubRefused extends Error {
  override readonly name = "GitHubRefused";
  readonly refusal: GitHubRefusal;
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  constructor(refusal: GitHubRefusal, status = 0, retryAfterMs?: number) {
    super(`${refusal} ${status}`);
    this.refusal = refusal;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/** How long a caller waits for GitHub to want to be asked again, and what ends the waiting. */
export type Patience = { waitMaxMs: number; stop: AbortSignal | null };
/** As long as somebody waits for the answer of a mutation. */
export const SHORT: Patience = { waitMaxMs: 2_000, stop: null };

const ANSWER_MAX_MS = 15_000;
/** Of a list at most this many are kept, ten pages. */
export const LIST_MAX = 1_000;
const PAGE = 100;

const silent = { debug: quiet, info: quiet, warn: quiet, error: quiet };
function quiet(): void {
  // What GitHub's client would print quotes requests.
}

/** GitHub as one app of it sees it. */
export type GitHub = {
  app: GitHubApp;
  octokit: App;
  /** Until when it does not want to be asked, by whose limit it is. */
  closed: Map<string, number>;
};
const opened = new WeakMap<GitHubSettings, GitHub>();

/** The client of the operator's app, one a process; refused where there is no app. */
export function gitHub(settings: GitHubSettings): GitHub {
  if ("missing" in settings) throw new GitHubRefused("GITHUB_CLOSED");
  const known = opened.get(settings);
  if (known) return known;
  const { appId, privateKey, clientId, clientSecret, webhookSecret: secret, apiUrl: baseUrl } = settings;
  const octokit = new App({
    ...{ appId, privateKey, webhooks: { secret }, oauth: { clientId, clientSecret }, log: silent },
    Octokit: Octokit.defaults({ baseUrl, log: silent }),
  });
  const made: GitHub = { app: settings, octokit, closed: new Map() };
  opened.set(settings, made);
  return made;
}

const clientWith = ({ app }: GitHub, token: string) => new Octokit({ auth: token, baseUrl: app.apiUrl, log: silent });

type Failed = { status?: number; message: string; response?: { headers?: Answered["headers"] } };

/**
 * Asks GitHub something. While it has said that it is asked too often, by whose limit that is, nothing is asked: it takes
 * those who go on for hostile.
 */
async function ask<T>(
  { closed }: GitHub,
  whose: string,
  patience: Patience,
  request: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  for (let tried = 0; ; tried++) {
    const leftMs = (closed.get(whose) ?? 0) - Date.now();
    if (leftMs > 0) {
      if (!isWorthWaiting(leftMs, tried, patience.waitMaxMs))
        throw new GitHubRefused("GITHUB_RATE_LIMITED", 429, leftMs);
      await sleep(leftMs, undefined, patience.stop ? { signal: patience.stop } : {});
    }
    closed.delete(whose);
    try {
      return await request(AbortSignal.timeout(ANSWER_MAX_MS));
    } catch (error) {
      const { status = 0, response, message } = error as Failed;
      const waitMs = waitOf({ status, headers: response?.headers ?? {}, message }, Date.now());
      if (waitMs === null) throw new GitHubRefused(refusalOfStatus(status), status);
      for (const [name, untilMs] of closed) if (untilMs < Date.now()) closed.delete(name);
      closed.set(whose, Date.now() + waitMs);
    }
  }
}

export type Installation = { number: string; account: string; organization: boolean; suspended: boolean };
export type Shown = { number: string; name: string; private: boolean; branch: string; pushedAt: string | null };
/** Who came back from GitHub, and what GitHub shows that person of the app. */
export type Person = { login: string; number: string; installations: { of: Installation; repositories: Shown[] }[] };

/** Exchanges the code that a person came back with; the person's token lives as long as this call. */
export async function meet(from: GitHub, code: string, only: string | null): Promise<Person | null> {
  const { octokit } = from;
  const token = await ask(from, `code ${code}`, SHORT, async () => {
    const { authentication } = await octokit.oauth.createToken({ code });
    return authentication.token;
  });
  const who = clientWith(from, token);
  const asks = <T>(request: (signal: AbortSignal) => Promise<T>) => ask(from, `code ${code}`, SHORT, request);
  try {
    const { data: user } = await asks((signal) => who.request("GET /user", { request: { signal } }));
    const installations = await pages((page) =>
      asks(async (signal) => {
        const asked = { per_page: PAGE, page, request: { signal } };
        return (await who.request("GET /user/installations", asked)).data.installations;
      }),
    );
    const wanted = installations.filter(({ id }) => only === null || String(id) === only);
    if (only !== null && wanted.length === 0) return null;
    const seen = [];
    for (const installation of wanted) {
      const repositories = await pages((page) =>
        asks(async (signal) => {
          const asked = { installation_id: Number(installation.id), per_page: PAGE, page, request: { signal } };
          return (await who.request("GET /user/installations/{installation_id}/repositories", asked)).data.repositories;
        }),
      );
      seen.push({ of: installationOf(installation), repositories: repositories.map(shownOf) });
    }
    return { login: user.login, number: String(user.id), installations: seen };
  } finally {
    await octokit.oauth.deleteToken({ token }).catch(() => null); // it ends by itself within hours
  }
}

async function pages<T>(read: (page: number) => Promise<T[]>): Promise<T[]> {
  const all: T[] = [];
  for (let page = 1; all.length < LIST_MAX; page++) {
    const more = await read(page);
    all.push(...more);
    if (more.length < PAGE) break;
  }
  return all.slice(0, LIST_MAX);
}

type RawInstallation = {
  id: number | bigint;
  account: object | null;
  target_type: string;
  suspended_at: string | null;
};

function installationOf({ id, account, target_type: kind, suspended_at: suspendedAt }: RawInstallation): Installation {
  const { login, slug } = (account ?? {}) as { login?: string; slug?: string };
  return {
    number: String(id),
    account: login ?? slug ?? String(id),
    organization: kind === "Organization",
    suspended: suspendedAt !== null,
  };
}

type RawRepository = {
  id: number | bigint;
  full_name: string;
  private: boolean;
  default_branch: string;
  pushed_at?: string | null;
};
export const shownOf = (raw: RawRepository): Shown => ({
  number: String(raw.id),
  name: raw.full_name,
  private: raw.private,
  branch: raw.default_branch,
  pushedAt: raw.pushed_at ?? null,
});

/** Into which repository, for whom, and what for. */
export type Wish = { installation: string; repository: string; name: string; purpose: Purpose };
/** A token of one repository for what it is needed for; it is to be given back. */
export type Pass = { token: string; expiresAt: string; name: string; private: boolean; branch: string };

/** Asks for a token of one repository, with no more permission than its purpose needs. */
export async function passFor(
  from: GitHub,
  { installation, repository, purpose }: Wish,
  patience: Patience,
): Promise<Pass> {
  const { data } = await ask(from, installation, patience, (signal) =>
    from.octokit.octokit.request("POST /app/installations/{installation_id}/access_tokens", {
      installation_id: Number(installation),
      repository_ids: [Number(repository)],
      permissions: PERMISSIONS[purpose],
      request: { signal },
    }),
  );
  const [only] = data.repositories ?? [];
  const { token, expires_at: expiresAt } = data;
  if (!only || String(only.id) !== repository) throw new GitHubRefused("GITHUB_DENIED", 422);
  return { token, expiresAt, name: only.full_name, private: only.private, branch: only.default_branch };
}

/** A token ends with what it was for, not with its hour. */
export async function giveBack(from: GitHub, { token }: Pass): Promise<void> {
  const who = clientWith(from, token);
  await who
    .request("DELETE /installation/token", { request: { signal: AbortSignal.timeout(ANSWER_MAX_MS) } })
    .catch(() => null);
}

/** What a person may do with a repository now, and the number of who has that name now. */
export async function permissionOf(
  from: GitHub,
  pass: Pass,
  { login, installation }: { login: string; installation: string },
  patience: Patience,
): Promise<{ permission: string; number: string }> {
  const [owner = "", repo = ""] = pass.name.split("/");
  const { data } = await ask(from, installation, patience, (signal) =>
    clientWith(from, pass.token).request("GET /repos/{owner}/{repo}/collaborators/{username}/permission", {
      ...{ owner, repo, username: login, request: { signal } },
    }),
  );
  return { permission: data.permission, number: String(data.user?.id ?? "") };
}

export type PullRequest = { title: string; body: string; branch: string; base: string | null };
export type Opened = { number: number; url: string };

/** Opens a pull request, or gives the one that there is from this branch. */
export async function openPull(
  from: GitHub,
  pass: Pass,
  installation: string,
  pull: PullRequest,
): Promise<Opened | "NO_COMMITS"> {
  const [owner = "", repo = ""] = pass.name.split("/");
  const who = clientWith(from, pass.token);
  const { title, body, branch, base } = pull;
  try {
    const { data } = await ask(from, installation, SHORT, (signal) =>
      who.request("POST /repos/{owner}/{repo}/pulls", {
        ...{ owner, repo, title, body, head: branch, base: base ?? pass.branch, request: { signal } },
      }),
    );
    return { number: data.number, url: data.html_url };
  } catch (error) {
    if (!(error instanceof GitHubRefused) || error.status !== 422) throw error;
  }
  const { data } = await ask(from, installation, SHORT, (signal) =>
    who.request("GET /repos/{owner}/{repo}/pulls", {
      ...{ owner, repo, head: `${owner}:${branch}`, state: "all" as const, request: { signal } },
    }),
  );
  const [there] = data;
  return there ? { number: there.number, url: there.html_url } : "NO_COMMITS";
}

/** Whether GitHub sent these very bytes. */
export const isSigned = ({ octokit }: GitHub, body: string, signature: string): Promise<boolean> =>
  octokit.webhooks.verify(body, signature).catch(() => false);
