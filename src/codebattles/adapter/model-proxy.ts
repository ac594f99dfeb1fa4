import { randomUUID } from "node:crypto";
import { chmod, mkdir, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Agent } from "../rules/gladiator.ts";
import { holdRequest, REQUEST_BYTES_MAX } from "../rules/model-request.ts";
import { MODEL_APIS, refuseRequest, usedIn, type Used } from "../rules/model.ts";

/** Whose key asks which model, and how many tokens it may use. */
export type ModelAccess = {
  agent: Agent;
  key: string;
  tokenCap: number | null;
  host: string;
  /** Told what each answer cost, before the next is asked for under a cap. */
  count(cost: Used): Promise<unknown>;
};

/** A socket behind which a gladiator finds its model, and nothing else. */
export type ModelProxy = {
  socket: string;
  /** What the model's answers cost, also those that nobody waited for: they are read to their end, for five seconds at most. */
  used(): Promise<Used>;
  close(): Promise<void>;
};

/** What the requests of a gladiator hold together while they are read and asked. */
const REQUESTS_BYTES_MAX = 32 * 1_048_576;
const CONNECTIONS_MAX = 8;
/** Counts stand at a stream's beginning and end. */
const TAIL_LENGTH = 16_384;
const COUNTED_MAX_MS = 5_000;

/**
 * Lets a gladiator ask its model through a socket of the host. The key is put in here and never enters the sandbox; what the
 * gladiator sends as one is thrown away. Only the model's own host is asked, only for answers that it makes by itself
 * (`rules/model-request.ts`).
 */
export async function openModelProxy(folder: string, access: ModelAccess): Promise<ModelProxy> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const socket = join(folder, `${randomUUID()}.sock`);
  const used: Used = { inputTokens: 0, outputTokens: 0 };
  const closing = new AbortController();
  const door: Door = { access, used, heldBytes: 0, turn: Promise.resolve(), stop: closing.signal };
  const open = new Set<Promise<void>>();
  const server = createServer((request, response) => {
    const passing = pass(door, { request, response })
      .catch(() => void response.destroy())
      .finally(() => open.delete(passing));
    open.add(passing);
  });
  server.maxConnections = CONNECTIONS_MAX;
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(socket, resolve));
  await chmod(socket, 0o666); // one sandbox is shown it; nobody else comes into its folder
  return {
    socket,
    used: async () => {
      await Promise.race([Promise.all(open), sleep(COUNTED_MAX_MS)]);
      return { ...used };
    },
    close: async () => {
      closing.abort();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(socket, { force: true });
    },
  };
}

/** A gladiator's way to its model: what it used, what it holds, and when the next request may be asked. */
type Door = { access: ModelAccess; used: Used; heldBytes: number; turn: Promise<unknown>; stop: AbortSignal };
type Exchange = { request: IncomingMessage; response: ServerResponse };

async function pass(door: Door, exchange: Exchange): Promise<void> {
  const { request, response } = exchange;
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const bytes of request) {
      size += (bytes as Buffer).length;
      door.heldBytes += (bytes as Buffer).length;
      if (door.heldBytes > REQUESTS_BYTES_MAX || size > REQUEST_BYTES_MAX) return refuse(response, 413, "TOO_LARGE");
      parts.push(bytes as Buffer);
    }
    const asking = () => ask(door, exchange, Buffer.concat(parts));
    await (door.access.tokenCap === null ? asking() : inTurn(door, asking));
  } finally {
    door.heldBytes -= size;
  }
}

/** Under a cap one answer is counted before the next is asked for: many at once would each find the cap open. */
function inTurn(door: Door, work: () => Promise<void>): Promise<void> {
  const mine = door.turn.then(work);
  door.turn = mine.catch(() => undefined);
  return mine;
}

function refuse(response: ServerResponse, status: number, name: string): void {
  const message = `refused by the arena: ${name}`;
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ error: { message } }));
}

async function ask({ access, used, stop }: Door, { request, response }: Exchange, sent: Buffer): Promise<void> {
  const api = MODEL_APIS[access.agent];
  const { pathname, search } = new URL(request.url ?? "/", "http://model");
  const refusal = refuseRequest({ method: request.method ?? "", path: pathname, used }, api, access.tokenCap);
  if (refusal !== null) return refuse(response, refusal, refusal === 429 ? "TOKEN_CAP" : "PATH");
  const held = holdRequest(access.agent, sent.toString());
  if (!held.ok) return refuse(response, held.refusal === "NOT_JSON" ? 400 : 403, held.refusal);
  const answer = await fetch(`${access.host}${pathname}${search}`, {
    method: "POST",
    headers: { ...passedOn(request), "content-type": "application/json", [api.header]: `${api.prefix}${access.key}` },
    // What was understood is what goes on, never the text: another reader might find something else in it.
    body: JSON.stringify(held.body),
    redirect: "error",
    signal: stop,
  });
  response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "application/json" });
  let [first, last] = ["", ""];
  let isWhole = false;
  try {
    // Who leaves in the middle has caused the whole answer: it is read to its end, for what it cost.
    for await (const bytes of answer.body ?? []) {
      const text = Buffer.from(bytes).toString("latin1");
      if (first.length < TAIL_LENGTH) first += text.slice(0, TAIL_LENGTH);
      last = (last + text).slice(-TAIL_LENGTH);
      if (response.destroyed || response.write(bytes)) continue;
      await new Promise((resolve) => response.once("drain", resolve).once("close", resolve));
    }
    isWhole = true;
  } finally {
    const cost = usedIn(`${first}\n${last}`);
    used.inputTokens += cost.inputTokens;
    used.outputTokens += cost.outputTokens;
    // Whoever asked has its answer, whatever becomes of our books.
    if (isWhole) response.end();
    if (cost.inputTokens + cost.outputTokens > 0) await access.count(cost);
  }
}

const PASSED_ON = ["accept", "anthropic-version", "anthropic-beta", "user-agent"] as const;

const passedOn = ({ headers }: IncomingMessage): Record<string, string> =>
  Object.fromEntries(PASSED_ON.flatMap((name) => (typeof headers[name] === "string" ? [[name, headers[name]]] : [])));
