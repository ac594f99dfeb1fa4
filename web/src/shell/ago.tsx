const UNITS = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
] as const;

/** How long ago an instant was, in one unit; the exact one on hover. */
export function Ago({ at }: { at: string }) {
  const passed = Math.max(0, Date.now() - Date.parse(at));
  const [name, ms] = UNITS.find(([, unit]) => passed >= unit) ?? UNITS[3];
  const count = Math.floor(passed / ms);
  return (
    <time className="xs dim3" dateTime={at} title={new Date(at).toLocaleString()}>
      {passed < 1_000 ? "now" : `${count} ${name}${name.length > 3 && count > 1 ? "s" : ""}`}
    </time>
  );
}
