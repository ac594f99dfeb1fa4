import { requireBot } from "../../bots/service/bots.ts";
import { takeFromQueue } from "../../ladder/service/queue.ts";
import type { Tx } from "../../platform/database.ts";
import { requestOf, transactOnce, type Keyed, type Reuse } from "../../platform/idempotency.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome, type Refusal } from "../../platform/refusal.ts";
import { append } from "../../platform/streams.ts";
import type { SignedIn } from "../../platform/viewer.ts";
import {
  activate,
  activeStrategies,
  botOfStrategy,
  deactivate,
  deactivateOne,
  houseAmong,
  insertRun,
  insertStrategy,
  keepMemory,
  lockBot,
  pruneRuns,
  versionsOf,
} from "../store/strategies.ts";
import type { Host } from "../strategy/host.ts";
import { houseCode, type HouseStrategy } from "../strategy/house.ts";
import type { Fault, LoadRefusal } from "../strategy/limits.ts";
import { tryStrategy, type Trial } from "../strategy/trial.ts";
import {
  RUNS_KEPT,
  STRATEGY_CODES,
  TRIALS_AT_ONCE_MAX,
  TRIALS_WAITING_MAX,
  VERSIONS_MAX,
  type StrategyRefusal,
} from "../rules/strategies.ts";
import { Turns } from "./turns.ts";

type OwnRefusal = "NOT_YOUR_BOT" | "BOT_SUSPENDED" | "BOT_ARCHIVED";
type SourceRefusal = Exclude<StrategyRefusal, "STRATEGY_LIMIT" | "STRATEGY_NOT_ACTIVE">;

export type UploadStrategy = { botId: string; source: string; activate: boolean } & Keyed;

/** Stores a new version of a bot's strategy, if it can be run. */
export async function uploadStrategy(
  platform: Platform,
  viewer: SignedIn,
  input: UploadStrategy,
): Promise<Outcome<{ strategyId: string }, OwnRefusal | Exclude<StrategyRefusal, "STRATEGY_NOT_ACTIVE"> | Reuse>> {
  // Whose bot it is comes first: nobody tries code in the name of somebody else's.
  const own = await requireBot(platform.db, viewer, input.botId);
  if (!own.ok) return own;
  const trial = await inTurn(viewer, input.source);
  if (!trial.ok) return trial;
  const { code } = trial;
  const request = requestOf(platform, viewer, "uploadStrategy", input);
  return transactOnce<{ strategyId: string }, OwnRefusal | "STRATEGY_LIMIT">(platform.db, request, async (tx) => {
    const still = await requireBot(tx, viewer, input.botId);
    if (!still.ok) return still;
    await tx.query(lockBot, [input.botId]);
    const [known] = await tx.query(versionsOf, [input.botId]);
    if ((known?.versions ?? 0) >= VERSIONS_MAX) return refuse("STRATEGY_LIMIT", { path: ["input", "botId"] });
    const at = platform.clock.now();
    const strategyId = platform.random.id(at);
    const version = (known?.newest ?? 0) + 1;
    await tx.query(insertStrategy, [strategyId, input.botId, version, input.source, code, at]);
    if (input.activate) await makeActive(tx, input.botId, strategyId, at);
    return { ok: true, strategyId };
  });
}

export type ActivateStrategy = { strategyId: string } & Keyed;
type Deactivated = { strategyId: string; leftQueue: boolean };

/** Lets a version play from the bot's next round on. */
export function activateStrategy(
  platform: Platform,
  viewer: SignedIn,
  input: ActivateStrategy,
): Promise<Outcome<{ strategyId: string }, OwnRefusal | Reuse>> {
  const { strategyId } = input;
  const request = requestOf(platform, viewer, "activateStrategy", input);
  return transactOnce<{ strategyId: string }, OwnRefusal>(platform.db, request, async (tx) => {
    const [strategy] = await tx.query(botOfStrategy, [strategyId]);
    if (!strategy) return refuse("NOT_YOUR_BOT", { path: ["input", "strategyId"] });
    const own = await requireBot(tx, viewer, strategy.bot_id);
    if (!own.ok) return { ...own, path: ["input", "strategyId"] };
    await tx.query(lockBot, [strategy.bot_id]);
    await makeActive(tx, strategy.bot_id, strategyId, platform.clock.now());
    return { ok: true, strategyId };
  });
}

