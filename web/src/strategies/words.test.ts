import { CompletionContext } from "@codemirror/autocomplete";
import { EditorState } from "@codemirror/state";
import { javascript } from "@codemirror/lang-javascript";
import { expect, test } from "vitest";
import declared from "../../../docs/agon-quake.d.ts?raw";
import { completeWith } from "./complete.ts";
import { readTypes } from "./declared.ts";
import { bytesOf, problemsIn } from "./words.ts";

const types = readTypes(declared);

/** What is offered where the source has a `|`. */
function offered(source: string): string[] {
  const pos = source.indexOf("|");
  const state = EditorState.create({ doc: source.replace("|", ""), extensions: javascript({ typescript: true }) });
  return completeWith(types)(new CompletionContext(state, pos, true))?.options.map(({ label }) => label) ?? [];
}

test.each([
  ["a field of the view", "view.|", ["self", "players", "facts"]],
  ["one deeper", "view.self.wa|", ["walk", "health"]],
  ["an element", "view.players[0].|", ["distance", "firing"]],
  ["an element where it may be missing", "view.players[0]?.|", ["distance"]],
  ["what a function of the module gives", "const target = nearest(view);\ntarget.|", ["distance"]],
  ["a name whose type is written", "function f(it: ItemFact) { it.| }", ["returnsMs"]],
  ["the one of a loop", "for (const drop of view.drops) drop.|", ["origin", "weapon"]],
  ["a name of a name", "const me = view.self;\nme.|", ["health"]],
  ["the weapons", "WEAPON.|", ["RAILGUN", "BFG"]],
  ["what is exported", "best|", ["bestWeapon", "bestItem", "StrategyView"]],
  ["an action within an object", "export function tick() { return { fi| }; }", ["fire", "goTo", "bestWeapon"]],
])("%s is completed", (_name, source, expected) => expect(offered(source)).toEqual(expect.arrayContaining(expected)));

test.each([
  ["of something unknown", "other.|"],
  ["of what is no object", "view.nowMs.|"],
])("nothing is offered %s", (_name, source) => expect(offered(source)).toEqual([]));

test("what is known of each export is read", () => {
  expect(types.get("nearest")).toMatchObject({
    kind: "function",
    detail: "(view: StrategyView): PlayerView | null",
    says: "The nearest player in sight; null when there is none.",
  });
  const health = types.get("SelfView")?.members.find(({ name }) => name === "health");
  expect(health).toEqual({
    name: "health",
    type: "number",
    says: "0 to 200; what is above 100 runs off, a point a second.",
  });
  expect(types.get("WEAPON")?.kind).toBe("constant");
});

test("lines are found in what the server says, each once", () => {
  const said = [
    "Line 2: Unexpected token",
    "THREW: Line 5: Error: oh",
    "THREW: Line 5: Error: again",
    "TOO_SLOW: no line",
  ];
  expect(problemsIn(said)).toEqual([
    { line: 2, message: "Unexpected token" },
    { line: 5, message: "THREW: Error: oh" },
  ]);
  expect(bytesOf("é")).toBe(2);
});
