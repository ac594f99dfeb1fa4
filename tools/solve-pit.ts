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

/** Regret matching+ with linear averaging: both sides' mixed strategies of a matrix game, and its value. */
function solve({ rows, columns, payoff }: Game): Mix {
  const regrets = [new Float64Array(rows.length), new Float64Array(columns.length)] as const;
  const sums = [new Float64Array(rows.length), new Float64Array(columns.length)] as const;
  const now = [new Float64Array(rows.length), new Float64Array(columns.length)] as const;
  const gains = [new Float64Array(rows.length), new Float64Array(columns.length)] as const;
  for (let iteration = 1; iteration <= ITERATIONS; iteration++) {
    for (const side of [0, 1] as const) match(regrets[side], now[side]);
    gains[0].fill(0);
    gains[1].fill(0);
    let value = 0;
    for (let row = 0; row < rows.length; row++)
      for (let column = 0; column < columns.length; column++) {
        const worth = payoff[row * COUNT + column] ?? 0;
        const [p, q] = [now[0][row] ?? 0, now[1][column] ?? 0];
        gains[0][row] = (gains[0][row] ?? 0) + worth * q;
        gains[1][column] = (gains[1][column] ?? 0) - worth * p;
        value += worth * p * q;
      }
    for (const side of [0, 1] as const)
      for (let index = 0; index < now[side].length; index++) {
        const regret = (gains[side][index] ?? 0) - (side === 0 ? value : -value);
        regrets[side][index] = Math.max(0, (regrets[side][index] ?? 0) + regret);
        sums[side][index] = (sums[side][index] ?? 0) + iteration * (now[side][index] ?? 0);
      }
  }
  for (const side of [0, 1] as const) normalise(sums[side]);
  let value = 0;
  for (let row = 0; row < rows.length; row++)
    for (let column = 0; column < columns.length; column++)
      value += (payoff[row * COUNT + column] ?? 0) * (sums[0][row] ?? 0) * (sums[1][column] ?? 0);
  return { rows: sums[0], columns: sums[1], value };
}

function match(regrets: Float64Array, into: Float64Array): void {
  into.set(regrets);
  normalise(into);
}

function normalise(weights: Float64Array): void {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  for (let index = 0; index < weights.length; index++)
    weights[index] = sum > 0 ? (weights[index] ?? 0) / sum : 1 / weights.length;
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
