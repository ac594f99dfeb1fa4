import { LRUCache } from "lru-cache";
import type { Tx } from "../../platform/database.ts";
import { eachAlone } from "../../platform/each.ts";
import type { Platform } from "../../platform/platform.ts";
import type { Append } from "../../platform/streams.ts";
import { WORKFLOWS_TOPIC } from "../events.ts";
import { graphOf, type Definition, type Graph, type StepPlan } from "../rules/definition.ts";
import { payloadsOf, readsOf, verdictOn, type Known, type Verdict } from "../rules/mapping.ts";
import { TASK_JSON_BYTES_MAX } from "../rules/input.ts";
import { restMs } from "../rules/timing.ts";
import {
  decide,
  faulted,
  readySteps,
  roomFor,
  type Run,
  type WorkflowCommand,
  type WorkflowEvent,
} from "../rules/workflow.ts";
import { lockTask } from "../store/tasks.ts";
import {
  absorb,
  definitionBody,
  dueWorkflows,
  inputOf,
  lockWorkflow,
  outputsOf,
  restWorkflow,
  unwantedTasks,
} from "../store/workflows.ts";
import { makeTasks, makeUndoTasks, roomOfCreator } from "./step-tasks.ts";
import { runOf, writeRun, type LockedWorkflow } from "./runs.ts";
import { stepWithin } from "./steps.ts";

const DUE_MAX = 50;
const ABSORB_MAX = 200;
const CANCEL_MAX = 50;
/** How many tasks one transaction makes. */
const MAKE_MAX = 100;
const FULL_RETRY_MS = 1_000;

type Blueprint = { definition: Definition; graph: Graph; steps: ReadonlyMap<string, StepPlan> };
const BLUEPRINTS_KEPT_BYTES_MAX = 8 * 1_024 * 1_024;
/** What a run goes by; definitions never change. */
const definitions = new LRUCache<string, Blueprint>({ maxSize: BLUEPRINTS_KEPT_BYTES_MAX });

/** Drives every run on whose time has come or of which a task ended; gives how many were looked at. */
export async function advanceDue(platform: Platform): Promise<number> {
  const due = await platform.db.query(dueWorkflows, [platform.clock.now(), DUE_MAX]);
  const failed = "a run did not go on; it is tried again after a rest";
  await eachAlone(platform, due, { work: ({ id }) => advanceOrRest(platform, id), failed });
  return due.length;
}

/** What stops one run, perhaps for good, must not stand before the others at each sweep. */
async function advanceOrRest(platform: Platform, workflowId: string): Promise<void> {
  try {
    await advance(platform, workflowId);
  } catch (error) {
    await rest(platform, workflowId).catch((cause: unknown) =>
      platform.log.warn(
        { error: cause, id: workflowId },
        "a run that did not go on has no rest; the next sweep tries again",
      ),
    );
    throw error;
  }
}

function rest({ db, clock }: Platform, workflowId: string): Promise<void> {
  return db.transact(async (tx) => {
    const [row] = await tx.query(lockWorkflow, [workflowId]);
    if (row) await tx.query(restWorkflow, [workflowId, new Date(clock.now().getTime() + restMs(row.faults))]);
  });
}

/**
 * Takes in what ended, and begins what follows from it, in one transaction under the run's lock: a node that dies on the way
 * has done nothing, and what runs twice finds nothing left to do. Its cost is bounded, however long the run is.
 */
export function advance(platform: Platform, workflowId: string): Promise<void> {
  return platform.db.transact(async (tx) => {
    const [row] = await tx.query(lockWorkflow, [workflowId]);
    if (row) await new Advance(tx, platform, row, await blueprintOf(tx, row.definition_id)).go();
  });
}

async function blueprintOf(tx: Tx, definitionId: string): Promise<Blueprint> {
  const found = definitions.get(definitionId);
  if (found) return found;
  const [row] = await tx.query(definitionBody, [definitionId]);
  const definition = row?.body as Definition;
  const steps = new Map(definition.steps.map((step) => [step.key, step]));
  const made = { definition, graph: graphOf(definition), steps };
  definitions.set(definitionId, made, { size: JSON.stringify(definition).length });
  return made;
}

class Advance {
  private readonly tx: Tx;
  private readonly platform: Platform;
  private readonly row: LockedWorkflow;
  private readonly blueprint: Blueprint;
  private readonly events: WorkflowEvent[] = [];
  private readonly appends: Append[] = [];
  private readonly outputs = new Map<string, { fits: boolean; output: unknown }>();
  private input: unknown = undefined;
  private run: Run = { state: "PENDING", failure: null, steps: new Map() };
  private wakeAt: Date | null = null;

  constructor(tx: Tx, platform: Platform, row: LockedWorkflow, blueprint: Blueprint) {
    this.tx = tx;
    this.platform = platform;
    this.row = row;
    this.blueprint = blueprint;
  }

  async go(): Promise<void> {
    const was = await runOf(this.tx, this.row);
    this.run = was;
    if (was.state === "PENDING") this.apply({ type: "START" });
    await this.takeIn();
    await this.begin();
    await this.make();
    await this.callOff();
    const { run, events, appends, wakeAt } = this;
    await writeRun(this.tx, this.platform, this.row, was, { run, events, appends, wakeAt });
    // What is to go on at once does not wait for the sweep.
    if (wakeAt && wakeAt <= this.platform.clock.now())
      this.tx.afterCommit(() => this.platform.hub.touch(WORKFLOWS_TOPIC));
  }

