import { killText } from "../../../src/quake/rules/kill-text.ts";
import type { MatchReplay } from "../../../src/quake/rules/replay.ts";
import type { Standing } from "./standing.ts";
import type { Death } from "./viewer/frames.ts";

/** The deaths of a live round so far, the oldest first. */
export function deathsIn({ players, kills }: Standing): Death[] {
  const sideOf = (id: string | undefined) => players.find(({ bot }) => bot.id === id)?.side;
  return kills
    .map(({ atMs, suicide, text, killer, victim }) => {
      const by = suicide ? null : (sideOf(killer?.id) ?? null);
      return { atMs, killer: by, victim: sideOf(victim.id) ?? 0, text };
    })
    .toReversed();
}

/** The deaths of a replay, in the game's words and by the names of the time. */
export function deathsOf({ kills, players }: MatchReplay): Death[] {
  const nameOf = (side: number) => players.find((player) => player.side === side)?.name ?? `Bot ${side + 1}`;
  return kills.map(({ atMs, killer, victim, means, suicide }) => {
    const text = killText({ killer: killer === null ? null : nameOf(killer), victim: nameOf(victim), means });
    return { atMs, killer: suicide ? null : killer, victim, text };
  });
}
