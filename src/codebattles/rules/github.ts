/** Why nothing is done with GitHub. */
export const GITHUB_REFUSALS = [
  "GITHUB_CLOSED",
  "GITHUB_NOT_CONNECTED",
  "GITHUB_SUSPENDED",
  "GITHUB_DENIED",
  "GITHUB_RATE_LIMITED",
  "GITHUB_UNREACHABLE",
] as const;
export type GitHubRefusal = (typeof GITHUB_REFUSALS)[number];

/** How coming back from GitHub ends: what the page that a person comes back to is told. */
export const RETURNS = [
  "CONNECTED",
  "REQUESTED",
  "BAD_STATE",
  "BAD_CODE",
  "INSTALLATION_NOT_YOURS",
  "NO_INSTALLATION",
  ...GITHUB_REFUSALS,
] as const;
export type Return = (typeof RETURNS)[number];

/** What a token may do. Each is of one repository, and no more is asked for than this. */
export const PERMISSIONS = {
  read: { contents: "read" },
  push: { contents: "write" },
  pull: { contents: "read", pull_requests: "write" },
} as const;
export type Purpose = keyof typeof PERMISSIONS;

type Given = {
  GITHUB_APP_ID: string;
  GITHUB_APP_PRIVATE_KEY: string;
  GITHUB_APP_SLUG: string;
  GITHUB_CLIENT_ID: string;
  GITHUB_CLIENT_SECRET: string;
  GITHUB_WEBHOOK_SECRET: string;
  GITHUB_BASE_URL: string;
};

/** The app that the settings describe, or which of them are missing. */
export function gitHubOf(given: Given) {
  const missing = Object.keys(given).filter((name) => given[name as keyof Given] === "");
  if (missing.length > 0) return { missing };
  return {
    appId: given.GITHUB_APP_ID,
    privateKey: given.GITHUB_APP_PRIVATE_KEY,
    slug: given.GITHUB_APP_SLUG,
    clientId: given.GITHUB_CLIENT_ID,
    clientSecret: given.GITHUB_CLIENT_SECRET,
    webhookSecret: given.GITHUB_WEBHOOK_SECRET,
    webUrl: given.GITHUB_BASE_URL,
    apiUrl: apiOf(given.GITHUB_BASE_URL),
  };
}

/** Where the API of a GitHub is: beside github.com and its tenants, within an Enterprise Server. */
export function apiOf(webUrl: string): string {
  const url = new URL(webUrl);
  if (url.hostname === "github.com" || url.hostname.endsWith(".ghe.com")) return `https://api.${url.host}`;
  return `${url.origin}/api/v3`;
}

const hostOf = (url: string) => new URL(url).hostname;

/** The page at which a person installs the app, and from which GitHub sends that person back. */
export function installUrl({ webUrl, slug }: { webUrl: string; slug: string }, state: string): string {
  const apps = hostOf(webUrl) === "github.com" || hostOf(webUrl).endsWith(".ghe.com") ? "apps" : "github-apps";
  return `${webUrl}/${apps}/${slug}/installations/new?${new URLSearchParams({ state })}`;
}

/** The page at which a person who need not install anything lets the app know who it is. */
export function authorizeUrl(
  { webUrl, clientId }: { webUrl: string; clientId: string },
  state: string,
  callback: string,
): string {
  const query = new URLSearchParams({ client_id: clientId, state, redirect_uri: callback });
  return `${webUrl}/login/oauth/authorize?${query}`;
}

/** Where a person sees and ends an installation. */
export const manageUrl = (
  webUrl: string,
  { organization, account, number }: { organization: boolean; account: string; number: string },
) =>
  organization
    ? `${webUrl}/organizations/${account}/settings/installations/${number}`
    : `${webUrl}/settings/installations/${number}`;

/** Whether a name is an owner's and a repository's, as GitHub gives them, and nothing that a URL reads otherwise. */
export const isRepositoryName = (name: string) =>
  /^[A-Za-z0-9][A-Za-z0-9-]{0,99}\/[A-Za-z0-9._-]{1,100}$/.test(name) && !/\/\.{1,2}$/.test(name);

export const cloneUrl = (webUrl: string, name: string) => `${webUrl}/${name}.git`;

const RETRIES_MAX = 3;
const PAUSE_MS = 60_000;

/** What GitHub answered with, of that which says when to come again. */
export type Answered = {
  status: number;
  headers: Readonly<Record<string, string | number | undefined>>;
  message?: string;
};

/**
 * After how many milliseconds GitHub wants to be asked again; null where it does not say that it is asked too often
 * (docs.github.com, "Rate limits for the REST API": retry-after first, then x-ratelimit-reset, else a minute).
 */
export function waitOf({ status, headers, message = "" }: Answered, nowMs: number): number | null {
  if (status !== 403 && status !== 429) return null;
  const after = Number(headers["retry-after"] ?? Number.NaN);
  if (after >= 0) return Math.max(1, after) * 1_000;
  if (String(headers["x-ratelimit-remaining"] ?? "") === "0") {
    const reset_s = Number(headers["x-ratelimit-reset"] ?? 0);
    return Math.max(1_000, reset_s * 1_000 - nowMs);
  }
  // A secondary limit may come without any header.
  return status === 429 || /rate limit/i.test(message) ? PAUSE_MS : null;
}

/** What an answer that is no limit means. A 401 is about the app's own token, not about what a person may do. */
export function refusalOfStatus(status: number): GitHubRefusal {
  if (status === 404 || status === 410) return "GITHUB_NOT_CONNECTED";
  return status === 0 || status === 401 || status >= 500 ? "GITHUB_UNREACHABLE" : "GITHUB_DENIED";
}

/** Whether to wait and ask once more, or to say that it was too often. */
export const isWorthWaiting = (waitMs: number, tried: number, patienceMs: number) =>
  tried < RETRIES_MAX && waitMs <= patienceMs;

/** Whether what somebody may do at GitHub is enough. */
export function allows(permission: string, purpose: Purpose): boolean {
  if (purpose === "read") return ["read", "write", "admin"].includes(permission);
  return permission === "write" || permission === "admin";
}
