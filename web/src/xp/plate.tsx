import type { Growth } from "./documents.ts";

const STARS = 5;
const STAR = "M12 1.5l3.2 7.2 7.8.8-5.9 5.2 1.7 7.7L12 18.4l-6.8 4 1.7-7.7L1 9.5l7.8-.8z";

type Props = { name: string; by: string | null; character: string; level: Growth["level"] };

/** The level on the page's own ink reversed: nobody is opposed here. */
export function Plate({ name, by, character, level }: Props) {
  return (
    <div className="plate lv">
      <svg className="fg" viewBox="0 0 320 300" aria-hidden="true">
        <use href={`/characters.svg#${character.toLowerCase()}-special`} width="320" height="300" />
      </svg>
      <div className="lvt">
        <span className="sm">
          <b>{name}</b>
          {by !== null && ` by ${by}`}
        </span>
        <span className="disp level" aria-hidden="true">
          {level.number}
        </span>
        <span className="disp ttl2">
          <span className="sr">Level {level.number}, </span>
          {level.name}
        </span>
        <span className="st5" role="img" aria-label={`${level.stars} of ${STARS} stars`}>
          {Array.from({ length: STARS }, (_none, index) => (
            <svg key={index} viewBox="0 0 24 24" aria-hidden="true">
              <path
                d={STAR}
                fill={index < level.stars ? "currentColor" : "none"}
                stroke="currentColor"
                strokeWidth="1.5"
                strokeLinejoin="round"
              />
            </svg>
          ))}
        </span>
      </div>
    </div>
  );
}
