import { collect, importEntry, type Collected, type Entry, type NotTaken } from "../adapter/collect.ts";
import { fight } from "../adapter/gladiator.ts";
import { judgeBase, judgeEntry, openCourt, type Court } from "../adapter/judge.ts";
import { setUp } from "../adapter/layers.ts";
import { openPlace } from "../adapter/arena.ts";
import { launchOf, type Launch } from "../adapter/programs.ts";
import { openModelProxy, type ModelProxy } from "../adapter/model-proxy.ts";
import { wayToRegistry } from "../adapter/registry-proxy.ts";
import type { Sandbox } from "../adapter/sandbox.ts";
import { socketFolder } from "../adapter/socket-folder.ts";
import type { Row } from "../../platform/statement.ts";
import type { BattleEvent } from "../events.ts";
import type { HiddenCheck } from "../rules/battle.ts";
import { isFault, type Fault, type Outcome, type Program } from "../rules/gladiator.ts";
import { MODEL_APIS, type Used } from "../rules/model.ts";
import { passedOf, rank, regressionsOf, type Report, type Score, type TestRun } from "../rules/judging.ts";
import { isByExitCodeAlone } from "../rules/testing.ts";
import * as store from "../store.ts";
import { openVotes } from "../store/votes.ts";
import { fetchReached } from "./access.ts";
import { keyOf } from "./entries.ts";
import { heldAgainst, Void } from "./faults.ts";
import type { Run } from "./run.ts";
import { openDriver } from "./sandbox.ts";
import { note, standingOf, tell } from "./steps.ts";
import { chunksOf, startTelling } from "./telling.ts";

type Seat = Row<typeof store.seatedEntries>;

const AT_ONCE = 4;
const FILES_TOLD_MAX = 200;
/** How long a battle waits for a server that wants to be asked later. */
export const LIMITS_WAIT_MAX_MS = 120_000;

export const seatsOf = ({ platform, battleId }: Run): Promise<Seat[]> =>
  platform.db.query(store.seatedEntries, [battleId]);

/** Does something for each, so many at once; the first failure is heard when all have ended. */
async function each<T>(all: readonly T[], atOnce: number, work: (one: T) => Promise<void>): Promise<void> {
  const waiting = [...all];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await work(next);
  };
  const ended = await Promise.allSettled(Array.from({ length: atOnce }, worker));
  const failed = ended.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
}

/** The base, fetched again where this node has it not, and what its set-up left. */
export async function prepare(run: Run): Promise<Court> {
  const { platform, plan, stop, battleId } = run;
  const { url, source, setup, test } = plan;
  const patience = { waitMaxMs: LIMITS_WAIT_MAX_MS, stop };
  const wanted = { repositoryId: plan.repository_id, url, revision: source, patience };
  const { base, noted } = await fetchReached(platform, wanted);
  if (noted !== null) await note(platform, battleId, "token", noted);
  await note(platform, battleId, "fetch", `${source} ${typeof base === "string" ? base : `as ${base.commit}`}`);
  if (typeof base === "string") throw new Void(base === "GIT_UNUSABLE" ? "SANDBOX_FAILED" : "REPOSITORY_GONE", base);
  const driver = await openDriver(platform.sandbox);
  const way = wayToRegistry(platform.repositories.isPrivateAllowed);
  const folder = `${platform.repositories.folder}/layers`;
  const mibMax = platform.settings.codeLayersMibMax;
  const { limits } = platform.sandbox;
  const made = await setUp(
    { driver, limits, base, stop },
    { folder, mibMax, sockets: await socketFolder(), setup, way },
  );
  await note(platform, battleId, "set up", `${setup.length} commands, ${made.ok ? "done" : "failed"}`);
  if (!made.ok) throw new Void("SETUP_FAILED", made.said);
  const arena = { driver, limits, base, layer: made.layer, stop };
  return openCourt(arena, { test, checks: plan.checks as HiddenCheck[] });
}

