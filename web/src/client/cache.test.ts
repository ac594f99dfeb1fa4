import { buildSchema, introspectionFromSchema } from "graphql";
import { expect, test } from "vitest";
import text from "../../../schema.graphql?raw";
import { keysOf } from "./cache.ts";

const keys = keysOf(introspectionFromSchema(buildSchema(text)));

test.each([
  // type, an object of it, its key: its own name, or none when it lives inside of what it belongs to
  ["Pit", {}, "pit"],
  ["ArenaStats", {}, "arena"],
  ["Ladder", { kind: "PIT_SLOW" }, "PIT_SLOW"],
  ["Ladder", {}, null],
  ["Rating", { ladder: "PIT" }, null],
  ["FightState", {}, null],
  ["MessagePosted", {}, null],
  ["Viewer", {}, null],
])("a %s like %j is kept under %j", (type, data, key) => {
  expect(keys[type]?.(data as never)).toBe(key);
});

test.each(["Bot", "Fight", "Callout", "PitMessage", "ApiKey", "Session", "QueueEntry", "User"])(
  "a %s is kept under its id",
  (type) => {
    expect(keys).not.toHaveProperty(type);
  },
);
