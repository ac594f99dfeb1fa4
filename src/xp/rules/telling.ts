import { LEVEL, UNLOCKED, type Achievement } from "./achievements.ts";
import type { Aspect } from "./privacy.ts";

/** What else of a person a counter tells: of levels the profile, of work the statistics. Contests are everybody's to see. */
function toldBy(counter: string): Aspect {
  if (counter === LEVEL || counter === "bestBotLevel") return "profile";
  return counter === UNLOCKED || counter.includes(":") ? "achievements" : "stats";
}

/** The conditions whose counters tell only of aspects that are shown. */
export const tellingOnly = (shown: ReadonlySet<Aspect>, { conditions, ...achievement }: Achievement): Achievement => ({
  ...achievement,
  conditions: conditions.filter(({ counter }) => shown.has(toldBy(counter))),
});
