import { describe, expect, test } from "vitest";
import {
  allows,
  apiOf,
  gitHubOf,
  installUrl,
  isRepositoryName,
  isWorthWaiting,
  refusalOfStatus,
  waitOf,
} from "./github.ts";

const GIVEN = {
  GITHUB_APP_ID: "1",
  GITHUB_APP_PRIVATE_KEY: "key",
  GITHUB_APP_SLUG: "agon",
  GITHUB_CLIENT_ID: "Iv1",
  GITHUB_CLIENT_SECRET: "secret",
  GITHUB_WEBHOOK_SECRET: "hook",
  GITHUB_BASE_URL: "https://github.com",
};

test("an app of which something is missing is none, and what is missing is named", () => {
  expect(gitHubOf({ ...GIVEN, GITHUB_APP_ID: "", GITHUB_WEBHOOK_SECRET: "" })).toEqual({
    missing: ["GITHUB_APP_ID", "GITHUB_WEBHOOK_SECRET"],
  });
  expect(gitHubOf(GIVEN)).toMatchObject({ slug: "agon", apiUrl: "https://api.github.com" });
});

test.each([
  ["https://github.com", "https://api.github.com", "https://github.com/apps/agon/installations/new?state=s"],
  ["https://acme.ghe.com", "https://api.acme.ghe.com", "https://acme.ghe.com/apps/agon/installations/new?state=s"],
  [
    "https://git.acme.example",
    "https://git.acme.example/api/v3",
    "https://git.acme.example/github-apps/agon/installations/new?state=s",
  ],
])("%s is asked at %s", (web, api, install) => {
  expect([apiOf(web), installUrl({ webUrl: web, slug: "agon" }, "s")]).toEqual([api, install]);
});

const NOW_MS = 1_000_000;
describe("when GitHub wants to be asked again", () => {
  test.each([
    ["what is forbidden is not a limit", 403, {}, null],
    ["nor is what is not there", 404, { "retry-after": "5" }, null],
    ["retry-after counts first", 403, { "retry-after": "5", "x-ratelimit-remaining": "0" }, 5_000],
    ["no wait is a second: who comes at once comes too often", 403, { "retry-after": "0" }, 1_000],
    ["the end of the hour", 403, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1010" }, 10_000],
    ["an hour that is over", 403, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "10" }, 1_000],
    ["a minute where it does not say", 429, {}, 60_000],
  ])("%s", (_sentence, status, headers, wait) => expect(waitOf({ status, headers }, NOW_MS)).toBe(wait));

  test("a secondary limit says so in words alone", () => {
    const message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";
    expect(waitOf({ status: 403, headers: {}, message }, NOW_MS)).toBe(60_000);
  });

  test.each([
    [1_000, 0, 2_000, true],
    [1_000, 3, 2_000, false],
    [3_000, 0, 2_000, false],
  ])("%i ms for the %ith time with a patience of %i ms", (wait, tried, patience, worth) =>
    expect(isWorthWaiting(wait, tried, patience)).toBe(worth),
  );
});

test.each([
  [0, "GITHUB_UNREACHABLE"],
  [401, "GITHUB_UNREACHABLE"],
  [403, "GITHUB_DENIED"],
  [404, "GITHUB_NOT_CONNECTED"],
  [422, "GITHUB_DENIED"],
  [502, "GITHUB_UNREACHABLE"],
])("an answer of %i is %s", (status, refusal) => expect(refusalOfStatus(status)).toBe(refusal));

test.each([
  ["acme/secret", true],
  ["acme/.github", true],
  ["acme/..", false],
  ["acme/a/b", false],
  ["acme/a?x", false],
  ["../a", false],
])("%s as a name of a repository: %s", (name, is) => expect(isRepositoryName(name)).toBe(is));

test.each([
  ["none", "read", false],
  ["read", "read", true],
  ["read", "push", false],
  ["write", "pull", true],
  ["admin", "push", true],
] as const)("who may %s may be let in to %s: %s", (permission, purpose, may) =>
  expect(allows(permission, purpose)).toBe(may),
);
