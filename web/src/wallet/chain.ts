import type { WalletPageQuery } from "../generated/graphql.ts";
import { WalletFailure, type Wallet } from "./wallets.ts";

/** The chain that the arena's money is on. */
export type Chain = NonNullable<WalletPageQuery["depositTerms"]>["chain"];

export const chainNameOf = ({ name, chainId }: Chain) =>
  name.endsWith(`${chainId}`) ? name : `${name} (chain ${chainId})`;

/** On which chain a wallet is. No wallet asks anybody before it says so. */
export const whereIs = async ({ provider }: Wallet): Promise<number> =>
  Number(await provider.request({ method: "eth_chainId" }));

const REFUSED = 4001;
const UNKNOWN_CHAIN = 4902;
const ETHER = { name: "Ether", symbol: "ETH", decimals: 18 };
const hexadecimal = (number: number) => `0x${number.toString(16)}`;

/** The codes of a wallet's failure; some put what happened into what they fail with. */
function codesOf(error: unknown): unknown[] {
  const { code, data } = (error ?? {}) as { code?: unknown; data?: { originalError?: { code?: unknown } } };
  return [code, data?.originalError?.code];
}

/** Has a wallet go to a chain, which it is told of where it does not know it; it signs and sends for the one that it is on. */
export async function goToChain(wallet: Wallet, chain: Chain): Promise<void> {
  const isThere = async () => (await whereIs(wallet)) === chain.chainId;
  if (await isThere()) return;
  const name = chainNameOf(chain);
  try {
    await switchTo(wallet, chain);
  } catch (error) {
    if (!codesOf(error).includes(REFUSED)) throw error;
    throw new WalletFailure(`The wallet stays where it is, and nothing was signed or sent. Switch it to ${name}.`, {
      cause: error,
    });
  }
  // Some answer and stay where they are: what is sent there would be lost here.
  if (!(await isThere())) throw new WalletFailure(`The wallet is on another chain. Switch it to ${name}.`);
}

async function switchTo({ provider }: Wallet, chain: Chain): Promise<void> {
  const chainId = hexadecimal(chain.chainId);
  const change = () => provider.request({ method: "wallet_switchEthereumChain", params: [{ chainId }] });
  try {
    await change();
  } catch (error) {
    if (!codesOf(error).includes(UNKNOWN_CHAIN)) throw error;
    if (chain.rpcUrl === null)
      throw new WalletFailure(`The wallet does not know ${chainNameOf(chain)}. Add it there and try again.`, {
        cause: error,
      });
    const told = { chainId, chainName: chain.name, rpcUrls: [chain.rpcUrl], nativeCurrency: ETHER };
    await provider.request({ method: "wallet_addEthereumChain", params: [told] });
    // Not every wallet goes to what was added.
    await change();
  }
}
