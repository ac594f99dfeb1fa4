import { spawn } from "node:child_process";
import { once } from "node:events";
import { env, execPath } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, onTestFinished, test } from "vitest";
import { compileStrategy } from "./compile.ts";
import type { StrategyView } from "./contract.ts";
import { startHost, type Entry, type Host } from "./host.ts";
import { LOG_CHARACTERS_MAX, DEBT_TICKS_MAX } from "./limits.ts";
import { NEW_SEAT, acted, forfeited, logged, missed, type Seat } from "./seat.ts";

const SELF: StrategyView["self"] = {
  id: 0,
  alive: true,
  health: 100,
  armor: 0,
  origin: [0, 0, 0],
  eye: [0, 0, 26],
  velocity: [0, 0, 0],
  yaw: 0,
  pitch: 0,
  grounded: true,
  weapon: 2,
  ready: true,
  weapons: [1, 2],
  ammo: [0, -1, 100, 0, 0, 0, 0, 0, 0, 0],
  quad: false,
  hits: 0,
  walk: "IDLE",
};
const VIEW: StrategyView = {
  nowMs: 0,
  leftMs: 120_000,
  self: SELF,
  players: [],
  items: [],
  drops: [],
  missiles: [],
  sounds: [],
  deaths: [],
  scores: [],
  facts: null,
};

let host: Host | null = null;
afterEach(() => host?.stop());

async function entryOf(seat: string, source: string, kept: string | null = null): Promise<Entry> {
  const compiled = await compileStrategy(source);
  if (!compiled.ok) throw new Error(compiled.fault.message);
  return { seat, code: compiled.code, seed: 7, kept };
}

/** Plays until every strategy that is still in it has had so many ticks, as fast as they answer. */
async function play(sources: Record<string, string>, ticks: number): Promise<Host> {
  const seats = Object.keys(sources);
  const playing = await startHost(await Promise.all(seats.map((seat) => entryOf(seat, sources[seat] ?? ""))));
  host = playing;
  const isDue = (seat: string) => !playing.seat(seat).forfeit && playing.seat(seat).ticks < ticks;
  for (let tick = 0; seats.some(isDue) && tick < 10_000; tick++) {
    for (const seat of seats.filter(isDue)) playing.brain(seat, { ...VIEW, nowMs: playing.seat(seat).ticks * 50 });
    await Promise.all(seats.map((seat) => playing.settled(seat)));
    // While a worker starts anew nobody is busy.
    await sleep(1);
  }
  return playing;
}

const GOOD = `import { WEAPON } from "agon:quake";
  export function tick(view: { nowMs: number }, memory: { count?: number }) {
    memory.count = (memory.count ?? 0) + 1;
    return { weapon: WEAPON.RAILGUN, move: { x: Math.min(1, memory.count / 1000), y: 0 } };
  }`;

test("a strategy has its memory, the library, game time and the same chances for the same seed", async () => {
  const dice = `export function tick(view, memory) { console.log(view.nowMs, Math.random(), typeof Date, typeof performance); return {}; }`;
  const playing = await play({ good: GOOD, one: dice, two: dice }, 3);
  expect(playing.brain("good", VIEW)).toEqual({ weapon: 7, move: { x: 0.003, y: 0 } });
  expect(playing.seat("one").log).toBe(playing.seat("two").log);
  expect(playing.seat("one").log).toMatch(/^0 0\.\d+ undefined undefined\n50 0\.\d+ undefined undefined\n100 /);
});

test("what a strategy wants to keep comes back to it in its next round", async () => {
  const source = `export function tick(view, memory) { memory.kept = { rounds: (memory.kept?.rounds ?? 0) + 1 }; return {}; }`;
  host = await startHost([await entryOf("a", source), await entryOf("b", source, '{"rounds":4}')]);
  for (const seat of ["a", "b"]) host.brain(seat, VIEW);
  await Promise.all([host.settled("a"), host.settled("b")]);
  expect(Object.fromEntries(await host.keep())).toEqual({ a: '{"rounds":1}', b: '{"rounds":5}' });
});

const loop = (body: string) => `export function tick(view, memory) { ${body}; return {}; }`;

/** What the engine's interrupts do not reach. */
const STUCK = "Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)";

const hoard = (more: string) => `const all = []; ${loop(`all.push(${more})`)}`;

/** Other misses may come before. */
const OUT_OF_MEMORY = /\n?\[TOO_MUCH_MEMORY\].*\n\[FORFEIT\] TOO_MUCH_MEMORY.*\n$/;

