import { describe, expect, test } from "vitest";
import { createClient } from "./client.ts";

type Step = { status?: number; body?: unknown } | "cut";
const OK = { data: { postMessage: { __typename: "PostMessageSuccess", cursor: "c" } } };
const LIMITED = (retryAfterMs: number | null) => ({
  data: {
    postMessage: {
      __typename: "RateLimitedRefusal",
      code: "RATE_LIMITED",
      message: "",
      hint: null,
      retryAfterMs,
      path: null,
    },
  },
});
const failing = (code: string, retryAfterMs?: number) => ({
  errors: [{ message: "no", extensions: { code, retryAfterMs } }],
});

/** A server that answers by a script, and a clock that only counts. */
function scripted(steps: Step[]) {
  const keys: string[] = [];
  const waits: number[] = [];
  const fetch = async (_url: unknown, init?: RequestInit) => {
    const { variables } = JSON.parse(String(init?.body)) as { variables: { input: { idempotencyKey: string } } };
    keys.push(variables.input.idempotencyKey);
    const step = steps.shift() ?? "cut";
    if (step === "cut") throw new TypeError("fetch failed");
    return new Response(typeof step.body === "string" ? step.body : JSON.stringify(step.body), {
      status: step.status ?? 200,
    });
  };
  const wait = async (ms: number) => void waits.push(ms);
  const client = createClient({ url: "http://agon.test", apiKey: "cq_test", fetch, wait, random: () => 1 });
  return { client, keys, waits };
}
const say = (client: ReturnType<typeof scripted>["client"]) => client.postMessage({ botId: "bot_1", text: "gg" });

describe("a mutation is sent again with the same key", () => {
  test.each<[string, Step[], number[]]>([
    ["when the connection is cut", ["cut", { body: OK }], [250]],
    ["with growing pauses", ["cut", "cut", "cut", { body: OK }], [250, 500, 1_000]],
    ["when a proxy has no server", [{ status: 502, body: "<html>" }, { body: OK }], [250]],
    ["when the server is starting", [{ status: 503, body: failing("STARTING") }, { body: OK }], [250]],
    [
      "when the cost limit is reached, after the time it says",
      [{ status: 429, body: failing("RATE_LIMITED", 1_234) }, { body: OK }],
      [1_234],
    ],
    ["when it came too soon, after the time it says", [{ body: LIMITED(2_500) }, { body: OK }], [2_500]],
  ])("%s", async (_sentence, steps, pauses) => {
    const { client, keys, waits } = scripted(steps);
    expect(await say(client)).toEqual({ ok: true, cursor: "c" });
    expect(waits).toEqual(pauses);
    expect(new Set(keys).size).toBe(1);
  });
});

describe("a mutation is given up", () => {
  test("after six cut connections", async () => {
    const { client, keys } = scripted([]);
    await expect(say(client)).rejects.toMatchObject({ code: "UNREACHABLE" });
    expect(keys).toHaveLength(6);
  });

  test("at once when the server says that it is wrong", async () => {
    const { client, keys } = scripted([{ body: failing("BAD_INPUT") }]);
    await expect(say(client)).rejects.toMatchObject({ code: "BAD_INPUT" });
    expect(keys).toHaveLength(1);
  });

  test.each([
    ["when the wait is longer than a minute", 60_001],
    ["when waiting does not help", null],
  ])("with its refusal %s", async (_sentence, retryAfterMs) => {
    const { client, waits } = scripted([{ body: LIMITED(retryAfterMs) }]);
    expect(await say(client)).toMatchObject({ ok: false, refusal: { code: "RATE_LIMITED", retryAfterMs } });
    expect(waits).toEqual([]);
  });
});

test("a caller's own idempotency key is kept", async () => {
  const { client, keys } = scripted([{ body: OK }]);
  await client.postMessage({ botId: "bot_1", text: "gg", idempotencyKey: "mine" });
  expect(keys).toEqual(["mine"]);
});
