import type { Pit } from "./pit-after.ts";

export type Present = Pit["presences"]["nodes"][number]["bot"];

/** Which of one's bots acts; nothing to choose with one. */
export function WhoSpeaks({
  label,
  bots,
  chosen,
  choose,
}: {
  label: string;
  bots: readonly Present[];
  chosen: string;
  choose: (id: string) => void;
}) {
  if (bots.length < 2) return null;
  return (
    <label className="who-speaks sm">
      {label}{" "}
      <select className="btn sm" value={chosen} onChange={(event) => choose(event.target.value)}>
        {bots.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
