import type { Page } from "playwright-core";
import type { Anvil } from "../harness/anvil.ts";

type Answer = { result?: unknown; error?: { code: number; message: string } };

/**
 * What a wallet was asked, in order; `refuses` makes it say no, as somebody would who closes its window. `shows` is the account
 * that it shows now, and `answers` are its own to some methods, instead of the chain's.
 */
export type ChainWallet = {
  asked: string[];
  refuses: boolean;
  shows: string;
  answers: Record<string, Answer | ((params: unknown[]) => Answer)>;
};

const USER_REJECTED = 4001;

/**
 * Puts a wallet into a page that announces itself by EIP-6963, shows one account, and hands everything else to a local
 * chain whose node signs for that account.
 */
export async function injectChainWallet(page: Page, anvil: Anvil, account: string): Promise<ChainWallet> {
  const wallet: ChainWallet = { asked: [], refuses: false, shows: account, answers: {} };
  await page.exposeFunction("chainWallet", async (method: string, params: unknown[] = []) => {
    wallet.asked.push(method);
    if (wallet.refuses) return { error: { code: USER_REJECTED, message: "User rejected the request." } };
    const own = wallet.answers[method];
    if (own) return typeof own === "function" ? own(params) : own;
    if (method === "eth_requestAccounts" || method === "eth_accounts") return { result: [wallet.shows] };
    return { result: await anvil.call(method, params) };
  });
  await page.addInitScript(() => {
    const { chainWallet } = globalThis as unknown as { chainWallet: (...call: unknown[]) => Promise<Answer> };
    const icon = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>";
    const info = { uuid: "chain-wallet", name: "Hydria", rdns: "com.hydria.wallet", icon };
    const request = async ({ method, params }: { method: string; params?: unknown[] }) => {
      const { result, error } = await chainWallet(method, params);
      if (error) throw Object.assign(new Error(error.message), { code: error.code });
      return result;
    };
    const provider = { request, on: () => undefined, removeListener: () => undefined };
    const announce = () =>
      dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail: Object.freeze({ info, provider }) }));
    addEventListener("eip6963:requestProvider", announce);
    announce();
  });
  return wallet;
}

/** Lets a wallet be on Ethereum and not know the chain that it is to go to; gives what it is told of that chain. */
export function wanderOff(wallet: ChainWallet): unknown[] {
  const told: unknown[] = [];
  let at = "0x1";
  Object.assign(wallet.answers, {
    eth_chainId: () => ({ result: at }),
    wallet_addEthereumChain: ([chain]: unknown[]) => {
      told.push(chain);
      return { result: null };
    },
    wallet_switchEthereumChain: ([{ chainId }]: [{ chainId: string }]) => {
      if (told.length === 0) return { error: { code: 4902, message: "Unrecognized chain ID." } };
      at = chainId;
      return { result: null };
    },
  });
  return told;
}
