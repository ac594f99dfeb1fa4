import { useNow } from "./use-now.ts";

const UNITS = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
] as const;

const PLURAL: ReadonlySet<string> = new Set(["day", "hour"]);

/** An instant as people of this browser write it. */
export const exactly = (at: string) => new Date(at).toLocaleString();

/** The hour and minute of an instant. */
export const clockTime = (at: number | string) =>
  new Date(at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });

/** How long ago an instant was, in one unit; the exact one on hover. */
export function Ago({ at, ago = false }: { at: string; ago?: boolean }) {
  const now = useNow(10_000);
  const passed = Math.max(0, now - Date.parse(at));
  const [name, ms] = UNITS.find(([, unit]) => passed >= unit) ?? UNITS[3];
  const count = Math.floor(passed / ms);
  return (
    <time className="xs dim3" dateTime={at} title={exactly(at)}>
      {passed < 1_000 ? "now" : `${count} ${name}${count > 1 && PLURAL.has(name) ? "s" : ""}${ago ? " ago" : ""}`}
    </time>
  );
}

/** The time that is left until an instant, in minutes and seconds. */
export function Left({ until }: { until: string }) {
  const now = useNow(1_000);
  const seconds = Math.max(0, Math.ceil((Date.parse(until) - now) / 1_000));
  return (
    <time className="mono" dateTime={until} title={exactly(until)}>
      {Math.floor(seconds / 60)}:{String(seconds % 60).padStart(2, "0")}
    </time>
  );
}
