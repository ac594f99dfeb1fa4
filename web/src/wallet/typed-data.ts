import type { WalletPageQuery } from "../generated/graphql.ts";
import type { Wallet } from "./wallets.ts";

type Domain = NonNullable<WalletPageQuery["withdrawalTerms"]>["domain"];

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
export function typedDataOf(domain: Domain, { to, amount, idempotencyKey, deadline }: WithdrawalToSign): object {
  const { name, version, chainId, verifyingContract } = domain;
  return {
    domain: { name, version, chainId, verifyingContract },
    types: TYPES,
    primaryType: "Withdrawal",
    message: { to, amount, idempotencyKey, deadline: String(Date.parse(deadline) / 1_000) },
  };
}

const hexadecimal = (number: number) => `0x${number.toString(16)}`;

/** Has a wallet go to a chain: it signs for the chain that it is on. */
export async function goToChain({ provider }: Wallet, chainId: number): Promise<void> {
  const isThere = async () => Number(await provider.request({ method: "eth_chainId" })) === chainId;
  if (await isThere()) return;
  await provider.request({ method: "wallet_switchEthereumChain", params: [{ chainId: hexadecimal(chainId) }] });
  // Some answer and stay where they are: what is sent there would be lost here.
  if (!(await isThere())) throw new Error(`The wallet is on another chain. Switch it to chain ${chainId}.`);
}

/** Has an account sign a withdrawal; the wallet shows its fields. */
export async function signWithdrawal(
  wallet: Wallet,
  account: string,
  domain: Domain,
  withdrawal: WithdrawalToSign,
): Promise<string> {
  await goToChain(wallet, domain.chainId);
  const params = [account, JSON.stringify(typedDataOf(domain, withdrawal))];
  return (await wallet.provider.request({ method: "eth_signTypedData_v4", params })) as string;
}
