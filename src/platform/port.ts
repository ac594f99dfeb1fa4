/**
 * A hole that a domain leaves for one above it: calls go down, and where a lower domain must make something happen higher
 * up in the same transaction, app.ts binds what is called.
 */
export type Port<Call extends (...given: never[]) => unknown> = { bind(call: Call): void; call: Call };

/** Declares a port; calling it before it is bound is a bug of the composition. */
export function port<Call extends (...given: never[]) => unknown>(name: string): Port<Call> {
  const unbound = (() => {
    throw new Error(`port ${name} is not bound`);
  }) as unknown as Call;
  const made: Port<Call> = { call: unbound, bind: (call) => void (made.call = call) };
  return made;
}
