/** The id that development chains have by custom; nothing on such a chain is worth anything. */
export const LOCAL_CHAIN_ID = 31_337;
export const BASE_CHAIN_ID = 8_453;

/** A chain as a wallet is told of it (EIP-3085); without an endpoint that everybody may use, only people can add it. */
export type Chain = { chainId: number; name: string; rpcUrl: string | null };

/** Public chains with the endpoints that their operators publish. */
const PUBLIC_CHAINS: readonly Chain[] = [
  { chainId: BASE_CHAIN_ID, name: "Base", rpcUrl: "https://mainnet.base.org" },
  { chainId: 84_532, name: "Base Sepolia", rpcUrl: "https://sepolia.base.org" },
];
const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];

/** How a chain is called and reached. The arena's own endpoint may hold a secret: it is told only where it is this machine. */
export function chainOf(chainId: number, ownRpcUrl: string | null): Chain {
  const known = PUBLIC_CHAINS.find((each) => each.chainId === chainId);
  if (known) return known;
  const near = ownRpcUrl !== null && LOOPBACK.includes(new URL(ownRpcUrl).hostname);
  const name = chainId === LOCAL_CHAIN_ID ? "the local chain" : `chain ${chainId}`;
  return { chainId, name, rpcUrl: near ? ownRpcUrl : null };
}

/** Accounts whose keys everybody knows: the ten of the words "test … test junk" that every development node has. */
export const DEVELOPMENT_ADDRESSES = [
  "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266",
  "0x70997970c51812dc3a010c7d01b50e0d17dc79c8",
  "0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc",
  "0x90f79bf6eb2c4f870365e785982e1f101e93b906",
  "0x15d34aaf54267db7d7c367839aaf71a00a2c6a65",
  "0x9965507d1a55bcc2695c58ba16fb37d819b0a4dc",
  "0x976ea74026e726554db657fa54763abd0c3a0aa9",
  "0x14dc79964da2c08b23698b3d3cc7ca32193d9955",
  "0x23618e81e3f5cdf7f54c3d65f7fbc0abf5b21e8f",
  "0xa0ee7a142d267c1f36714e4a8f75612f20a79720",
] as const;

/** Whether everybody knows this account's key. */
export const isDevelopmentAddress = (address: string): boolean =>
  DEVELOPMENT_ADDRESSES.some((known) => known === address.toLowerCase());

export const PRODUCTION_REFUSALS = ["DEVELOPMENT_CHAIN", "DEVELOPMENT_KEY"] as const;
export type ProductionRefusal = (typeof PRODUCTION_REFUSALS)[number];

/** Why production may not use this chain with these accounts, or null when it may. */
export function refuseInProduction(chainId: number, addresses: readonly string[]): ProductionRefusal | null {
  if (chainId === LOCAL_CHAIN_ID) return "DEVELOPMENT_CHAIN";
  if (addresses.some(isDevelopmentAddress)) return "DEVELOPMENT_KEY";
  return null;
}

/** What tells a chain and the token on it from all others. Hashes and addresses are in lower case. */
export type ChainIdentity = { chainId: number; genesisHash: string; tokenAddress: string };

/** In what the chain that was found differs from the one that the database remembers; null when it is the same. */
export function differenceOf(remembered: ChainIdentity, found: ChainIdentity): keyof ChainIdentity | null {
  if (remembered.chainId !== found.chainId) return "chainId";
  if (remembered.genesisHash !== found.genesisHash) return "genesisHash";
  if (remembered.tokenAddress !== found.tokenAddress) return "tokenAddress";
  return null;
}
