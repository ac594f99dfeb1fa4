import { AssetError } from "./asset-error.ts";
import type { Vector } from "./vector.ts";

/** A thing of a map as its file describes it: keys and values in words. */
export type MapEntity = ReadonlyMap<string, string>;

const TOKEN = /\s*(?:(?<brace>[{}])|"(?<quoted>[^"]*)"|(?<word>[^\s"{}]+))/y;

/** Reads the entities of a map; a later value of one key counts. */
export function readEntities(text: string): MapEntity[] {
  const entities: MapEntity[] = [];
  let open: Map<string, string> | null = null;
  let key: string | null = null;
  for (const token of tokensOf(text)) {
    if (token.brace === "{" && open === null) open = new Map();
    else if (token.brace === "}" && open !== null && key === null) {
      entities.push(open);
      open = null;
    } else if (token.brace !== undefined || open === null)
      throw new AssetError("BAD_FORMAT", "entities are not closed");
    else if (key === null) key = token.text;
    else {
      open.set(key, token.text);
      key = null;
    }
  }
  if (open !== null) throw new AssetError("BAD_FORMAT", "entities are cut off");
  return entities;
}

type Token = { brace?: string; text: string };

function* tokensOf(text: string): Generator<Token> {
  const whole = text.trim();
  const token = new RegExp(TOKEN);
  while (token.lastIndex < whole.length) {
    const groups = token.exec(whole)?.groups;
    if (!groups) throw new AssetError("BAD_FORMAT", "entities with a quote that never ends");
    const { brace, quoted, word } = groups;
    yield brace === undefined ? { text: quoted ?? word ?? "" } : { brace, text: "" };
  }
}

/** Three numbers of an entity; zero where there are none. */
export function vectorOf(entity: MapEntity, key: string): Vector {
  const [x = 0, y = 0, z = 0] = (entity.get(key) ?? "").trim().split(/\s+/).map(Number);
  const finite = (value: number) => (Number.isFinite(value) ? value : 0);
  return [finite(x), finite(y), finite(z)];
}

export const numberOf = (entity: MapEntity, key: string): number => Number(entity.get(key) ?? 0) || 0;
