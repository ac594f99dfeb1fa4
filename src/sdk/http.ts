import { AgonError, type ServerError } from "./errors.ts";
import { backoffMs, wait } from "./waiting.ts";

/** How requests go out. `fetch`, `random` and `wait` are arguments so that tests need neither network nor time. */
export type Http = {
  endpoint: string;
  apiKey: string | null;
  fetch: typeof fetch;
  random: () => number;
  wait: (ms: number) => Promise<void>;
};

export const systemHttp = { fetch: globalThis.fetch, random: Math.random, wait } as const;

const ATTEMPTS_MAX = 6;
/** A longer wait is the caller's decision: the error says how long. */
const WAIT_MAX_MS = 60_000;
const UNAVAILABLE = [502, 503, 504];

type Answer<Data> = { ok: true; data: Data } | { ok: false; error: AgonError; passing: boolean };

/** Sends one operation; repeats it while the server cannot be reached, and after `retryAfterMs` where one is given. */
export async function send<Data>(http: Http, query: string, variables: object): Promise<Data> {
  for (let failures = 0; ; failures++) {
    const answer = await attempt<Data>(http, query, variables);
    if (answer.ok) return answer.data;
    const pauseMs = pauseAfter(answer, failures, http.random);
    if (pauseMs === null) throw answer.error;
    await http.wait(pauseMs);
  }
}

function pauseAfter(
  { error, passing }: { error: AgonError; passing: boolean },
  failures: number,
  random: () => number,
) {
  if (failures + 1 >= ATTEMPTS_MAX) return null;
  if (error.retryAfterMs !== null) return error.retryAfterMs <= WAIT_MAX_MS ? error.retryAfterMs : null;
  return passing ? backoffMs(failures, random) : null;
}

async function attempt<Data>(http: Http, query: string, variables: object): Promise<Answer<Data>> {
  let response: Response;
  try {
    response = await http.fetch(http.endpoint, {
      method: "POST",
      headers: { "content-type": "application/json", ...(http.apiKey ? { "x-api-key": http.apiKey } : {}) },
      body: JSON.stringify({ query, variables }),
    });
  } catch (cause) {
    const error = new AgonError("UNREACHABLE", `${http.endpoint} cannot be reached.`, { cause });
    return { ok: false, error, passing: true };
  }
  return read<Data>(response);
}

async function read<Data>(response: Response): Promise<Answer<Data>> {
  const passing = UNAVAILABLE.includes(response.status);
  let body: { data?: Data | null; errors?: ServerError[] };
  try {
    body = (await response.json()) as typeof body;
  } catch (cause) {
    const error = new AgonError(
      passing ? "UNREACHABLE" : "NOT_GRAPHQL",
      `The answer with status ${response.status} is not GraphQL.`,
      { cause },
    );
    return { ok: false, error, passing };
  }
  if (body.errors) return { ok: false, error: AgonError.of(body.errors), passing };
  return { ok: true, data: body.data as Data };
}
