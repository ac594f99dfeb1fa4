import { useState } from "react";
import type { RequestWithdrawalInput } from "../generated/graphql.ts";
import { exact } from "../shell/amount.ts";
import { Why, type Refused } from "../shell/refused.tsx";
import type { Terms } from "./documents.ts";
import { signWithdrawal } from "./typed-data.ts";
import { failureOf, linkedAccountOf, useWallets, type Wallet } from "./wallets.ts";

/** A withdrawal as it was asked for, signed or not. */
export type Asked = RequestWithdrawalInput & { amount: string; to: string; idempotencyKey: string };

const SIGNATURE_LIVES_MS = 10 * 60_000;

/** Until when a signature that is given now counts, in whole seconds. */
const deadline = () => new Date(Math.floor((Date.now() + SIGNATURE_LIVES_MS) / 1_000) * 1_000).toISOString();

type Props = {
  asked: Asked;
  terms: Terms;
  linked: readonly string[];
  send: (signed: Asked) => Promise<void>;
  done: () => void;
};

/** Asks a wallet for the signature that lets much money out; its fields are shown here before the wallet shows them. */
export function SignWithdrawal({ asked, terms, linked, send, done }: Props) {
  const wallets = useWallets();
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<Refused>(null);
  const sign = async (wallet: Wallet) => {
    setBusy(true);
    setRefused(null);
    try {
      const signer = await linkedAccountOf(wallet, linked);
      const { to, amount, idempotencyKey } = asked;
      // From now on, however long the page has been open.
      const until = deadline();
      const signature = await signWithdrawal(wallet, signer, terms, {
        ...{ to, amount, idempotencyKey, deadline: until },
      });
      await send({ ...asked, signature, signer, deadline: until });
    } catch (error) {
      setRefused({ message: failureOf(error) });
    } finally {
      setBusy(false);
    }
  };
  return (
    <section className="tosign" aria-label="Withdrawal to be signed">
      <b className="sm">A wallet of yours has to sign this</b>
      <dl className="signed sm">
        <div>
          <dt>Amount</dt>
          <dd className="num">{exact(BigInt(asked.amount))}</dd>
        </div>
        <div>
          <dt>To</dt>
          <dd className="mono">{asked.to}</dd>
        </div>
        <div>
          <dt>Counts for</dt>
          <dd>10 minutes from when you sign</dd>
        </div>
      </dl>
      {wallets.length === 0 && <p className="note">This browser has no wallet for Ethereum that could sign it.</p>}
      <Why refused={refused} />
      <div className="row wrapx">
        {wallets.map((wallet) => (
          <button key={wallet.uuid} type="button" className="btn pri" disabled={busy} onClick={() => void sign(wallet)}>
            {busy ? "Waiting for the wallet" : `Sign with ${wallet.name}`}
          </button>
        ))}
        <button type="button" className="btn ghost" onClick={done}>
          Keep my money here
        </button>
      </div>
    </section>
  );
}
