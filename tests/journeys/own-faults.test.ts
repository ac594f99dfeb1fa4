import { afterAll, beforeAll, expect, test } from "vitest";
import { openBattleGround, type BattleGround } from "../harness/battle-ground.ts";
import { BROKEN, FIX, repositoryWith } from "../harness/code-battle.ts";
import { leftBy } from "../harness/leftovers.ts";

/** A workspace that is soon full. */
const FILES_MAX = 20_000;

let ground: BattleGround;
beforeAll(async () => {
  ground = await openBattleGround({ SANDBOX_DISK_MIB: "64", SANDBOX_FILES_MAX: String(FILES_MAX) });
});
afterAll(() => ground.stop());

async function fought(name: string, setup: string[], programs: Record<string, string>) {
  const url = repositoryWith(ground.git, name, BROKEN);
  const { phase, failure, entries, audit } = await ground.fought(url, { setup, programs });
  const came = entries.map(({ bot, outcome, placement }) => [bot.name, outcome, placement]);
  const faults = audit.filter(({ operation }) => operation === "fault").map(({ about }) => about);
  return { phase, failure, came, faults };
}

test("a file that has no end to wait for is too large, and voids no battle", { timeout: 110_000 }, async () => {
  const { came, ...rest } = await fought("holes", [], { Honest: FIX, Sparse: "truncate -s 1T big" });
  expect(came).toEqual([
    ["Honest", "JUDGED", 1],
    ["Sparse", "TOO_LARGE", 2],
  ]);
  expect(rest).toEqual({ phase: "COMPLETED", failure: null, faults: [] });
  expect(leftBy(process.pid)).toEqual([]);
});

/** With what the set-up made a workspace has place for 4,500 files more; who takes that away has place for all. */
const MADE = FILES_MAX - 4_500;
const MANY = ["mkdir made", `cd made && seq ${MADE} | xargs touch`];

test("an entry that finds no place beside what the set-up made has lost, and the other one is judged", async () => {
  const { came, ...rest } = await fought("place", MANY, {
    Honest: FIX,
    Filler: "rm -rf made; mkdir more; cd more; seq 4900 | xargs touch",
  });
  expect(came).toEqual([
    ["Honest", "JUDGED", 1],
    ["Filler", "NOT_TESTED", 2],
  ]);
  expect(rest).toEqual({ phase: "COMPLETED", failure: null, faults: ["Filler: NOT_TESTED"] });
});