/** Ways to break out or to hold up the others, and what the owner is told. */
const HOSTILE: readonly (readonly [name: string, source: string, reason: RegExp])[] = [
  [
    "an endless loop that catches and finally goes on",
    loop("try { for (;;); } catch { } finally { for (;;); }"),
    /TOO_SLOW/,
  ],
  ["a pattern that backtracks for ever", loop(`/^(a+)+$/.test("a".repeat(40) + "b")`), /TOO_SLOW/],
  ["recursion without an end", loop("(function deep() { return deep() + 1; })()"), /TOO_DEEP/],
  [
    "a memory bomb",
    loop("let all = []; for (;;) all.push(new Uint8Array(4_000_000))"),
    /^\[TOO_MUCH_MEMORY\].*\n\[FORFEIT\] TOO_MUCH_MEMORY.*\n$/,
  ],
  [
    "large arrays at the top level",
    `const all = []; for (let each = 0; each < 40; each++) all.push(new Uint8Array(15_000_000)); export const tick = () => ({});`,
    /^\[FORFEIT\] TOP_LEVEL_FAILED: TOO_MUCH_MEMORY/,
  ],
  ["an array more with every tick", hoard("new Uint8Array(1_000_000)"), /^\[TOO_MUCH_MEMORY\]/],
  [
    "one array that is too large, which it does not mind",
    loop("try { new Uint8Array(20_000_000) } catch { }"),
    /^\[TOO_MUCH_MEMORY\]/,
  ],
  [
    "four hundred lists more with every tick",
    hoard("Array.from({ length: 400 }, (_, x) => ({ x, list: new Array(100).fill(x) }))"),
    OUT_OF_MEMORY,
  ],
  [
    "eight hundred texts more with every tick",
    hoard("Array.from({ length: 800 }, (_, x) => 'x'.repeat(1_000) + x)"),
    OUT_OF_MEMORY,
  ],
  [
    "a chain of small objects that becomes longer for ever",
    `let chain = null; for (let each = 0; each < 50_000; each++) chain = { chain }; ${loop("for (;;) chain = { chain }")}`,
    OUT_OF_MEMORY,
  ],
  [
    "a changed prototype of everything",
    loop(
      `JSON.parse = JSON.stringify = () => "{}"; Object.prototype.toJSON = () => { throw 1; }; Array.prototype.map = null; String.prototype.startsWith = null; Object.defineProperty(Object.prototype, "fire", { get() { throw new Error("gotcha"); } }); throw new Error(typeof process + typeof require)`,
    ),
    /THREW.*undefinedundefined/,
  ],
  [
    "a look for the host",
    loop(
      `throw new Error([typeof process, typeof require, typeof globalThis.std, typeof WebAssembly, typeof fetch, (() => {}).constructor("return typeof process")()].join())`,
    ),
    /THREW.*undefined,undefined,undefined,undefined,undefined,undefined/,
  ],
  ["a huge answer", `export function tick() { return { look: "x".repeat(5_000_000) }; }`, /TOO_MUCH_OUTPUT/],
  [
    "an answer with a getter that throws",
    `export function tick() { return { get fire() { throw new Error("no"); } }; }`,
    /THREW.*no/,
  ],
  [
    "a promise that is never kept",
    `export async function tick() { await new Promise(() => {}); for (;;); }`,
    /NOT_AN_ACTION|THREW|TOO_SLOW/,
  ],
  ["a loop in the engine's own code", loop(STUCK), /NEVER_ENDED/],
];

test.each(HOSTILE)(
  "%s is contained, its owner is told why, and another plays on",
  async (_name, source, reason) => {
    const playing = await play({ hostile: source, good: GOOD }, DEBT_TICKS_MAX + 2);
    expect(playing.seat("hostile").log).toMatch(reason);
    expect(playing.seat("good")).toMatchObject({ forfeit: null, misses: 0 });
    expect(playing.seat("good").ticks).toBe(DEBT_TICKS_MAX + 2);
  },
  60_000,
);

test("a strategy that keeps nothing plays 5,000 ticks of a large view in the memory that it has", async () => {
  const sounds = Array.from({ length: 300 }, () => ({ sound: "STEP" as const, origin: [1, 2, 3] as const }));
  host = await startHost([await entryOf("a", loop("memory.last = view"))]);
  for (let tick = 0; tick < 5_000; tick++) {
    host.brain("a", { ...VIEW, sounds });
    await host.settled("a");
  }
  expect(host.seat("a").forfeit).toBeNull();
}, 60_000);

test("long ticks that come to an end are misses, and nobody takes more than two seconds of the others", async () => {
  const slow = `export function tick() { Array.prototype.indexOf.call({ length: 2e7 }, 1); return { fire: true }; }`;
  const playing = await play({ slow, good: GOOD }, DEBT_TICKS_MAX);
  expect(playing.seat("slow")).toMatchObject({ action: {}, forfeit: { reason: "TOO_SLOW" } });
  expect(playing.seat("slow").log).toMatch(/it took \d+ ms of 50/);
  expect(playing.seat("good")).toMatchObject({ forfeit: null, misses: 0, ticks: DEBT_TICKS_MAX });
}, 60_000);

