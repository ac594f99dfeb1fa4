import { useEffect, useState } from "react";
import { Why, type Refused } from "../shell/refused.tsx";
import "./wallet.css";
import { chainNameOf, goToChain, whereIs, type Chain } from "./chain.ts";
import { failureOf, useWallets, type Wallet } from "./wallets.ts";

/** The wallets of this browser that are not on the arena's chain, each with the way there. */
export function Elsewhere({ chain }: { chain: Chain }) {
  return useWallets().map((wallet) => <OneWallet key={wallet.uuid} wallet={wallet} chain={chain} />);
}

/** On which chain a wallet is; null while it is not known. One that does not say it now stays where it was. */
function useWhereabouts(wallet: Wallet) {
  const [at, setAt] = useState<number | null>(null);
  const look = () => void whereIs(wallet).then(setAt, () => undefined);
  useEffect(() => {
    look();
    wallet.provider.on("chainChanged", look);
    return () => wallet.provider.removeListener("chainChanged", look);
    // A wallet that announces itself anew is another object.
  }, [wallet]);
  return { at, look };
}

function OneWallet({ wallet, chain }: { wallet: Wallet; chain: Chain }) {
  const { at, look } = useWhereabouts(wallet);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<Refused>(null);
  if (at === null || at === chain.chainId) return null;
  const go = async () => {
    setBusy(true);
    const failure = await goToChain(wallet, chain).then(() => null, failureOf);
    setRefused(failure === null ? null : { message: failure });
    setBusy(false);
    look();
  };
  return (
    <section className="elsewhere" aria-label={`Chain of ${wallet.name}`}>
      <p className="sm">
        {wallet.name} is on chain {at}. NORTH is on {chainNameOf(chain)}.
      </p>
      <button type="button" className="btn sm" disabled={busy} onClick={() => void go()}>
        Switch {wallet.name} to {chain.name}
      </button>
      <Why refused={refused} />
    </section>
  );
}
