import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { LRUCache } from "lru-cache";
import { RE2JS } from "re2js";
import { bytesOf, isStorable, UNSTORABLE_SAYS } from "../rules/input.ts";
import { LOOKS_MAX, partsOf, piecesOf, refuseSchema, SCHEMA_BYTES_MAX } from "../rules/schema-bounds.ts";

/** States of a pattern's automaton: each character of the data may be looked at in each of them. */
const PATTERN_STATES_MAX = 250;
const SCHEMAS_KEPT_MAX = 200;
const SAYS_LENGTH_MAX = 300;

/** RE2 takes time linear in the text: no pattern is a bomb. */
function linearRegExp(pattern: string) {
  const program = RE2JS.compile(RE2JS.translateRegExp(pattern));
  if (program.programSize() > PATTERN_STATES_MAX) throw new Error(`the pattern ${pattern} is too large`);
  // ajv knows patterns by their text: two that say the same of themselves would be one.
  return { test: (text: string) => program.matcher(text).find(), toString: () => pattern };
}
// What ajv would write into generated modules; nothing is generated here.
linearRegExp.code = "linearRegExp";

const newAjv = () =>
  new Ajv2020({
    strict: false,
    validateFormats: false,
    ownProperties: true,
    logger: false,
    addUsedSchema: false,
    code: { regExp: linearRegExp },
  });

/** ajv keeps every pattern that it has met: after so many schemas a new one takes its place. */
const SCHEMAS_PER_AJV = 1_000;
let ajv = newAjv();
let compiledByIt = 0;

/** A schema that was compiled, with how many parts a value may have that it looks at. */
type Compiled = { validate: ValidateFunction; partsMax: number };
const kept = new LRUCache<string, Compiled>({ max: SCHEMAS_KEPT_MAX });

/** What is wrong with a JSON Schema, in words, or null when it can be used. */
export function faultOfSchema(schema: unknown): string | null {
  const text = JSON.stringify(schema);
  if (bytesOf(text) > SCHEMA_BYTES_MAX) return `A schema has at most ${SCHEMA_BYTES_MAX} bytes of JSON.`;
  if (!isStorable(text)) return UNSTORABLE_SAYS;
  const fault = refuseSchema(schema);
  if (fault) return `${fault.at === "" ? "The schema" : fault.at} ${fault.says}.`.slice(0, SAYS_LENGTH_MAX);
  try {
    compiled(schema, text);
    return null;
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).slice(0, SAYS_LENGTH_MAX);
  }
}

/** Why a value does not fit a schema that was taken before, in words, or null when it does. */
export function misfit(schema: unknown, value: unknown): string | null {
  const { validate, partsMax } = compiled(schema, JSON.stringify(schema));
  const parts = partsOf(value);
  // It is held against what strangers wrote, on our time: never longer than some milliseconds.
  if (parts > partsMax) return `The value has ${parts} parts, and so large a schema looks at ${partsMax} at most.`;
  if (validate(value)) return null;
  const [first] = validate.errors ?? [];
  return `${first?.instancePath || "The value"} ${first?.message ?? "does not fit"}.`.slice(0, SAYS_LENGTH_MAX);
}

function compiled(schema: unknown, text: string): Compiled {
  const known = kept.get(text);
  if (known) return known;
  if (++compiledByIt > SCHEMAS_PER_AJV) [ajv, compiledByIt] = [newAjv(), 1];
  const own = schemaObject(schema);
  try {
    const made = { validate: ajv.compile(own), partsMax: Math.floor(LOOKS_MAX / piecesOf(schema)) };
    kept.set(text, made);
    return made;
  } finally {
    // ajv keeps what it compiled for ever otherwise.
    ajv.removeSchema(own);
  }
}

/** Whatever dialect it names, a schema is read as 2020-12. */
function schemaObject(schema: unknown): Record<string, unknown> {
  if (typeof schema === "boolean") return schema ? {} : { not: {} };
  const { $schema: _dialect, ...rest } = schema as Record<string, unknown>;
  return rest;
}
