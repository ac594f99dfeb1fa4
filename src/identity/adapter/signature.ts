import type { Address, Hex, Transport } from "viem";

/** What a look at a signature says; `unavailable` and `elsewhere`, an endpoint of another chain, are no fault of the signature. */
export type SignatureVerdict = "right" | "wrong" | "unavailable" | "elsewhere";

const CHAIN_TIMEOUT_MS = 4_000;

/**
 * Whether an address signed a text: by local recovery first; a contract wallet (EIP-1271, or ERC-6492 before it is
 * deployed) is asked on the chain, where an endpoint that fails, and one of another chain, where anybody may have put a
 * contract at that address, are told from a bad signature.
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
  // No contract could be asked about what is not even bytes.
  if (!/^0x(?:[0-9a-f]{2})+$/i.test(signature)) return "wrong";
  if (rpcUrl === null) return "unavailable";
  const { transport, hasFailed } = watched(http(rpcUrl, { timeout: CHAIN_TIMEOUT_MS, retryCount: 0 }));
  const client = createPublicClient({ transport });
  const chainId = await client.getChainId().catch(() => null);
  if (chainId === null) return "unavailable";
  if (chainId !== id) return "elsewhere";
  const isRight = await client.verifyMessage({ ...signed, address: address as Address }).catch((error: unknown) => {
    if (!hasFailed()) throw error;
    return false;
  });
  if (isRight) return "right";
  return hasFailed() ? "unavailable" : "wrong";
}

/** What a node says of a call that a contract has ended, as geth and anvil word it; everything else is the endpoint's own trouble. */
const ENDED_BY_CONTRACT = /revert|opcode|out ?of ?gas|gas required exceeds|stack (?:under|over)flow|EVM error/i;

/** A transport that remembers whether the endpoint has failed: viem takes a contract that cannot be asked for one that says no. */
function watched(over: Transport): { transport: Transport; hasFailed: () => boolean } {
  let failed = false;
  const transport: Transport = (options) => {
    const made = over(options);
    const request = (...args: Parameters<typeof made.request>) =>
      made.request(...args).catch((error: unknown) => {
        failed ||= !ENDED_BY_CONTRACT.test((error as { details?: string }).details ?? "");
        throw error;
      });
    return { ...made, request: request as typeof made.request };
  };
  return { transport, hasFailed: () => failed };
}
