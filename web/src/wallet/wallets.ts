import { useEffect, useState } from "react";

/** A wallet of this browser as it announces itself by EIP-6963. */
export type Wallet = { uuid: string; name: string; rdns: string; icon: string; provider: Provider };
type Provider = { request(call: { method: string; params?: unknown[] }): Promise<unknown> };
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

/** Has an account sign a text (EIP-191); the wallet shows it too. */
export async function signatureOf({ provider }: Wallet, account: string, message: string): Promise<string> {
  const bytes = new TextEncoder().encode(message);
  const hex = `0x${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  return (await provider.request({ method: "personal_sign", params: [hex, account] })) as string;
}

const USER_REJECTED = 4001;

/** What a wallet's failure means for who sits before it; a library wraps what the wallet said. */
export function failureOf(error: unknown): string {
  for (let cause: unknown = error; cause; cause = (cause as { cause?: unknown }).cause)
    if ((cause as { code?: number }).code === USER_REJECTED) return "The wallet did not sign. Nothing was changed.";
  if (!(error instanceof Error)) return "The wallet did not answer.";
  return (error as { shortMessage?: string }).shortMessage ?? error.message;
}