/** The base's own tests: what cannot be tested before the battle cannot be judged after it. */
export async function testBase(run: Run, court: Court): Promise<void> {
  const runs = await judgeBase(court);
  const alone = isByExitCodeAlone(court.plan, court.checks);
  const counts = alone ? ": an exit code alone says how it came out, and there are no hidden checks: never rated" : "";
  await note(run.platform, run.battleId, "test", `the base${counts}`);
  if (runs === null) throw new Void("BASE_UNTESTABLE");
  await run.write((tx) => tx.query(store.writeBaseTests, [run.battleId, JSON.stringify(runs)]));
}

/** The sandboxes of gladiators, by entry: they stay until their work is collected. */
export type Places = Map<string, Sandbox>;

/** Lets all gladiators work, each in a sandbox of its own. */
export async function runGladiators(run: Run, court: Court, places: Places): Promise<void> {
  await run.write((tx) => tx.query(store.forgetFought, [run.battleId]));
  const open = (await seatsOf(run)).filter(({ commit }) => commit === null);
  await each(open, AT_ONCE, (seat) => fightOne(run, court, { places, seat }));
}

type Fighting = { places: Places; seat: Seat };

async function fightOne(run: Run, court: Court, fighting: Fighting): Promise<void> {
  const { places, seat } = fighting;
  const model = await openModel(run, seat);
  const { folder } = run.platform.agents;
  const place = folder !== null && model ? { folder, socket: model.proxy.socket } : null;
  const launch = launchOf(seat.program as Program, court.script, place);
  if (!launch) {
    await model?.proxy.close();
    throw new Void("SANDBOX_FAILED", "an agent is not installed on this node");
  }
  const sandbox = await openWith(court, launch, model);
  places.set(seat.id, sandbox);
  await fightIn(run, court, sandbox, { seat, launch, model });
}

/** A gladiator's sandbox; the socket that was handed in is there as long as it is. */
async function openWith(court: Court, { mounts }: Launch, model: Model | null): Promise<Sandbox> {
  try {
    const sandbox = await openPlace(court, mounts);
    const destroy = async () => {
      await sandbox.destroy();
      await model?.proxy.close();
    };
    return { ...sandbox, destroy };
  } catch (error) {
    await model?.proxy.close();
    throw error;
  }
}

/** What a gladiator that is an agent asks its model through, and the key that must not be quoted. */
type Model = { proxy: ModelProxy; key: string };

async function openModel({ platform }: Run, { id, program, bot_id: botId }: Seat): Promise<Model | null> {
  const { kind } = program as Program;
  if (kind === "HOUSE" || kind === "COMMAND") return null;
  const [owned] = await platform.db.query(store.modelKey, [id]);
  if (!owned?.key) throw new Void("SANDBOX_FAILED", "a gladiator's model key is gone");
  const key = platform.vault.open(owned.key, keyOf(botId));
  const host = platform.agents.hosts[kind] ?? MODEL_APIS[kind].host;
  const tokenCap = owned.token_cap === null ? null : Math.max(0, owned.token_cap - Number(owned.tokens_spent));
  const count = ({ inputTokens, outputTokens }: Used) =>
    platform.db.query(store.spendTokens, [id, inputTokens + outputTokens]);
  const access = { agent: kind, key, tokenCap, host, count };
  return { proxy: await openModelProxy(await socketFolder(), access), key };
}

/** How a run that broke is told. */
const BROKEN_OFF = { by: "EXIT", exitCode: null, untold: 0, inputTokens: 0, outputTokens: 0 } as const;

type Ready = { seat: Seat; launch: Launch; model: Model | null };

