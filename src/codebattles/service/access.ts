import type { Platform } from "../../platform/platform.ts";
import { refuse, type Refusal } from "../../platform/refusal.ts";
import type { Row } from "../../platform/statement.ts";
import {
  gitHub,
  GitHubRefused,
  giveBack,
  passFor,
  permissionOf,
  SHORT,
  type GitHub,
  type Pass,
  type Patience,
} from "../adapter/github.ts";
import { fetchBase, isHidden, type Base, type RepositoryStore } from "../adapter/repositories.ts";
import { allows, type GitHubRefusal, type Purpose } from "../rules/github.ts";
import type { RepositoryRefusal } from "../rules/repository.ts";
import { hideRepository, wayInto } from "../store/github.ts";
import { authorizationOf, tokenOf } from "./credentials.ts";
import { hideBattlesOn } from "./hiding.ts";
import { repositoryStore } from "./repositories.ts";

/** With what a git server lets us in for a while, and what is to be written down of it. */
export type Access = { authorization: string | null; noted: string | null; store: RepositoryStore };

/** What to do with the access; `patience` is for GitHub's limits. */
export type Reaching = { repositoryId: string; purpose: Purpose; patience?: Patience };

/** What stands in the way at GitHub as a refusal, with when to come again. */
export function refusedBy(error: unknown): Refusal<GitHubRefusal> {
  if (!(error instanceof GitHubRefused)) throw error;
  return refuse(error.refusal, { retryAfterMs: error.retryAfterMs });
}

/**
 * Lets `work` reach a repository: without anything, with its owner's token, or with one that GitHub gives for this alone and
 * takes back behind it. Throws GitHubRefused; whoever may not read or write the repository at GitHub may not by us.
 */
export async function reach<T>(
  platform: Platform,
  { repositoryId, purpose, patience = SHORT }: Reaching,
  work: (access: Access, pass: { from: GitHub; pass: Pass; installation: string } | null) => Promise<T>,
): Promise<T> {
  const [way] = await platform.db.query(wayInto, [repositoryId]);
  if (!way?.github_number || !way.installation) return work(await byUrl(platform, way, purpose), null);
  if (way.removed) throw new GitHubRefused("GITHUB_NOT_CONNECTED");
  if (way.suspended) throw new GitHubRefused("GITHUB_SUSPENDED");
  const from = gitHub(platform.github);
  // A token goes to the GitHub that gave it, and to no other that was set before.
  if (!way.url.startsWith(`${from.app.webUrl}/`)) throw new GitHubRefused("GITHUB_NOT_CONNECTED");
  const { installation, github_number: repository, github_name: name } = way;
  const holder = { login: way.login ?? "", number: way.login_number ?? "", installation };
  const wish = { installation, repository, name: name ?? "", purpose };
  const passed = withPass(from, { wish, holder, patience }, async (pass) => {
    if (pass.private) await close(platform, way.id);
    const noted = `${purpose} ${pass.name} until ${pass.expiresAt}`;
    return work(
      { authorization: authorizationOf(pass.token), noted, store: gitHubStore(platform) },
      { from, pass, installation },
    );
  });
  return passed.catch(async (error: unknown) => {
    // Everybody may read what is public. Only an answer to that very question says so: others come and go.
    if (purpose === "read" && error instanceof NotPermitted) await close(platform, way.id);
    throw error;
  });
}

/** The way into a repository that was added by its URL. What its owner's token reads may be private by now. */
async function byUrl(platform: Platform, way: Row<typeof wayInto> | undefined, purpose: Purpose): Promise<Access> {
  const store = repositoryStore(platform);
  if (!way?.token) return { authorization: null, noted: null, store };
  const authorization = authorizationOf(platform.vault.open(way.token, tokenOf(way.id)));
  if (way.public && purpose === "read" && (await isClosed(store, way.url, authorization)))
    await close(platform, way.id);
  return { authorization, noted: null, store };
}

const close = (platform: Platform, repositoryId: string) =>
  platform.db.transact(async (tx) => hideBattlesOn(tx, platform, await tx.query(hideRepository, [repositoryId])));

/** Whether a server shows a repository to the token alone: one that refuses both, or not always, says nothing of who may read it. */
const isClosed = async (store: RepositoryStore, url: string, authorization: string) =>
  (await isHidden(store, url, null)) && !(await isHidden(store, url, authorization)) && isHidden(store, url, null);

/** The operator named the host of GitHub: an Enterprise Server may stand in a private network. */
export const gitHubStore = (platform: Platform): RepositoryStore => ({
  ...repositoryStore(platform),
  isPrivateAllowed: true,
});

/** GitHub has said what a person may do with a repository, and it is not enough. */
class NotPermitted extends GitHubRefused {
  constructor() {
    super("GITHUB_DENIED", 403);
  }
}

type Holder = { login: string; number: string; installation: string };
type Passing = { wish: Parameters<typeof passFor>[1]; holder: Holder; patience: Patience };

/** A token for as long as `work` takes, for somebody who may do at GitHub what it is for. */
export async function withPass<T>(
  from: GitHub,
  { wish, holder, patience }: Passing,
  work: (pass: Pass) => Promise<T>,
): Promise<T> {
  const pass = await passFor(from, wish, patience);
  try {
    const { permission, number } = await permissionOf(from, pass, holder, patience);
    // A name at GitHub may be somebody else's by now.
    if (number !== holder.number || !allows(permission, wish.purpose)) throw new NotPermitted();
    return await work(pass);
  } finally {
    await giveBack(from, pass);
  }
}

/** A commit of a repository, whatever lets us in: its base or why there is none, and what is to be written down. */
export type Fetched = {
  base: Base | RepositoryRefusal | GitHubRefusal;
  noted: string | null;
  retryAfterMs?: number | undefined;
};
type Fetching = { repositoryId: string; url: string; revision: string | null; patience?: Patience };

/** Fetches a commit of a repository as a base. */
export async function fetchReached(platform: Platform, { url, revision, ...reaching }: Fetching): Promise<Fetched> {
  try {
    return await reach(platform, { ...reaching, purpose: "read" }, async ({ authorization, noted, store }) => ({
      base: await fetchBase(store, { url, revision, authorization }),
      noted,
    }));
  } catch (error) {
    const { code, retryAfterMs } = refusedBy(error);
    return { base: code, noted: `read refused: ${code}`, retryAfterMs };
  }
}
