import { expect, test } from "vitest";
import { fixtureLines } from "../../../tests/harness/quake-recording.ts";
import { parseRemoteServer, readStatus } from "./remote.ts";

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
