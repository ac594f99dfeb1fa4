import { useState } from "react";
import { Field } from "../shell/field.tsx";

type DraftProps = Omit<Parameters<typeof Field>[0], "value"> & {
  value: string;
  commit: (text: string) => void;
  /** Why a text is not taken; it stays in the field until it is. */
  refuse?: (text: string) => string | null;
};

/** A field whose text is taken when it is left, so that what is half written changes nothing. */
export function Draft({ value, commit, refuse, wrong, ...rest }: DraftProps) {
  const [draft, setDraft] = useState({ of: value, text: value });
  if (draft.of !== value) setDraft({ of: value, text: value });
  const refused = draft.text === value ? null : (refuse?.(draft.text) ?? null);
  const take = () => draft.text !== value && refused === null && commit(draft.text);
  return (
    <Field
      required={false}
      {...rest}
      value={draft.text}
      wrong={refused ?? wrong}
      onChange={({ target }) => setDraft({ of: value, text: target.value })}
      onBlur={take}
      onKeyDown={({ key }) => key === "Enter" && take()}
    />
  );
}