/** Lets a bot's active version play no more. A bot that waits for a round by it leaves the queue, and its stream says why. */
export function deactivateStrategy(
  platform: Platform,
  viewer: SignedIn,
  input: ActivateStrategy,
): Promise<Outcome<Deactivated, OwnRefusal | "STRATEGY_NOT_ACTIVE" | Reuse>> {
  const { strategyId } = input;
  const path = ["input", "strategyId"];
  const request = requestOf(platform, viewer, "deactivateStrategy", input);
  return transactOnce<Deactivated, OwnRefusal | "STRATEGY_NOT_ACTIVE">(platform.db, request, async (tx) => {
    const [strategy] = await tx.query(botOfStrategy, [strategyId]);
    if (!strategy) return refuse("NOT_YOUR_BOT", { path });
    const own = await requireBot(tx, viewer, strategy.bot_id);
    if (!own.ok) return { ...own, path };
    await tx.query(lockBot, [strategy.bot_id]);
    const at = platform.clock.now();
    const ended = await tx.query(deactivateOne, [strategyId, at]);
    if (ended.length === 0) return refuse("STRATEGY_NOT_ACTIVE", { path });
    const left = await takeFromQueue(tx, platform, { botId: strategy.bot_id, ladder: "QUAKE", reason: "NO_STRATEGY" });
    if (left) await append(tx, platform.hub.publish, [left], at);
    return { ok: true, strategyId, leftQueue: left !== null };
  });
}

/** "One strategy of a bot is active" is the partial unique index strategy_active: the old one goes before the new one comes. */
async function makeActive(tx: Tx, botId: string, strategyId: string, at: Date): Promise<void> {
  await tx.query(deactivate, [botId, strategyId, at]);
  await tx.query(activate, [strategyId, at]);
}

/** Plays a strategy against recorded views; nothing is stored. */
export async function testStrategy(
  viewer: SignedIn,
  source: string,
): Promise<Outcome<Trial & { ok: true }, SourceRefusal>> {
  return inTurn(viewer, source);
}

const turns = new Turns(TRIALS_AT_ONCE_MAX, TRIALS_WAITING_MAX);

/** A trial takes most of a core for a moment: few run at once, few more wait, and nobody takes all of that. */
async function inTurn({ userId }: SignedIn, source: string): Promise<(Trial & { ok: true }) | Refusal<SourceRefusal>> {
  const trial = await turns.take(userId, () => tryStrategy(source));
  if (trial === null) return refuse("STRATEGY_BUSY", { retryAfterMs: 5_000 });
  return trial.ok ? trial : refusalOf(trial.fault);
}

function refusalOf({ reason, message, line }: Fault<LoadRefusal>): Refusal<SourceRefusal> {
  const place = line === null ? "" : `Line ${line}: `;
  return refuse(STRATEGY_CODES[reason], { path: ["input", "source"], message: `${place}${message}` });
}

/** Code that plays for a bot; a house bot's is ours, and no version of an upload. */
export type ActiveStrategy = {
  strategyId: string | null;
  botId: string;
  code: string;
  kept: string | null;
  /** It has stopped others before, and shares no worker. */
  apart: boolean;
};

/** The strategies by which bots play their next round; a bot without one is left out. */
export async function strategiesFor(db: Pick<Tx, "query">, botIds: readonly string[]): Promise<ActiveStrategy[]> {
  const own = await db.query(activeStrategies, [botIds]);
  const house = await db.query(houseAmong, [botIds]);
  return [
    ...own.map(({ id, bot_id, code, kept, apart }) => ({ strategyId: id, botId: bot_id, code, kept, apart })),
    ...(await Promise.all(
      house.map(async ({ id, policy, kept }) => ({
        strategyId: null,
        botId: id,
        code: await houseCode(HOUSE_PLAYS[policy] ?? "random"),
        kept,
        apart: false,
      })),
    )),
  ];
}

/** What a house bot plays Quake by, by how it fights. */
const HOUSE_PLAYS: Readonly<Record<string, HouseStrategy>> = {
  random: "random",
  fixed: "hunter",
  equilibrium: "competition",
  adaptive: "adaptive",
};

/** PostgreSQL stores no NUL, and a strategy may write one. */
const printable = (text: string): string => text.replaceAll("\0", "");

/** Stores how strategies fared in a round that has ended, in their owners' logs, and what they keep for the next. */
export async function recordRuns(
  platform: Platform,
  tx: Tx,
  host: Pick<Host, "seat">,
  played: readonly ActiveStrategy[],
  kept: ReadonlyMap<string, string | null>,
): Promise<void> {
  const at = platform.clock.now();
  for (const { botId, strategyId } of played) {
    if (strategyId !== null) {
      const { forfeit, log, misses, ticks } = host.seat(botId);
      const reason = forfeit && printable(`${forfeit.reason}: ${forfeit.message}`);
      await tx.query(insertRun, [platform.random.id(at), strategyId, ticks, misses, reason, printable(log), at]);
      await tx.query(pruneRuns, [strategyId, RUNS_KEPT]);
    }
    const memory = kept.get(botId) ?? null;
    if (memory !== null) await tx.query(keepMemory, [botId, memory, at]);
  }
}
