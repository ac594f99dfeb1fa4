import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import { syntaxTree } from "@codemirror/language";
import { givenBy, nameIn, type Declared } from "./declared.ts";

type Types = ReadonlyMap<string, Declared>;

const CHAIN = /[\w$]+(?:\[[\w$]*\])?(?:\??\.[\w$]+(?:\[[\w$]*\])?)*\??\.[\w$]*$/;
const DEPTH_MAX = 5;

/** Offers what "agon:quake" has: fields after a dot, an action's fields within an object, and else what it exports. */
export const completeWith =
  (types: Types) =>
  (context: CompletionContext): CompletionResult | null => {
    const chain = context.matchBefore(CHAIN);
    if (chain) return afterDot(types, context, chain.text);
    const word = context.matchBefore(/[\w$]+/);
    if (!word && !context.explicit) return null;
    const from = word?.from ?? context.pos;
    const options = [...types.values()].map(ofExport);
    const isKey =
      syntaxTree(context.state).resolveInner(context.pos, -1).name === "PropertyDefinition" || inObject(context);
    return {
      from,
      options: isKey ? [...membersOf(types, "StrategyAction"), ...options] : options,
      validFor: /^[\w$]*$/,
    };
  };

function inObject({ state, pos }: CompletionContext): boolean {
  for (let node = syntaxTree(state).resolveInner(pos, -1); node.parent; node = node.parent)
    if (node.name === "ObjectExpression") return true;
    else if (node.name === "Block") return false;
  return false;
}

function afterDot(types: Types, { state, pos }: CompletionContext, text: string): CompletionResult | null {
  const steps = text.split(".");
  const last = steps.pop() ?? "";
  const type = typeOf(types, state.doc.toString(), steps.join("."), 0);
  const options = type === "" ? [] : membersOf(types, type);
  return options.length > 0 ? { from: pos - last.length, options, validFor: /^[\w$]*$/ } : null;
}

/** The type of `view.players[0]` or of a name, by what the source says of it; empty where that cannot be told. */
function typeOf(types: Types, source: string, chain: string, depth: number): string {
  const [root = "", ...steps] = chain.split(".").map((step) => step.replace(/\?$/, "").replace(/\[.*$/, ""));
  let type = typeOfName(types, source, root, depth);
  for (const step of steps) type = nameIn(types.get(type)?.members.find(({ name }) => name === step)?.type ?? "");
  return type;
}

function typeOfName(types: Types, source: string, name: string, depth: number): string {
  if (types.get(name)?.kind === "constant") return name;
  if (depth > DEPTH_MAX) return "";
  const given = (pattern: string) => new RegExp(pattern.replace("NAME", name.replaceAll("$", "\\$"))).exec(source)?.[1];
  const called = given("\\bNAME\\s*=\\s*(\\w+)\\(");
  const made = called === undefined ? undefined : types.get(called);
  if (made) return givenBy(made);
  const from =
    given("\\bNAME\\s+of\\s+([\\w$.?]+)") ?? given("(?:const|let)\\s+NAME\\s*=\\s*([\\w$.?[\\]]+)\\s*[;\\n]");
  if (from !== undefined) return typeOf(types, source, from, depth + 1);
  const written = given("\\bNAME\\s*:\\s*(?:readonly )?([A-Z]\\w+)");
  return written ?? (name === "view" ? "StrategyView" : "");
}

const membersOf = (types: Types, type: string): Completion[] =>
  (types.get(type)?.members ?? []).map(({ name, type: detail, says }) => ({
    label: name,
    type: "property",
    detail,
    ...(says && { info: says }),
    boost: 1,
  }));

const ofExport = ({ name, kind, detail, says }: Declared): Completion => ({
  label: name,
  type: kind,
  ...(kind === "function" && { detail }),
  info: says || 'from "agon:quake"',
});
