import { spawn } from "node:child_process";
import { concatHex, createPublicClient, getContractAddress, http, type Hex, type PublicClient } from "viem";
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

/** A wallet that says yes (EIP-1271) to one hash only: EQ of the argument and the hash, times the magic value. */
export const contractWallet = (hash: Hex): Hex =>
  concatHex(["0x60368060", "0x0b6000396000f3", "0x6004357f", hash, "0x14631626ba7e60e01b0260005260206000f3"]);

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
