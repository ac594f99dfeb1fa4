import { useState } from "react";
import { useMutation } from "urql";
import { graphql } from "../generated/gql.ts";
import { refusalOf, Why, type Refused } from "../shell/refused.tsx";
import { accountOf, failureOf, signatureOf, useWallets, type Wallet } from "./wallets.ts";
import "./prove-wallet.css";

const ChallengeDocument = graphql(`
  mutation Challenge($input: CreateSiweChallengeInput!) {
    createSiweChallenge(input: $input) {
      __typename
      ... on CreateSiweChallengeSuccess { message }
      ... on Refusal { message hint }
    }
  }
`);

const NO_WALLET =
  "This browser has no wallet for Ethereum. Add one as an extension, MetaMask or Rabby for example, and load this page again.";

/** A text that an account is asked to sign. */
type Asked = { wallet: Wallet; account: string; message: string };

type Props = {
  /** What the signature does, such as "Sign in". */
  act: string;
  /** Hands the signed text over; gives the refusal, or null when it was taken. */
  prove: (proof: { message: string; signature: string }) => Promise<Refused>;
};

/** The wallets of this browser; the text is shown here before the wallet shows it. */
export function ProveWallet({ act, prove }: Props) {
  const wallets = useWallets();
  const [, challenge] = useMutation(ChallengeDocument);
  const [asked, setAsked] = useState<Asked | null>(null);
  const [refused, setRefused] = useState<Refused>(null);
  const begin = async (wallet: Wallet) => {
    setAsked(null);
    try {
      const account = await accountOf(wallet);
      const { data, error } = await challenge({ input: { address: account } });
      const answer = data?.createSiweChallenge;
      setRefused(refusalOf(answer, error));
      if (answer?.__typename === "CreateSiweChallengeSuccess") setAsked({ wallet, account, message: answer.message });
    } catch (error) {
      setRefused({ message: failureOf(error) });
    }
  };
  return (
    <div className="wallets">
      {wallets.length === 0 && <p className="dim sm nowallet">{NO_WALLET}</p>}
      <ul className="rows" hidden={wallets.length === 0}>
        {wallets.map((wallet) => (
          <li key={wallet.uuid} className="plain">
            <img src={wallet.icon} width="32" height="32" alt="" />
            <span className="names">
              <b>{wallet.name}</b>
              <span className="mono xs dim3 trunc">{wallet.rdns}</span>
            </span>
            <button type="button" className="btn sm" onClick={() => void begin(wallet)}>
              {act} with {wallet.name}
            </button>
          </li>
        ))}
      </ul>
      {asked && <ToSign key={asked.message} asked={asked} act={act} prove={prove} done={() => setAsked(null)} />}
      <Why refused={refused} />
    </div>
  );
}

function ToSign({ asked: { wallet, account, message }, act, prove, done }: Props & { asked: Asked; done: () => void }) {
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<Refused>(null);
  const sign = async () => {
    setBusy(true);
    try {
      const refusal = await prove({ message, signature: await signatureOf(wallet, account, message) });
      setRefused(refusal);
      if (!refusal) done();
    } catch (error) {
      setRefused({ message: failureOf(error) });
    } finally {
      setBusy(false);
    }
  };
  return (
    <section className="tosign" aria-label="Text to be signed">
      <b className="sm">{wallet.name} will ask you to sign this</b>
      <pre tabIndex={0}>{message}</pre>
      <p className="note">A signature, not a payment: it costs nothing and moves nothing. The text counts once.</p>
      <Why refused={refused} />
      <div className="row">
        <button type="button" className="btn pri" disabled={busy} onClick={() => void sign()}>
          {busy ? "Waiting for the wallet" : `Sign the text: ${act.toLowerCase()}`}
        </button>
        <button type="button" className="btn ghost" onClick={done}>
          Do not sign
        </button>
      </div>
    </section>
  );
}
