import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Where a call is held: before the chain hears of it, or when the chain has answered and the caller has not heard. */
export type Place = "before" | "after";

/** A line to a chain's endpoint on which calls of a method can be held for ever. */
export type RpcLine = {
  url: string;
  /** From now on calls of a method hang at a place; resolves when the first does. */
  hold(method: string, place: Place): Promise<void>;
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
  const answer = async (body: string, response: ServerResponse): Promise<void> => {
    const { method, id } = JSON.parse(body) as { method: string; id: number };
    if (refused?.method === method)
      return void response.end(
        JSON.stringify({ jsonrpc: "2.0", id, error: { code: -32_000, message: refused.message } }),
      );
    const holding = held?.method === method ? held : null;
    if (holding?.place === "before") return holding.met();
    const forwarded = await fetch(to, { method: "POST", headers: { "content-type": "application/json" }, body });
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
    },
    refuse: (method, message) => void (refused = { method, message }),
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
