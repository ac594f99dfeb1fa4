import type { Totals } from "./award.ts";

export const VISIBILITIES = ["PRIVATE", "TEAM", "PUBLIC"] as const;
export type Visibility = (typeof VISIBILITIES)[number];
/** What a person may hide: totals and levels, statistics and series, achievements. */
export const ASPECTS = ["profile", "stats", "achievements"] as const;
export type Aspect = (typeof ASPECTS)[number];
/** What a person has said of each; null where nothing was said. */
export type Privacy = Record<Aspect, Visibility | null>;

/** As whom somebody looks at a person. */
export type Relation = "SELF" | "TEAM" | "STRANGER";
/** How much is shown: everything, what counts publicly, what of that are contests, nothing. */
export const VIEWS = ["ALL", "PUBLIC", "CONTESTS", "NONE"] as const;
export type View = (typeof VIEWS)[number];

/** What is shown of an aspect. By default contests are everybody's to see, work is the team's. */
export function viewOf(setting: Visibility | null, relation: Relation): View {
  if (relation === "SELF") return "ALL";
  if (relation === "TEAM") return setting === "PRIVATE" ? "NONE" : "ALL";
  if (setting === null) return "CONTESTS";
  return setting === "PUBLIC" ? "PUBLIC" : "NONE";
}

/** Of which aspects somebody is shown as much as of achievements, so that progress may tell of them. */
export function shownLike(privacy: Privacy, relation: Relation): Set<Aspect> {
  // From the last view, which shows nothing, to the first, which shows everything.
  const less = (aspect: Aspect) => VIEWS.indexOf(viewOf(privacy[aspect], relation));
  return new Set(ASPECTS.filter((aspect) => less(aspect) <= less("achievements")));
}

/** The total that a view shows. */
export function shownXp({ xp, publicXp, contestXp }: Totals, view: View): number {
  switch (view) {
    case "ALL":
      return xp;
    case "PUBLIC":
      return publicXp;
    case "CONTESTS":
      return contestXp;
    case "NONE":
      return 0;
  }
}
