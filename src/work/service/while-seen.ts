import type { Platform } from "../../platform/platform.ts";
import type { StreamItems } from "../../platform/subscribe.ts";
import { teamTopic } from "../../teams/events.ts";

/** A stream of a team's work, as long as who follows it may see it: asked again whenever the team's people or bots change. */
export function whileSeen(
  { hub, log }: Platform,
  items: StreamItems,
  teamId: string | null,
  isSeen: () => Promise<boolean>,
): StreamItems {
  if (teamId === null) return items;
  const ask = async () => {
    const seen = await isSeen().catch((error: unknown) => {
      log.warn({ error }, "a stream ends: whether it may be seen could not be asked");
      return false;
    });
    if (!seen) await end();
  };
  const moved = () => {
    void ask();
    return true;
  };
  const leave = hub.watch(teamTopic(teamId), { deliver: moved, close: () => undefined });
  const end = async () => {
    leave();
    await items.return?.();
  };
  // Somebody may have been taken out since the stream was asked for.
  moved();
  const watched: StreamItems = {
    start: items.start,
    next: () =>
      items.next().catch((error: unknown) => {
        leave();
        throw error;
      }),
    return: async () => {
      await end();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => watched,
  };
  return watched;
}
