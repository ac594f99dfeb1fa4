import { readFileSync } from "node:fs";
import { CriticalityLevel, diff } from "@graphql-inspector/core";
import { buildSchema } from "graphql";
import { expect, test } from "vitest";

const BASELINE = readFileSync("docs/schema-baseline.graphql", "utf8");
const NOW = readFileSync("schema.graphql", "utf8");
const LIST = readFileSync("docs/schema-changes.md", "utf8");

const byWord = (a: string, b: string) => (a < b ? -1 : 1);

/** What an existing client may trip over, in the words in which it is to be listed. */
async function breakingChanges(before: string, after: string): Promise<string[]> {
  const changes = await diff(buildSchema(before), buildSchema(after));
  const breaking = changes.filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking);
  return breaking.map(({ message }) => message).toSorted(byWord);
}

/** The rows since the last release: date, change, reason. */
function listed(list: string): string[][] {
  const [, open = ""] = list.split("## Since the last release");
  const rows = (open.split("\n## ")[0] ?? "").split("\n").filter((line) => line.startsWith("|"));
  return rows.slice(2).map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

test("every breaking change since the last release is listed with its date and its reason, and nothing else is", async () => {
  const rows = listed(LIST);
  expect(rows.map(([, change = ""]) => change).toSorted(byWord)).toEqual(await breakingChanges(BASELINE, NOW));
  for (const [date, , reason] of rows) {
    expect(date).toMatch(/^20\d\d-\d\d-\d\d$/);
    expect(reason?.length ?? 0).toBeGreaterThan(20);
  }
});

const SCHEMA = `
  type Query { bot(name: String!, kind: Kind): Bot  any: Any }
  type Bot { name: String!  elo: Int }
  type Fight { id: ID! }
  union Any = Bot | Fight
  enum Kind { HOUSE OWN }
  input Join { botId: ID!  mode: String }
`;

test.each<[string, [string, string], string[]]>([
  ["a field is taken away", ["elo: Int", ""], ["Field 'elo' was removed from object type 'Bot'"]],
  [
    "a field may be null from now on",
    ["name: String! ", "name: String "],
    ["Field 'Bot.name' changed type from 'String!' to 'String'"],
  ],
  [
    "an argument is asked for",
    ["kind: Kind", "kind: Kind!"],
    ["Type for argument 'kind' on field 'Query.bot' changed from 'Kind' to 'Kind!'"],
  ],
  [
    "an input field is asked for",
    ["mode: String", "mode: String!"],
    ["Input field 'Join.mode' changed type from 'String' to 'String!'"],
  ],
  ["an enum value is taken away", ["HOUSE OWN", "OWN"], ["Enum value 'HOUSE' was removed from enum 'Kind'"]],
  ["a member leaves a union", ["Bot | Fight", "Bot"], ["Member 'Fight' was removed from Union type 'Any'"]],
  ["a field is added", ["elo: Int", "elo: Int wins: Int"], []],
  ["an optional argument is added", ["kind: Kind", "kind: Kind season: Int"], []],
  ["a field promises never to be null", ["elo: Int", "elo: Int!"], []],
])("the comparison is not blind: %s", async (_sentence, [before, after], changes) => {
  expect(await breakingChanges(SCHEMA, SCHEMA.replace(before, after))).toEqual(changes);
});
