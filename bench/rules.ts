// How fast the pure rules are, beside their goals: node bench/rules.ts
import { randomUUID } from "node:crypto";
import { resolveExchange } from "../src/fights/rules/exchange.ts";
import { ACTIONS, CHARACTERS } from "../src/fights/rules/pit-rules-1.ts";
import { pair } from "../src/ladder/rules/pairing.ts";

const say = (line: string) => process.stdout.write(`${line}\n`);

const ids = (count: number) => Array.from({ length: count }, () => randomUUID() as string);

/** Milliseconds of the fastest of some runs. */
function fastest(runs: number, work: () => void): number {
  let best = Infinity;
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    work();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

const EXCHANGES = 1_000_000;
const exchanges_ms = fastest(5, () => {
  for (let index = 0; index < EXCHANGES; index++) {
    const [a, b] = [CHARACTERS[index % 5] ?? "RONIN", CHARACTERS[(index >> 3) % 5] ?? "RONIN"];
    resolveExchange(
      { character: a, hp: 100, stamina: 100 },
      { character: b, hp: 100, stamina: 100 },
      ACTIONS[index % 12] ?? "RECOVER",
      ACTIONS[(index >> 4) % 12] ?? "RECOVER",
    );
  }
});
const perSecond = Math.round((EXCHANGES / exchanges_ms) * 1_000);
say(`exchanges: ${perSecond.toLocaleString("en")} a second, goal 1,000,000: ratio ${(perSecond / 1e6).toFixed(2)}`);

for (const [count, goal_ms] of [
  [10_000, 10],
  [100_000, 100],
] as const) {
  const [bots, owners] = [ids(count), ids(5_000)];
  const scattered = ids(count).map((entryId, index) => ({
    entryId,
    botId: bots[index] ?? "",
    ownerId: owners[index % 5_000] ?? "",
    teams: index % 4 === 0 ? [`t${(index % 5_000) % 53}`, `t${(index % 5_000) % 509}`] : [],
    elo: 1_000 + ((index * 7_919) % 1_600) - 800,
    joinedAtMs: -((index * 104_729) % 90_000),
    lastOpponentId: bots[(index + 1) % count] ?? "",
  }));
  // As the database gives them.
  const waiting = scattered.toSorted((a, b) => a.joinedAtMs - b.joinedAtMs).map((entry) => ({ ...entry }));
  const ms = fastest(5, () => void pair(waiting, 0));
  say(
    `pairing of ${count.toLocaleString("en")}: ${ms.toFixed(1)} ms, goal ${goal_ms} ms: ratio ${(goal_ms / ms).toFixed(2)}`,
  );
}
