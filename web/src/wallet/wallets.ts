import { useEffect, useState } from "react";

/** A wallet of this browser as it announces itself by EIP-6963. */
export type Wallet = { uuid: string; name: string; rdns: string; icon: string; provider: Provider };
type Provider = {
  request(call: { method: string; params?: unknown[] }): Promise<unknown>;
  on(event: "chainChanged", listener: () => void): void;
  removeListener(event: "chainChanged", listener: () => void): void;
};
type Announced = CustomEvent<{ info: Omit<Wallet, "provider">; provider: Provider }>;

/** The wallets that are in this browser, in the order in which they announced themselves. */
export function useWallets(): Wallet[] {
  const [wallets, setWallets] = useState<Wallet[]>([]);
  useEffect(() => {
    const onAnnounce = (event: Event) => {
      const { info, provider } = (event as Announced).detail;
      setWallets((before) => [...before.filter(({ uuid }) => uuid !== info.uuid), { ...info, provider }]);
    };
    addEventListener("eip6963:announceProvider", onAnnounce);
    dispatchEvent(new Event("eip6963:requestProvider"));
    return () => removeEventListener("eip6963:announceProvider", onAnnounce);
  }, []);
  return wallets;
}

/** Asks a wallet which account it wants to show. */
export async function accountOf({ provider }: Wallet): Promise<string> {
  const [account] = (await provider.request({ method: "eth_requestAccounts" })) as string[];
  if (!account) throw new Error("The wallet showed no account.");
  return account;
}

/** The account that a wallet shows, which must be one of those that are linked. */
export async function linkedAccountOf(wallet: Wallet, linked: readonly string[]): Promise<string> {
  const account = await accountOf(wallet);
  if (linked.some((address) => address.toLowerCase() === account.toLowerCase())) return account;
  throw new Error(
    `${account.slice(0, 8)}…${account.slice(-6)} is not linked to your account. Link it, or switch the wallet to one that is.`,
  );
}

/** Has an account sign a text (EIP-191); the wallet shows it too. */
export async function signatureOf({ provider }: Wallet, account: string, message: string): Promise<string> {
  const bytes = new TextEncoder().encode(message);
  const hex = `0x${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  return (await provider.request({ method: "personal_sign", params: [hex, account] })) as string;
}

/** That nothing was done with a wallet, in words for who sits before it. */
export class WalletFailure extends Error {}

/** What wallets fail with, by the codes of EIP-1193 and EIP-1474. */
const FAILURES: Record<number, string> = {
  4001: "The wallet did not sign. Nothing was changed.",
  4100: "The wallet does not let this site use the account. Unlock it and allow that.",
  [-32_002]: "The wallet waits for your answer already. Open and unlock it.",
};

/** What a wallet's failure means for who sits before it; a library wraps what the wallet said. */
export function failureOf(error: unknown): string {
  if (error instanceof WalletFailure) return error.message;
  for (let cause: unknown = error; cause; cause = (cause as { cause?: unknown }).cause) {
    const words = FAILURES[(cause as { code?: number }).code ?? 0];
    if (words) return words;
  }
  // Some wallets fail with plain objects.
  const { shortMessage, message } = (error ?? {}) as { shortMessage?: string; message?: string };
  return shortMessage ?? message ?? "The wallet did not answer.";
}
