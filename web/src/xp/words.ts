/** A number with its thousands apart. */
export const thousands = (value: number) => value.toLocaleString("en");

/** A day, given as 2026-12-24, as people write it. */
export const dayName = (day: string) =>
  new Date(`${day}T00:00:00Z`).toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

/** A part of 1 in per cent. */
export const percent = (part: number) => `${Math.round(part * 100)}%`;

/** Milliseconds in the unit that suits them. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${ms} ms`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

const REASONS: Readonly<Record<string, string>> = {
  PROVED_SUCCESS: "did this often, and well",
  HIGH_QUALITY: "high quality",
  FAST: "faster than others",
  AVAILABLE: "online, has time",
  UNPROVED: "little known yet",
  OFTEN_FAILS: "often fails at this",
  OFFLINE: "offline",
  LACKS_CAPABILITY: "lacks a capability",
};
/** Why a bot is recommended, or not. */
export const reasonWords = (reason: string) => REASONS[reason] ?? reason.toLowerCase();
