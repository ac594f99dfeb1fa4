import { useState } from "react";
import { exactly } from "../shell/ago.tsx";
import type { Reached } from "./documents.ts";

const RIM = 131.9;
const SHOWN = 12;

/** How far somebody is, 0 to 1; nothing where it is not shown. */
const partOf = (progress: Reached["progress"]) =>
  progress.reduce((sum, { value, target }) => sum + value / target, 0) / Math.max(1, progress.length);

/** Those that are unlocked first, then those that are nearest. */
const nearness = ({ unlockedAt, progress }: Reached) => (unlockedAt ? 2 : partOf(progress));

/** Everything that can be unlocked; what is locked wears its progress as its rim. */
export function Achievements({ achievements }: { achievements: readonly Reached[] }) {
  const [all, setAll] = useState(false);
  const sorted = achievements.toSorted((a, b) => nearness(b) - nearness(a));
  const unlocked = achievements.filter(({ unlockedAt }) => unlockedAt).length;
  return (
    <section>
      <div className="head">
        <h2>Achievements</h2>
        <span className="ct">
          {unlocked} of {achievements.length}
        </span>
      </div>
      <ul className="ach">
        {sorted.slice(0, all ? sorted.length : SHOWN).map((each) => (
          <Badge key={each.key} reached={each} />
        ))}
      </ul>
      {!all && sorted.length > SHOWN && (
        <button type="button" className="btn sm more-rows" onClick={() => setAll(true)}>
          All {sorted.length}
        </button>
      )}
    </section>
  );
}

function Badge({ reached: { name, description, unlockedAt, progress, ladder } }: { reached: Reached }) {
  const part = partOf(progress);
  return (
    <li className={unlockedAt ? "on" : ""}>
      <svg viewBox="0 0 48 48" aria-hidden="true">
        {unlockedAt ? (
          <circle cx="24" cy="24" r="23" fill="var(--text)" />
        ) : (
          <>
            <circle cx="24" cy="24" r="21" fill="none" stroke="var(--line)" strokeWidth="4" />
            <circle
              cx="24"
              cy="24"
              r="21"
              fill="none"
              stroke="var(--text)"
              strokeWidth="4"
              strokeDasharray={`${(part * RIM).toFixed(1)} ${RIM}`}
              transform="rotate(-90 24 24)"
            />
          </>
        )}
        <path
          transform="translate(4 4)"
          fill={unlockedAt ? "var(--ground)" : "var(--text-2)"}
          d={ladder ? "M20 9l3.2 8 8 3-8 3-3.2 8-3.2-8-8-3 8-3z" : "M18 10l4 0v20h-4zM13 14l7-6 2 4-7 5z"}
        />
      </svg>
      <span>
        <b>{name}</b>
        <span className="xs dim3">{description}</span>
      </span>
      {unlockedAt ? (
        <span className="xs good" title={exactly(unlockedAt)}>
          unlocked
        </span>
      ) : (
        <span className="mono xs dim">{progress.map(({ value, target }) => `${value}/${target}`).join(" ")}</span>
      )}
    </li>
  );
}
