import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FAILURE_POLICIES, type FailurePolicy, type Graph, type Node } from "./definition.ts";
import {
  decide,
  faulted,
  newRun,
  open,
  OUT_MAX,
  readySteps,
  roomFor,
  STEP_STATES,
  WAITING_STEP,
  WORKFLOW_STATES,
  type Run,
  type StepRun,
  type StepState,
  type WorkflowCommand,
  type WorkflowState,
} from "./workflow.ts";

const node = (key: string, needs: string[] = [], more: Partial<Node> = {}): Node => ({
  key,
  needs,
  optional: false,
  compensable: true,
  ...more,
});
const graph = (onFailure: FailurePolicy, ...nodes: Node[]): Graph => ({
  onFailure,
  nodes: new Map(nodes.map((each) => [each.key, each])),
});

/** Plays commands; a refused one ends the test. */
function play(of: Graph, commands: readonly WorkflowCommand[], from: Run = newRun(of)): Run {
  return commands.reduce((run, command) => {
    const decision = decide(of, run, command);
    if (!decision.ok) throw new Error(`${command.type} is forbidden in ${decision.from}`);
    return decision.run;
  }, from);
}
const START = { type: "START" } as const;
const begin = (key: string, total = 1): WorkflowCommand[] => [
  { type: "BEGIN", key, total },
  { type: "MADE", key, undo: false, count: total },
];
const end = (key: string, completed: number, failed = 0): WorkflowCommand => ({
  type: "ENDED",
  key,
  undo: false,
  completed,
  failed,
});
const undo = (key: string, completed: number, failed = 0): WorkflowCommand[] => [
  { type: "MADE", key, undo: true, count: completed + failed },
  { type: "ENDED", key, undo: true, completed, failed },
];
const done = (key: string) => [...begin(key), end(key, 1)];
const states = ({ state, steps }: Run) => [state, ...[...steps.values()].map((step) => step.state)].join(" ");

