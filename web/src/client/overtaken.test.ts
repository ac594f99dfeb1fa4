import { cacheExchange } from "@urql/exchange-graphcache";
import { parse } from "graphql";
import { Client, fetchExchange } from "urql";
import { expect, test } from "vitest";
import { UPDATES } from "./cache.ts";
import { readOvertakenAgain } from "./overtaken.ts";

const WALLETS = parse("{ viewer { wallets { address } } }");
const UNLINK = parse("mutation { unlinkWallet { __typename } }");
type Seen = { viewer: { wallets: { address: string }[] } } | undefined;

/** A server with one wallet, whose second answer is written at once and comes when it is let go. */
function serverThatIsSlowOnce() {
  const second = Promise.withResolvers<void>();
  let wallets = [{ __typename: "Wallet", address: "0xab" }];
  let asked = 0;
  const answer: typeof fetch = async (_url, init) => {
    const { query } = JSON.parse(init?.body as string) as { query: string };
    if (query.includes("mutation")) {
      wallets = [];
      return Response.json({ data: { __typename: "Mutation", unlinkWallet: { __typename: "UnlinkWalletSuccess" } } });
    }
    const response = Response.json({ data: { __typename: "Query", viewer: { __typename: "Viewer", wallets } } });
    asked++;
    if (asked === 2) await second.promise;
    return response;
  };
  return { answer, asked: () => asked, letGo: second.resolve };
}

test("what was on its way when a change was made does not put back how things stood", async () => {
  const server = serverThatIsSlowOnce();
  const client = new Client({
    url: "http://arena.invalid/graphql",
    preferGetMethod: false,
    fetch: server.answer,
    exchanges: [
      cacheExchange({ keys: { Viewer: () => null, Wallet: () => null }, updates: UPDATES }),
      readOvertakenAgain(),
      fetchExchange,
    ],
  });
  const request = { key: 1, query: WALLETS, variables: {} };
  const seen: (string[] | undefined)[] = [];
  const page = client
    .executeQuery(request)
    .subscribe(({ data }) => seen.push((data as Seen)?.viewer.wallets.map(({ address }) => address)));
  await expect.poll(() => seen).toEqual([["0xab"]]);
  client.reexecuteOperation(client.createRequestOperation("query", request, { requestPolicy: "network-only" }));
  await expect.poll(server.asked).toBe(2);
  await client.mutation(UNLINK, {}).toPromise();
  server.letGo();
  await expect.poll(() => seen.at(-1)).toEqual([]);
  page.unsubscribe();
});
