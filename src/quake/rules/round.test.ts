import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { NO_AWARDS, type WeaponAim } from "./aim.ts";
import { readConsoleLine, WORLD, type ConsoleLine } from "./console.ts";
import { DEADLINES_MS, decide, newRound, type Command, type Event, type Round } from "./round.ts";

const LIMIT_MS = 120_000;
const LIMITS = { liveMs: LIMIT_MS, suddenDeathMs: 30_000 };
const LATE_MS = LIMIT_MS + LIMITS.suddenDeathMs;
const [A, B, C] = [
  { botId: "a", guid: "AA" },
  { botId: "b", guid: "BB" },
  { botId: "c", guid: "CC" },
];

/** Plays commands one after the other; how it ends, and all that was told. */
function play(commands: readonly Command[], from: Round = newRound([A, B], 0)) {
  const events: Event[] = [];
  let round = from;
  for (const command of commands) {
    const step = decide(round, command, LIMITS);
    ({ round } = step);
    events.push(...step.events);
  }
  return { round, events, told: events.map(({ type }) => type) };
}

const line = (said: ConsoleLine, nowMs = 0): Command => ({ type: "LINE", line: said, nowMs });
const at = (nowMs: number): Command => ({ type: "TIME", nowMs });
const ready: Command = { type: "SERVER_READY", nowMs: 0 };
const comes = (slot: number, guid: string): Command[] => [
  line({ type: "IDENTIFIED", slot, guid }),
  line({ type: "CONNECTED", slot }),
  line({ type: "BEGAN", slot }),
];
const gone = (botId: string): Command => ({ type: "PLAYER_GONE", botId, nowMs: 0 });
const kill = (killer: number, victim: number, means: number, nowMs = 1_000) =>
  line({ type: "KILLED", killer, victim, means }, nowMs);
const scored = (slot: number, score: number) => line({ type: "SCORED", slot, score });
const final = (slot: number, score: number) => line({ type: "FINAL_SCORE", slot, score });
const aimed = (botId: string, ...aim: WeaponAim[]): Command => ({ type: "AIM", botId, aim });
/** What the game tells both clients of their shots: none. */
const shots = [aimed("a"), aimed("b")];
const over = line({ type: "GAME_OVER", reason: "Timelimit hit." }, LIMIT_MS);
const seen = (killer: number, victim: number, means: number, witness = "a"): Command => ({
  type: "OBITUARY",
  obituary: { witness, killer, victim, means },
});
const blinks = (times: number): Command[] =>
  Array.from({ length: times }, (_, blink) => ({
    type: "BLIND",
    blindness: { witness: "a", fromMs: 2 * blink, toMs: 2 * blink + 1 },
  }));

const joined = [ready, ...comes(3, "AA"), ...comes(5, "BB")];
const counted = [...joined, at(DEADLINES_MS.countdown)];
const live = [...counted, line({ type: "GAME_BEGAN", map: "aggressor" })];

