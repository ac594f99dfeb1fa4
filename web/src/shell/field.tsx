import { useId, type InputHTMLAttributes } from "react";

type Props = InputHTMLAttributes<HTMLInputElement> & { name: string; label: string; hint?: string };

/** One line of input with its label and what it takes. */
export function Field({ label, hint, ...input }: Props) {
  const id = useId();
  return (
    <div className="fld">
      <label htmlFor={id}>{label}</label>
      <span className="inp">
        <input id={id} type="text" required aria-describedby={hint ? `${id}-hint` : undefined} {...input} />
      </span>
      {hint && (
        <span className="hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
    </div>
  );
}

type Option = { value: string; name: string };

/** One of a few. */
export function Choice({
  name,
  label,
  options,
  ...rest
}: {
  name: string;
  label: string;
  options: readonly Option[];
  defaultValue?: string;
}) {
  const id = useId();
  return (
    <div className="fld">
      <label htmlFor={id}>{label}</label>
      <select className="btn" id={id} name={name} {...rest}>
        {options.map(({ value, name: shown }) => (
          <option key={value} value={value}>
            {shown}
          </option>
        ))}
      </select>
    </div>
  );
}

/** A field of a sent form as text. */
export const textOf = (form: FormData, name: string): string => {
  const value = form.get(name);
  return typeof value === "string" ? value : "";
};