const LINE = [node("a"), node("b", ["a"]), node("c", ["b"])];
describe("what comes of a run", () => {
  test.each<[string, Graph, WorkflowCommand[], string]>([
    [
      "a line is done step by step",
      graph("STOP", ...LINE),
      [START, ...done("a"), ...done("b"), ...done("c")],
      "COMPLETED COMPLETED COMPLETED COMPLETED",
    ],
    [
      "nothing of a list is done at once",
      graph("STOP", node("a")),
      [START, { type: "BEGIN", key: "a", total: 0 }],
      "COMPLETED COMPLETED",
    ],
    [
      "what needs a skipped step goes on",
      graph("STOP", ...LINE),
      [START, { type: "SKIP", key: "a" }, ...done("b")],
      "RUNNING SKIPPED COMPLETED WAITING",
    ],
    [
      "STOP ends with the first failure",
      graph("STOP", node("a"), node("b"), node("c", ["a"])),
      [START, ...begin("a"), ...begin("b"), end("a", 0, 1)],
      "FAILED FAILED CANCELLED UNREACHED",
    ],
    [
      "CONTINUE leaves out what needs a failed step, however far",
      graph("CONTINUE", ...LINE, node("d")),
      [START, ...begin("a"), ...begin("d"), end("a", 0, 1)],
      "RUNNING FAILED UNREACHED UNREACHED RUNNING",
    ],
    [
      "CONTINUE does the rest, and is FAILED then",
      graph("CONTINUE", ...LINE, node("d")),
      [START, ...begin("a"), ...begin("d"), end("a", 0, 1), end("d", 1)],
      "FAILED FAILED UNREACHED UNREACHED COMPLETED",
    ],
    [
      "an optional step's failure stops nothing",
      graph("STOP", node("a", [], { optional: true }), node("b", ["a"])),
      [START, ...begin("a"), end("a", 0, 1), ...done("b")],
      "COMPLETED FAILED COMPLETED",
    ],
    [
      "under STOP one failed item is enough",
      graph("STOP", node("a")),
      [START, ...begin("a", 3), end("a", 1, 1)],
      "FAILED FAILED",
    ],
    [
      "under CONTINUE the other items are waited for",
      graph("CONTINUE", node("a")),
      [START, ...begin("a", 3), end("a", 1, 1)],
      "RUNNING RUNNING",
    ],
    [
      "a pause holds what follows",
      graph("STOP", ...LINE),
      [START, ...begin("a"), { type: "PAUSE" }, end("a", 1)],
      "PAUSED COMPLETED WAITING WAITING",
    ],
    [
      "also that a failure stops it",
      graph("STOP", ...LINE),
      [START, ...begin("a"), { type: "PAUSE" }, end("a", 0, 1)],
      "PAUSED FAILED WAITING WAITING",
    ],
    [
      "and what follows comes with the resumption",
      graph("STOP", ...LINE),
      [START, ...begin("a"), { type: "PAUSE" }, end("a", 0, 1), { type: "RESUME" }],
      "FAILED FAILED UNREACHED UNREACHED",
    ],
    [
      "a cancelled run calls off what is out",
      graph("COMPENSATE", ...LINE),
      [START, ...done("a"), ...begin("b"), { type: "CANCEL" }],
      "CANCELLED COMPLETED CANCELLED UNREACHED",
    ],
    [
      "COMPENSATE undoes nothing where nothing was done",
      graph("COMPENSATE", ...LINE),
      [START, ...begin("a"), end("a", 0, 1)],
      "COMPENSATED FAILED UNREACHED UNREACHED",
    ],
    [
      "COMPENSATE undoes the last step first",
      graph("COMPENSATE", ...LINE),
      [START, ...done("a"), ...done("b"), ...begin("c"), end("c", 0, 1)],
      "COMPENSATING COMPLETED COMPENSATING FAILED",
    ],
    [
      "then the one before, to the end",
      graph("COMPENSATE", ...LINE),
      [START, ...done("a"), ...done("b"), ...begin("c"), end("c", 0, 1), ...undo("b", 1), ...undo("a", 1)],
      "COMPENSATED COMPENSATED COMPENSATED FAILED",
    ],
    [
      "it waits for what is still out",
      graph("COMPENSATE", node("a"), node("b"), node("c")),
      [START, ...done("a"), ...begin("b"), ...begin("c"), end("c", 0, 1)],
      "COMPENSATING COMPLETED CANCELLED FAILED",
    ],
    [
      "what was done after all is undone, too",
      graph("COMPENSATE", node("a"), node("b"), node("c")),
      [START, ...done("a"), ...begin("b"), ...begin("c"), end("c", 0, 1), end("b", 1)],
      "COMPENSATING COMPLETED COMPENSATING FAILED",
    ],
    [
      "done items of a failed step are undone",
      graph("COMPENSATE", node("a")),
      [START, ...begin("a", 3), end("a", 2, 1)],
      "COMPENSATING COMPENSATING",
    ],
    [
      "an undoing that fails ends it",
      graph("COMPENSATE", ...LINE),
      [START, ...done("a"), ...done("b"), ...begin("c"), end("c", 0, 1), ...undo("b", 0, 1)],
      "FAILED COMPLETED FAILED FAILED",
    ],
    [
      "what cannot be undone is left",
      graph("COMPENSATE", node("a", [], { compensable: false }), node("b", ["a"])),
      [START, ...done("a"), ...begin("b"), end("b", 0, 1)],
      "COMPENSATED COMPLETED FAILED",
    ],
  ])("%s", (_sentence, of, commands, expected) => expect(states(play(of, commands))).toBe(expected));
});

