import type { Problem } from "./code-editor.tsx";

/** A strategy in UTF-8, and its log of a round. */
export const SOURCE_BYTES_MAX = 131_072;
export const LOG_KIB_MAX = 64;

export const STARTER = `import { bestWeapon, nearest, type StrategyAction, type StrategyView } from "agon:quake";

export function tick(view: StrategyView, memory: { goal?: number }): StrategyAction {
  const target = nearest(view);
  if (target) return { look: { player: target.id }, fire: true, weapon: bestWeapon(view, target.distance) };
  if (memory.goal === undefined || view.self.walk === "ARRIVED")
    memory.goal = Math.floor(Math.random() * view.items.length);
  return { goTo: { item: memory.goal } };
}
`;

export const HOUSE = [
  ["random", "goes and shoots as chance will have it"],
  ["hunter", "runs at whoever is nearest"],
  ["competition", "times items, leads its shots, retreats"],
  ["adaptive", "learns over its rounds"],
] as const;

export const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

const PLACED = /\bLine (\d+): /;

/** The lines that messages name, each once with its first message. */
export function problemsIn(messages: readonly string[]): Problem[] {
  const byLine = new Map<number, string>();
  for (const message of messages) {
    const line = Number(PLACED.exec(message)?.[1] ?? NaN);
    if (Number.isInteger(line) && !byLine.has(line)) byLine.set(line, message.replace(PLACED, ""));
  }
  return [...byLine].map(([line, message]) => ({ line, message }));
}
