import { useEffect } from "react";

const TYPED_INTO = "input, textarea, select, [contenteditable]";
const OWN_KEYS = "button, a, summary, [role='region'], pre, [role='dialog'], [role='alertdialog']";

/**
 * Keys of the whole page, for who watches with a hand on the keyboard: what is typed into, and what has keys of its own,
 * keeps them.
 */
export function useKeys(keys: Readonly<Record<string, () => void>>): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const act = keys[event.key];
      const { target } = event;
      if (!act || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (target instanceof Element && target.closest(`${TYPED_INTO}, ${OWN_KEYS}`)) return;
      event.preventDefault();
      act();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  });
}
