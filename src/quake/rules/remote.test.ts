import { expect, test } from "vitest";
import { fixtureLines } from "../../../tests/harness/quake-recording.ts";
import { parseRemoteServer, preparation, readStatus, unreadiness } from "./remote.ts";

test.each([
  ["quake://:secret@quake:27960", { host: "quake", port: 27_960, password: "secret" }],
  ["quake://:a%40b%3Ac@203.0.113.7", { host: "203.0.113.7", port: 27_960, password: "a@b:c" }],
  ["quake://:x@[2001:db8::1]:28000", { host: "[2001:db8::1]", port: 28_000, password: "x" }],
])("%s names a server", (text, server) => expect(parseRemoteServer(text)).toEqual(server));

test.each([
  "",
  "quake:27960",
  "http://:secret@quake:27960",
  "quake://quake:27960",
  "quake://:a%22%3Bquit@quake",
  "quake://:a%20b@quake",
  "quake://:%zz@quake",
  "quake://:secret@quake/map",
])("%j names none", (text) => expect(parseRemoteServer(text)).toBeNull());

test("a recorded answer to status names the map and counts its players", () => {
  const captures = fixtureLines<{ request: string; replies: { text: string }[] }>("oob-captures.jsonl");
  const answers = captures
    .filter(({ request }) => request === "rcon spikepw status")
    .map(({ replies }) => readStatus(replies.map(({ text }) => text.replace(/^print\n/, "")).join("")));
  expect(answers).toEqual([
    { map: "aggressor", players: 1 },
    { map: "aggressor", players: 4 },
  ]);
});

test.each(["", "unknown command: status\n", "map: a\n", "map: a;b\n-- ----- \n"])("%j is no status", (text) =>
  expect(readStatus(text)).toBeNull(),
);

const TERMS = { map: "aggressor", password: "once0123", timeLimit_min: 2 };
const READY = {
  mapname: "aggressor",
  timelimit: "2",
  fraglimit: "0",
  g_gametype: "0",
  g_dowarmup: "0",
  g_instantgib: "0",
  g_rockets: "0",
  bot_minplayers: "0",
};

test.each([
  ["is as the last round left it", READY, 0, ["set sv_pure 0"]],
  ["has players", READY, 2, ["kickall", "set sv_pure 0"]],
  [
    "plays something else",
    { ...READY, timelimit: "20", fraglimit: "35", g_gametype: "4", bot_minplayers: "3" },
    0,
    ["set timelimit 2", "set fraglimit 0", "set g_gametype 0", "set bot_minplayers 0", "set sv_pure 0"],
  ],
])("a server that %s is locked first, and its map is loaded last", (_how, info, players, between) => {
  const commands = preparation(new Map(Object.entries(info)), players, TERMS)?.map((words) => words.join(" "));
  expect(commands).toEqual(["set g_password once0123", ...between, "map aggressor"]);
});

test.each(["nowhere", "aggressor;quit", "../aggressor", ""])("nothing is said to a server of the map %j", (map) =>
  expect(preparation(new Map(), 0, { ...TERMS, map })).toBeNull(),
);

test.each([
  ["is as a round needs it", {}, null],
  ["still runs another map", { mapname: "fan" }, "MAP_MISSING"],
  ["plays by other rules", { g_gametype: "4" }, "SETTINGS_REFUSED"],
  ["ends at so many kills", { fraglimit: "20" }, "SETTINGS_REFUSED"],
])("a server that %s: %s", (_how, differs, fault) =>
  expect(unreadiness(new Map(Object.entries({ ...READY, ...differs })), TERMS)).toBe(fault),
);
