import { Redis } from "ioredis";
import type { Bus } from "./hub.ts";
import type { Logger } from "./logging.ts";
import type { Line } from "./telling.ts";

const CHANNEL = "agon:moved";
/** Before the name of a topic of which something is told. */
const TOLD = "agon:told:";
const RECONNECT_MAX_MS = 2_000;

/**
 * Connects to Redis, which must answer at the start. Later it may go: commands then fail at once instead of waiting, and
 * the connection comes back by itself.
 */
export async function openRedis(url: string, log: Logger): Promise<Redis> {
  const redis = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    retryStrategy: (tried) => Math.min(tried * 100, RECONNECT_MAX_MS),
  });
  redis.on("error", (error) => log.warn({ error: error.message }, "Redis is away; limits hold on each node alone"));
  await redis.connect();
  return redis;
}

/** Tells other nodes by Redis which streams and feeds moved; they read the log themselves. What it loses their sweep finds. */
export async function openRedisBus(redis: Redis, node: string, log: Logger): Promise<Bus> {
  const listener = redis.duplicate();
  listener.on("error", (error) => log.debug({ error: error.message }, "the bus is away; the sweep finds what moved"));
  await listener.connect();
  await listener.subscribe(CHANNEL);
  return {
    send: (names) => void redis.publish(CHANNEL, JSON.stringify({ node, names })).catch(() => undefined),
    receive: (callback) => {
      listener.on("message", (channel, text) => {
        if (channel !== CHANNEL) return;
        const moved = JSON.parse(text) as { node: string; names: string[] };
        if (moved.node !== node) callback(moved.names);
      });
    },
    ...lineBy(redis, listener, node),
    close: async () => {
      listener.disconnect();
      await Promise.resolve();
    },
  };
}

/** A channel a topic: what is told comes only to nodes on which somebody listens. */
function lineBy(redis: Redis, listener: Redis, node: string): Line {
  const heard = new Map<string, (text: string) => void>();
  const subscribe = (channels: readonly string[]) => {
    if (channels.length > 0) listener.subscribe(...channels).catch(() => undefined);
  };
  // A channel that was asked for while Redis was away is asked for again when it is back.
  listener.on("ready", () => subscribe([...heard.keys()]));
  listener.on("message", (channel, text) => {
    const callback = heard.get(channel);
    if (!callback) return;
    const told = JSON.parse(text) as { node: string; text: string };
    if (told.node !== node) callback(told.text);
  });
  return {
    tell: (topic, text) => void redis.publish(TOLD + topic, JSON.stringify({ node, text })).catch(() => undefined),
    listen: (topic, callback) => {
      heard.set(TOLD + topic, callback);
      subscribe([TOLD + topic]);
      return () => {
        heard.delete(TOLD + topic);
        listener.unsubscribe(TOLD + topic).catch(() => undefined);
      };
    },
  };
}
