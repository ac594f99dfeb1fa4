import { parseInfo } from "../protocol/info-string.ts";

/** A number of a player on a server: 0 to 63. Kills by the world have the killer `WORLD`. */
export type Slot = number;
export const WORLD: Slot = 1_022;

/** What a line of a server's log says. Names in it are free text of players: only numbers are read. */
export type ConsoleLine =
  | { type: "LISTENING"; port: number }
  | { type: "GAME_BEGAN"; map: string }
  | { type: "CONNECTED"; slot: Slot }
  | { type: "IDENTIFIED"; slot: Slot; guid: string }
  | { type: "BEGAN"; slot: Slot }
  | { type: "LEFT"; slot: Slot }
  | { type: "TOOK"; slot: Slot; item: string }
  | { type: "KILLED"; killer: Slot; victim: Slot; means: number }
  | { type: "SCORED"; slot: Slot; score: number }
  | { type: "AWARDED"; slot: Slot; award: string }
  | { type: "GAME_OVER"; reason: string }
  | { type: "FINAL_SCORE"; slot: Slot; score: number }
  | { type: "GAME_CLOSED" };

type Words = readonly string[];

/** One pattern a kind of line, from its first character on: what players write never stands there. */
const PATTERNS: readonly (readonly [RegExp, (words: Words) => ConsoleLine])[] = [
  [/^Opening IP socket: [\d.]+:(\d{1,5})$/, ([port]) => ({ type: "LISTENING", port: Number(port) })],
  [/^InitGame: (\\.*)$/, ([info]) => ({ type: "GAME_BEGAN", map: parseInfo(info ?? "").get("mapname") ?? "" })],
  [/^ClientConnect: (\d{1,4})$/, ([slot]) => ({ type: "CONNECTED", slot: Number(slot) })],
  [
    /^ClientUserinfoChanged: (\d{1,4}) (n\\.*)$/,
    ([slot, info]) => ({ type: "IDENTIFIED", slot: Number(slot), guid: parseInfo(info ?? "").get("id") ?? "" }),
  ],
  [/^ClientBegin: (\d{1,4})$/, ([slot]) => ({ type: "BEGAN", slot: Number(slot) })],
  [/^ClientDisconnect: (\d{1,4})$/, ([slot]) => ({ type: "LEFT", slot: Number(slot) })],
  [/^Item: (\d{1,4}) ([a-z0-9_]{1,32})$/, ([slot, item]) => ({ type: "TOOK", slot: Number(slot), item: item ?? "" })],
  [
    /^Kill: (\d{1,4}) (\d{1,4}) (\d{1,3}): /,
    ([killer, victim, means]) => ({
      type: "KILLED",
      killer: Number(killer),
      victim: Number(victim),
      means: Number(means),
    }),
  ],
  [
    /^PlayerScore: (\d{1,4}) (-?\d{1,6}): /,
    ([slot, score]) => ({ type: "SCORED", slot: Number(slot), score: Number(score) }),
  ],
  [
    /^Award: (\d{1,4}) \d{1,4}: .* gained the ([A-Z]{1,16}) award!$/,
    ([slot, award]) => ({ type: "AWARDED", slot: Number(slot), award: award ?? "" }),
  ],
  [/^Exit: (\w[\w .]{0,40})$/, ([reason]) => ({ type: "GAME_OVER", reason: reason ?? "" })],
  [
    /^score: (-?\d{1,6}) {2}ping: \d{1,5} {2}client: (\d{1,4}) /,
    ([score, slot]) => ({ type: "FINAL_SCORE", slot: Number(slot), score: Number(score) }),
  ],
  [/^ShutdownGame:$/, () => ({ type: "GAME_CLOSED" })],
];

/** Reads a line of a server's log, as its console shows it; null when it says nothing of the game. */
export function readConsoleLine(line: string): ConsoleLine | null {
  for (const [pattern, said] of PATTERNS) {
    const match = pattern.exec(line);
    if (match) return said(match.slice(1));
  }
  return null;
}
