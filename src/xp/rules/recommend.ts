/** What is known of work of one kind. */
export type Known = {
  tries: number;
  successes: number;
  /** In thousandths. */
  qualitySum: number;
  qualityCount: number;
  durationSum: number;
  durationCount: number;
};
/** A bot that may be recommended: what it claims, what it proved of the wanted skills, and whether it could begin now. */
export type Candidate = {
  botId: string;
  capabilities: readonly string[];
  online: boolean;
  holds: number;
  proved: ReadonlyMap<string, Known>;
};

export const REASONS = [
  "PROVED_SUCCESS",
  "HIGH_QUALITY",
  "FAST",
  "AVAILABLE",
  "UNPROVED",
  "OFTEN_FAILS",
  "OFFLINE",
  "LACKS_CAPABILITY",
] as const;
export type Reason = (typeof REASONS)[number];
/** A bot with its score, 0 to 1, its parts, and the reasons in the order of their weight. */
export type Recommendation = {
  botId: string;
  score: number;
  success: number;
  quality: number;
  speed: number;
  availability: number;
  tries: number;
  missing: string[];
  reasons: Reason[];
};

/** So many imagined tries at the mean of all bots weigh against what a bot did: who did little is near the mean. */
const PRIOR_TRIES = 8;
/** What is expected where no bot has done anything. */
const NOBODY = { success: 0.7, quality: 0.8 };
const WEIGHTS = { success: 0.5, quality: 0.25, speed: 0.1, availability: 0.15 };
const HOLDS_BUSY = 5;

const shrunk = (sum: number, count: number, mean: number): number => (sum + PRIOR_TRIES * mean) / (count + PRIOR_TRIES);
const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const rate = (sum: number, count: number, otherwise: number): number => (count > 0 ? sum / count : otherwise);

/** How good a bot is at one skill, beside what is usual for it. */
function partsOf(own: Known, all: Known) {
  const success = rate(all.successes, all.tries, NOBODY.success);
  const quality = rate(all.qualitySum / 1_000, all.qualityCount, NOBODY.quality);
  return {
    success: shrunk(own.successes, own.tries, success),
    quality: shrunk(own.qualitySum / 1_000, own.qualityCount, quality),
    speed: speedOf(own, all),
    usualSuccess: success,
  };
}

/** 0.5 at the usual duration, 1 at no time at all; 0.5 where nothing was timed. */
function speedOf(own: Known, all: Known): number {
  if (all.durationCount === 0) return 0.5;
  const usual = all.durationSum / all.durationCount;
  const taken = shrunk(own.durationSum, own.durationCount, usual);
  return usual + taken > 0 ? usual / (usual + taken) : 0.5;
}

const NOTHING: Known = {
  tries: 0,
  successes: 0,
  qualitySum: 0,
  qualityCount: 0,
  durationSum: 0,
  durationCount: 0,
};

/** Scores bots for work that needs these skills, the best first; who lacks a skill comes after who has them all. */
export function recommend(
  wanted: readonly string[],
  candidates: readonly Candidate[],
  usual: ReadonlyMap<string, Known>,
): Recommendation[] {
  if (wanted.length === 0) return [];
  return candidates
    .map((candidate) => scored(wanted, candidate, usual))
    .toSorted((a, b) => a.missing.length - b.missing.length || b.score - a.score || (a.botId < b.botId ? -1 : 1));
}

function scored(
  wanted: readonly string[],
  { botId, capabilities, online, holds, proved }: Candidate,
  usual: ReadonlyMap<string, Known>,
): Recommendation {
  const skills = wanted.map((skill) => partsOf(proved.get(skill) ?? NOTHING, usual.get(skill) ?? NOTHING));
  const success = meanOf(skills.map((skill) => skill.success));
  const quality = meanOf(skills.map((skill) => skill.quality));
  const speed = meanOf(skills.map((skill) => skill.speed));
  const availability = online ? 1 - Math.min(holds, HOLDS_BUSY) / (2 * HOLDS_BUSY) : 0;
  const tries = wanted.reduce((sum, skill) => sum + (proved.get(skill)?.tries ?? 0), 0);
  const missing = wanted.filter((skill) => !capabilities.includes(skill) && !proved.has(skill));
  const usualSuccess = meanOf(skills.map((skill) => skill.usualSuccess));
  const reasons = reasonsOf({ success, usualSuccess, quality, speed, online, holds, tries, missing: missing.length });
  const parts = { success, quality, speed, availability };
  const score = (Object.keys(WEIGHTS) as (keyof typeof WEIGHTS)[]).reduce(
    (sum, part) => sum + WEIGHTS[part] * parts[part],
    0,
  );
  return { botId, score, ...parts, tries, missing, reasons };
}

/** What rounding of binary fractions may differ by. */
const ALIKE = 1e-9;
const PROVED_TRIES = 5;
const FINE = 0.9;
const QUICK = 0.55;

function reasonsOf(seen: {
  success: number;
  usualSuccess: number;
  quality: number;
  speed: number;
  online: boolean;
  holds: number;
  tries: number;
  missing: number;
}): Reason[] {
  const proved = seen.tries >= PROVED_TRIES;
  const found: [Reason, boolean][] = [
    ["LACKS_CAPABILITY", seen.missing > 0],
    ["PROVED_SUCCESS", proved && seen.success >= seen.usualSuccess - ALIKE],
    ["OFTEN_FAILS", proved && seen.success < seen.usualSuccess - ALIKE],
    ["UNPROVED", !proved],
    ["HIGH_QUALITY", seen.tries > 0 && seen.quality >= FINE],
    ["FAST", seen.tries > 0 && seen.speed >= QUICK],
    ["AVAILABLE", seen.online && seen.holds < HOLDS_BUSY],
    ["OFFLINE", !seen.online],
  ];
  return found.filter(([, holds]) => holds).map(([reason]) => reason);
}

export const WORDS_MAX = 64;

/** The words of a description that may name a capability: single words, and two and three in a row joined by dashes. */
export function phrasesOf(description: string): string[] {
  const words = (description.toLowerCase().match(/[a-z0-9]+/g) ?? []).slice(0, WORDS_MAX);
  const joined = [1, 2, 3].flatMap((length) =>
    words
      .slice(0, Math.max(0, words.length - length + 1))
      .map((_, index) => words.slice(index, index + length).join("-")),
  );
  return [...new Set(joined)];
}
