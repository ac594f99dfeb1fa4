import type { Address, Hex } from "viem";

/** What a look at a signature says; `unavailable` and `elsewhere`, an endpoint of another chain, are no fault of the signature. */
export type SignatureVerdict = "right" | "wrong" | "unavailable" | "elsewhere";

const CHAIN_TIMEOUT_MS = 4_000;

/**
 * Whether an address signed a text: by local recovery first; a contract wallet (EIP-1271, or ERC-6492 before it is
 * deployed) is asked on the chain, after a call that tells a dead endpoint, and one of another chain, where anybody may have put
 * a contract at that address, from a bad signature.
 */
export async function judgeSignature(
  { id, rpcUrl }: { id: number; rpcUrl: string | null },
  { address, message, signature }: { address: string; message: string; signature: string },
): Promise<SignatureVerdict> {
  // Loaded when somebody signs in with a wallet: it is a tenth of the server's memory.
  const { createPublicClient, http, isAddressEqual, recoverMessageAddress } = await import("viem");
  const signed = { message, signature: signature as Hex };
  const recovered = await recoverMessageAddress(signed).catch(() => null);
  if (recovered && isAddressEqual(recovered, address as Address)) return "right";
  if (rpcUrl === null) return "unavailable";
  const client = createPublicClient({ transport: http(rpcUrl, { timeout: CHAIN_TIMEOUT_MS, retryCount: 0 }) });
  const chainId = await client.getChainId().catch(() => null);
  if (chainId === null) return "unavailable";
  if (chainId !== id) return "elsewhere";
  return (await client.verifyMessage({ ...signed, address: address as Address })) ? "right" : "wrong";
}
