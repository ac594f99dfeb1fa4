import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Where a call is held: before the chain hears of it, or when the chain has answered and the caller has not heard. */
export type Place = "before" | "after";

/** A line to a chain's endpoint on which calls of a method can be held for ever. */
export type RpcLine = {
  url: string;
  /** From now on calls of a method hang at a place; resolves when the first does. */
  hold(method: string, place: Place): Promise<void>;
  /** Logs of more than so many blocks are refused, as endpoints do. */
  narrow(blocks: number): void;
  /** From now on the endpoint is behind: it knows no block above a height, and gives no logs of them. With "logs" only those. */
  lag(height: number, of?: "all" | "logs"): void;
  /** Every call passes again; those that hang stay so. */
  release(): void;
  /** Calls of a method are answered with an error that the chain never gave. */
  refuse(method: string, message: string): void;
  stop(): Promise<void>;
};

/** Opens a line to an endpoint. */
export async function openRpcLine(to: string): Promise<RpcLine> {
  let held: { method: string; place: Place; met: () => void } | null = null;
  let refused: { method: string; message: string } | null = null;
  let blocksMax = Infinity;
  let behind: { height: number; of: "all" | "logs" } | null = null;
  const answer = async (body: string, response: ServerResponse): Promise<void> => {
    const call = JSON.parse(body) as Call;
    const { method, id } = call;
    const refuse = (message: string) =>
      void response.end(JSON.stringify({ jsonrpc: "2.0", id, error: { code: -32_000, message } }));
    if (refused?.method === method) return refuse(refused.message);
    if (blocksIn(call) > blocksMax) return refuse("query exceeds the range of blocks");
    const old = behind && lagging(call, behind);
    if (old) return void response.end(JSON.stringify({ jsonrpc: "2.0", id, result: old.result }));
    const holding = held?.method === method ? held : null;
    if (holding?.place === "before") return holding.met();
    const asked = behind && (behind.of === "all" || rangeIn(call)) ? JSON.stringify(asOf(call, behind.height)) : body;
    const forwarded = await fetch(to, { method: "POST", headers: { "content-type": "application/json" }, body: asked });
    const text = await forwarded.text();
    if (holding) return holding.met();
    response.writeHead(forwarded.status, { "content-type": "application/json" }).end(text);
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => void chunks.push(chunk));
    request.on("end", () => void answer(Buffer.concat(chunks).toString(), response).catch(() => response.destroy()));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    hold: (method, place) => new Promise((met) => (held = { method, place, met })),
    release: () => {
      held = null;
      refused = null;
      blocksMax = Infinity;
      behind = null;
    },
    narrow: (blocks) => void (blocksMax = blocks),
    lag: (height, of = "all") => void (behind = { height, of }),
    refuse: (method, message) => void (refused = { method, message }),
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

type Call = { method: string; id: number; params: unknown[] };
type Range = { fromBlock: string; toBlock: string };

const rangeIn = ({ method, params }: Call): Range | null => (method === "eth_getLogs" ? (params[0] as Range) : null);

function blocksIn(call: Call): number {
  const range = rangeIn(call);
  return range ? Number(range.toBlock) - Number(range.fromBlock) + 1 : 0;
}

/** What an endpoint that is behind answers by itself; null for what it knows. */
function lagging(call: Call, { height, of }: { height: number; of: "all" | "logs" }): { result: unknown } | null {
  const range = rangeIn(call);
  if (range && Number(range.fromBlock) > height) return { result: [] };
  if (of === "logs" || call.method !== "eth_getBlockByNumber") return null;
  return Number(call.params[0]) > height ? { result: null } : null;
}

const BEHIND: Record<string, number> = { latest: 0, safe: 1, finalized: 2 };

/** A question as an endpoint at a height understands it: its newest block is that one, and logs end there. */
function asOf(call: Call, height: number): Call {
  const [first, ...rest] = call.params;
  const range = rangeIn(call);
  if (range) {
    const to = Math.min(height, Number(range.toBlock));
    return { ...call, params: [{ ...range, toBlock: `0x${to.toString(16)}` }] };
  }
  const back = call.method === "eth_getBlockByNumber" ? BEHIND[String(first)] : undefined;
  return back === undefined ? call : { ...call, params: [`0x${(height - back).toString(16)}`, ...rest] };
}
