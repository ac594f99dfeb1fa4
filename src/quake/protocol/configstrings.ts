import { CONFIGSTRING_CHARACTERS_MAX, CONFIGSTRINGS_MAX } from "./gamestate.ts";
import { ProtocolError } from "./protocol-error.ts";

/** A configstring that is longer than a command comes in pieces. */
const CHANGE = /^(cs|bcs0|bcs1|bcs2) (\d{1,4}) "?/;

export type Changed = { index: number; text: string };

/** The configstrings of a map, kept up to date by server commands. */
export class Configstrings {
  private readonly texts: Map<number, string>;
  private pieces: Changed | null = null;

  constructor(texts: ReadonlyMap<number, string> = new Map()) {
    this.texts = new Map(texts);
  }

  get(index: number): string {
    return this.texts.get(index) ?? "";
  }

  /** Hears a server command; the configstring that it completes, or null. */
  hear(command: string): Changed | null {
    const match = CHANGE.exec(command);
    const text = match && textIn(command.slice(match[0].length));
    if (!match || text === null) return null;
    const [, kind, number] = match;
    const index = Number(number);
    if (index >= CONFIGSTRINGS_MAX) throw new ProtocolError("OUT_OF_RANGE", `configstring ${index}`);
    if (kind === "cs") return this.set({ index, text });
    if (kind === "bcs0") {
      this.pieces = { index, text };
      return null;
    }
    if (this.pieces?.index !== index) return null;
    const joined = { index, text: this.pieces.text + text };
    if (joined.text.length > CONFIGSTRING_CHARACTERS_MAX)
      throw new ProtocolError("TOO_LONG", `configstring ${index} without end`);
    this.pieces = kind === "bcs1" ? joined : null;
    return kind === "bcs1" ? null : this.set(joined);
  }

  private set(changed: Changed): Changed {
    this.texts.set(changed.index, changed.text);
    return changed;
  }
}

/** What stands before the closing quote, which may be missing; null where more than space comes after it. */
function textIn(rest: string): string | null {
  const end = rest.indexOf('"');
  if (end === -1) return rest;
  return rest.slice(end + 1).trim() === "" ? rest.slice(0, end) : null;
}