describe("people's commands", () => {
  /** What docs and the schema promise, written by hand: from, by, to. */
  const ALLOWED: Record<string, WorkflowState> = {
    "PENDING START": "RUNNING",
    "PENDING PAUSE": "PAUSED",
    "RUNNING PAUSE": "PAUSED",
    "PAUSED RESUME": "RUNNING",
    "PENDING CANCEL": "CANCELLED",
    "RUNNING CANCEL": "CANCELLED",
    "PAUSED CANCEL": "CANCELLED",
  };
  const TO = { START: "RUNNING", PAUSE: "PAUSED", RESUME: "RUNNING", CANCEL: "CANCELLED" } as const;
  const all = WORKFLOW_STATES.flatMap((state) =>
    Object.keys(TO).map((type) => [state, type as keyof typeof TO] as const),
  );
  test.each(all)("%s, %s", (state, type) => {
    const of = graph("STOP", node("a"));
    const decision = decide(of, { ...newRun(of), state }, { type });
    const to = ALLOWED[`${state} ${type}`];
    const refused = { ok: false, refusal: "INVALID_TRANSITION", from: state, to: TO[type] };
    expect(decision).toMatchObject(to ? { ok: true, run: { state: to } } : refused);
  });
});

describe("steps begin once, and only when they may", () => {
  const of = graph("STOP", node("a"));
  const at = (run: WorkflowState, state: StepState): Run => ({
    ...newRun(of),
    state: run,
    steps: new Map([["a", { ...WAITING_STEP, state }]]),
  });
  const all = WORKFLOW_STATES.flatMap((run) => STEP_STATES.map((state) => [run, state] as const));
  test.each(all.filter(([run, state]) => run !== "RUNNING" || state !== "WAITING"))("not in %s, %s", (run, state) => {
    for (const type of ["BEGIN", "SKIP"] as const)
      expect(decide(of, at(run, state), { type, key: "a", total: 1 })).toEqual({
        ok: false,
        refusal: "INVALID_TRANSITION",
        from: state,
        to: type === "BEGIN" ? "RUNNING" : "SKIPPED",
      });
  });

  test("not before what they need", () => {
    const line = graph("STOP", ...LINE);
    const run = play(line, [START, ...begin("a")]);
    expect(readySteps(line, run)).toEqual([]);
    expect(decide(line, run, { type: "BEGIN", key: "b", total: 1 })).toMatchObject({ ok: false, from: "WAITING" });
  });

  test("no more of their tasks are out than may be, nor than there are", () => {
    const run = play(of, [START, { type: "BEGIN", key: "a", total: 10_000 }]);
    const step = run.steps.get("a") ?? WAITING_STEP;
    expect(roomFor(run, step, false)).toBe(OUT_MAX);
    expect(decide(of, run, { type: "MADE", key: "a", undo: false, count: OUT_MAX + 1 }).ok).toBe(false);
    expect(decide(of, run, end("a", 1)).ok).toBe(false);
  });
});

/** Graphs without cycles: a step needs some of those before it. */
const graphs = fc
  .record({
    policy: fc.constantFrom(...FAILURE_POLICIES),
    steps: fc.array(
      fc.record({ needs: fc.array(fc.nat(), { maxLength: 3 }), optional: fc.boolean(), compensable: fc.boolean() }),
      { minLength: 1, maxLength: 7 },
    ),
  })
  .map(({ policy, steps }) => {
    const needsOf = (needs: number[], n: number) => (n === 0 ? [] : [...new Set(needs.map((each) => `s${each % n}`))]);
    return graph(policy, ...steps.map(({ needs, ...more }, n) => node(`s${n}`, needsOf(needs, n), more)));
  });
type Play = { of: Graph; run: Run; begun: Map<string, number>; completedAt: string[]; undoneAt: string[] };

