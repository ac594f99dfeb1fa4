import { expect, test } from "vitest";
import { insightsOf, membersOf, ranked, totalsOf, type TeamBot } from "./team.ts";

const bot = (botId: string, ownerId: string, xp: number, capabilities: string[] = []): TeamBot => ({
  botId,
  ownerId,
  xp,
  week: 100 - xp,
  month: 50,
  capabilities,
});
const bots = [bot("a", "ann", 10, ["go", "review"]), bot("b", "ann", 25, ["review"]), bot("c", "bob", 40, ["review"])];

test("a team has the sum, and the mean rounded down", () => {
  expect(totalsOf(bots)).toEqual({ sum: 75, mean: 25, week: 225, month: 150, bots: 3 });
  expect(totalsOf([])).toMatchObject({ sum: 0, mean: 0 });
});

test("members stand by the bots that they brought", () => {
  expect(ranked(membersOf(bots), "SUM").map(({ id, xp }) => [id, xp])).toEqual([
    ["bob", 40],
    ["ann", 35],
  ]);
  expect(ranked(membersOf(bots), "GROWTH_7").map(({ id }) => id)).toEqual(["ann", "bob"]);
  expect(ranked(membersOf(bots), "GROWTH_30").map(({ id }) => id)).toEqual(["ann", "bob"]);
});

test("insights: who is used by most, what is asked for and missing, what several know", () => {
  const uses = [
    { userId: "ann", botId: "a", uses: 9, successes: 9 },
    { userId: "ann", botId: "c", uses: 1, successes: 0 },
    { userId: "bob", botId: "c", uses: 2, successes: 2 },
  ];
  const demand = [
    { capability: "review", tasks: 9, open: 0 },
    { capability: "go", tasks: 5, open: 1 },
    { capability: "rust", tasks: 2, open: 2 },
  ];
  expect(insightsOf(bots, uses, demand)).toEqual({
    used: [
      { botId: "c", users: 2, uses: 3, successes: 2 },
      { botId: "a", users: 1, uses: 9, successes: 9 },
    ],
    gaps: [
      { capability: "rust", tasks: 2, open: 2, bots: 0 },
      { capability: "go", tasks: 5, open: 1, bots: 1 },
    ],
    shared: [{ capability: "review", owners: 2, bots: 3 }],
  });
});
