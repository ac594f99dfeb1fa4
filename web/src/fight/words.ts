import { ACTIONS } from "../shell/actions.ts";
import type { Exchange, RoundEnd } from "./use-exchanges.ts";

const EXCHANGES_MAX = 20;

type Side = Exchange["sides"][number];

const word = ({ action }: Side) => ACTIONS[action].name.toLowerCase();
const capital = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);

/** What the verdict over the seam says of a revealed exchange. */
export function verdictOf({ sides: [one, two] }: Exchange): string {
  if (!one || !two) return "";
  if (one.dealt > 0 && two.dealt > 0) return "Both land";
  if (one.dealt === 0 && two.dealt === 0) return "Nothing lands";
  return `${ACTIONS[(one.dealt > 0 ? one : two).action].name} lands`;
}

function spoken({ number, sides: [one, two] }: Exchange, names: readonly string[]): string {
  if (!one || !two) return "";
  const losses = [one, two]
    .filter(({ taken }) => taken > 0)
    .map(({ side, taken, hp }) => `${names[side]} loses ${taken}, ${hp} left.`);
  return [`Exchange ${number}.`, met(one, two), ...losses].join(" ");
}

function met(one: Side, two: Side): string {
  if (one.dealt > 0 && two.dealt > 0) return `${capital(word(one))} and ${word(two)} both land.`;
  if (one.dealt === 0 && two.dealt === 0) return `${capital(word(one))} against ${word(two)}: nothing lands.`;
  const [hitter, struck] = one.dealt > 0 ? [one, two] : [two, one];
  return `${capital(word(hitter))} beats ${word(struck)}.`;
}

/** Everything that an exchange decided, in words: itself, its round when that ended with it, and the fight. */
export function told(
  exchange: Exchange,
  rounds: readonly RoundEnd[],
  names: readonly string[],
  ended: { winner: string | null } | null,
): string {
  const end = rounds.find(({ round }) => round === exchange.round);
  if (!end || !decides(exchange)) return spoken(exchange, names);
  const before = rounds.findLast(({ round }) => round < exchange.round)?.roundWins ?? [0, 0];
  const parts = [spoken(exchange, names), spokenRound(end, before, names)];
  if (ended && end.round === rounds.at(-1)?.round) parts.push(`${ended.winner ?? "Nobody"} wins the fight.`);
  return parts.join(" ");
}

const decides = ({ number, sides }: Exchange) => number === EXCHANGES_MAX || sides.some(({ hp }) => hp === 0);

function spokenRound({ round, roundWins }: RoundEnd, before: readonly number[], names: readonly string[]): string {
  const winner = roundWins.findIndex((wins, side) => wins > (before[side] ?? 0));
  const score = `${roundWins[0]} to ${roundWins[1]}`;
  return winner < 0 ? `Round ${round} is drawn, ${score}.` : `Round ${round} to ${names[winner]}, ${score}.`;
}
