import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { openSocket } from "../harness/streams.ts";

let app: App;
let cookie: string;
beforeAll(async () => {
  app = await startTestApp();
  cookie = `agon_session=${(await newPerson(app.url)).token}`;
});
afterAll(() => app.stop());

/** Sends bytes as they are and gives what comes until the server closes, or has answered `answers` times. */
function sendRaw(text: string | Buffer, answers = 1): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(app.port, "127.0.0.1", () => socket.write(text));
    let got = "";
    socket.on("data", (data) => {
      got += String(data);
      if (got.split("HTTP/1.1 ").length > answers + 1) socket.destroy();
    });
    socket.on("error", () => resolve(got));
    socket.on("close", () => resolve(got));
    setTimeout(() => socket.destroy(), 2_000).unref();
  });
}

const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
const posted = (body: string | Buffer, headers = "") =>
  Buffer.concat([
    Buffer.from(
      `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nconnection: close\r\n${headers}content-length: ${Buffer.byteLength(body)}\r\n\r\n`,
    ),
    Buffer.from(body),
  ]);
const got = (path: string, method = "GET", headers = "") =>
  `${method} ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${headers}\r\n`;

test.each([
  ["two slashes", got("//graphql")],
  ["a path of broken escapes", got("/%ff%")],
  ["a NUL in a replay's name", got("/replays/%00.json")],
  ["a way out of the folder", got("/..%2f..%2fpackage.json")],
  ["an absolute target", got("http://x:99999999/graphql?query={__typename}")],
  ["an asterisk", got("*", "OPTIONS")],
  ["a HEAD", got("/graphql?query={__typename}", "HEAD")],
  ["a DELETE", got("/graphql", "DELETE")],
  ["a query of broken escapes", got("/graphql?query=%ff%&variables=%")],
  ["variables that are no JSON", got("/graphql?query={__typename}&variables={")],
  ["a header of 100 KB", got("/graphql", "GET", `x-long: ${"x".repeat(100_000)}\r\n`)],
  ["a key of controls", posted(`{"query":"{__typename}"}`, "x-api-key: \u0001\u007f\r\n")],
  ["an empty body", posted("")],
  ["a body that is compressed", posted(gzipSync(`{"query":"{__typename}"}`), "content-encoding: gzip\r\n")],
  ["a body of broken UTF-8", posted(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]))],
  ["a NUL", posted(`{"query":"{ bot(name: \\"\\u0000\\") { id } }"}`)],
  ["an array", posted(`[{"query":"{__typename}"}]`)],
  ["null", posted("null")],
  ["a number", posted("1")],
  ["nothing asked", posted("{}")],
  ["a query that is a number", posted(`{"query":1}`)],
  ["a name that is an object", posted(`{"query":"{__typename}","operationName":{}}`)],
  ["variables that are a list", posted(`{"query":"{__typename}","variables":[]}`)],
  ["extensions that are text", posted(`{"query":"{__typename}","extensions":"x"}`)],
  ["a hash that is an object", posted(`{"extensions":{"persistedQuery":{"sha256Hash":{}}}}`)],
  [
    "a hash that is a name of every object",
    posted(`{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"__proto__"}}}`),
  ],
  ["keys of every object", posted(`{"query":"{__typename}","__proto__":{"a":1},"constructor":1}`)],
  [
    "variables with keys of every object",
    posted(`{"query":"query($a:Int){bots(first:$a){nodes{id}}}","variables":{"__proto__":{"a":1}}}`),
  ],
  ["an event stream of no subscription", posted(`{"query":"{__typename}"}`, "accept: text/event-stream\r\n")],
  ["an operation that is not there", posted(`{"query":"query A{__typename}","operationName":"B"}`)],
])("%s is no failure of the server", async (_sentence, request) => {
  const answer = await sendRaw(request);
  expect(statusOf(answer)).toBeGreaterThanOrEqual(200);
  expect(statusOf(answer)).toBeLessThan(500);
  expect(answer).not.toMatch(/INTERNAL|node_modules|at \w+ \(/);
});

const deep = `${"[".repeat(25_000)}${"]".repeat(25_000)}`;

test("depth that no program has is refused by name on a socket", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = await openSocket(app.url, resolve);
  const query = "subscription($ladder: LadderKind!) { queueEvents(ladder: $ladder) { kind } }";
  socket.send(`{"id":"1","type":"subscribe","payload":{"query":"${query}","variables":{"ladder":${deep}}}}`);
  expect(await promise).toContain("VARIABLES_TOO_LARGE");
  socket.terminate();
});

test("a subscription's id of 60 KB does not go out with each event", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = await openSocket(app.url, resolve);
  const query = "subscription { arenaEvents { liveNow } }";
  socket.send(JSON.stringify({ id: "x".repeat(60_000), type: "subscribe", payload: { query } }));
  expect(JSON.parse(await promise)).toMatchObject({ type: "error", payload: [{ extensions: { code: "BAD_INPUT" } }] });
  socket.terminate();
});

test("depth that no program has is refused by name", async () => {
  const query = JSON.stringify(
    `mutation($m: JSON) { registerBot(input: { name: "Deep", metadata: $m }) { __typename ... on Refusal { code } } }`,
  );
  for (const more of ["", `,"more":1`]) {
    const answer = await sendRaw(
      posted(`{"query":${query},"variables":{"m":${deep}}${more}}`, `cookie: ${cookie}\r\n`),
    );
    expect(answer).toMatch(/BAD_INPUT|VARIABLES_TOO_LARGE/);
  }
});

test("of two answers on one connection each is whole and its asker's own", async () => {
  const one = (query: string, headers = "") => {
    const body = JSON.stringify({ query });
    return `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${headers}content-length: ${body.length}\r\n\r\n${body}`;
  };
  const answer = await sendRaw(
    one("{ viewer { user { handle } } }", `cookie: ${cookie}\r\n`) + one("{ viewer { user { handle } } }"),
    2,
  );
  expect(answer).toMatch(/"handle":"person[\s\S]*"viewer":null/);
});

test("a link changes nothing", async () => {
  const link = `/graphql?query=${encodeURIComponent("mutation { signOut(input: {}) { __typename } }")}`;
  for (const extra of ["", "x-agon: 1\r\n"]) await sendRaw(got(link, "GET", `cookie: ${cookie}\r\n${extra}`));
  const { data } = await ask(app.url, "{ viewer { operator } }", {}, { cookie });
  expect(data).toEqual({ viewer: { operator: false } });
});

test("a foreign page's socket that is cut before it hears its refusal ends nothing", async () => {
  for (let tried = 0; tried < 50; tried++) {
    const socket = connect(app.port, "127.0.0.1");
    await new Promise((resolve) => socket.once("connect", resolve));
    socket.on("error", () => undefined);
    socket.write(
      `GET /graphql HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: MDEyMzQ1Njc4OWFiY2RlZg==\r\norigin: http://evil.example\r\ncookie: ${cookie}\r\n\r\n`,
      () => socket.resetAndDestroy(),
    );
  }
  expect((await ask(app.url, "{ __typename }")).data).toEqual({ __typename: "Query" });
});
