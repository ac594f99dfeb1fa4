import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A real git server: `git http-backend` behind HTTP, over the bare repositories of a folder. */
export type GitServer = {
  url: string;
  folder: string;
  /** What each request had of authorization. */
  seen: (string | undefined)[];
  /** A bare repository whose commits a callback makes in a checkout; its URL. */
  repository(name: string, build: (git: Git, checkout: string) => void): string;
  stop(): Promise<void>;
};

export type Git = (...args: string[]) => string;

const MAKER = {
  PATH: process.env["PATH"] ?? "",
  HOME: "/nonexistent",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  ...Object.fromEntries(
    ["AUTHOR", "COMMITTER"].flatMap((who) => [
      [`GIT_${who}_NAME`, "Maker"],
      [`GIT_${who}_EMAIL`, "maker@test.invalid"],
    ]),
  ),
};

export const gitIn =
  (folder: string, input = ""): Git =>
  (...args) =>
    execFileSync("git", ["-C", folder, ...args], { env: MAKER, input, encoding: "utf8", maxBuffer: 1e9 }).trim();

/** Starts the server; `tokens` are those without which a repository is not shown. */
export async function startGitServer(tokens: Record<string, string> = {}): Promise<GitServer> {
  const folder = mkdtempSync(join(tmpdir(), "agon-git-"));
  const seen: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers.authorization);
    const name = /^\/([\w.-]+)\//.exec(request.url ?? "")?.[1] ?? "";
    const token = tokens[name];
    const expected = token && `Basic ${Buffer.from(`x-access-token:${token}`).toString("base64")}`;
    if (expected && request.headers.authorization !== expected)
      return void response.writeHead(401, { "www-authenticate": "Basic realm=git" }).end();
    if (name === "moved.git") return void response.writeHead(302, { location: "http://127.0.0.1:1/" }).end();
    if (name === "slow.git") return; // never answers
    serve(folder, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    folder,
    seen,
    repository: (name, build) => {
      makeRepository(folder, name, build);
      return `${url}/${name}.git`;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A bare repository of a folder, whose commits a callback makes in a checkout. */
export function makeRepository(folder: string, name: string, build: (git: Git, checkout: string) => void): void {
  const bare = join(folder, `${name}.git`);
  const checkout = join(folder, `${name}-checkout`);
  for (const old of [bare, checkout]) rmSync(old, { recursive: true, force: true }); // of a test that is tried again
  execFileSync("git", ["init", "--quiet", "--bare", "--initial-branch=main", bare], { env: MAKER });
  execFileSync("git", ["init", "--quiet", "--initial-branch=main", checkout], { env: MAKER });
  build(gitIn(checkout), checkout);
  gitIn(checkout)("push", "--quiet", bare, "HEAD:refs/heads/main");
}

/** One request as CGI (RFC 3875). */
export function serve(folder: string, request: IncomingMessage, response: ServerResponse): void {
  const [path = "", query = ""] = (request.url ?? "").split("?");
  const child = spawn("git", ["http-backend"], {
    env: {
      ...MAKER,
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: "1",
      GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
      PATH_INFO: path,
      QUERY_STRING: query,
      REQUEST_METHOD: request.method ?? "GET",
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      HTTP_CONTENT_ENCODING: String(request.headers["content-encoding"] ?? ""),
      REMOTE_USER: "reader",
      REMOTE_ADDR: "127.0.0.1",
    },
    stdio: ["pipe", "pipe", "inherit"],
  });
  request.pipe(child.stdin);
  child.stdin.on("error", () => null);
  let head: Buffer | null = Buffer.alloc(0);
  child.stdout.on("data", (bytes: Buffer) => {
    if (head === null) return void response.write(bytes);
    head = Buffer.concat([head, bytes]);
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) return;
    const lines = head.subarray(0, end).toString().split("\r\n");
    const status = lines.find((line) => line.startsWith("Status:"));
    response.statusCode = status ? Number(status.split(" ")[1]) : 200;
    for (const line of lines.filter((each) => each !== status)) {
      const [key = "", ...value] = line.split(": ");
      response.setHeader(key, value.join(": "));
    }
    response.write(head.subarray(end + 4));
    head = null;
  });
  child.once("close", () => response.end());
}
