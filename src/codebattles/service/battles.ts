import { createHmac } from "node:crypto";
import { announceContest, seatContest } from "../../ladder/service/contests.ts";
import { spentPairs } from "../../ladder/service/rated-pairs.ts";
import type { Tx } from "../../platform/database.ts";
import { requestOf, transactOnce, type Keyed, type Reuse } from "../../platform/idempotency.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome, type Refusal } from "../../platform/refusal.ts";
import { violatedConstraint } from "../../platform/retryable.ts";
import type { SignedIn } from "../../platform/viewer.ts";
import { kindsIn } from "../adapter/programs.ts";
import {
  draw,
  GLADIATORS_MIN,
  isRated,
  mayOwnerEnd,
  refusePlan,
  type BattleRefusal,
  type Candidate,
  type HiddenCheck,
} from "../rules/battle.ts";
import type { GitHubRefusal } from "../rules/github.ts";
import type { RepositoryRefusal } from "../rules/repository.ts";
import * as store from "../store.ts";
import { fetchReached } from "./access.ts";
import { countFetch } from "./repositories.ts";
import { lock, note, step, tell, type LockedBattle } from "./steps.ts";

export const OPEN_BATTLES_MAX = 10;

export type CreateBattle = {
  repositoryId: string;
  revision: string | null;
  prompt: string;
  gladiatorsMax: number;
  timeLimitMs: number;
  open: boolean;
  votes: boolean;
  votesMs: number;
  checks: readonly HiddenCheck[];
} & Keyed;
type Made = { battleId: string };
type PlanRefusal = "NOT_FOUND" | "SETUP_NOT_REVIEWED" | "NO_TEST_COMMAND" | "PRIVATE_REPOSITORY";
type CreateRefusal =
  | PlanRefusal
  | RepositoryRefusal
  | GitHubRefusal
  | "BAD_INPUT"
  | "RATE_LIMITED"
  | "TOO_MANY_BATTLES";

/** Makes a battle on the commit that a branch, tag or commit of the viewer's repository is now. */
export async function createBattle(
  platform: Platform,
  viewer: SignedIn,
  input: CreateBattle,
): Promise<Outcome<Made, CreateRefusal | Reuse>> {
  const wrong = refusePlan(input);
  if (wrong) return refuse("BAD_INPUT", { path: ["input", wrong.field], message: wrong.message });
  const planned = await ownReviewed(platform.db, viewer, input);
  if (!planned.ok) return planned;
  const limited = await countFetch(platform, viewer);
  if (limited) return limited;
  const { id, url } = planned.repository;
  const { base, noted, retryAfterMs } = await fetchReached(platform, {
    repositoryId: id,
    url,
    revision: input.revision,
  });
  if (typeof base === "string")
    return refuse(base, { path: ["input", base === "COMMIT_NOT_FOUND" ? "revision" : "repositoryId"], retryAfterMs });
  const made = await transactOnce<Made, CreateRefusal>(
    platform.db,
    requestOf(platform, viewer, "createCodeBattle", input),
    async (tx) => {
      const again = await ownReviewed(tx, viewer, input);
      if (!again.ok) return again;
      const [open] = await tx.query(store.openBattlesOf, [viewer.userId]);
      if ((open?.battles ?? 0) >= OPEN_BATTLES_MAX) return refuse("TOO_MANY_BATTLES");
      const { public: isPublic, setup, test } = again.repository;
      const battleId = await insert(tx, platform, viewer, { ...input, source: base.source, isPublic, setup, test });
      return { ok: true, battleId };
    },
  );
  if (made.ok && noted !== null) await note(platform, made.battleId, "token", noted);
  return made;
}

type Reviewed = { id: string; url: string; public: boolean; setup: string[]; test: string };

