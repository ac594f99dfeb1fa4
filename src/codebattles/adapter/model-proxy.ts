import { randomUUID } from "node:crypto";
import { access as reach, chmod, mkdir, readdir, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pid } from "node:process";
import type { Agent } from "../rules/gladiator.ts";
import { MODEL_APIS, refuseRequest, usedIn, type Used } from "../rules/model.ts";

/** Whose key asks which model, and how many tokens it may use. */
export type ModelAccess = { agent: Agent; key: string; tokenCap: number | null; host: string };

/** A socket behind which a gladiator finds its model, and nothing else. */
export type ModelProxy = { socket: string; used(): Used; close(): Promise<void> };

const REQUEST_BYTES_MAX = 32 * 1_048_576;
/** Counts stand at a stream's beginning and end. */
const TAIL_LENGTH = 16_384;

/**
 * Lets a gladiator ask its model through a socket of the host. The key is put in here and never enters the sandbox; what the
 * gladiator sends as one is thrown away. Only the model's own host is asked, only for answers.
 */
export async function openModelProxy(folder: string, access: ModelAccess): Promise<ModelProxy> {
  await mkdir(folder, { recursive: true, mode: 0o711 });
  const socket = join(folder, `${pid}-${randomUUID()}.sock`);
  const used: Used = { inputTokens: 0, outputTokens: 0 };
  const server = createServer((request, response) => {
    pass(access, used, { request, response }).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(socket, resolve));
  await chmod(socket, 0o666); // its folder's name is told to one sandbox
  return {
    socket,
    used: () => ({ ...used }),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(socket, { force: true });
    },
  };
}

/** Where the sockets of this machine's proxies are. */
export const MODEL_SOCKETS = join(tmpdir(), "agon-models");

/** Takes away the sockets of processes that are dead. */
export async function reapSockets(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const isAlive = await reach(`/proc/${Number.parseInt(name, 10)}`).then(
      () => true,
      () => false,
    );
    if (!isAlive) await rm(join(folder, name), { force: true });
  }
}

type Exchange = { request: IncomingMessage; response: ServerResponse };

async function pass(access: ModelAccess, used: Used, { request, response }: Exchange): Promise<void> {
  const api = MODEL_APIS[access.agent];
  const { pathname, search } = new URL(request.url ?? "/", "http://model");
  const refusal = refuseRequest({ method: request.method ?? "", path: pathname, used }, api, access.tokenCap);
  if (refusal !== null)
    return void response
      .writeHead(refusal, { "content-type": "application/json" })
      .end('{"error":{"message":"refused by the arena"}}');
  const body = await read(request);
  if (body === null) return void response.writeHead(413).end();
  const answer = await fetch(`${access.host}${pathname}${search}`, {
    method: "POST",
    headers: { ...passedOn(request), [api.header]: `${api.prefix}${access.key}` },
    body: new Uint8Array(body),
    redirect: "error",
  });
  response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "application/json" });
  let [first, last] = ["", ""];
  for await (const bytes of answer.body ?? []) {
    const text = Buffer.from(bytes).toString("latin1");
    if (first.length < TAIL_LENGTH) first += text.slice(0, TAIL_LENGTH);
    last = (last + text).slice(-TAIL_LENGTH);
    if (!response.write(bytes)) await new Promise((resolve) => response.once("drain", resolve).once("close", resolve));
  }
  response.end();
  const cost = usedIn(`${first}\n${last}`);
  used.inputTokens += cost.inputTokens;
  used.outputTokens += cost.outputTokens;
}

const PASSED_ON = ["content-type", "accept", "anthropic-version", "anthropic-beta", "user-agent"] as const;

const passedOn = ({ headers }: IncomingMessage): Record<string, string> =>
  Object.fromEntries(PASSED_ON.flatMap((name) => (typeof headers[name] === "string" ? [[name, headers[name]]] : [])));

async function read(request: IncomingMessage): Promise<Buffer | null> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const bytes of request) {
    size += (bytes as Buffer).length;
    if (size > REQUEST_BYTES_MAX) return null;
    parts.push(bytes as Buffer);
  }
  return Buffer.concat(parts);
}
