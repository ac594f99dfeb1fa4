import { useEffect, useState } from "react";
import { useQuery, useSubscription } from "urql";
import { Link } from "wouter";
import { Welcome } from "../shell/doorway.tsx";
import type { WalletPageQuery } from "../generated/graphql.ts";
import { Failed, Loading } from "../shell/states.tsx";
import { MyBetsList } from "./bets.tsx";
import { BalancePoster, Totals } from "./balance.tsx";
import { UserEventsDocument, WalletDocument, type DepositTerms, type Holder, type Terms } from "./documents.ts";
import { Deposit } from "./deposit.tsx";
import { Elsewhere } from "./elsewhere.tsx";
import { FaucetRow } from "./faucet.tsx";
import { Ledger } from "./ledger.tsx";
import { Wallets } from "./linked-wallets.tsx";
import { Books } from "./treasury.tsx";
import { WalletDoor } from "./wallet-door.tsx";
import { Withdraw } from "./withdraw.tsx";
import "./wallet.css";

/** Follows what concerns the viewer behind the first answer; the cache keeps what it shows. */
function useUserEvents(cursor: string | null, again: () => void) {
  const [after, setAfter] = useState<string | null>(null);
  useEffect(() => setAfter((before) => before ?? cursor), [cursor]);
  const [{ data }] = useSubscription({ query: UserEventsDocument, variables: { after }, pause: after === null });
  const gap = data?.userEvents.event.__typename === "StreamGap" ? data.userEvents.cursor : null;
  useEffect(() => {
    if (gap) again();
    // Once for each gap: what was missed is read anew.
  }, [gap]);
}

/** What one has, what came and went, and the wallets that prove who one is. */
export default function WalletPage() {
  const [{ data, error, stale }, reload] = useQuery({ query: WalletDocument, requestPolicy: "cache-and-network" });
  const again = () => reload({ requestPolicy: "network-only" });
  useUserEvents(stale ? null : (data?.viewer?.cursor ?? null), again);
  if (error && !data) return <Failed page error={error} retry={again} />;
  if (!data) return <Loading rows={6} />;
  if (!data.viewer) return <SignedOut />;
  const { viewer, withdrawalTerms, depositTerms, treasury } = data;
  return (
    <Shown holder={viewer} terms={withdrawalTerms ?? null} depositTerms={depositTerms ?? null} treasury={treasury} />
  );
}

type ShownProps = {
  holder: Holder;
  terms: Terms | null;
  depositTerms: DepositTerms | null;
  treasury: WalletPageQuery["treasury"];
};

function Shown({ holder, terms, depositTerms, treasury }: ShownProps) {
  const { balance, faucet, inBets, wallets } = holder;
  const chain = (depositTerms ?? terms)?.chain;
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
      {chain && wallets.length > 0 && <Elsewhere chain={chain} />}
      <section className="balance" aria-label="Balance">
        <BalancePoster balance={balance} inPlay={BigInt(inBets)} />
        <dl className="totals">
          <Totals balance={balance} />
          {faucet && <FaucetRow faucet={faucet} />}
        </dl>
      </section>
      <div className="walletgrid">
        <div className="walletside">
          <MyBetsList />
          <Deposit holder={holder} terms={depositTerms} />
        </div>
        <Withdraw holder={holder} terms={terms} />
        <div className="walletside">
          <Wallets wallets={wallets} />
          <Books treasury={treasury} />
        </div>
        <Ledger />
      </div>
    </>
  );
}

const STEPS = [
  ["Sign in with a wallet", "a signature, not a payment"],
  ["Take play money", "once a day, from the faucet"],
  ["Stake on your bot", "the winner takes both stakes"],
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