async function ownReviewed(
  db: Pick<Tx, "query">,
  { userId }: SignedIn,
  { repositoryId, open }: CreateBattle,
): Promise<{ ok: true; repository: Reviewed } | Refusal<PlanRefusal>> {
  const path = ["input", "repositoryId"];
  const [found] = await db.query(store.ownRepository, [repositoryId, userId]);
  if (!found) return refuse("NOT_FOUND", { path });
  const { test } = found;
  if (test === null) return refuse("NO_TEST_COMMAND", { path });
  if (!found.reviewed) return refuse("SETUP_NOT_REVIEWED", { path });
  if (open && !found.public) return refuse("PRIVATE_REPOSITORY", { path: ["input", "open"] });
  return { ok: true, repository: { ...found, test } };
}

type Planned = CreateBattle & { source: string; isPublic: boolean; setup: string[]; test: string };

async function insert(tx: Tx, platform: Platform, { userId }: SignedIn, plan: Planned): Promise<string> {
  const now = platform.clock.now();
  const id = platform.random.id(now);
  const origin = plan.open ? "OPEN_ENTRY" : "INVITATION";
  const seed = platform.random.bytes(32);
  await announceContest(tx, { id, ladder: "CODE", origin, hidden: !plan.isPublic, seed }, now);
  await tx.query(store.insertBattle, [
    ...[id, userId, plan.repositoryId, plan.isPublic, plan.open, plan.prompt, plan.revision, plan.source, plan.setup],
    ...[plan.test, JSON.stringify(plan.checks), plan.gladiatorsMax, plan.timeLimitMs, plan.votes, plan.votesMs, now],
  ]);
  await tell(tx, platform, id, [{ type: "StageChanged", phase: "DRAFT", attempt: 0, failure: null }]);
  tx.afterCommit(() => platform.hub.touch("contests"));
  return id;
}

type StartRefusal = "NOT_FOUND" | "TOO_FEW_GLADIATORS" | "GLADIATOR_BUSY" | BattleRefusal;

/** The owner's battle, locked; what is not the viewer's does not exist. */
export async function lockOwn(
  tx: Tx,
  { userId }: SignedIn,
  battleId: string,
): Promise<{ ok: true; battle: LockedBattle } | Refusal<"NOT_FOUND">> {
  const battle = await lock(tx, battleId);
  return battle?.ownerId === userId ? { ok: true, battle } : refuse("NOT_FOUND", { path: ["input", "battleId"] });
}

/** Draws the gladiators, and lets the nodes begin. Who entered an open battle is drawn by its seed. */
export async function startBattle(
  platform: Platform,
  viewer: SignedIn,
  input: { battleId: string } & Keyed,
): Promise<Outcome<Made, StartRefusal | Reuse>> {
  const { battleId } = input;
  const request = requestOf(platform, viewer, "startCodeBattle", input);
  const path = ["input", "battleId"];
  try {
    return await transactOnce<Made, StartRefusal>(platform.db, request, async (tx) => {
      const own = await lockOwn(tx, viewer, battleId);
      if (!own.ok) return own;
      const { battle } = own;
      const drawn = await drawFrom(tx, platform, battle);
      if (battle.state.phase === "DRAFT" && drawn.length < GLADIATORS_MIN)
        return refuse("TOO_FEW_GLADIATORS", { path });
      const started = await step(tx, platform, battle, { type: "START" });
      if (!started.ok) return refuse(started.refusal, { path });
      const seats = drawn.map(({ botId, program }, seat) => ({ bot_id: botId, seat, program }));
      await tx.query(store.drawEntries, [battleId, JSON.stringify(seats)]);
      const botIds = drawn.map(({ botId }) => botId);
      await seatContest(tx, { contestId: battleId, botIds, rated: await mayRate(tx, platform, battle, botIds) });
      tx.afterCommit(() => platform.hub.touch("codebattles"));
      return { ok: true, battleId };
    });
  } catch (error) {
    if (violatedConstraint(error) === "live_participation_pkey") return refuse("GLADIATOR_BUSY", { path });
    throw error;
  }
}

