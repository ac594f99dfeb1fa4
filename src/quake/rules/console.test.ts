import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readConsoleLine, WORLD, type ConsoleLine } from "./console.ts";

const fixture = (file: string) => readFileSync(`tests/fixtures/quake/${file}`, "latin1").split("\n");

/** Lines of a server's stderr, recorded with the name of the stream and the milliseconds. */
const console = (file: string) => fixture(file).map((line) => line.replace(/^stderr \d+ /, ""));
/** Lines of a games.log, which begin with a time. */
const log = (file: string) => fixture(file).map((line) => line.replace(/^\s*\d+:\d\d /, ""));

const read = (lines: readonly string[]) => lines.flatMap((line) => readConsoleLine(line) ?? []);
const only = <Type extends ConsoleLine["type"]>(lines: readonly ConsoleLine[], type: Type) =>
  lines.filter((line): line is ConsoleLine & { type: Type } => line.type === type);

test.each<[string, ConsoleLine]>([
  ["Opening IP socket: 127.0.0.1:27963", { type: "LISTENING", port: 27_963 }],
  ["InitGame: \\timelimit\\2\\mapname\\aggressor\\sv_pure\\0", { type: "GAME_BEGAN", map: "aggressor" }],
  ["ClientConnect: 2", { type: "CONNECTED", slot: 2 }],
  [
    "ClientUserinfoChanged: 2 n\\^3Rec\\t\\0\\g_redteam\\\\tl\\0\\id\\45AB",
    { type: "IDENTIFIED", slot: 2, guid: "45AB" },
  ],
  ["ClientUserinfoChanged: 0 n\\Sarge\\t\\0\\skill\\ 5.00\\id\\", { type: "IDENTIFIED", slot: 0, guid: "" }],
  ["ClientBegin: 2", { type: "BEGAN", slot: 2 }],
  ["ClientDisconnect: 2", { type: "LEFT", slot: 2 }],
  ["Item: 1 item_armor_combat", { type: "TOOK", slot: 1, item: "item_armor_combat" }],
  ["Kill: 2 3 10: A killed B by MOD_RAILGUN", { type: "KILLED", killer: 2, victim: 3, means: 10 }],
  ["Kill: 1022 2 20: <world> killed X by MOD_SUICIDE", { type: "KILLED", killer: WORLD, victim: 2, means: 20 }],
  ["PlayerScore: 2 -1: A now has -1 points", { type: "SCORED", slot: 2, score: -1 }],
  ["Award: 1 1: B gained the EXCELLENT award!", { type: "AWARDED", slot: 1, award: "EXCELLENT" }],
  ["Exit: Timelimit hit.", { type: "GAME_OVER", reason: "Timelimit hit." }],
  ["score: -2  ping: 0  client: 3 ^6Delta", { type: "FINAL_SCORE", slot: 3, score: -2 }],
  ["ShutdownGame:", { type: "GAME_CLOSED" }],
])("%s", (line, said) => expect(readConsoleLine(line)).toEqual(said));

test.each([
  ["say: Kill: 1 2 3: a killed b by MOD_RAILGUN"],
  ['broadcast: print "Exit: Timelimit hit.\\n"'],
  ["Kill: x 2 3: "],
  ["Kill: 1 2 3"],
  [" Kill: 1 2 3: a killed b by MOD_GAUNTLET"],
  ["Exit: Timelimit hit.; quit"],
  ["ClientConnect: 2 "],
  ["Award: 1 1: Award: 0 1: B gained the EXCELLENT award!!"],
  [""],
])("%j says nothing of the game", (line) => expect(readConsoleLine(line)).toBeNull());

test.each([
  ["Kill: 0 1 3: x killed y by MOD_ROCKET killed z by MOD_RAILGUN", { killer: 0, victim: 1, means: 3 }],
  ["Kill: 0 1 3: 2 3 10: A killed B", { killer: 0, victim: 1, means: 3 }],
  ["score: 4  ping: 0  client: 2 client: 9 ping: 1", { score: 4, slot: 2 }],
])("a name does not change what %j says", (line, numbers) => expect(readConsoleLine(line)).toMatchObject(numbers));

describe("a recorded round of four", () => {
  const lines = read(console("server-console-c.txt"));

  test("has the 37 kills and the four scores that its log says", () => {
    const kills = only(lines, "KILLED");
    const scores = only(lines, "FINAL_SCORE");
    expect(kills).toHaveLength(37);
    expect(scores.map(({ slot, score }) => [slot, score])).toEqual([
      [2, 12],
      [3, 10],
      [1, 9],
      [0, 6],
    ]);
    for (const { slot, score } of scores) expect(kills.filter(({ killer }) => killer === slot)).toHaveLength(score);
  });

  test("begins and ends in the order of a round", () => {
    const course = lines.map(({ type }) => type);
    expect(course.filter((type) => type === "GAME_OVER")).toHaveLength(1);
    expect(course.indexOf("LISTENING")).toBeLessThan(course.indexOf("GAME_BEGAN"));
    expect(course.indexOf("GAME_BEGAN")).toBeLessThan(course.indexOf("KILLED"));
    expect(course.lastIndexOf("KILLED")).toBeLessThan(course.indexOf("GAME_OVER"));
    expect(course.indexOf("GAME_OVER")).toBeLessThan(course.indexOf("FINAL_SCORE"));
    expect(course.lastIndexOf("FINAL_SCORE")).toBeLessThan(course.indexOf("GAME_CLOSED"));
  });
});

test("the same round's log file says the same as its console", () => {
  const kinds = ["KILLED", "SCORED", "TOOK", "FINAL_SCORE", "BEGAN"] as const;
  const [fromLog, fromConsole] = [read(log("games-c.txt")), read(console("server-console-c.txt"))];
  for (const kind of kinds) expect(only(fromLog, kind)).toEqual(only(fromConsole, kind));
});

test("four engine bots kill by many means, and every kill is read", () => {
  const raw = log("games-4-engine-bots.txt");
  const kills = only(read(raw), "KILLED");
  expect(kills).toHaveLength(raw.filter((line) => line.startsWith("Kill: ")).length);
  expect(new Set(kills.map(({ means }) => means)).size).toBeGreaterThan(4);
});
