import { createHash } from "node:crypto";
import type { Tx } from "../../platform/database.ts";
import type { Platform } from "../../platform/platform.ts";
import { gitHub, GitHubRefused, isSigned, shownOf, SHORT, type Shown } from "../adapter/github.ts";
import { isRepositoryName } from "../rules/github.ts";
import * as store from "../store/github.ts";
import { withPass } from "./access.ts";
import { hideBattlesOn } from "./hiding.ts";

/** What GitHub sends, as it came: the signature is over these very bytes. */
export type Delivery = { id: string; event: string; signature: string; body: string };
/** What is answered: nobody's words are repeated. */
export type Taken = "TAKEN" | "KNOWN" | "FORGED" | "UNREADABLE" | "CLOSED" | "LATER";

type Raw = Parameters<typeof shownOf>[0];
type Hook = {
  action?: string;
  installation?: { id: number };
  repository?: Raw;
  repositories_added?: { id: number; full_name: string; private: boolean }[];
  repositories_removed?: { id: number }[];
};

/** How many of the added are asked about at once; the others are there when their person connects again. */
const ADDED_MAX = 50;

/** Takes what GitHub says of the app's installations. Each delivery counts once, and a forged one not at all. */
export async function takeDelivery(platform: Platform, { id, event, signature, body }: Delivery): Promise<Taken> {
  const { db, clock, github, log } = platform;
  if ("missing" in github) return "CLOSED";
  if (!(await isSigned(gitHub(github), body, signature))) return "FORGED";
  const hook = read(body);
  if (!hook || !/^[\w-]{1,64}$/.test(id)) return "UNREADABLE";
  const number = String(hook.installation?.id ?? "");
  const taken = await db.transact(async (tx) => {
    const hash = createHash("sha256").update(body).digest();
    const [first] = await tx.query(store.takeDelivery, [id, clock.now(), hash]);
    if (first && /^\d+$/.test(number)) await heard(tx, platform, { event, hook, number });
    return first !== undefined;
  });
  if (!taken) return "KNOWN";
  if (event !== "installation_repositories" || !hook.repositories_added?.length) return "TAKEN";
  try {
    await showAdded(platform, number, hook.repositories_added);
    return "TAKEN";
  } catch (error) {
    // What was hidden stays so, and what is to be shown is, when it is sent again.
    await db.query(store.forgetDelivery, [id]);
    if (!(error instanceof GitHubRefused)) throw error;
    log.info({ refusal: error.refusal }, "GitHub did not say who may see a repository");
    return "LATER";
  }
}

function read(body: string): Hook | null {
  try {
    const hook: unknown = JSON.parse(body);
    return typeof hook === "object" && hook !== null ? hook : null;
  } catch {
    return null;
  }
}

type Heard = { event: string; hook: Hook; number: string };

async function heard(tx: Tx, platform: Platform, { event, hook, number }: Heard): Promise<void> {
  const now = platform.clock.now();
  const { action, repository: raw } = hook;
  const hidden: { id: string }[] = [];
  if (event === "installation") {
    if (action === "deleted") {
      const gone = await tx.query(store.forgetInstallation, [number, now]);
      hidden.push(...(await tx.query(store.hideOfInstallations, [gone.map(({ id }) => id)])));
    }
    if (action === "suspend") {
      await tx.query(store.suspendInstallation, [number, now]);
      // While it is, GitHub does not tell what becomes private.
      hidden.push(...(await tx.query(store.hideSuspended, [number])));
    }
    // One that is new is linked when its person comes back: only then it is known whose it is.
    if (action === "unsuspend" || action === "created") await tx.query(store.suspendInstallation, [number, null]);
  }
  if (event === "installation_repositories") {
    const removed = (hook.repositories_removed ?? []).map(({ id }) => String(id));
    await tx.query(store.forgetRepositories, [number, removed]);
    hidden.push(...(await tx.query(store.hideTakenAway, [number, removed])));
  }
  if ((event === "push" || event === "repository") && raw && isRepositoryName(raw.full_name)) {
    const shown = shownOf(raw);
    const pushedAt = event === "push" ? now : null;
    await tx.query(store.markShown, [number, shown.number, pushedAt, shown.name, shown.private, shown.branch]);
    if (shown.private || action === "deleted") hidden.push(...(await hidePrivate(tx, platform, shown)));
  }
  await hideBattlesOn(tx, platform, hidden);
}

function hidePrivate(tx: Tx, { github }: Platform, { number, name }: Shown) {
  const url = "missing" in github ? null : `${github.webUrl}/${name}`;
  return tx.query(store.hidePrivate, [[number], url]);
}

/** Each person is shown what that person may read at GitHub: an installation has more than each of its people sees. */
async function showAdded(
  platform: Platform,
  installation: string,
  added: NonNullable<Hook["repositories_added"]>,
): Promise<void> {
  const holders = await platform.db.query(store.holdersOf, [installation]);
  for (const raw of added.filter(({ full_name: name }) => isRepositoryName(name)).slice(0, ADDED_MAX))
    for (const { id, login, login_number: number } of holders) {
      const shown = await seenBy(platform, { login, number, installation }, raw);
      const { clock, random, db } = platform;
      if (shown)
        await db.query(store.addShown, [
          ...[random.id(clock.now()), id, shown.number, shown.name, shown.private, shown.branch],
        ]);
    }
}

type Holder = { login: string; number: string; installation: string };

async function seenBy(
  platform: Platform,
  holder: Holder,
  raw: { id: number; full_name: string },
): Promise<Shown | null> {
  const { installation } = holder;
  const wish = { installation, repository: String(raw.id), name: raw.full_name, purpose: "read" as const };
  try {
    return await withPass(
      gitHub(platform.github),
      { wish, holder, patience: SHORT },
      ({ name, private: isPrivate, branch }) =>
        Promise.resolve({ number: wish.repository, name, private: isPrivate, branch, pushedAt: null }),
    );
  } catch (error) {
    if (error instanceof GitHubRefused && error.refusal === "GITHUB_DENIED") return null;
    throw error;
  }
}
