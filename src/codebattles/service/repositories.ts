import { requestOf, transactOnce, type Keyed, type Reuse } from "../../platform/idempotency.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome, type Refusal } from "../../platform/refusal.ts";
import { violatedConstraint } from "../../platform/retryable.ts";
import type { SignedIn } from "../../platform/viewer.ts";
import { fetchBase, isHiding, type Base, type RepositoryStore } from "../adapter/repositories.ts";
import { SCRIPT_LENGTH_MAX } from "../rules/battle.ts";
import type { RepositoryRefusal } from "../rules/repository.ts";
import * as store from "../store.ts";
import { authorizationOf, tokenOf } from "./credentials.ts";

export const REPOSITORIES_PER_USER_MAX = 50;
export const SETUP_COMMANDS_MAX = 20;
/** Each of these fetches from a server elsewhere. */
const FETCHES = { name: "repository fetches", points: 60, windowMs: 3_600_000 };

/** Where copies of repositories lie on this node. */
export const repositoryStore = ({
  repositories,
  settings,
}: Pick<Platform, "repositories" | "settings">): RepositoryStore => ({
  folder: `${repositories.folder}/mirrors`,
  isPrivateAllowed: repositories.isPrivateAllowed,
  mibMax: settings.codeMirrorsMibMax,
});

/** Counts a fetch; the refusal when there were too many. */
export async function countFetch({ rates }: Platform, { userId }: SignedIn): Promise<Refusal<"RATE_LIMITED"> | null> {
  const { retryAfterMs } = await rates.take(FETCHES, userId);
  return retryAfterMs > 0 ? refuse("RATE_LIMITED", { retryAfterMs }) : null;
}

export type AddRepository = { url: string; token?: string | null; private?: boolean | null } & Keyed;
type Added = { repositoryId: string };
type AddRefusal = RepositoryRefusal | "BAD_INPUT" | "RATE_LIMITED" | "REPOSITORY_KNOWN" | "TOO_MANY_REPOSITORIES";

/** Takes a repository for the viewer: fetched once, with the set-up that its files tell. It is public where nobody needs a token. */
export async function addRepository(
  platform: Platform,
  viewer: SignedIn,
  input: AddRepository,
): Promise<Outcome<Added, AddRefusal | Reuse>> {
  const { url, token } = input;
  if (token != null && !/^[\x21-\x7e]{1,500}$/.test(token))
    return refuse("BAD_INPUT", { path: ["input", "token"], message: "A token has 1 to 500 visible ASCII characters." });
  const limited = await countFetch(platform, viewer);
  if (limited) return limited;
  const found = await look(platform, url, token ?? null);
  if (typeof found === "string") return refuse(found, { path: ["input", "url"] });
  const { base, isPublic } = found;
  const request = requestOf(platform, viewer, "addRepository", {
    ...input,
    token: token == null ? null : "given",
  } as Keyed);
  try {
    return await transactOnce<Added, AddRefusal>(platform.db, request, async (tx) => {
      const [own] = await tx.query(store.repositoriesOf, [viewer.userId]);
      if ((own?.repositories ?? 0) >= REPOSITORIES_PER_USER_MAX) return refuse("TOO_MANY_REPOSITORIES");
      const now = platform.clock.now();
      const repositoryId = platform.random.id(now);
      const sealed = token == null ? null : platform.vault.seal(token, tokenOf(repositoryId));
      const { facts, setup } = base;
      await tx.query(store.insertRepository, [
        ...[repositoryId, viewer.userId, url, isPublic && input.private !== true, sealed],
        ...[JSON.stringify(facts), JSON.stringify(setup), [...setup.setup], setup.test, now],
      ]);
      return { ok: true, repositoryId };
    });
  } catch (error) {
    if (violatedConstraint(error) === "code_repository_of_owner")
      return refuse("REPOSITORY_KNOWN", { path: ["input", "url"] });
    throw error;
  }
}

async function look(
  platform: Platform,
  url: string,
  token: string | null,
): Promise<{ base: Base; isPublic: boolean } | RepositoryRefusal> {
  const from = repositoryStore(platform);
  const plain = await fetchBase(from, { url, revision: null, authorization: null });
  if (typeof plain !== "string") return { base: plain, isPublic: true };
  if (token === null || !isHiding(plain)) return plain;
  const base = await fetchBase(from, { url, revision: null, authorization: authorizationOf(token) });
  return typeof base === "string" ? base : { base, isPublic: false };
}

export type ReviewSetup = { repositoryId: string; setup: readonly string[]; test: string } & Keyed;

/** Says how a repository is made ready and tested: what its owner has looked at is what runs. */
export function reviewSetup(
  platform: Platform,
  viewer: SignedIn,
  input: ReviewSetup,
): Promise<Outcome<Added, "NOT_FOUND" | "NO_TEST_COMMAND" | "BAD_INPUT" | Reuse>> {
  const { repositoryId, setup, test } = input;
  return transactOnce<Added, "NOT_FOUND" | "NO_TEST_COMMAND" | "BAD_INPUT">(
    platform.db,
    requestOf(platform, viewer, "reviewRepositorySetup", input),
    async (tx) => {
      if (test.trim() === "") return refuse("NO_TEST_COMMAND", { path: ["input", "test"] });
      const isLong = [...setup, test].some((each) => each.length > SCRIPT_LENGTH_MAX);
      if (isLong || setup.length > SETUP_COMMANDS_MAX || setup.some((each) => each.trim() === ""))
        return refuse("BAD_INPUT", {
          path: ["input", "setup"],
          message: `At most ${SETUP_COMMANDS_MAX} commands of 1 to ${SCRIPT_LENGTH_MAX} characters.`,
        });
      const [own] = await tx.query(store.ownRepository, [repositoryId, viewer.userId]);
      if (!own) return refuse("NOT_FOUND", { path: ["input", "repositoryId"] });
      await tx.query(store.reviewSetup, [repositoryId, [...setup], test.trim(), platform.clock.now()]);
      return { ok: true, repositoryId };
    },
  );
}

/** Forgets a repository and its token; battles on it keep what they have. */
export function removeRepository(
  platform: Platform,
  viewer: SignedIn,
  input: { repositoryId: string } & Keyed,
): Promise<Outcome<Added, "NOT_FOUND" | Reuse>> {
  const { repositoryId } = input;
  const request = requestOf(platform, viewer, "removeRepository", input);
  return transactOnce<Added, "NOT_FOUND">(platform.db, request, async (tx) => {
    const [own] = await tx.query(store.ownRepository, [repositoryId, viewer.userId]);
    if (!own) return refuse("NOT_FOUND", { path: ["input", "repositoryId"] });
    await tx.query(store.removeRepositoryRow, [repositoryId, platform.clock.now()]);
    return { ok: true, repositoryId };
  });
}
