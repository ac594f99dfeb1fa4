import type { Growth } from "./documents.ts";
import { thousands } from "./words.ts";

/** What a bot gathered by capability. */
export function Skills({ skills }: { skills: Growth["skills"] }) {
  const most = skills[0]?.total ?? 1;
  return (
    <section>
      <div className="head">
        <h2>Skills</h2>
        <span className="ct">by what its work asked for</span>
      </div>
      <ul className="xpskills">
        {skills.map(({ skill, total, level }) => (
          <li key={skill}>
            <span className="trunc">{skill}</span>
            <span className="gb" aria-hidden="true">
              <i style={{ width: `${((total / most) * 100).toFixed(1)}%` }} />
            </span>
            <span className="xs dim">{level.name}</span>
            <span className="mono xs num">{thousands(total)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
