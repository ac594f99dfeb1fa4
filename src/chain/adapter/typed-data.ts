import type { Address, Hex } from "viem";
import { rpcTo } from "./rpc.ts";

/** What a wallet signs for a withdrawal; `deadline` is in seconds since 1970. */
export type SignedTerms = { to: string; amount: bigint; idempotencyKey: string; deadline_s: bigint };
/** For which chain and token a signature counts; the hash of the first block tells the chain from one of the same id. */
export type SignedOn = { chainId: number; genesisHash: string; tokenAddress: string };

/** EIP-712: what the domain, beside chainId and verifyingContract (the token), and the type are called. */
export const TYPED_DATA = {
  name: "Agon",
  version: "1",
  primaryType: "Withdrawal",
  types: {
    Withdrawal: [
      { name: "to", type: "address" },
      { name: "amount", type: "uint256" },
      { name: "idempotencyKey", type: "string" },
      { name: "deadline", type: "uint256" },
    ],
  },
} as const;

const typedData = (
  { to, amount, idempotencyKey, deadline_s }: SignedTerms,
  { chainId, tokenAddress }: Omit<SignedOn, "genesisHash">,
) => ({
  domain: {
    name: TYPED_DATA.name,
    version: TYPED_DATA.version,
    chainId,
    verifyingContract: tokenAddress as Address,
  },
  types: TYPED_DATA.types,
  primaryType: TYPED_DATA.primaryType,
  message: { to: to as Address, amount, idempotencyKey, deadline: deadline_s },
});

const CHAIN_TIMEOUT_MS = 4_000;

/** Who signed; `unavailable` and `elsewhere`, an endpoint of another chain, are no fault of the signature. */
export type TermsVerdict =
  | { kind: "by"; signer: string }
  | { kind: "wrong" }
  | { kind: "unavailable" }
  | { kind: "elsewhere" };

/** Whether an endpoint answers for the very chain; null when it does not answer. On another one anybody may have put a contract anywhere. */
async function isThere(rpcUrl: string, { chainId, genesisHash }: SignedOn): Promise<boolean | null> {
  const rpc = rpcTo(rpcUrl, CHAIN_TIMEOUT_MS);
  const asked = [rpc<Hex>("eth_chainId"), rpc<{ hash: Hex }>("eth_getBlockByNumber", ["0x0", false])] as const;
  const found = await Promise.all(asked).catch(() => null);
  return found && Number(found[0]) === chainId && found[1].hash.toLowerCase() === genesisHash;
}

/**
 * Which of a user's wallets signed these terms: by local recovery first; a contract wallet, which `claimed` names
 * (EIP-1271, or ERC-6492 before it is deployed), is asked on the chain. Addresses are in lower case.
 */
export async function judgeTerms(
  rpcUrl: string | null,
  on: SignedOn,
  { terms, signature, claimed }: { terms: SignedTerms; signature: string; claimed: string },
): Promise<TermsVerdict> {
  const { createPublicClient, http, recoverTypedDataAddress } = await import("viem");
  const signed = { ...typedData(terms, on), signature: signature as Hex };
  const recovered = await recoverTypedDataAddress(signed).catch(() => null);
  if (recovered?.toLowerCase() === claimed) return { kind: "by", signer: claimed };
  if (rpcUrl === null) return { kind: "wrong" };
  const there = await isThere(rpcUrl, on);
  if (there !== true) return { kind: there === null ? "unavailable" : "elsewhere" };
  const client = createPublicClient({ transport: http(rpcUrl, { timeout: CHAIN_TIMEOUT_MS, retryCount: 0 }) });
  const address = claimed as Address;
  const code = await client.getCode({ address }).catch(() => null);
  if (code === null) return { kind: "unavailable" };
  const right = await client.verifyTypedData({ ...signed, address }).catch(() => false);
  return right ? { kind: "by", signer: claimed } : { kind: "wrong" };
}
