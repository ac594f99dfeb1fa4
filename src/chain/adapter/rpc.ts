/** Asks a chain's endpoint one thing. Throws when it does not answer in time or refuses. */
export type Rpc = <Result>(method: string, params?: readonly unknown[]) => Promise<Result>;

const ANSWER_MS = 4_000;

type Answer = { result?: unknown; error?: { code: number; message: string } };

/** JSON-RPC over HTTP for the few questions of a start: loading a chain library for them would cost it a second. */
export function rpcTo(url: string, answerMs = ANSWER_MS): Rpc {
  return async <Result>(method: string, params: readonly unknown[] = []) => {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
      signal: AbortSignal.timeout(answerMs),
    });
    if (!response.ok) throw new Error(`${method}: the endpoint answered ${response.status}`);
    const { result, error } = (await response.json()) as Answer;
    if (error) throw new Error(`${method}: ${error.message} (${error.code})`);
    return result as Result;
  };
}
