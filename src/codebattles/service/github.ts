import { createHash } from "node:crypto";
import type { Tx } from "../../platform/database.ts";
import { requestOf, transactOnce, type Keyed, type Reuse } from "../../platform/idempotency.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome } from "../../platform/refusal.ts";
import { violatedConstraint } from "../../platform/retryable.ts";
import type { SignedIn, Viewer } from "../../platform/viewer.ts";
import { gitHub, GitHubRefused, meet, SHORT, type Person } from "../adapter/github.ts";
import { fetchBase, type Base } from "../adapter/repositories.ts";
import {
  authorizeUrl,
  cloneUrl,
  installUrl,
  isRepositoryName,
  type GitHubRefusal,
  type Return,
} from "../rules/github.ts";
import type { RepositoryRefusal } from "../rules/repository.ts";
import { repositoriesOf } from "../store.ts";
import * as store from "../store/github.ts";
import { gitHubStore, refusedBy, withPass } from "./access.ts";
import { authorizationOf } from "./credentials.ts";
import { hideBattlesOn } from "./hiding.ts";
import { countFetch, REPOSITORIES_PER_USER_MAX } from "./repositories.ts";

export const CALLBACK_PATH = "/github/callback";
const STATE_LIFE_MS = 15 * 60_000;
const DELIVERIES_KEPT_MS = 30 * 24 * 3_600_000;

const hashOf = (state: string) => createHash("sha256").update(state).digest();

/** The address at which the viewer installs the app, or only says who it is; the way back is open once, for this session. */
export async function connectGitHub(
  platform: Platform,
  viewer: SignedIn,
  { install }: { install: boolean },
): Promise<Outcome<{ url: string }, "GITHUB_CLOSED" | "SESSION_NEEDED">> {
  const { github, random, clock, db, origin } = platform;
  if ("missing" in github) return refuse("GITHUB_CLOSED", { message: closedBecause(platform) ?? undefined });
  if (viewer.kind !== "session") return refuse("SESSION_NEEDED");
  const state = random.bytes(32).toString("base64url");
  const expiresAt = new Date(clock.now().getTime() + STATE_LIFE_MS);
  await db.query(store.insertState, [hashOf(state), viewer.sessionId, viewer.userId, expiresAt]);
  const url = install ? installUrl(github, state) : authorizeUrl(github, state, `${origin}${CALLBACK_PATH}`);
  return { ok: true, url };
}

/** Why nothing of GitHub's can be used here; null where it can. */
export const closedBecause = ({ github }: Pick<Platform, "github">): string | null =>
  "missing" in github ? `This server has no GitHub App: ${github.missing.join(", ")} must be set.` : null;

/** What a person comes back from GitHub with, as the query of the address says it. */
export type Back = { state: string; code: string; installation: string | null; requested: boolean };

/** Ends what connectGitHub began: links what GitHub shows the person who came back, and nothing else. */
export async function returnFromGitHub(platform: Platform, viewer: Viewer, back: Back): Promise<Return> {
  if ("missing" in platform.github) return "GITHUB_CLOSED";
  const userId = await awaited(platform, viewer, back.state);
  if (userId === null) return "BAD_STATE";
  if (back.requested) return "REQUESTED";
  if (!/^[\w-]{1,200}$/.test(back.code)) return "BAD_CODE";
  if (back.installation !== null && !/^\d{1,15}$/.test(back.installation)) return "INSTALLATION_NOT_YOURS";
  try {
    return await welcome(platform, userId, back);
  } catch (error) {
    if (!(error instanceof GitHubRefused)) throw error;
    platform.log.info({ refusal: error.refusal, status: error.status }, "GitHub did not let somebody connect");
    return error.status === 400 || error.status === 401 ? "BAD_CODE" : error.refusal;
  }
}

/** Whose way back this is: it is open once, and for the session that it was made for alone. */
async function awaited({ db, clock }: Platform, viewer: Viewer, state: string): Promise<string | null> {
  const [way] = await db.query(store.takeState, [hashOf(state)]);
  if (!way || way.expires_at <= clock.now() || viewer.kind !== "session") return null;
  return way.session_id === viewer.sessionId && way.user_id === viewer.userId ? viewer.userId : null;
}

async function welcome(platform: Platform, userId: string, { code, installation }: Back): Promise<Return> {
  const person = await meet(gitHub(platform.github), code, installation);
  if (!person) return "INSTALLATION_NOT_YOURS";
  if (person.installations.length === 0) return "NO_INSTALLATION";
  await platform.db.transact((tx) => link(tx, platform, userId, person));
  return "CONNECTED";
}

async function link(tx: Tx, platform: Platform, userId: string, person: Person): Promise<void> {
  const { clock, random } = platform;
  const now = clock.now();
  for (const { of, repositories } of person.installations) {
    const [kept] = await tx.query(store.keepInstallation, [
      ...[random.id(now), userId, of.number, of.account, of.organization, person.login, person.number],
      ...[of.suspended ? now : null, now],
    ]);
    if (!kept) continue;
    const shown = repositories
      .filter(({ name }) => isRepositoryName(name))
      .map(({ pushedAt, ...rest }) => ({ id: random.id(now), pushed_at: pushedAt, ...rest }));
    await tx.query(store.keepRepositories, [kept.id, JSON.stringify(shown)]);
    await tx.query(store.adoptRepositories, [kept.id, of.number, userId]);
    const numbers = shown.filter((each) => each.private).map(({ number }) => number);
    await hideBattlesOn(tx, platform, await tx.query(store.hidePrivate, [numbers, null]));
  }
}

