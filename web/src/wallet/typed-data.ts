import { goToChain } from "./chain.ts";
import type { Terms } from "./documents.ts";
import type { Wallet } from "./wallets.ts";

/** What a wallet signs to let money out. */
export type WithdrawalToSign = { to: string; amount: string; idempotencyKey: string; deadline: string };

const TYPES = {
  EIP712Domain: [
    { name: "name", type: "string" },
    { name: "version", type: "string" },
    { name: "chainId", type: "uint256" },
    { name: "verifyingContract", type: "address" },
  ],
  Withdrawal: [
    { name: "to", type: "address" },
    { name: "amount", type: "uint256" },
    { name: "idempotencyKey", type: "string" },
    { name: "deadline", type: "uint256" },
  ],
};

/** The typed data (EIP-712) of a withdrawal; its deadline is in whole seconds. */
export function typedDataOf(
  domain: Terms["domain"],
  { to, amount, idempotencyKey, deadline }: WithdrawalToSign,
): object {
  const { name, version, chainId, verifyingContract } = domain;
  return {
    domain: { name, version, chainId, verifyingContract },
    types: TYPES,
    primaryType: "Withdrawal",
    message: { to, amount, idempotencyKey, deadline: String(Date.parse(deadline) / 1_000) },
  };
}

/** Has an account sign a withdrawal; the wallet shows its fields. */
export async function signWithdrawal(
  wallet: Wallet,
  account: string,
  { domain, chain }: Terms,
  withdrawal: WithdrawalToSign,
): Promise<string> {
  await goToChain(wallet, chain);
  const params = [account, JSON.stringify(typedDataOf(domain, withdrawal))];
  return (await wallet.provider.request({ method: "eth_signTypedData_v4", params })) as string;
}