async function fightIn(run: Run, court: Court, sandbox: Sandbox, { seat, launch, model }: Ready): Promise<void> {
  const { platform, battleId, plan, stop } = run;
  const { id: entryId, bot_id: botId } = seat;
  await note(platform, battleId, "sandbox", `${sandbox.id} for ${seat.name}`);
  await run.tell([{ type: "GladiatorStarted", botId, seat: seat.seat }]);
  const telling = startTelling(run, { entryId, botId });
  const began = performance.now();
  const secrets = model ? [model.key] : [];
  const gladiator = { ...launch, prompt: plan.prompt, secrets, timeMaxMs: plan.time_limit_ms, stop };
  const ownFault = { name: seat.name, fault: "NOT_RUN" } as const;
  const ended = await heldAgainst(run, court, ownFault, () => fight(sandbox, gladiator, telling.hear));
  const fought = isFault(ended) ? BROKEN_OFF : ended;
  if (isFault(ended)) telling.hear({ type: "Failed", text: "It could not be run to its end: it has lost." });
  const { by, exitCode, untold, ...said } = fought;
  const timeMs = Math.round(performance.now() - began);
  // What an agent says of its tokens is the agent's word; what passed the proxy was counted.
  const { inputTokens, outputTokens } = model ? await model.proxy.used() : said;
  await telling.end();
  stop.throwIfAborted();
  const lost: Outcome | null = isFault(ended) ? ended : by === "TIME" || by === "MEMORY" ? by : null;
  await run.write(async (tx) => {
    await tx.query(store.writeFought, [entryId, exitCode, timeMs, inputTokens, outputTokens, untold, lost]);
    const used = { timeMs, inputTokens, outputTokens, untold };
    await tell(tx, platform, battleId, [{ type: "GladiatorFinished", botId, by, exitCode, ...used }]);
  });
}

/** What was taken of gladiators and looked through, by entry: judging need not do it again. */
export type Taken = Map<string, Entry>;

/** Takes what each gladiator left out of its sandbox, and the sandbox away. */
export async function collectAll(run: Run, court: Court, { places, taken }: { places: Places; taken: Taken }) {
  for (const seat of await seatsOf(run)) {
    const sandbox = places.get(seat.id);
    if (!sandbox) continue;
    if (seat.outcome === null) {
      const ownFault = { name: seat.name, fault: "NOT_COLLECTED" } as const;
      const collected = await heldAgainst(run, court, ownFault, () => collect(court, sandbox));
      await writeCollected(run, seat, collected);
      if (typeof collected !== "string") taken.set(seat.id, collected.entry);
    }
    await sandbox.destroy();
    places.delete(seat.id);
    await note(run.platform, run.battleId, "destroy", `${sandbox.id} of ${seat.name}`);
  }
}

async function writeCollected(
  run: Run,
  { id, bot_id: botId }: Seat,
  collected: Collected | NotTaken | Fault,
): Promise<void> {
  const { platform, battleId } = run;
  const files = typeof collected === "string" ? [] : collected.entry.files;
  const sum = (key: "added" | "removed") => files.reduce((total, file) => total + file[key], 0);
  const counts = { filesChanged: files.length, linesAdded: sum("added"), linesRemoved: sum("removed") };
  const outcome = typeof collected === "string" ? collected : "JUDGED";
  const changed = files.slice(0, FILES_TOLD_MAX).map((file): BattleEvent => ({ type: "FileChanged", botId, ...file }));
  const taken = typeof collected === "string" ? null : collected;
  await note(platform, battleId, "collect", `${outcome} ${taken?.entry.commit ?? ""}`);
  await run.write(async (tx) => {
    if (taken) {
      await tx.query(store.writeArtifact, [battleId, id, "BUNDLE", chunksOf(taken.bundle), 0]);
      await tx.query(store.writeArtifact, [battleId, id, "DIFF", chunksOf(Buffer.from(taken.entry.diff)), 0]);
    }
    const { filesChanged, linesAdded, linesRemoved } = counts;
    const commit = taken?.entry.commit ?? null;
    await tx.query(store.writeCollected, [id, outcome, commit, filesChanged, linesAdded, linesRemoved]);
    const told: BattleEvent[] = [...changed, { type: "EntryCollected", botId, outcome, ...counts }];
    if (!run.plan.votes) return tell(tx, platform, battleId, told);
    const untold = chunksOf(Buffer.from(JSON.stringify(told)));
    return tx.query(store.writeArtifact, [battleId, id, "UNTOLD", untold, 0]);
  });
}

