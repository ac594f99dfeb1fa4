/**
 * JSON Schemas come from strangers and run on our time. This is the part of JSON Schema 2020-12 whose cost is bounded:
 * local references without cycles, a bounded number of pieces when all are written out, and few, short patterns.
 */
export const SCHEMA_BYTES_MAX = 8 * 1_024;
export const SCHEMA_LEVELS_MAX = 16;
/** Subschemas, and members of enum and required: each may be compared with every value of the data. */
export const PIECES_MAX = 500;
export const PATTERN_LENGTH_MAX = 200;
export const PATTERNS_MAX = 8;

/** Each branch is compiled with all the others in sight. */
export const ONE_OF_MAX = 32;
/** How often some piece of a schema may be held against some part of a value: a look costs up to 0.2 µs. */
export const LOOKS_MAX = 400_000;
/** So much text costs as much as a part of its own. */
const TEXT_PER_PART = 50;

/** What is wrong with a schema, and where, as a JSON Pointer. */
export type SchemaFault = { at: string; says: string };

type Subschema = { at: string; value: unknown };

const ONE = new Set(["items", "contains", "additionalProperties", "propertyNames", "not", "if", "then", "else"]);
const MANY = new Set(["allOf", "anyOf", "oneOf", "prefixItems"]);
const NAMED = new Set(["properties", "patternProperties", "dependentSchemas"]);
/** Keywords that hold no schema. uniqueItems is not among them: it compares everything with everything. */
const PLAIN = new Set(
  `$schema $id $comment $anchor $defs $ref title description default examples deprecated readOnly writeOnly format type enum const
   multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern maxItems minItems maxContains minContains
   maxProperties minProperties required dependentRequired`.split(/\s+/),
);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const escaped = (key: string) => key.replaceAll("~", "~0").replaceAll("/", "~1");

/** What a schema may not be, or null: everything that it holds, written out, is looked at. */
export function refuseSchema(schema: unknown): SchemaFault | null {
  const walk = new Walk(schema);
  return walk.look({ at: "", value: schema }, []) ?? walk.lookAtDefinitions();
}

/** How many pieces a schema has that was not refused, with all references written out. */
export function piecesOf(schema: unknown): number {
  const walk = new Walk(schema);
  walk.look({ at: "", value: schema }, []);
  return Math.max(1, walk.pieces);
}

/** How many parts of a value a schema may look at: all the values in it, and long text by its length. */
export function partsOf(value: unknown): number {
  let parts = 0;
  // Without recursion: a value may be deeper than a stack.
  for (const waiting = [value]; waiting.length > 0; ) {
    const next = waiting.pop();
    parts += typeof next === "string" ? 1 + Math.floor(next.length / TEXT_PER_PART) : 1;
    if (typeof next !== "object" || next === null) continue;
    for (const each of Object.values(next)) waiting.push(each);
  }
  return parts;
}

class Walk {
  private readonly root: unknown;
  pieces = 0;
  private patterns = 0;

  constructor(root: unknown) {
    this.root = root;
  }

  /** Definitions that nobody refers to are compiled all the same. */
  lookAtDefinitions(): SchemaFault | null {
    const definitions = isObject(this.root) ? this.root["$defs"] : undefined;
    if (definitions === undefined) return null;
    if (!isObject(definitions)) return { at: "/$defs", says: "is not an object" };
    return this.first(
      Object.entries(definitions).map(([name, value]) => ({ at: `/$defs/${escaped(name)}`, value })),
      [],
    );
  }

  look({ at, value }: Subschema, above: readonly string[]): SchemaFault | null {
    if (typeof value === "boolean") return null;
    if (!isObject(value)) return { at, says: "is neither an object nor true or false" };
    if (above.length >= SCHEMA_LEVELS_MAX) return { at, says: `is deeper than ${SCHEMA_LEVELS_MAX} levels` };
    if (this.isTooMuch(1)) return tooMuch(at);
    for (const [keyword, given] of Object.entries(value)) {
      const found = this.keyword(at, keyword, given, above);
      if (found) return found;
    }
    return null;
  }

