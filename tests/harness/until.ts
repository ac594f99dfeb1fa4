const TRIES_MAX = 1_000;
const PAUSE_MS = 50;

/** Looks again until something is there, for about 50 seconds (a test's own limit is a minute); `what` names it in the failure. */
export async function until<T>(
  look: () => T | Promise<T>,
  what: string,
): Promise<Exclude<T, null | undefined | false>> {
  for (let tried = 0; tried < TRIES_MAX; tried++) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found as Exclude<T, null | undefined | false>;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  throw new Error(`${what} did not come`);
}
