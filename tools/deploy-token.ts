// Deploys NORTH on a chain, or says where it stands: BASE_RPC_URL=… DEPLOYER_KEY=… npm run deploy:token
import { DeploymentError, deployToken } from "../src/chain/adapter/token.ts";
import { refuseInProduction, type ProductionRefusal } from "../src/chain/rules/chain.ts";
import { ConfigError, readDeployment } from "../src/config.ts";
import { say } from "./steps.ts";

const REFUSED: Record<ProductionRefusal, string> = {
  DEVELOPMENT_CHAIN: "DEVELOPMENT_CHAIN: the chain has id 31337, which is for development. Point BASE_RPC_URL at Base.",
  DEVELOPMENT_KEY:
    "DEVELOPMENT_KEY: everybody knows the key of the deployer or of the distributor. Make a key of your own.",
};

async function main(): Promise<void> {
  const { production, rpcUrl, key, distributor } = readDeployment(process.env);
  const { createPublicClient, http } = await import("viem");
  const { privateKeyToAccount } = await import("viem/accounts");
  const account = privateKeyToAccount(key);
  const receiver = distributor ?? account.address;
  const chainId = await createPublicClient({ transport: http(rpcUrl) }).getChainId();
  const refusal = production ? refuseInProduction(chainId, [account.address, receiver]) : null;
  if (refusal) throw new ConfigError(REFUSED[refusal]);
  const { address, transaction } = await deployToken(rpcUrl, account, receiver);
  say(`Chain       ${chainId}`);
  say(`Token       ${address}`);
  say(`Distributor ${receiver}`);
  say(`Transaction ${transaction ?? "none: the token stood there already"}`);
}

await main().catch((error: unknown) => {
  const known = error instanceof ConfigError || error instanceof DeploymentError;
  process.stderr.write(`${known ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});
