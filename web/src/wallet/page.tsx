import { useQuery } from "urql";
import { Link } from "wouter";
import { Welcome } from "../shell/doorway.tsx";
import { Failed, Loading } from "../shell/states.tsx";
import { BalancePoster, Totals } from "./balance.tsx";
import { WalletDocument, type Holder } from "./documents.ts";
import { FaucetRow } from "./faucet.tsx";
import { Ledger } from "./ledger.tsx";
import { Wallets } from "./linked-wallets.tsx";
import { WalletDoor } from "./wallet-door.tsx";
import "./wallet.css";

/** What one has, what came and went, and the wallets that prove who one is. */
export default function WalletPage() {
  const [{ data, error }, reload] = useQuery({ query: WalletDocument, requestPolicy: "cache-and-network" });
  if (error && !data) return <Failed page error={error} retry={() => reload({ requestPolicy: "network-only" })} />;
  if (!data) return <Loading rows={6} />;
  if (!data.viewer) return <SignedOut />;
  return <Shown holder={data.viewer} />;
}

function Shown({ holder: { balance, faucet, wallets } }: { holder: Holder }) {
  return (
    <>
      <title>Wallet · Agon</title>
      <section className="hero short wallethead">
        <h1 className="disp h1">Wallet</h1>
        {faucet && (
          <p className="sm">
            <span className="tag warn">Play money</span> nothing here has a price
          </p>
        )}
      </section>
      <section className="balance" aria-label="Balance">
        <BalancePoster balance={balance} inPlay={0n} />
        <dl className="totals">
          <Totals balance={balance} />
          {faucet && <FaucetRow faucet={faucet} />}
        </dl>
      </section>
      <div className="cols walletcols">
        <Ledger />
        <Wallets wallets={wallets} />
      </div>
    </>
  );
}

const STEPS = [
  ["Sign in with a wallet", "a signature, not a payment"],
  ["Take play money", "once a day, from the faucet"],
  ["Stake on your bot", "the winner takes both stakes less 3 %"],
] as const;

/** What money is for here, and the ways in. */
function SignedOut() {
  return (
    <div className="doorway">
      <title>Wallet · Agon</title>
      <Welcome title="Put money on it" steps={STEPS} figure="demon-high" />
      <section className="doorforms">
        <div className="head">
          <h2>Sign in with a wallet</h2>
          <span className="ct">no password, no e-mail</span>
        </div>
        <WalletDoor />
        <div className="head otherdoor">
          <h2>Or with a password</h2>
          <Link className="more" href="/manage">
            Sign in or sign up
          </Link>
        </div>
      </section>
    </div>
  );
}