describe("a round", () => {
  test("goes from the server to the results, by slot", () => {
    const { round, told } = play([
      ...live,
      kill(3, 5, 10),
      scored(3, 1),
      seen(3, 5, 10),
      kill(3, 5, 7),
      scored(3, 2),
      seen(3, 5, 7),
      line({ type: "AWARDED", slot: 3, award: "EXCELLENT" }),
      line({ type: "AWARDED", slot: 3, award: "DEFENCE" }),
      over,
      aimed("a", { weapon: 7, shots: 4, hits: 2 }),
      final(3, 2),
      final(5, 0),
      aimed("b"),
    ]);
    expect(told).toEqual([
      "CONNECT",
      "ROSTER_FROZEN",
      "RESTART_MAP",
      "STARTED",
      "KILL",
      "SCORE",
      "KILL",
      "SCORE",
      "ASK_AIM",
      "COMPLETED",
    ]);
    expect(round).toEqual({
      phase: "COMPLETED",
      results: [
        {
          ...{ botId: "a", placement: 1, score: 2, kills: 2, deaths: 0 },
          aim: [{ weapon: 7, shots: 4, hits: 2 }],
          awards: { excellent: 1, impressive: 0, gauntlet: 0 },
        },
        { botId: "b", placement: 2, score: 0, kills: 0, deaths: 2, aim: [], awards: NO_AWARDS },
      ],
    });
  });

  test.each<[string, Command[], Round["phase"]]>([
    ["waits for a server", [], "ACQUIRE"],
    ["then for its players", [ready], "JOIN"],
    ["still for the second one", [ready, ...comes(0, "AA")], "JOIN"],
    ["does not take a stranger for one of them", [ready, ...comes(0, "AA"), ...comes(1, "XX")], "JOIN"],
    ["does not take one player twice", [ready, ...comes(0, "AA"), ...comes(0, "AA")], "JOIN"],
    ["counts down when all are in", joined, "COUNTDOWN"],
    ["no sooner than its countdown", [...joined, at(DEADLINES_MS.countdown - 1)], "COUNTDOWN"],
    ["restarts the map", counted, "START"],
    ["is live when the map has begun anew", live, "LIVE"],
    ["is finished by the exit", [...live, over], "FINISHED"],
    ["waits for the last score", [...live, over, ...shots, final(3, 0)], "FINISHED"],
    ["and for the last one's shots", [...live, over, final(3, 0), final(5, 0), aimed("a")], "FINISHED"],
    ["which come in any order", [...live, over, ...shots, final(3, 0), final(5, 0)], "COMPLETED"],
  ])("%s", (_sentence, commands, phase) => expect(play(commands).round.phase).toBe(phase));

  test.each<[string, Command[], string, string[]]>([
    ["no server", [{ type: "NO_SERVER" }], "NO_SERVER", ["a", "b"]],
    ["no server in time", [at(DEADLINES_MS.acquire)], "NO_SERVER", ["a", "b"]],
    ["one who does not come in time", [ready, ...comes(0, "AA"), at(DEADLINES_MS.join)], "JOIN_FAILED", ["a"]],
    [
      "one who cannot come, and nobody in the queue",
      [ready, gone("b"), { type: "REPLACEMENT", for: "b", by: null, nowMs: 0 }],
      "JOIN_FAILED",
      ["a"],
    ],
    [
      "a restart that does not come",
      [...counted, at(DEADLINES_MS.countdown + DEADLINES_MS.start)],
      "START_FAILED",
      ["a", "b"],
    ],
    ["the death of its server while joining", [ready, { type: "SERVER_LOST" }], "SERVER_LOST", ["a", "b"]],
    ["the death of its server while live", [...live, { type: "SERVER_LOST" }], "SERVER_LOST", ["a", "b"]],
    ["whoever runs it while joining", [ready, { type: "STOP" }], "STOPPED", ["a", "b"]],
    ["whoever runs it while live", [...live, { type: "STOP" }], "STOPPED", ["a", "b"]],
    ["a player who leaves in the countdown", [...joined, line({ type: "LEFT", slot: 5 })], "PLAYER_LOST", ["a", "b"]],
    ["a player whose line is cut while live", [...live, gone("a")], "PLAYER_LOST", ["a", "b"]],
    [
      "a game without end, though one leads",
      [...live, kill(3, 5, 10), scored(3, 1), seen(3, 5, 10), at(LATE_MS)],
      "NEVER_ENDED",
      ["a", "b"],
    ],
    ["clients that see nothing again and again", [...live, ...blinks(5_001)], "SERVER_LOST", ["a", "b"]],
    ["scores that do not come", [...live, over, at(LIMIT_MS + DEADLINES_MS.scores)], "SCORES_MISSING", ["a", "b"]],
    [
      "a score that the log did not tell",
      [...live, kill(3, 5, 10), seen(3, 5, 10), scored(3, 1), over, final(3, 2), final(5, 0), ...shots],
      "SCORE_MISMATCH",
      ["a", "b"],
    ],
    [
      "a death that no client saw",
      [...live, kill(3, 5, 10), scored(3, 1), over, final(3, 1), final(5, 0), ...shots],
      "SCORE_MISMATCH",
      ["a", "b"],
    ],
    [
      "a death that only a client saw",
      [...live, seen(3, 5, 10), over, final(3, 0), final(5, 0), ...shots],
      "SCORE_MISMATCH",
      ["a", "b"],
    ],
  ])("is void by %s, and those who came keep their place", (_sentence, commands, reason, requeue) => {
    const { round, told } = play(commands);
    expect(round).toEqual({ phase: "VOIDED", reason, requeue });
    expect(told.at(-1)).toBe("VOIDED");
  });

  test("goes on while the first place is shared, and ends so after the sudden death", () => {
    const tied = [...live, kill(3, 5, 10), scored(3, 1), seen(3, 5, 10), kill(5, 3, 10), scored(5, 1), seen(5, 3, 10)];
    expect(play([...tied, at(LATE_MS - 1)]).round.phase).toBe("LIVE");
    const late = [...tied, at(LATE_MS)];
    // The game goes on meanwhile; what it tells then is not of the round.
    const after = [kill(3, 5, 10), seen(3, 5, 10), over, final(3, 2), final(5, 1)];
    expect(play([...late, ...after]).round.phase).toBe("FINISHED");
    expect(play([...late, ...after, ...shots]).round).toEqual({
      phase: "COMPLETED",
      results: [
        { botId: "a", placement: 1, score: 1, kills: 1, deaths: 1, aim: [], awards: NO_AWARDS },
        { botId: "b", placement: 1, score: 1, kills: 1, deaths: 1, aim: [], awards: NO_AWARDS },
      ],
    });
  });

  const untold = [...live, aimed("b"), over, final(3, 0), final(5, 0), aimed("a")];
  test.each<[string, Command]>([
    ["in time", at(LIMIT_MS + DEADLINES_MS.scores)],
    ["before the server is lost", { type: "SERVER_LOST" }],
    ["before whoever runs it stops", { type: "STOP" }],
  ])("counts without the shots that are not told %s", (_sentence, command) => {
    expect(play(untold).round.phase).toBe("FINISHED");
    const { round } = play([...untold, command]);
    expect(round).toMatchObject({
      phase: "COMPLETED",
      results: [
        { botId: "a", aim: [] },
        { botId: "b", aim: null },
      ],
    });
  });

  test("takes somebody from the queue for one who cannot come", () => {
    const { events, round } = play([
      ready,
      ...comes(0, "AA"),
      gone("b"),
      { type: "REPLACEMENT", for: "b", by: C, nowMs: 0 },
      ...comes(1, "CC"),
    ]);
    expect(events.map(({ type }) => type)).toEqual(["CONNECT", "FIND_REPLACEMENT", "CONNECT", "ROSTER_FROZEN"]);
    expect(events.at(-1)).toEqual({ type: "ROSTER_FROZEN", botIds: ["a", "c"] });
    expect(round.phase).toBe("COUNTDOWN");
  });

  test("who takes a place has as long to come as the others had", () => {
    const lateMs = DEADLINES_MS.join - 1;
    const replaced: Command = { type: "REPLACEMENT", for: "b", by: C, nowMs: lateMs };
    const commands = [ready, ...comes(0, "AA"), gone("b"), replaced, at(lateMs + DEADLINES_MS.join - 1)];
    expect(play(commands).round.phase).toBe("JOIN");
    const { round, events } = play([...commands, at(lateMs + DEADLINES_MS.join)]);
    expect(round).toEqual({ phase: "VOIDED", reason: "JOIN_FAILED", requeue: ["a"] });
    expect(events.at(-1)).toEqual({ type: "VOIDED", reason: "JOIN_FAILED", absent: ["c"] });
  });

  test("a player who leaves again before the roster is frozen is replaced, too", () => {
    const { told } = play([ready, ...comes(0, "AA"), line({ type: "LEFT", slot: 0 })]);
    expect(told).toEqual(["CONNECT", "FIND_REPLACEMENT"]);
  });

  test("has an end that nothing changes", () => {
    const { round } = play([{ type: "NO_SERVER" }]);
    for (const command of [...live, over, gone("a"), at(1e9)]) expect(decide(round, command, LIMITS).round).toBe(round);
  });

  test.each<[string, Command[]]>([
    ["before the start", [...joined, kill(3, 5, 10), at(DEADLINES_MS.countdown)]],
    ["by which the log tells a departure", [...live, kill(WORLD, 5, 20)]],
    ["of a stranger", [...live, kill(3, 9, 10)]],
    ["after the exit", [...live, over, kill(3, 5, 10)]],
  ])("does not count a death %s", (_sentence, commands) => expect(play(commands).told).not.toContain("KILL"));

  test.each([
    ["by another", 3, { killer: "a", victim: "b", suicide: false }],
    ["by oneself", 5, { killer: "b", victim: "b", suicide: true }],
    ["by the world", WORLD, { killer: null, victim: "b", suicide: true }],
  ])("tells a death %s", (_sentence, killer, told) => {
    const { events } = play([...live, kill(killer, 5, 19, 2_500.7)]);
    expect(events.find(({ type }) => type === "KILL")).toEqual({
      type: "KILL",
      kill: { ...told, means: 19, atMs: 2_500 },
    });
  });

  // The log of a real round of two, of which one fell: it never says the other's new score.
  test("knows of the point that a fall gives the other of two, though the log does not tell it", () => {
    const fall = [kill(WORLD, 5, 22), seen(WORLD, 5, 22), scored(5, 0)];
    const { round, events } = play([...live, ...fall, over, final(3, 1), final(5, 0), ...shots]);
    expect(events).toContainEqual({ type: "SCORE", botId: "a", score: 1 });
    expect(round).toMatchObject({
      phase: "COMPLETED",
      results: [
        { botId: "a", score: 1 },
        { botId: "b", score: 0 },
      ],
    });
  });
});