/** Everything that could happen next, as the engine and workers would make it happen. */
function possible({ of, run }: Play, fails: boolean): WorkflowCommand[] {
  const commands: WorkflowCommand[] = [];
  for (const key of readySteps(of, run))
    commands.push({ type: "BEGIN", key, total: 1 + (key.length % 2) }, { type: "SKIP", key });
  for (const [key, step] of run.steps) {
    for (const isUndo of [false, true]) {
      if (roomFor(run, step, isUndo) > 0) commands.push({ type: "MADE", key, undo: isUndo, count: 1 });
      const counts = isUndo ? step.undo : step.work;
      const out = counts.made - counts.completed - counts.failed;
      const canFail = fails && !isUndo;
      if (out > 0)
        commands.push({ type: "ENDED", key, undo: isUndo, completed: canFail ? 0 : 1, failed: canFail ? 1 : 0 });
    }
  }
  if (run.state === "RUNNING") commands.push({ type: "PAUSE" });
  if (run.state === "PAUSED") commands.push({ type: "RESUME" });
  return commands;
}

test("however steps end, each runs once, and what was done is undone once, the last first", () => {
  const ends = new Set<WorkflowState>();
  fc.assert(
    fc.property(graphs, fc.infiniteStream(fc.nat()), (of, chances) => {
      const played: Play = { of, run: play(of, [START]), begun: new Map(), completedAt: [], undoneAt: [] };
      const chance = () => chances.next().value as number;
      for (let turn = 0; turn < 400; turn++) {
        const commands = possible(played, chance() % 6 === 0);
        const command = commands[chance() % Math.max(1, commands.length)];
        if (!command) break;
        const before = played.run;
        played.run = play(of, [command], before);
        follow(played, before, command);
      }
      check(played);
      ends.add(played.run.state);
    }),
    { numRuns: 400 },
  );
  // A player that never came so far would prove nothing.
  expect([...ends]).toEqual(expect.arrayContaining(["COMPLETED", "FAILED", "COMPENSATED"]));
});

function follow({ run, begun, completedAt, undoneAt }: Play, was: Run, command: WorkflowCommand): void {
  if (command.type === "BEGIN") begun.set(command.key, (begun.get(command.key) ?? 0) + 1);
  for (const [key, step] of run.steps) {
    const old = was.steps.get(key) ?? WAITING_STEP;
    if (step.place > 0 && old.place === 0) completedAt.push(key);
    if (step.state === "COMPENSATED" && old.state !== "COMPENSATED") undoneAt.push(key);
  }
}

/** What must hold of every ended play. */
function check({ of, run, begun, completedAt, undoneAt }: Play): void {
  expect([...begun.values()].every((times) => times === 1)).toBe(true);
  if (run.state === "PAUSED" || run.state === "RUNNING") return;
  expect([...run.steps.values()].every((step) => step.state !== "WAITING" && step.state !== "RUNNING")).toBe(true);
  const isDone = ([key, { state }]: [string, StepRun]) =>
    state === "COMPLETED" || state === "SKIPPED" || (state === "FAILED" && of.nodes.get(key)?.optional);
  expect(run.state !== "COMPLETED" || [...run.steps].every(isDone)).toBe(true);
  if (run.state !== "COMPENSATED") return;
  const toUndo = completedAt.filter((key) => of.nodes.get(key)?.compensable);
  expect(undoneAt).toEqual(toUndo.toReversed());
  expect([...run.steps.values()].every((step) => open(step) === 0)).toBe(true);
}

test("a run whose optional step could not be made whole ends once what was made of it is out no more", () => {
  const of = graph("STOP", node("a", [], { optional: true }), node("b", ["a"]));
  const fault: WorkflowCommand = { type: "FAULT", key: "a", failure: "INPUT_TOO_LARGE" };
  const made: WorkflowCommand[] = [
    { type: "BEGIN", key: "a", total: 300 },
    { type: "MADE", key: "a", undo: false, count: 100 },
  ];
  const broken = play(of, [START, ...made, fault]);
  expect([states(broken), faulted(broken)]).toEqual(["RUNNING FAILED WAITING", ["a"]]);
  const alone = play(of, done("b"), broken);
  expect([states(alone), faulted(alone)]).toEqual(["RUNNING FAILED COMPLETED", ["a"]]);
  const over = play(of, [end("a", 0, 100)], alone);
  expect([states(over), faulted(over)]).toEqual(["COMPLETED FAILED COMPLETED", []]);
});
