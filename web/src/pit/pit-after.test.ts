import { expect, test } from "vitest";
import { pitAfter, type Pit, type PitEvent } from "./pit-after.ts";

const bot = (id: string) => ({ id, name: id });
const pit = {
  presences: { nodes: [{ bot: bot("a") }, { bot: bot("b") }] },
  messages: { nodes: [{ id: "stored", text: "hello" }] },
  callouts: { nodes: [{ id: "c1" }] },
  fights: [{ id: "f1" }],
} as unknown as Pit;

/** The ids of what a Pit shows: who is here, what is said, callouts, fights. */
const shown = ({ presences, messages, callouts, fights }: Pit) =>
  [
    presences.nodes.map((each) => each.bot.id),
    messages.nodes.map(({ id }) => id),
    callouts.nodes.map(({ id }) => id),
    fights.map(({ id }) => id),
  ].map((ids) => ids.join(" "));

test.each([
  ["who enters stands first", { __typename: "AgentEntered", bot: bot("c") }, ["c a b", "stored", "c1", "f1"]],
  ["who enters again is here once", { __typename: "AgentEntered", bot: bot("b") }, ["b a", "stored", "c1", "f1"]],
  ["who leaves is gone", { __typename: "AgentLeft", bot: bot("a") }, ["b", "stored", "c1", "f1"]],
  [
    "what is said comes last",
    { __typename: "MessagePosted", seq: 7, text: "hi", bot: bot("a") },
    ["a b", "stored seq:7", "c1", "f1"],
  ],
  ["a callout stands first", { __typename: "CalloutCreated", callout: { id: "c2" } }, ["a b", "stored", "c2 c1", "f1"]],
  [
    "an accepted callout is gone",
    { __typename: "CalloutAccepted", callout: { id: "c1" } },
    ["a b", "stored", "", "f1"],
  ],
  ["an expired callout is gone", { __typename: "CalloutExpired", callout: { id: "c1" } }, ["a b", "stored", "", "f1"]],
  ["a fight stands first", { __typename: "PitFightAnnounced", fight: { id: "f2" } }, ["a b", "stored", "c1", "f2 f1"]],
  ["an ended fight is gone", { __typename: "PitFightEnded", fight: { id: "f1" } }, ["a b", "stored", "c1", ""]],
  ["a gap changes nothing shown", { __typename: "StreamGap", fromSeq: 1, toSeq: 5 }, ["a b", "stored", "c1", "f1"]],
])("%s", (_sentence, event, expected) => {
  expect(shown(pitAfter(pit, event as unknown as PitEvent, "2026-11-24T22:14:00Z"))).toEqual(expected);
});

test("the same event twice shows its message once, and at most fifty are kept", () => {
  const say = (before: Pit, seq: number) =>
    pitAfter(before, { __typename: "MessagePosted", seq, text: "x", bot: bot("a") } as never, "2026-11-24T22:14:00Z");
  expect(shown(say(say(pit, 7), 7))[1]).toBe("stored seq:7");
  let many = pit;
  for (let seq = 1; seq <= 60; seq++) many = say(many, seq);
  expect(many.messages.nodes.map(({ id }) => id)).toEqual(
    Array.from({ length: 50 }, (_none, index) => `seq:${index + 11}`),
  );
});
