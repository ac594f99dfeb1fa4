import { useState, type FormEvent } from "react";
import { useMutation } from "urql";
import { useLine } from "../client/line.ts";
import { graphql } from "../generated/gql.ts";
import { brief, exact, whole } from "../shell/amount.ts";
import { textOf } from "../shell/field.tsx";
import { refusalOf, Why, type Refused } from "../shell/refused.tsx";
import { useStake } from "../shell/stake.tsx";
import { useOnceKey } from "../shell/use-once-key.ts";
import type { Holder, Terms } from "./documents.ts";
import { SignWithdrawal, type Asked } from "./sign-withdrawal.tsx";
import { Withdrawals } from "./withdrawals.tsx";

const WithdrawDocument = graphql(`
  mutation Withdraw($input: RequestWithdrawalInput!) {
    requestWithdrawal(input: $input) { __typename ... on Refusal { message hint } }
  }
`);

/** What the server answers with when only a wallet's signature is missing. */
const ASKS_FOR_SIGNATURE = new Set(["SignatureNeededRefusal", "WalletTooNewRefusal", "SignatureInvalidRefusal"]);

/** Takes money out to a wallet of one's own, and shows what is on its way. */
export function Withdraw({ holder, terms }: { holder: Holder; terms: Terms | null }) {
  const { nodes } = holder.withdrawals;
  return (
    <section className="withdraw">
      <div className="head">
        <h2>Withdraw</h2>
        {terms && <span className="ct">{brief(BigInt(terms.signatureAbove))} in 24 h unsigned</span>}
      </div>
      {terms ? (
        <WithdrawForm holder={holder} terms={terms} />
      ) : (
        <p className="dim sm pad">
          This arena pays out on no chain at the moment. What you have can be staked and bet.
        </p>
      )}
      <Withdrawals withdrawals={nodes} />
    </section>
  );
}

function WithdrawForm({ holder, terms }: { holder: Holder; terms: Terms }) {
  const { wallets, withdrawable, balance } = holder;
  const { offlineSince } = useLine();
  const [{ fetching }, withdraw] = useMutation(WithdrawDocument);
  const { typed, type, units } = useStake();
  const { keyFor, answered } = useOnceKey();
  const [refused, setRefused] = useState<Refused>(null);
  const [toSign, setToSign] = useState<Asked | null>(null);
  const send = async (asked: Asked) => {
    const { data, error } = await withdraw({ input: asked });
    const answer = data?.requestWithdrawal;
    const why = refusalOf(answer, error);
    const signable = answer !== undefined && ASKS_FOR_SIGNATURE.has(answer.__typename);
    // The signature is over the key: it stays until it is used.
    if (answer && !signable) answered();
    setToSign(signable ? { ...asked, signature: null, deadline: null, signer: null } : null);
    // That a signature is missing is no refusal to be shown: the page asks for it.
    setRefused(signable && !asked.signature ? null : why);
    if (!why) type("");
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const thing = { to: textOf(new FormData(event.currentTarget), "to"), amount: String(units ?? 0n) };
    void send({ ...thing, idempotencyKey: keyFor(thing) });
  };
  if (wallets.length === 0)
    return (
      <p className="dim sm pad">Link a wallet first: money leaves only to a wallet that you have proved to be yours.</p>
    );
  return (
    <form className="form" onSubmit={submit}>
      <div className="wf">
        <Amount typed={typed} type={type} wrong={units === null} available={BigInt(withdrawable)} terms={terms} />
        <div className="fld">
          <label htmlFor="withdraw-to">To</label>
          <select id="withdraw-to" name="to" className="btn mono">
            {wallets.map(({ address }) => (
              <option key={address} value={address}>
                {address.slice(0, 8)}…{address.slice(-6)}
              </option>
            ))}
          </select>
        </div>
      </div>
      {BigInt(withdrawable) < BigInt(balance.available) && (
        <p className="note">
          {whole(BigInt(withdrawable))} can leave now. The rest was won in the last {hoursOf(terms.winningsWaitMs)}, or
          rests on a deposit that is not final yet; it can be played with.
        </p>
      )}
      <button
        type="submit"
        className="btn money"
        disabled={fetching || !units || terms.frozen || offlineSince !== null}
      >
        Withdraw {units ? whole(units) : ""}
      </button>
      {terms.frozen && <p className="note">Operators hold all withdrawals back. Your money is safe.</p>}
      {offlineSince !== null && <p className="note">The server cannot be reached: nothing can be withdrawn now.</p>}
      <Why refused={refused} />
      {toSign && (
        <SignWithdrawal
          asked={toSign}
          terms={terms}
          linked={wallets.map(({ address }) => address)}
          send={send}
          done={() => (setToSign(null), setRefused(null))}
        />
      )}
    </form>
  );
}

type AmountProps = { typed: string; type: (text: string) => void; wrong: boolean; available: bigint; terms: Terms };

function Amount({ typed, type, wrong, available, terms }: AmountProps) {
  return (
    <div className="fld">
      <label htmlFor="withdraw-amount">Amount</label>
      <span className={`inp ${wrong ? "err" : ""}`}>
        <input
          id="withdraw-amount"
          className="mono"
          inputMode="decimal"
          autoComplete="off"
          value={typed}
          aria-invalid={wrong}
          aria-describedby="withdraw-limits"
          onChange={(event) => type(event.target.value)}
        />
        <button type="button" className="btn sm ghost" onClick={() => type(exact(available).replace(" NORTH", ""))}>
          All
        </button>
      </span>
      <span id="withdraw-limits" className={`hint ${wrong ? "bad" : ""}`}>
        {wrong ? "Digits, such as 50,000, 50k or 0.5" : limitsOf(terms)}
      </span>
    </div>
  );
}

const hoursOf = (ms: number) => `${Math.round(ms / 3_600_000)} h`;

const limitsOf = ({ minimum, maximum, perDay }: Terms) =>
  `${brief(BigInt(minimum))} to ${brief(BigInt(maximum))}, ${brief(BigInt(perDay))} a day`;
