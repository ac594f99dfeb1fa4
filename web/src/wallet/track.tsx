type Props = { steps: readonly string[]; at: number; done: boolean; notes?: readonly (string | undefined)[] };

const lookOf = (step: number, at: number, done: boolean) => (step < at || (done && step === at) ? "done" : "");

/** Where something on its way stands: one bar a state, full when it is past, half now. */
export function Track({ steps, at, done, notes = [] }: Props) {
  return (
    <ol className="trk" aria-label="Where it stands">
      {steps.map((name, step) => (
        <li
          key={name}
          className={lookOf(step, at, done) || (step === at ? "now" : "")}
          aria-current={step === at ? "step" : undefined}
        >
          <i />
          <b>{name}</b>
          <span className="mono">{notes[step]}</span>
        </li>
      ))}
    </ol>
  );
}

/** The beginning and the end of an address or hash; the whole on hover. */
export function Hex({ text }: { text: string }) {
  return (
    <span className="mono" title={text}>
      {text.slice(0, 6)}…{text.slice(-4)}
    </span>
  );
}
