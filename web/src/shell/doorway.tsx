import "./doorway.css";

type Props = { title: string; steps: readonly (readonly [step: string, says: string])[]; figure: string };

/** The plate beside a door: what one enters for, in three steps. */
export function Welcome({ title, steps, figure }: Props) {
  return (
    <section className="plate welcome">
      <h1 className="disp">{title}</h1>
      <ol className="steps">
        {steps.map(([step, says]) => (
          <li key={step}>
            <b>{step}</b>
            <span>{says}</span>
          </li>
        ))}
      </ol>
      <svg viewBox="0 0 320 292" aria-hidden="true">
        <use href={`/characters.svg#${figure}`} width="320" height="300" />
      </svg>
    </section>
  );
}
