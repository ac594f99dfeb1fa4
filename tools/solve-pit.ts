// Solves PIT RULES 1 on a coarse grid, by backward induction over the exchanges that are left, and writes the mixed
// strategy of every point for the equilibrium house bot: node tools/solve-pit.ts (about two minutes, deterministic).
import { writeFileSync } from "node:fs";
import { isLegal, resolveExchange, type Body } from "../src/fights/rules/exchange.ts";
import { ACTIONS, CHARACTERS, EXCHANGES_MAX, type Character } from "../src/fights/rules/pit-rules-1.ts";
import {
  HP_GRID,
  offsetOf,
  POINTS_PER_PAIRING,
  STAMINA_GRID,
  staminaIndex,
  TABLE_BYTES,
} from "../src/fights/rules/strategy.ts";
import { say } from "./steps.ts";

const FILE = "src/fights/house/equilibrium.bin";
const COUNT = ACTIONS.length;
const ITERATIONS = 80;
// The strategy that is kept is the one of the middle of a round: its length is about ten exchanges.
const KEPT_AT = 10;
const DRAW = 0.5;

type Point = { hp: number; stamina: number };
const points: Point[] = HP_GRID.flatMap((hp) => STAMINA_GRID.map((stamina) => ({ hp, stamina })));

/** The value to the first side of two bodies, by interpolation in HP on the values of the step before. */
function valueAt(values: Float64Array, a: Point, b: Point): number {
  if (a.hp === 0 || b.hp === 0) return a.hp === b.hp ? DRAW : a.hp > b.hp ? 1 : 0;
  const [ia, wa] = between(a.hp);
  const [ib, wb] = between(b.hp);
  const [sa, sb] = [staminaIndex(a.stamina), staminaIndex(b.stamina)];
  const at = (ha: number, hb: number) =>
    values[(ha * STAMINA_GRID.length + sa) * points.length + hb * STAMINA_GRID.length + sb] ?? DRAW;
  const low = at(ia, ib) * (1 - wb) + at(ia, ib + 1) * wb;
  const high = at(ia + 1, ib) * (1 - wb) + at(ia + 1, ib + 1) * wb;
  return low * (1 - wa) + high * wa;
}

const BETWEEN = Array.from({ length: 106 }, (_none, hp): [number, number] => {
  const upper = Math.max(
    1,
    HP_GRID.findIndex((point) => point >= hp),
  );
  const [low = 0, high = 1] = [HP_GRID[upper - 1], HP_GRID[upper]];
  return [upper - 1, Math.max(0, Math.min(1, (hp - low) / (high - low)))];
});
const between = (hp: number): [number, number] => BETWEEN[hp] ?? [0, 0];

type Game = { rows: number[]; columns: number[]; payoff: Float64Array };
type Mix = { rows: Float64Array; columns: Float64Array; value: number };
/** One side's regrets, mixed strategy now and on average, and what each of its actions gains against the other's. */
type Side = { regrets: Float64Array; now: Float64Array; average: Float64Array; gains: Float64Array };

const sideOf = (actions: number): Side => ({
  regrets: new Float64Array(actions),
  now: new Float64Array(actions),
  average: new Float64Array(actions),
  gains: new Float64Array(actions),
});

/** Regret matching+ with linear averaging: both sides' mixed strategies of a matrix game, and its value. */
function solve(game: Game): Mix {
  const [first, second] = [sideOf(game.rows.length), sideOf(game.columns.length)];
  for (let iteration = 1; iteration <= ITERATIONS; iteration++) {
    for (const { regrets, now } of [first, second]) {
      now.set(regrets);
      normalise(now);
    }
    const value = weigh(game, first, second);
    learn(first, value, iteration);
    learn(second, -value, iteration);
  }
  for (const side of [first, second]) {
    normalise(side.average);
    side.now.set(side.average);
  }
  return { rows: first.average, columns: second.average, value: weigh(game, first, second) };
}

/** The value of both mixed strategies to the first side, and what each action gains against the other's mixture. */
function weigh({ payoff }: Game, first: Side, second: Side): number {
  first.gains.fill(0);
  second.gains.fill(0);
  let value = 0;
  for (const [row, p] of first.now.entries())
    for (const [column, q] of second.now.entries()) {
      const worth = payoff[row * COUNT + column] ?? 0;
      first.gains[row] = (first.gains[row] ?? 0) + worth * q;
      second.gains[column] = (second.gains[column] ?? 0) - worth * p;
      value += worth * p * q;
    }
  return value;
}

function learn({ regrets, now, average, gains }: Side, value: number, iteration: number): void {
  for (const [index, gain] of gains.entries()) {
    regrets[index] = Math.max(0, (regrets[index] ?? 0) + gain - value);
    average[index] = (average[index] ?? 0) + iteration * (now[index] ?? 0);
  }
}

function normalise(weights: Float64Array): void {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  for (const [index, weight] of weights.entries()) weights[index] = sum > 0 ? weight / sum : 1 / weights.length;
}

const bodyOf = (character: Character, { hp, stamina }: Point): Body => ({ character, hp, stamina });
const legal = (body: Body) => ACTIONS.flatMap((action, index) => (isLegal(body, action) ? [index] : []));

/** The matrix game at a point: what each pair of actions is worth with one exchange less to go. */
function gameAt(a: Body, b: Body, next: Float64Array, payoff: Float64Array): Game {
  const [rows, columns] = [legal(a), legal(b)];
  for (const [row, mine] of rows.entries())
    for (const [column, theirs] of columns.entries()) {
      const [one, two] = resolveExchange(a, b, ACTIONS[mine] ?? "RECOVER", ACTIONS[theirs] ?? "RECOVER");
      payoff[row * COUNT + column] = valueAt(next, one, two);
    }
  return { rows, columns, payoff };
}

const table = new Uint8Array(TABLE_BYTES);

/** Writes a mixed strategy as weights of which the largest is 255. */
function keep(offset: number, actions: readonly number[], mix: Float64Array): void {
  const top = Math.max(...mix);
  for (const [index, action] of actions.entries()) table[offset + action] = Math.round((255 * (mix[index] ?? 0)) / top);
}

function solvePairing(one: Character, two: Character): void {
  let values = new Float64Array(POINTS_PER_PAIRING);
  for (const [i, a] of points.entries())
    for (const [j, b] of points.entries()) values[i * points.length + j] = a.hp === b.hp ? DRAW : a.hp > b.hp ? 1 : 0;
  const payoff = new Float64Array(COUNT * COUNT);
  for (let left = 1; left <= Math.min(EXCHANGES_MAX, KEPT_AT); left++) {
    const next = values;
    values = new Float64Array(POINTS_PER_PAIRING);
    for (const [i, a] of points.entries())
      for (const [j, b] of points.entries()) {
        const [bodyA, bodyB] = [bodyOf(one, a), bodyOf(two, b)];
        const game = gameAt(bodyA, bodyB, next, payoff);
        const mix = solve(game);
        values[i * points.length + j] = mix.value;
        if (left === KEPT_AT) {
          keep(offsetOf(bodyA, bodyB), game.rows, mix.rows);
          if (one !== two) keep(offsetOf(bodyB, bodyA), game.columns, mix.columns);
        }
      }
  }
  say(`${one} v ${two}`);
}

for (const [index, one] of CHARACTERS.entries()) for (const two of CHARACTERS.slice(index)) solvePairing(one, two);
writeFileSync(FILE, table);
say(`${FILE}: ${table.length} bytes`);
