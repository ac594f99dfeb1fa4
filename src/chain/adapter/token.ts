import type { Account, Address, Hex } from "viem";
import { northToken } from "../../../contracts/north-token.ts";

/** Where the token stands, and the transaction that put it there; none when it stood there already. */
export type Deployment = { address: Address; transaction: Hex | null };

/** A chain on which the token cannot be deployed, with what to do. */
export class DeploymentError extends Error {
  override readonly name = "DeploymentError";
}

/**
 * The factory that stands at this address on every chain of note (EIP-1014 made simple): what it deploys stands at an
 * address that depends on nothing but the code. So a second deployment finds the first.
 */
const FACTORY = "0x4e59b44847b379578588920cA78FbF26c0B4956C";
const SALT = `0x${"0".repeat(64)}` as const;

/** Deploys the token for a distributor unless it stands there. `account` is one with a key, or an address that the node signs for. */
export async function deployToken(
  rpcUrl: string,
  account: Account | Address,
  distributor: Address,
): Promise<Deployment> {
  const { concatHex, createClient, encodeDeployData, getContractAddress, http, publicActions, walletActions } =
    await import("viem");
  const client = createClient({ transport: http(rpcUrl) })
    .extend(publicActions)
    .extend(walletActions);
  const bytecode = encodeDeployData({ ...northToken, args: [distributor] });
  const address = getContractAddress({ opcode: "CREATE2", from: FACTORY, salt: SALT, bytecode });
  if (isNorthToken(await client.getCode({ address }))) return { address, transaction: null };
  if (!(await client.getCode({ address: FACTORY })))
    throw new DeploymentError(
      `This chain has no factory at ${FACTORY}: publish it first, as github.com/Arachnid/deterministic-deployment-proxy says.`,
    );
  const transaction = await client.sendTransaction({
    account,
    chain: null,
    to: FACTORY,
    data: concatHex([SALT, bytecode]),
  });
  await client.waitForTransactionReceipt({ hash: transaction, pollingInterval: RECEIPT_POLL_MS });
  if (!isNorthToken(await client.getCode({ address })))
    throw new DeploymentError(
      `Transaction ${transaction} was mined and left no token at ${address}: look at it first.`,
    );
  return { address, transaction };
}

const RECEIPT_POLL_MS = 100;

/** Whether code is the token's, whatever its constructor filled in. */
export function isNorthToken(code: string | undefined): boolean {
  if (code === undefined || code.length !== northToken.runtimeCode.length) return false;
  return withoutImmutables(code) === withoutImmutables(northToken.runtimeCode);
}

function withoutImmutables(code: string): string {
  let blanked = code.toLowerCase();
  for (const { start, length } of northToken.immutables) {
    const from = 2 + 2 * start;
    blanked = blanked.slice(0, from) + "0".repeat(2 * length) + blanked.slice(from + 2 * length);
  }
  return blanked;
}