/** Those among whom two met rated too often in the last 24 hours fight unrated. */
async function mayRate(
  tx: Tx,
  { clock, settings }: Platform,
  battle: LockedBattle,
  botIds: readonly string[],
): Promise<boolean> {
  if (!isRated(battle)) return false;
  const perDayMax = settings.ratedPerPairPerDayMax;
  const hasSpentPair = await spentPairs(tx, { ladder: "CODE", groups: [botIds], now: clock.now(), perDayMax });
  return !hasSpentPair(botIds);
}

type Drawable = Candidate & { program: unknown };

async function drawFrom(tx: Tx, { agents }: Platform, battle: LockedBattle): Promise<Drawable[]> {
  const { id, ownerId, isOpen, gladiatorsMax, seed } = battle;
  const entered = (await tx.query(store.candidates, [id, kindsIn(agents.folder)])).map(
    ({ bot_id, owner_id, teams, program }) => ({
      botId: bot_id,
      ownerId: owner_id,
      teams,
      program,
    }),
  );
  if (!isOpen) return entered.slice(0, gladiatorsMax);
  const place = (botId: string) => createHmac("sha256", seed).update(`draw ${botId}`).digest("hex");
  const ordered = entered.toSorted((a, b) => place(a.botId).localeCompare(place(b.botId)));
  const teams = (await tx.query(store.teamsOfUser, [ownerId])).map(({ team_id }) => team_id);
  return draw(ordered, { ownerId, teams }, gladiatorsMax) as Drawable[];
}

/** Ends a battle without a result; a rated one only before its draw. What runs is taken away by its node within seconds. */
export function cancelBattle(
  platform: Platform,
  viewer: SignedIn,
  input: { battleId: string } & Keyed,
): Promise<Outcome<Made, CancelRefusal | Reuse>> {
  const { battleId } = input;
  const request = requestOf(platform, viewer, "cancelCodeBattle", input);
  return transactOnce<Made, CancelRefusal>(platform.db, request, async (tx) => {
    const own = await lockOwn(tx, viewer, battleId);
    if (!own.ok) return own;
    const { state, rated } = own.battle;
    if (!mayOwnerEnd(state, rated)) return refuse("RATED_BATTLE", { path: ["input", "battleId"] });
    const ended = await step(tx, platform, own.battle, { type: "CANCEL" });
    if (!ended.ok) return refuse(ended.refusal, { path: ["input", "battleId"] });
    return { ok: true, battleId };
  });
}

type CancelRefusal = "NOT_FOUND" | "RATED_BATTLE" | BattleRefusal;

type PushRefusal = "NOT_FOUND" | "BATTLE_NOT_COMPLETED" | "NOTHING_TO_PUSH" | "RATE_LIMITED";

/** Asks for the entries of a completed battle to be pushed, each as a branch of its own. Its repository is fetched for that. */
export async function requestPush(
  platform: Platform,
  viewer: SignedIn,
  input: { battleId: string } & Keyed,
): Promise<Outcome<Made, PushRefusal | Reuse>> {
  const { battleId } = input;
  const path = ["input", "battleId"];
  const request = requestOf(platform, viewer, "pushCodeBattle", input);
  return transactOnce<Made, PushRefusal>(platform.db, request, async (tx) => {
    const own = await lockOwn(tx, viewer, battleId);
    if (!own.ok) return own;
    if (own.battle.state.phase !== "COMPLETED") return refuse("BATTLE_NOT_COMPLETED", { path });
    const limited = await countFetch(platform, viewer);
    if (limited) return limited;
    const asked = await tx.query(store.requestPush, [battleId]);
    if (asked.length === 0) return refuse("NOTHING_TO_PUSH", { path });
    tx.afterCommit(() => platform.hub.touch("codebattles"));
    return { ok: true, battleId };
  });
}
