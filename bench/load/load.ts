// Sends HTTP requests over kept-alive raw sockets from a process of its own, so that measuring costs the measured little.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/** One request; `headers` are whole lines without the last line's end. */
export type Sent = { headers: string; body: string };

/** A lane's requests are sent one after the other on one connection; lanes are taken in order, each once. */
export type Load = {
  port: number;
  connections: number;
  forMs: number;
  lanes: readonly (readonly Sent[])[];
  /** Begin again with the first lane when the last is done. */
  again: boolean;
  /** What every right answer contains. */
  expected: string;
};

/** What came of a load. `firstBody` is the first answer's; `wrong` counts answers without `expected`. */
export type Measured = {
  perSecond: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  done: number;
  wrong: number;
  firstBody: string;
};

/** Runs a load and waits for it. */
export function sendLoad(load: Load): Promise<Measured> {
  const worker = fork(fileURLToPath(new URL("worker.ts", import.meta.url)));
  return new Promise((resolve, reject) => {
    worker.once("message", (measured: Measured) => {
      worker.kill();
      resolve(measured);
    });
    worker.once("exit", (code) => reject(new Error(`the load's process ended with ${code}`)));
    worker.send(load);
  });
}

/** A GraphQL request as JSON over POST. */
export function graphqlRequest(query: string, variables: object, headers: Record<string, string> = {}): Sent {
  const lines = Object.entries({ "content-type": "application/json", accept: "application/json", ...headers });
  return {
    headers: ["POST /graphql HTTP/1.1", "host: 127.0.0.1", ...lines.map(([name, value]) => `${name}: ${value}`)].join(
      "\r\n",
    ),
    body: JSON.stringify({ query, variables }),
  };
}

/** A GET request. */
export const getRequest = (path: string): Sent => ({ headers: `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1`, body: "" });
