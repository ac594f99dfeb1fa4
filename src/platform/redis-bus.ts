import type { Redis } from "ioredis";
import type { Bus } from "./hub.ts";

const CHANNEL = "agon:moved";

/** Tells other nodes by Redis which streams and feeds moved; they read the log themselves. */
export async function openRedisBus(redis: Redis, node: string): Promise<Bus> {
  const listener = redis.duplicate();
  await listener.subscribe(CHANNEL);
  return {
    send: (names) => void redis.publish(CHANNEL, JSON.stringify({ node, names })).catch(() => undefined),
    receive: (callback) => {
      listener.on("message", (_channel, text) => {
        const moved = JSON.parse(text) as { node: string; names: string[] };
        if (moved.node !== node) callback(moved.names);
      });
    },
    close: async () => {
      await listener.quit();
    },
  };
}