test("a strategy that takes the others' time now and then does not pay for it by actions in between", async () => {
  const thief = `let ticks = 0;
    export function tick() {
      if (ticks++ % 20 === 19) Array.prototype.indexOf.call({ length: 3.5e7 }, 1);
      return { fire: true };
    }`;
  const playing = await play({ thief, good: GOOD }, 1_000);
  expect(playing.seat("thief").forfeit).toMatchObject({
    reason: "TOO_SLOW",
    message: expect.stringContaining("more than they may") as string,
  });
  expect(playing.seat("good")).toMatchObject({ forfeit: null, misses: 0 });
}, 60_000);

test("after forty misses in a row a strategy plays no more, and the match hears of it once", async () => {
  host = await startHost([await entryOf("bad", loop(`throw new Error("always")`))]);
  const heard: string[] = [];
  host.onForfeit((seat) => void heard.push(seat));
  for (let tick = 0; tick < DEBT_TICKS_MAX + 5; tick++) {
    host.brain("bad", VIEW);
    await host.settled("bad");
  }
  expect(host.seat("bad")).toMatchObject({ misses: DEBT_TICKS_MAX, forfeit: { reason: "THREW" } });
  expect(heard).toEqual(["bad"]);
  expect(host.seat("bad").log).toBe("[THREW] Line 1: Error: always\n[FORFEIT] THREW: Line 1: Error: always\n");
});

test.each<[string, string, RegExp]>([
  ["another module", `import fs from "node:fs"; export const tick = () => ({});`, /IMPORT_FORBIDDEN/],
  ["a module by a call", `export async function tick() { return await import("node:fs"); }`, /NOT_AN_ACTION|THREW/],
  ["no tick", "export const tock = 1;", /NO_TICK/],
  ["a wait at the top", "await 1; export function tick() { return {}; }", /NO_TICK/],
  ["an error at the top", "null.x; export function tick() { return {}; }", /TOP_LEVEL_FAILED/],
  ["an endless top", "for (;;); export function tick() { return {}; }", /TOP_LEVEL_FAILED/],
  ["a top that the engine's own code does not leave", `${STUCK}; export const tick = () => ({});`, /NEVER_ENDED/],
])(
  "a strategy with %s does not play, and the others do",
  async (_name, source, reason) => {
    const playing = await play({ bad: source, good: GOOD }, DEBT_TICKS_MAX);
    expect(playing.seat("bad").forfeit?.reason ?? "").toMatch(reason);
    expect(playing.seat("good")).toMatchObject({ forfeit: null, ticks: DEBT_TICKS_MAX });
  },
  20_000,
);

test("one whose memory cannot be kept is out for that, and what the others kept before is left as it was", async () => {
  const keeps = `export function tick(view, memory) { memory.kept = 1; return {}; }`;
  const stalls = `export function tick(view, memory) { memory.kept = { get a() { ${STUCK}; return 1; } }; return {}; }`;
  host = await startHost([
    await entryOf("first", keeps),
    await entryOf("stalls", stalls),
    await entryOf("last", keeps),
  ]);
  for (const seat of ["first", "stalls", "last"]) host.brain(seat, VIEW);
  await host.settled("last");
  expect(Object.fromEntries(await host.keep())).toEqual({ first: "1", stalls: null, last: null });
  expect(host.seat("stalls").forfeit?.reason).toBe("NEVER_ENDED");
  expect(host.seat("first").forfeit).toBeNull();
  expect(host.seat("last")).toMatchObject({ forfeit: null, log: expect.stringContaining("BEGAN_ANEW") as string });
}, 20_000);

test("one that stops the worker costs the others their memory, and their owners are told", async () => {
  const stops = `export function tick(view, memory) { if (memory.ticked) ${STUCK}; memory.ticked = true; return {}; }`;
  const counts = `export function tick(view, memory) { console.log(memory.count = (memory.count ?? 0) + 1); return {}; }`;
  const playing = await play({ counts, stops }, 4);
  expect(playing.seat("stops").forfeit?.reason).toBe("NEVER_ENDED");
  expect(playing.seat("counts").log).toMatch(/^1\n(\d\n)*\[BEGAN_ANEW\].*memory.*\n1\n/);
}, 20_000);

test("what is busy gets what it missed with its next view", async () => {
  host = await startHost([
    await entryOf(
      "a",
      `export function tick(view) { console.log(view.deaths.map(({ victim }) => victim).join("")); return {}; }`,
    ),
  ]);
  for (const victim of [1, 2, 3]) host.brain("a", { ...VIEW, deaths: [{ killer: null, victim, means: 22 }] });
  await host.settled("a");
  host.brain("a", VIEW);
  await host.settled("a");
  expect(host.seat("a").log).toBe("1\n23\n");
});

