/** Maps without curved surfaces, which see and move as their files say, with room for two to four. */
export const MAPS = ["aggressor", "q3dm6ish", "dm4ish", "fan"] as const;
export type MapName = (typeof MAPS)[number];

export const COMMAND_REFUSALS = ["MAP_UNKNOWN", "NAME_UNSAFE", "COMMAND_UNSAFE"] as const;
export type CommandRefusal = (typeof COMMAND_REFUSALS)[number];

type Safe<Value> = { ok: true; value: Value } | { ok: false; refusal: CommandRefusal };

/** A name as long as the engine keeps, of characters that neither end an info string nor a command, nor colour a text. */
const PLAYER_NAME = /^[A-Za-z0-9][A-Za-z0-9 ._-]{0,19}$/;
/** One word of a console command: nothing that separates, quotes, comments or names a variable. */
const WORD = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/;

/** A map that servers may be told to load. */
export function safeMap(name: string): Safe<MapName> {
  const map = MAPS.find((known) => known === name);
  return map ? { ok: true, value: map } : { ok: false, refusal: "MAP_UNKNOWN" };
}

/** A name that a player may carry. */
export function safeName(name: string): Safe<string> {
  return PLAYER_NAME.test(name) ? { ok: true, value: name } : { ok: false, refusal: "NAME_UNSAFE" };
}

/** A console command of plain words: none can end it and begin another. */
export function safeCommand(words: readonly string[]): Safe<string> {
  const safe = words.length > 0 && words.every((word) => WORD.test(word));
  return safe ? { ok: true, value: words.join(" ") } : { ok: false, refusal: "COMMAND_UNSAFE" };
}
