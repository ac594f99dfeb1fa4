import { isLegal, legalActions, resolveExchange, type Body } from "./exchange.ts";
import { ACTIONS, type Action } from "./pit-rules-1.ts";
import { drawAction, type StrategyTable } from "./strategy.ts";

/** How a house bot chooses. */
export const HOUSE_POLICIES = ["random", "fixed", "equilibrium", "adaptive"] as const;
export type HousePolicy = (typeof HOUSE_POLICIES)[number];

/** What a house bot may see: both bodies and what was resolved, nothing that is still hidden. */
export type Snapshot = { me: Body; opponent: Body; exchange: number; opponentPlayed: readonly Action[] };

/** The action of a policy; `draw` in [0, 1) is its only chance, `table` the solved game. */
export function houseAction(policy: HousePolicy, snapshot: Snapshot, draw: number, table: StrategyTable): Action {
  switch (policy) {
    case "random":
      return uniform(legalActions(snapshot.me), draw);
    case "fixed":
      return fixed(snapshot);
    case "equilibrium":
      return drawAction(table, snapshot.me, snapshot.opponent, draw);
    case "adaptive":
      return adaptive(snapshot, draw);
  }
}

function uniform(actions: readonly Action[], draw: number): Action {
  return actions[Math.floor(draw * actions.length)] ?? "BLOCK_HIGH";
}

const DRILL: readonly Action[] = [
  "JAB_HIGH",
  "SWEEP_LOW",
  "BLOCK_HIGH",
  "HEAVY_HIGH",
  "RECOVER",
  "GRAB",
  "DODGE",
  "KICK_LOW",
];

function fixed({ me, exchange }: Snapshot): Action {
  const wanted = DRILL[(exchange - 1) % DRILL.length] ?? "RECOVER";
  return isLegal(me, wanted) ? wanted : "RECOVER";
}

const PRIOR = 0.25;
const MEMORY = 0.85;
const STAMINA_WORTH = 0.15;

/** How likely each action of the opponent is: recent choices weigh most, what it cannot pay for weighs nothing. */
function beliefs({ opponent, opponentPlayed }: Snapshot): { action: Action; weight: number }[] {
  const weights = new Map<Action, number>(ACTIONS.map((action) => [action, PRIOR]));
  let weight = 1;
  for (const action of opponentPlayed.toReversed()) {
    weights.set(action, (weights.get(action) ?? 0) + weight);
    weight *= MEMORY;
  }
  // Who cannot pay for its habit blocks or recovers.
  return legalActions(opponent).map((action) => ({ action, weight: weights.get(action) ?? PRIOR }));
}

function worth(me: Body, opponent: Body, mine: Action, theirs: Action): number {
  const [one, two] = resolveExchange(me, opponent, mine, theirs);
  const kill = (two.hp === 0 ? 40 : 0) - (one.hp === 0 ? 40 : 0);
  return (
    kill +
    (opponent.hp - two.hp) -
    (me.hp - one.hp) +
    STAMINA_WORTH * (one.stamina - me.stamina - (two.stamina - opponent.stamina))
  );
}

function adaptive(snapshot: Snapshot, draw: number): Action {
  const { me, opponent } = snapshot;
  const expected = beliefs(snapshot);
  const value = (mine: Action) =>
    expected.reduce((sum, { action, weight }) => sum + weight * worth(me, opponent, mine, action), 0);
  const ranked = legalActions(me)
    .map((action) => ({ action, value: value(action) }))
    .toSorted((a, b) => b.value - a.value);
  const best = ranked[0]?.value ?? 0;
  // Nearly equal answers are mixed, so that the learner cannot be read in turn.
  const good = ranked.filter(({ value: each }) => each >= best - Math.abs(best) * 0.05);
  return uniform(
    good.map(({ action }) => action),
    draw,
  );
}
