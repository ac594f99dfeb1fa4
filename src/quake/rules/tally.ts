import type { Kill } from "./score.ts";

/** What one bot did and suffered by one means. */
export type WeaponTally = { botId: string; means: number; kills: number; deaths: number; suicides: number };

/** Deaths counted by bot and means, those with nothing left out. */
export function tallyOf(kills: readonly Pick<Kill, "killer" | "victim" | "means" | "suicide">[]): WeaponTally[] {
  const tallies = new Map<string, WeaponTally>();
  const of = (botId: string, means: number): WeaponTally => {
    const key = `${botId} ${means}`;
    const tally = tallies.get(key) ?? { botId, means, kills: 0, deaths: 0, suicides: 0 };
    tallies.set(key, tally);
    return tally;
  };
  for (const { killer, victim, means, suicide } of kills) {
    const suffered = of(victim, means);
    suffered.deaths++;
    if (suicide) suffered.suicides++;
    else if (killer !== null) of(killer, means).kills++;
  }
  return [...tallies.values()];
}
