import { spawn } from "node:child_process";
import { createPublicClient, getContractAddress, http, type Hex, type PublicClient } from "viem";
import { foundryBinary } from "../../src/chain/adapter/foundry.ts";
import { freePort } from "./process.ts";
import { until } from "./until.ts";

/** A chain of the test's own. */
export type Anvil = {
  url: string;
  client: PublicClient;
  call<Result>(method: string, params: unknown[]): Promise<Result>;
  /** Where the next contract will stand. */
  nextContract(): Promise<Hex>;
  deploy(bytecode: Hex): Promise<void>;
  stop(): void;
};

/** Starts a local chain (id 31337) with unlocked accounts. */
export async function startAnvil(flags: readonly string[] = []): Promise<Anvil> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(foundryBinary("anvil"), ["--port", String(port), "--silent", ...flags], { stdio: "ignore" });
  const client = createPublicClient({ transport: http(url, { retryCount: 0 }) });
  await until(() => client.getChainId().catch(() => null), "the local chain");
  const call = <Result>(method: string, params: unknown[]): Promise<Result> =>
    client.request({ method, params } as never);
  const [from] = await call<[Hex]>("eth_accounts", []);
  return {
    url,
    client,
    call,
    nextContract: async () =>
      getContractAddress({ from, nonce: BigInt(await client.getTransactionCount({ address: from })) }),
    deploy: async (data) => {
      const hash = await call<Hex>("eth_sendTransaction", [{ from, data, gas: "0x100000" }]);
      await client.waitForTransactionReceipt({ hash, pollingInterval: 50 });
    },
    stop: () => child.kill("SIGKILL"),
  };
}
