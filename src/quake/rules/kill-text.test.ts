import { expect, test } from "vitest";
import { killText, MEANS, meansOf } from "./kill-text.ts";

// The numbers and words are the game's own, as its client shows them.
test.each([
  [1, "A", "B was gunned down by A"],
  [2, "A", "B was pummeled by A"],
  [3, "A", "B was machinegunned by A"],
  [5, "A", "B was shredded by A's shrapnel"],
  [6, "A", "B ate A's rocket"],
  [7, "A", "B almost dodged A's rocket"],
  [8, "A", "B was melted by A's plasmagun"],
  [10, "A", "B was railed by A"],
  [11, "A", "B was electrocuted by A"],
  [12, "A", "B was blasted by A's BFG"],
  [18, "A", "B tried to invade A's personal space"],
  [14, null, "B sank like a rock"],
  [15, null, "B melted"],
  [16, null, "B does a back flip into the lava"],
  [17, null, "B was squished"],
  [19, null, "B cratered"],
  [20, "B", "B suicides"],
  [5, "B", "B tripped on their own grenade"],
  [7, "B", "B blew themselves up"],
  [9, "B", "B melted themselves"],
  [0, null, "B died"],
  [999, "A", "B was killed by A"],
])("death %i by %s: %s", (means, killer, text) => expect(killText({ killer, victim: "B", means })).toBe(text));

test("every means has its number and its words", () => {
  expect(MEANS).toHaveLength(29);
  expect(meansOf(28)).toBe("GRAPPLE");
  for (const means of MEANS.keys()) {
    expect(killText({ killer: "A", victim: "B", means })).toMatch(/^B \S/);
    expect(killText({ killer: "B", victim: "B", means })).toMatch(/^B \S/);
  }
});
