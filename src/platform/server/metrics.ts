import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Kind, type DocumentNode } from "graphql";
import type { Plugin } from "graphql-yoga";
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Platform } from "../platform.ts";

/** What Prometheus reads, and where the server counts. */
export type Metrics = {
  operations: Counter<"type" | "outcome">;
  seconds: Histogram<"type">;
  sockets: Gauge;
  subscriptions: Gauge;
  /** Answers /metrics: with the token when there is one, else to this machine only. */
  serve(req: IncomingMessage, res: ServerResponse): Promise<void>;
};

/** What a domain lets Prometheus read: a value by label, read when it asks. */
export type GaugeSource = {
  name: string;
  help: string;
  label: string;
  read(): Promise<(readonly [label: string, value: number])[]>;
};

const LOOPBACK = new Set(["127.0.0.1", "::1", "::ffff:127.0.0.1"]);
const SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** Opens the counters of one server. */
export function openMetrics(
  { db }: Pick<Platform, "db">,
  token: string | null,
  sources: readonly GaugeSource[] = [],
): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  registry.registerMetric(connections(db));
  for (const source of sources) registry.registerMetric(gaugeOf(source));
  return {
    operations: new Counter({
      name: "agon_operations_total",
      help: "GraphQL operations over HTTP, by type and whether they had errors.",
      labelNames: ["type", "outcome"],
      registers,
    }),
    seconds: new Histogram({
      name: "agon_operation_seconds",
      help: "How long GraphQL operations over HTTP ran.",
      labelNames: ["type"],
      buckets: SECONDS,
      registers,
    }),
    sockets: gauge("agon_sockets", "Open WebSockets."),
    subscriptions: gauge("agon_subscriptions", "Open subscriptions on WebSockets."),
    serve: async (req, res) => {
      if (!mayRead(req, token)) return void res.writeHead(403).end("Metrics need the token of METRICS_TOKEN.\n");
      res.writeHead(200, { "content-type": registry.contentType }).end(await registry.metrics());
    },
  };
}

function connections({ pool }: Platform["db"]): Gauge<"state"> {
  return new Gauge({
    name: "agon_database_connections",
    help: "Connections of the pool, by what they do.",
    labelNames: ["state"],
    registers: [],
    collect() {
      this.set({ state: "idle" }, pool.idleCount);
      this.set({ state: "busy" }, pool.totalCount - pool.idleCount);
      this.set({ state: "awaited" }, pool.waitingCount);
    },
  });
}

function gaugeOf({ name, help, label, read }: GaugeSource): Gauge {
  return new Gauge({
    name,
    help,
    labelNames: [label],
    registers: [],
    async collect() {
      for (const [value, count] of await read()) this.set({ [label]: value }, count);
    },
  });
}

function mayRead(req: IncomingMessage, token: string | null): boolean {
  // What a proxy of this machine passes on comes from anywhere.
  const passedOn = req.headers["x-forwarded-for"] !== undefined || req.headers.forwarded !== undefined;
  if (token === null) return !passedOn && LOOPBACK.has(req.socket.remoteAddress ?? "");
  const [given, wanted] = [Buffer.from(req.headers.authorization ?? ""), Buffer.from(`Bearer ${token}`)];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** Counts operations and how long they ran. */
export function useMetrics({ operations, seconds }: Metrics): Plugin {
  return {
    onExecute: ({ args }) => {
      const { definitions } = args.document as DocumentNode;
      const type = definitions.find((each) => each.kind === Kind.OPERATION_DEFINITION)?.operation ?? "query";
      const stop = seconds.startTimer({ type });
      return {
        onExecuteDone: ({ result }) => {
          stop();
          const failed = !(Symbol.asyncIterator in result) && result.errors !== undefined;
          operations.inc({ type, outcome: failed ? "errors" : "ok" });
        },
      };
    },
  };
}