test("an action makes up for one miss, and meanwhile the last one goes on", () => {
  let seat = acted(NEW_SEAT, { fire: true });
  for (let count = 1; count < DEBT_TICKS_MAX; count++) seat = missed(seat, "TOO_SLOW", "slow");
  expect(seat).toMatchObject({ action: { fire: true }, debt: DEBT_TICKS_MAX - 1, forfeit: null });
  expect(acted(seat, {}).debt).toBe(DEBT_TICKS_MAX - 2);
  expect(acted(NEW_SEAT, {}).debt).toBe(0);
  expect(missed(seat, "TOO_SLOW", "slow")).toMatchObject({ action: {}, forfeit: { reason: "TOO_SLOW" } });
});

test("overtime of two seconds ends it, and no action pays for any of it", () => {
  const after = (overMs: number, seat: Seat) => missed(seat, "THREW", "late", overMs);
  const quick = (seat: Seat) => Array.from({ length: 100 }).reduce<Seat>((one) => acted(one, {}), seat);
  const almost = quick(after(950, quick(after(1_000, NEW_SEAT))));
  expect(almost).toMatchObject({ misses: 2, debt: 0, overMs: 1_950, forfeit: null });
  expect(quick(missed(almost, "TOO_SLOW", "slow"))).toMatchObject({ overMs: 1_950, forfeit: null });
  expect(after(50, almost)).toMatchObject({
    forfeit: { reason: "TOO_SLOW", message: "its ticks took 2000 ms more than they may, of 2000 in a round" },
    lastMiss: { reason: "THREW" },
  });
});

test("a log ends where it is full, and says so", () => {
  let seat = NEW_SEAT;
  for (let line = 0; line < 200; line++) seat = logged(seat, "x".repeat(999));
  expect(seat.log.length).toBeLessThanOrEqual(LOG_CHARACTERS_MAX);
  expect(seat.log.endsWith("[the log is full]\n")).toBe(true);
  expect(forfeited(seat, { reason: "THREW", message: "m", line: 3 }).forfeit?.line).toBe(3);
});

test.each<[string, string, { reason: string; line: number | null }]>([
  ["too long", `//${"x".repeat(128 * 1_024)}`, { reason: "SOURCE_TOO_LARGE", line: null }],
  [
    "a mistake in line 3",
    "export function tick() {\n  return {};\n  let x: = 3;\n}",
    { reason: "SYNTAX_ERROR", line: 3 },
  ],
  ["an enum, which is not only a type", "enum A { B }\nexport function tick() {}", { reason: "SYNTAX_ERROR", line: 1 }],
  ["a NUL", "export function tick() { return {}; } // \0", { reason: "SYNTAX_ERROR", line: null }],
  ["a hundred thousand brackets", "(".repeat(100_000), { reason: "SYNTAX_ERROR", line: null }],
])("source with %s is refused by name", async (_name, source, fault) => {
  expect(await compileStrategy(source)).toMatchObject({ ok: false, fault });
  expect(await compileStrategy(GOOD)).toMatchObject({ ok: true });
});

/** Plays one strategy, whose every tick takes a while, until it is told to say how it stands. */
const PLAYER = `
const { startHost } = await import(process.env.HOST);
const code = "export function tick() { let sum = 0; for (let i = 0; i < 20000; i++) sum += i; return { fire: sum > 0 }; }";
const host = await startHost([{ seat: "ann", code, seed: 7, kept: null }]);
let isOver = false;
process.stdin.once("data", () => (isOver = true));
process.stdout.write("playing ");
while (!isOver) {
  host.brain("ann", JSON.parse(process.env.VIEW));
  await host.settled("ann");
  if (host.seat("ann").forfeit) await new Promise((resolve) => setTimeout(resolve, 50));
}
process.stdout.write(JSON.stringify(host.seat("ann").forfeit));
await host.stop();
process.stdin.destroy();
`;

test("a machine that does not let the strategies run for a while costs none of them the match", async () => {
  const told = { ...env, HOST: new URL("host.ts", import.meta.url).href, VIEW: JSON.stringify(VIEW) };
  const player = spawn(execPath, ["--input-type=module", "-e", PLAYER], { env: told });
  onTestFinished(() => void player.kill("SIGKILL"));
  let said = "";
  player.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  await once(player.stdout, "data");
  for (let stop = 0; stop < 4; stop++) {
    player.kill("SIGSTOP");
    await sleep(1_300);
    player.kill("SIGCONT");
    await sleep(300);
  }
  player.stdin.write("enough");
  await once(player, "exit");
  expect(said).toBe("playing null");
}, 60_000);