test("a recorded round of four ends with the scores that were recorded, agreed by what a client saw", () => {
  const lines = readFileSync("tests/fixtures/quake/server-console-c.txt", "latin1")
    .split("\n")
    .flatMap((text) => readConsoleLine(text.replace(/^stderr \d+ /, "")) ?? []);
  const guids = lines.flatMap((said) => (said.type === "IDENTIFIED" ? [said] : [])).slice(0, 4);
  const participants = guids.map(({ guid, slot }) => ({ botId: `bot ${slot}`, guid }));
  const events = readFileSync("tests/fixtures/quake/client0-commands-c.jsonl", "utf8")
    .trim()
    .split("\n")
    .map((text) => JSON.parse(text) as { ev?: number; cmd?: string; killer: number; victim: number; mod: number });
  const obituaries = events.filter(({ ev }) => ev === 60);
  expect(obituaries).toHaveLength(37);
  const begun = lines.findIndex(({ type }) => type === "KILLED");
  const { round } = play(
    [
      ready,
      ...lines.slice(0, begun).map((said) => line(said)),
      at(DEADLINES_MS.countdown),
      line({ type: "GAME_BEGAN", map: "aggressor" }),
      ...obituaries.map(({ killer, victim, mod }) => seen(killer, victim, mod, "bot 0")),
      ...lines.slice(begun).map((said) => line(said, said.type === "KILLED" ? 1_000 : LIMIT_MS)),
      ...participants.map(({ botId }) => aimed(botId)),
    ],
    newRound(participants, 0),
  );
  if (round.phase !== "COMPLETED") throw new Error(round.phase);
  expect(round.results.map(({ botId, score }) => [botId, score])).toEqual([
    ["bot 2", 12],
    ["bot 3", 10],
    ["bot 1", 9],
    ["bot 0", 6],
  ]);
  // The same awards as the server told a client with its last scores: fifteen numbers a player, of which the ninth.
  const last = events.findLast(({ cmd }) => cmd?.startsWith("scores 4 "))?.cmd ?? "";
  const numbers = last.trim().split(" ").slice(5);
  const told = [0, 15, 30, 45].map((from) => [`bot ${numbers[from]}`, Number(numbers[from + 8])]);
  expect(told.map(([, excellent]) => excellent)).toEqual([2, 2, 2, 0]);
  expect(round.results.map(({ botId, awards }) => [botId, awards.excellent])).toEqual(told);
});
