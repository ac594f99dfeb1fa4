import type { Server } from "node:http";
import type { ExecutionResult } from "graphql";
import { anonymousViewer } from "../viewer.ts";
import { contextFor, type Authenticate, type Revalidate } from "./context.ts";
import { openEventStreams, type EventStreams } from "./event-streams.ts";
import { Held } from "./held.ts";
import type { Metrics } from "./metrics.ts";
import { masked, type OperationParts } from "./operation.ts";
import { SharedSubscriptions } from "./sharing.ts";
import { openSockets } from "./sockets.ts";
import { Turns } from "./turns.ts";

type Parts = OperationParts & {
  authenticate: Authenticate;
  revalidate: Revalidate;
  corsOrigins: readonly string[];
  metrics: Metrics;
};

/** Everybody who subscribes, over WebSockets and server-sent events: they share executions and limits. */
export type Subscribers = {
  /** Takes subscriptions that ask for server-sent events; false leaves the request to others. */
  serve: EventStreams["serve"];
  /** Takes WebSockets on a server's upgrades. */
  listen(server: Server): void;
  stop(): Promise<void>;
};

/** Opens what serves subscriptions. */
export function openSubscribers(parts: Parts): Subscribers {
  const { platform, schema } = parts;
  const turns = new Turns();
  const context = () => contextFor(platform, anonymousViewer("shared"), { headers: {}, address: "shared" });
  const mask = (result: ExecutionResult) => masked(platform, result);
  const shared = new SharedSubscriptions({ schema, context, mask }, turns);
  const held = new Held(platform, parts.revalidate);
  const streams = openEventStreams(parts, { shared, turns }, held);
  let stopSockets = () => Promise.resolve();
  return {
    serve: streams.serve,
    listen: (server) => {
      ({ stop: stopSockets } = openSockets(server, parts, shared, held));
    },
    stop: async () => {
      held.stop();
      streams.stop();
      await stopSockets();
    },
  };
}
