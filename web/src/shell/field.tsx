import { useId, type InputHTMLAttributes } from "react";

type Props = InputHTMLAttributes<HTMLInputElement> & {
  name: string;
  label: string;
  hint?: string;
  /** Why what was sent is not taken, said in place of the hint. */
  wrong?: string | undefined;
};

/** One line of input with its label and what it takes. */
export function Field({ label, hint, wrong, ...input }: Props) {
  const id = useId();
  return (
    <div className="fld">
      <label htmlFor={id}>{label}</label>
      <span className="inp">
        <input
          id={id}
          type="text"
          required
          aria-invalid={wrong !== undefined || undefined}
          aria-describedby={hint || wrong ? `${id}-hint` : undefined}
          {...input}
        />
      </span>
      <Below id={`${id}-hint`} hint={hint} wrong={wrong} />
    </div>
  );
}

/** What stands below a field: what is wrong with it, or else what it takes. */
export function Below({ id, hint, wrong }: { id: string; hint?: string | undefined; wrong?: string | undefined }) {
  return (
    (wrong ?? hint) && (
      <span className={wrong === undefined ? "hint" : "hint bad"} id={id}>
        {wrong ?? hint}
      </span>
    )
  );
}

type Option = { value: string; name: string };

/** One of a few. */
export function Choice({
  name,
  label,
  options,
  wrong,
  chosen,
  ...rest
}: {
  name: string;
  label: string;
  options: readonly Option[];
  defaultValue?: string;
  wrong?: string | undefined;
  /** Hears what is chosen. */
  chosen?: (value: string) => void;
}) {
  const id = useId();
  return (
    <div className="fld">
      <label htmlFor={id}>{label}</label>
      <select
        className="btn"
        id={id}
        name={name}
        aria-invalid={wrong !== undefined || undefined}
        aria-describedby={wrong ? `${id}-hint` : undefined}
        onChange={chosen && (({ target }) => chosen(target.value))}
        {...rest}
      >
        {options.map(({ value, name: shown }) => (
          <option key={value} value={value}>
            {shown}
          </option>
        ))}
      </select>
      <Below id={`${id}-hint`} wrong={wrong} />
    </div>
  );
}

/** A field of a sent form as text. */
export const textOf = (form: FormData, name: string): string => {
  const value = form.get(name);
  return typeof value === "string" ? value : "";
};
