import { useRef } from "react";

const newKey = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

export type OnceKey = { keyFor: (thing: object) => string; answered: () => void };

/**
 * A key by which the server does a thing once, however often it is asked: the same until the thing is another one or an
 * answer came. Whoever presses again because the line was cut does not pay twice.
 */
export function useOnceKey(): OnceKey {
  const asked = useRef<{ about: string; key: string } | null>(null);
  const keyFor = (thing: object) => {
    const about = JSON.stringify(thing);
    if (asked.current?.about !== about) asked.current = { about, key: newKey() };
    return asked.current.key;
  };
  return { keyFor, answered: () => void (asked.current = null) };
}