  private apply(command: WorkflowCommand): void {
    const decision = decide(this.blueprint.graph, this.run, command);
    if (!decision.ok) throw new Error(`workflow ${this.row.id}: ${command.type} is forbidden in ${decision.from}`);
    this.run = decision.run;
    this.events.push(...decision.events);
  }

  private again(inMs = 0): void {
    this.wakeAt = new Date(this.platform.clock.now().getTime() + inMs);
  }

  private async takeIn(): Promise<void> {
    for (const { key, undoes, completed, failed } of await this.tx.query(absorb, [this.row.id, ABSORB_MAX]))
      this.apply({ type: "ENDED", key: key ?? "", undo: undoes, completed, failed });
  }

  /** A step that is skipped may let others begin. */
  private async begin(): Promise<void> {
    for (let ready = readySteps(this.blueprint.graph, this.run); ready.length > 0; ) {
      for (const key of ready) {
        const step = this.stepOf(key);
        // What one step leads to may leave the next one unreached.
        if (this.run.steps.get(key)?.state !== "WAITING" || this.run.state !== "RUNNING") continue;
        this.apply({ ...(await this.verdictOn(step)), key });
      }
      ready = readySteps(this.blueprint.graph, this.run);
    }
  }

  private async verdictOn(step: StepPlan): Promise<Verdict> {
    const known = await this.knownTo(step);
    return known ? verdictOn(step, known) : { type: "FAULT", failure: "INPUT_TOO_LARGE" };
  }

  private stepOf(key: string): StepPlan {
    const step = this.blueprint.steps.get(key);
    if (!step) throw new Error(`workflow ${this.row.id} has no step ${key}`);
    return step;
  }

  /** What a step's pointers may look at; null where it is more than a task may carry. */
  private async knownTo(step: StepPlan): Promise<Known | null> {
    const keys = readsOf(step);
    const missing = keys.filter((key) => !this.outputs.has(key));
    if (missing.length > 0) await this.load(missing);
    if (this.input === undefined) this.input = (await this.tx.query(inputOf, [this.row.id]))[0]?.input ?? null;
    const found = keys.map((key) => [key, this.outputs.get(key)] as const);
    if (found.some(([, output]) => !output?.fits)) return null;
    return {
      input: this.input,
      steps: Object.fromEntries(found.map(([key, output]) => [key, output?.output ?? null])),
    };
  }

  private async load(keys: readonly string[]): Promise<void> {
    const fans = keys.map((key) => this.stepOf(key).forEach !== null);
    const max = TASK_JSON_BYTES_MAX;
    for (const { key, fits, results } of await this.tx.query(outputsOf, [this.row.id, keys, fans, max])) {
      const list = (results ?? []) as unknown[];
      const output = this.stepOf(key ?? "").forEach === null ? list[0] : list;
      this.outputs.set(key ?? "", { fits: fits ?? false, output });
    }
  }

  /** Makes tasks for the steps that have room for more, as many as one transaction may. */
  private async make(): Promise<void> {
    const wanted = [...this.run.steps.keys()].flatMap((key) =>
      [false, true].filter((undo) => this.roomOf(key, undo) > 0).map((undo) => ({ key, undo })),
    );
    if (wanted.length === 0) return;
    const free = await roomOfCreator(this.tx, this.row.creator_id, MAKE_MAX);
    let left = free;
    for (const { key, undo } of wanted) {
      // A step that is at fault may have ended the run before the next one's turn.
      const room = this.roomOf(key, undo);
      const count = Math.min(room, left);
      left -= count;
      if (count > 0) await this.makeFor(key, undo, count);
      if (count < room) this.again(free < MAKE_MAX ? FULL_RETRY_MS : 0);
    }
  }

  private roomOf(key: string, undo: boolean): number {
    const step = this.run.steps.get(key);
    return step ? roomFor(this.run, step, undo) : 0;
  }

  private async makeFor(key: string, undo: boolean, count: number): Promise<void> {
    const step = this.stepOf(key);
    const context = { tx: this.tx, platform: this.platform, row: this.row };
    if (undo) {
      this.appends.push(...(await makeUndoTasks(context, step, count)));
      return this.apply({ type: "MADE", key, undo, count });
    }
    const from = this.run.steps.get(key)?.work.made ?? 0;
    const known = await this.knownTo(step);
    const payloads = known ? payloadsOf(step, known, from, from + count) : [null];
    if (payloads.includes(null)) {
      this.again();
      return this.apply({ type: "FAULT", key, failure: "INPUT_TOO_LARGE" });
    }
    this.appends.push(...(await makeTasks(context, step, from, payloads as string[])));
    this.apply({ type: "MADE", key, undo, count });
  }

  /** Cancels what nobody needs any more, a bounded part at a time. */
  private async callOff(): Promise<void> {
    const { state } = this.run;
    const all = state === "FAILED" || state === "CANCELLED" || state === "COMPENSATING";
    const keys = all ? null : faulted(this.run);
    if (keys?.length === 0) return;
    const rows = await this.tx.query(unwantedTasks, [this.row.id, state !== "COMPENSATING", CANCEL_MAX, keys]);
    for (const { id } of rows) {
      const [task] = await this.tx.query(lockTask, [id]);
      if (task) this.appends.push(...(await stepWithin(this.tx, this.platform, task, { type: "CANCEL" })));
    }
    if (rows.length === CANCEL_MAX) this.again();
  }
}