/** Lets go of an installation: no token is asked for by it any more, and battles on what it reached are hidden. Who installed it uninstalls it at GitHub. */
export function removeInstallation(
  platform: Platform,
  viewer: SignedIn,
  input: { installationId: string } & Keyed,
): Promise<Outcome<{ installationId: string }, "NOT_FOUND" | Reuse>> {
  const { installationId } = input;
  const request = requestOf(platform, viewer, "removeGitHubInstallation", input);
  return transactOnce<{ installationId: string }, "NOT_FOUND">(platform.db, request, async (tx) => {
    const gone = await tx.query(store.forgetOwn, [installationId, platform.clock.now(), viewer.userId]);
    if (gone.length === 0) return refuse("NOT_FOUND", { path: ["input", "installationId"] });
    await hideBattlesOn(tx, platform, await tx.query(store.hideOfInstallations, [[installationId]]));
    return { ok: true, installationId };
  });
}

export type AddGitHubRepository = { gitHubRepositoryId: string; private?: boolean | null } & Keyed;
type Added = { repositoryId: string };
type AddRefusal =
  | RepositoryRefusal
  | GitHubRefusal
  | "NOT_FOUND"
  | "RATE_LIMITED"
  | "REPOSITORY_KNOWN"
  | "TOO_MANY_REPOSITORIES";

/** Takes a repository of one of the viewer's installations for battles; no token is kept. */
export async function addGitHubRepository(
  platform: Platform,
  viewer: SignedIn,
  input: AddGitHubRepository,
): Promise<Outcome<Added, AddRefusal | Reuse>> {
  const path = ["input", "gitHubRepositoryId"];
  const [shown] = await platform.db.query(store.shownRepository, [input.gitHubRepositoryId, viewer.userId]);
  if (!shown) return refuse("NOT_FOUND", { path });
  if ("missing" in platform.github) return refuse("GITHUB_CLOSED", { message: closedBecause(platform) ?? undefined });
  const limited = await countFetch(platform, viewer);
  if (limited) return limited;
  try {
    const found = await look(platform, shown);
    if (typeof found.base === "string") return refuse(found.base, { path });
    return await insert(platform, viewer, input, { ...found, base: found.base, installation: shown.installation_id });
  } catch (error) {
    if (violatedConstraint(error) === "code_repository_of_owner") return refuse("REPOSITORY_KNOWN", { path });
    return refusedBy(error);
  }
}

type ShownRow = {
  number: string;
  name: string;
  holder: string;
  login: string;
  login_number: string;
  suspended: boolean;
};

async function look(platform: Platform, { number, holder: installation, ...row }: ShownRow) {
  if (row.suspended) throw new GitHubRefused("GITHUB_SUSPENDED");
  const from = gitHub(platform.github);
  const holder = { login: row.login, number: row.login_number, installation };
  const wish = { installation, repository: number, name: row.name, purpose: "read" as const };
  return withPass(from, { wish, holder, patience: SHORT }, async (pass) => {
    const url = cloneUrl(from.app.webUrl, pass.name);
    const authorization = authorizationOf(pass.token);
    const base = await fetchBase(gitHubStore(platform), { url, revision: null, authorization });
    return { base, url, number, name: pass.name, isPrivate: pass.private };
  });
}

type Found = { base: Base; url: string; number: string; name: string; isPrivate: boolean; installation: string };

function insert(
  platform: Platform,
  viewer: SignedIn,
  input: AddGitHubRepository,
  { base, url, number, name, isPrivate, installation }: Found,
): Promise<Outcome<Added, AddRefusal | Reuse>> {
  const request = requestOf(platform, viewer, "addGitHubRepository", input);
  return transactOnce<Added, AddRefusal>(platform.db, request, async (tx) => {
    const [own] = await tx.query(repositoriesOf, [viewer.userId]);
    if ((own?.repositories ?? 0) >= REPOSITORIES_PER_USER_MAX) return refuse("TOO_MANY_REPOSITORIES");
    const now = platform.clock.now();
    const repositoryId = platform.random.id(now);
    const { facts, setup } = base;
    await tx.query(store.insertGitHubRepository, [
      ...[repositoryId, viewer.userId, url, !isPrivate && input.private !== true, JSON.stringify(facts)],
      ...[JSON.stringify(setup), [...setup.setup], setup.test, now, installation, number, name],
    ]);
    return { ok: true, repositoryId };
  });
}

/** Forgets deliveries that nobody can send again, and ways back that nobody took. */
export async function pruneGitHub({ db, clock }: Platform): Promise<void> {
  const now = clock.now();
  await db.query(store.pruneDeliveries, [new Date(now.getTime() - DELIVERIES_KEPT_MS)]);
  await db.query(store.pruneStates, [now]);
}