/** Judges each entry that stands. */
export async function judgeAll(run: Run, court: Court, taken: Taken): Promise<void> {
  const base = await baseTests(run);
  for (const seat of await seatsOf(run))
    if (seat.outcome === "JUDGED" && seat.score === null) await judgeOne(run, court, { seat, base, taken });
}

/** Lets people vote, where there is something to choose from; until then nobody is placed. */
export async function openBallot(run: Run): Promise<boolean> {
  const { platform, plan, battleId } = run;
  const standing = (await seatsOf(run)).filter(({ commit }) => commit !== null);
  if (!plan.votes || standing.length < 2) return false;
  const until = new Date(platform.clock.now().getTime() + plan.votes_ms);
  await run.write(async (tx) => {
    await tx.query(openVotes, [battleId, until]);
    await tell(tx, platform, battleId, [{ type: "VotingOpened", until: until.toISOString() }]);
    tx.afterCommit(() => platform.hub.touch("contests"));
  });
  return true;
}

/** Places all by what they were judged to be. */
export async function placeAll(run: Run): Promise<{ entryId: string; placement: number }[]> {
  const judged = (await seatsOf(run)).map(({ id, outcome, score }) => ({
    entryId: id,
    outcome: (outcome ?? "NO_CHANGE") as Outcome,
    score: (score as Report | null)?.score ?? null,
  }));
  return rank(judged);
}

async function baseTests({ platform, battleId }: Run): Promise<TestRun[]> {
  const [row] = await platform.db.query(store.baseTests, [battleId]);
  return (row?.tests ?? []) as TestRun[];
}

/** An entry's bundle, put together from its chunks. */
export async function bundleOf({ platform }: Pick<Run, "platform">, entryId: string): Promise<Buffer> {
  return Buffer.concat((await platform.db.query(store.readArtifact, [entryId, "BUNDLE"])).map(({ bytes }) => bytes));
}

type Judging = { seat: Seat; base: readonly TestRun[]; taken: Taken };

async function judgeOne(run: Run, court: Court, { seat, base, taken }: Judging): Promise<void> {
  const { platform, battleId } = run;
  const bundle = await bundleOf(run, seat.id);
  const ownFault = { name: seat.name, fault: "NOT_TESTED" } as const;
  const verdict = await heldAgainst(run, court, ownFault, async () => {
    const entry = taken.get(seat.id) ?? (await importEntry(court.base, bundle));
    if (typeof entry === "string") throw new Error(`a bundle that was taken is not taken again: ${entry}`);
    return judgeEntry(court, base, { bundle, entry });
  });
  await note(platform, battleId, "test", `${seat.name} at ${seat.commit}`);
  if (isFault(verdict)) {
    const written = [seat.id, verdict, seat.commit, seat.files_changed, seat.lines_added, seat.lines_removed];
    return run.write((tx) => tx.query(store.writeCollected, written)).then(() => undefined);
  }
  const { matrix, checks } = verdict;
  const score: Score = {
    checksPassed: checks.filter(({ passed }) => passed).length,
    testsPassed: passedOf(matrix),
    regressions: regressionsOf(matrix),
    diffLines: (seat.lines_added ?? 0) + (seat.lines_removed ?? 0),
    timeMs: seat.time_ms ?? 0,
    tokens: seat.input_tokens + seat.output_tokens,
  };
  const report: Report = { score, matrix, checks };
  await run.write(async (tx) => {
    await tx.query(store.writeScore, [seat.id, JSON.stringify(report)]);
    const judged: BattleEvent = { type: "EntryJudged", botId: seat.bot_id, ...standingOf(report) };
    if (!run.plan.votes) await tell(tx, platform, battleId, [judged]);
  });
}