  private keyword(at: string, keyword: string, given: unknown, above: readonly string[]): SchemaFault | null {
    const here = `${at}/${escaped(keyword)}`;
    const misplaced = misplacedIn(at, keyword) ?? this.patternsIn(here, { keyword, given });
    if (misplaced) return misplaced;
    if (keyword === "$ref") return this.reference(here, given, above);
    if (keyword === "pattern") return null;
    if (PLAIN.has(keyword)) return this.isTooMuch(Array.isArray(given) ? given.length : 0) ? tooMuch(here) : null;
    const subs = subschemasOf(here, { keyword, given });
    if (keyword === "oneOf" && (subs?.length ?? 0) > ONE_OF_MAX)
      return { at: here, says: `has more than ${ONE_OF_MAX} branches: use anyOf, or enum` };
    if (!subs) return { at: here, says: "is no keyword that is taken here" };
    return this.first(subs, [...above, at]);
  }

  private patternsIn(at: string, { keyword, given }: { keyword: string; given: unknown }): SchemaFault | null {
    if (keyword === "pattern") return this.pattern(at, given);
    const named = keyword === "patternProperties" && isObject(given) ? Object.keys(given) : [];
    for (const pattern of named) {
      const wrong = this.pattern(at, pattern);
      if (wrong) return wrong;
    }
    return null;
  }

  private isTooMuch(more: number): boolean {
    this.pieces += more;
    return this.pieces > PIECES_MAX;
  }

  private first(subs: readonly Subschema[], above: readonly string[]): SchemaFault | null {
    for (const sub of subs) {
      const found = this.look(sub, above);
      if (found) return found;
    }
    return null;
  }

  private pattern(at: string, given: unknown): SchemaFault | null {
    if (typeof given !== "string") return { at, says: "is not text" };
    if (given.length > PATTERN_LENGTH_MAX) return { at, says: `is longer than ${PATTERN_LENGTH_MAX} characters` };
    return ++this.patterns > PATTERNS_MAX ? { at, says: `is one pattern more than ${PATTERNS_MAX}` } : null;
  }

  /** A reference is looked at as if what it names stood in its place: a chain of doublings costs what it makes. */
  private reference(at: string, given: unknown, above: readonly string[]): SchemaFault | null {
    const name = typeof given === "string" ? /^#\/\$defs\/([\w.-]{1,64})$/.exec(given)?.[1] : undefined;
    if (name === undefined) return { at, says: "refers to something else than #/$defs/name of this very schema" };
    const target = `/$defs/${name}`;
    if (above.includes(target)) return { at, says: "refers to what it is a part of" };
    const definitions = isObject(this.root) ? this.root["$defs"] : undefined;
    if (!isObject(definitions) || !Object.hasOwn(definitions, name)) return { at, says: "refers to nothing" };
    return this.look({ at: target, value: definitions[name] }, [...above, target]);
  }
}

function misplacedIn(at: string, keyword: string): SchemaFault | null {
  const here = `${at}/${escaped(keyword)}`;
  if (keyword === "$id" || keyword === "$anchor") return { at: here, says: "is not taken: refer to #/$defs/name" };
  return keyword === "$defs" && at !== "" ? { at: here, says: "stands at the root only" } : null;
}

const tooMuch = (at: string): SchemaFault => ({
  at,
  says: `is one piece more than ${PIECES_MAX}, with all references written out`,
});

function subschemasOf(here: string, { keyword, given }: { keyword: string; given: unknown }): Subschema[] | null {
  if (ONE.has(keyword)) return [{ at: here, value: given }];
  if (MANY.has(keyword))
    return Array.isArray(given) ? given.map((value: unknown, place) => ({ at: `${here}/${place}`, value })) : null;
  if (!NAMED.has(keyword) || !isObject(given)) return null;
  return Object.entries(given).map(([name, value]) => ({ at: `${here}/${escaped(name)}`, value }));
}
