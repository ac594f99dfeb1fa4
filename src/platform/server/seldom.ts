/** How long a look counts for whoever asks after it. */
const KEPT_MS = 1_000;

/** One look for all who ask at once or within a second: each costs a connection to the database, and anybody may ask. */
export function seldom(look: () => Promise<boolean>): () => Promise<boolean> {
  let latest: Promise<boolean> | null = null;
  const forget = () => void setTimeout(() => (latest = null), KEPT_MS).unref();
  return () => {
    latest ??= look().finally(forget);
    return latest;
  };
}
