import { parse } from "graphql";
import { Client, fetchExchange } from "urql";
import { expect, test } from "vitest";
import { keepShown } from "./kept.ts";

const BALANCE = parse("{ balance }");
const REFUSED = { errors: [{ message: "wait", extensions: { code: "RATE_LIMITED", retryAfterMs: 30 } }] };
const has = (balance: number) => ({ data: { balance } });

/** A page that reads its balance twice, from a server that gives these answers and then the last one for ever. */
async function pageThatReadsTwice(answers: object[]) {
  const seen: unknown[] = [];
  let asked = 0;
  const client: Client = new Client({
    url: "http://arena.invalid/graphql",
    preferGetMethod: false,
    fetch: async () => Response.json(answers[Math.min(asked++, answers.length - 1)]),
    exchanges: [keepShown((operation) => client.reexecuteOperation(operation)), fetchExchange],
  });
  const request = client.createRequestOperation("query", { key: 1, query: BALANCE, variables: {} });
  const page = client.executeRequestOperation(request).subscribe(({ data, error, stale }) => {
    if (!stale) seen.push([(data as { balance: number } | null)?.balance, error?.message]);
  });
  await expect.poll(() => asked).toBe(1);
  await expect.poll(() => seen.length).toBe(1);
  client.reexecuteOperation(request);
  await expect.poll(() => seen.length).toBeGreaterThan(1);
  return { seen, asked: () => asked, leave: () => page.unsubscribe() };
}

test("what is shown stays beside the error, and is read anew once the server's wait is over", async () => {
  const { seen, leave } = await pageThatReadsTwice([has(5), REFUSED, has(7)]);
  await expect.poll(() => seen.length).toBe(3);
  expect(seen).toEqual([
    [5, undefined],
    [5, "[GraphQL] wait"],
    [7, undefined],
  ]);
  leave();
});

test("who was shown nothing yet is told of the error alone", async () => {
  const { seen, leave } = await pageThatReadsTwice([REFUSED, has(7)]);
  expect(seen).toEqual([
    [undefined, "[GraphQL] wait"],
    [7, undefined],
  ]);
  leave();
});

test("who has left is not read for any more", async () => {
  const { asked, leave } = await pageThatReadsTwice([has(5), REFUSED]);
  leave();
  const before = asked();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(asked()).toBe(before);
});
