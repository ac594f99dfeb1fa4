// The process that sends a load: see load.ts.
import { connect, type Socket } from "node:net";
import type { Load, Measured, Sent } from "./load.ts";

const END_OF_HEAD = Buffer.from("\r\n\r\n");
const END_OF_CHUNKS = Buffer.from("\r\n0\r\n\r\n");

/** The length of the first whole answer in a buffer and where its body begins; null while it is not whole. */
function answerIn(buffer: Buffer): { bodyAt: number; end: number } | null {
  const headEnd = buffer.indexOf(END_OF_HEAD);
  if (headEnd === -1) return null;
  const head = buffer.toString("latin1", 0, headEnd).toLowerCase();
  const bodyAt = headEnd + END_OF_HEAD.length;
  const length = /\r\ncontent-length: (\d+)/.exec(head)?.[1];
  if (length !== undefined) {
    const end = bodyAt + Number(length);
    return buffer.length >= end ? { bodyAt, end } : null;
  }
  const end = buffer.indexOf(END_OF_CHUNKS, headEnd + 2);
  return end === -1 ? null : { bodyAt, end: end + END_OF_CHUNKS.length };
}

const bytesOf = ({ headers, body }: Sent) =>
  Buffer.from(`${headers}\r\n${body === "" ? "" : `content-length: ${Buffer.byteLength(body)}\r\n`}\r\n${body}`);

function run(load: Load): Promise<Measured> {
  const lanes = load.lanes.map((lane) => lane.map(bytesOf));
  const expected = Buffer.from(load.expected);
  const latencies: number[] = [];
  let [lane, wrong, firstBody] = [0, 0, ""];
  const start = performance.now();
  const until = start + load.forMs;

  const nextLane = (): readonly Buffer[] | null => {
    if (lane === lanes.length && load.again) lane = 0;
    return lanes[lane++] ?? null;
  };

  const drive = (socket: Socket, ended: () => void): void => {
    let requests = nextLane() ?? [];
    let [index, sentAt] = [0, 0];
    let held: Buffer = Buffer.alloc(0);
    const send = (): void => {
      if (index === requests.length) {
        requests = nextLane() ?? [];
        index = 0;
      }
      const request = requests[index++];
      if (!request || performance.now() >= until) return void socket.end(ended);
      sentAt = performance.now();
      socket.write(request);
    };
    socket.on("data", (chunk: Buffer) => {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      const answer = answerIn(held);
      if (!answer) return;
      latencies.push(performance.now() - sentAt);
      if (held.indexOf(expected) === -1) wrong++;
      if (firstBody === "" || (wrong === 1 && held.indexOf(expected) === -1))
        firstBody = held.toString("utf8", answer.bodyAt, answer.end);
      held = held.subarray(answer.end);
      send();
    });
    send();
  };

  const connections = Array.from(
    { length: load.connections },
    () =>
      new Promise<void>((resolve, reject) => {
        const socket = connect({ port: load.port, host: "127.0.0.1", noDelay: true }, () => drive(socket, resolve));
        socket.once("error", reject);
      }),
  );
  return Promise.all(connections).then(() => {
    const seconds = (performance.now() - start) / 1_000;
    const sorted = Float64Array.from(latencies).toSorted();
    const quantile = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    const done = latencies.length;
    return {
      perSecond: done / seconds,
      p50Ms: quantile(0.5),
      p95Ms: quantile(0.95),
      p99Ms: quantile(0.99),
      done,
      wrong,
      firstBody,
    };
  });
}

process.once("message", (load: Load) => void run(load).then((measured) => process.send?.(measured)));
