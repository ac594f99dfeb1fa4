import { useState } from "react";
import { useMutation } from "urql";
import { graphql } from "../generated/gql.ts";
import type { WithdrawalStatus, WithdrawalWait } from "../generated/graphql.ts";
import { clockTime } from "../shell/ago.tsx";
import { Moved } from "../shell/money.tsx";
import { refusalOf, Why, type Refused } from "../shell/refused.tsx";
import type { Withdrawal } from "./documents.ts";
import { Hex, Track } from "./track.tsx";

const CancelDocument = graphql(`
  mutation CancelWithdrawal($input: CancelWithdrawalInput!) {
    cancelWithdrawal(input: $input) { __typename ... on Refusal { message hint } }
  }
`);

const STEPS = ["Reserved", "Signed", "Sent", "Confirmed"];
const PLACES: Partial<Record<WithdrawalStatus, number>> = { RESERVED: 0, SIGNED: 1, SENT: 2, CONFIRMED: 3 };

const WAITS: Record<WithdrawalWait, string> = {
  ACCOUNT_SUSPENDED: "An operator suspended your account. The amount stays held.",
  DAY_LIMIT: "The arena has paid as much as it pays in 24 hours. It goes on by itself.",
  DENIED_ADDRESS: "Nobody is paid at this address: cancel it.",
  FEES_TOO_HIGH: "The chain asks more for gas than the arena pays. It goes on by itself.",
  FROZEN: "Operators hold all withdrawals back. The amount stays held.",
  HOT_GAS_LOW: "The arena's wallet needs gas from an operator. It goes on by itself then.",
  HOT_TOKEN_LOW: "The arena's wallet must be topped up by an operator. It goes on by itself then.",
  STOPPED: "The arena's wallet waits for an operator. The amount stays held.",
  WALLET_UNLINKED: "The wallet is not linked any more: link it again, or cancel.",
};
const NOTES: Partial<Record<WithdrawalStatus, string>> = {
  RESERVED: "Held; about to be signed.",
  SIGNED: "Signed; about to be given to the chain.",
  SENT: "Waits to be final on the chain.",
};

const saysOf = ({ status, waitingFor, reason }: Withdrawal) =>
  reason ?? (waitingFor ? WAITS[waitingFor] : NOTES[status]);

/** Money on its way out and what has arrived, the latest first. */
export function Withdrawals({ withdrawals }: { withdrawals: readonly Withdrawal[] }) {
  return (
    <ul aria-label="Withdrawals" className="onway">
      {withdrawals.map((withdrawal) => (
        <Row key={withdrawal.id} withdrawal={withdrawal} />
      ))}
    </ul>
  );
}

function Row({ withdrawal }: { withdrawal: Withdrawal }) {
  const { amount, to, status, createdAt, movedAt, txHash } = withdrawal;
  const at = PLACES[status];
  const notes = STEPS.map((_name, step) =>
    step === 0 ? clockTime(createdAt) : step === at ? clockTime(movedAt) : undefined,
  );
  const says = saysOf(withdrawal);
  return (
    <li>
      <div className="between">
        <b>
          <Moved units={amount} incoming={false} />
        </b>
        <span className="xs dim3">
          to <Hex text={to} />
          {txHash && (
            <>
              , tx <Hex text={txHash} />
            </>
          )}
        </span>
      </div>
      {at === undefined ? (
        <span className={`tag ${status === "FAILED" ? "bad" : "out"}`}>
          {status === "FAILED" ? "Failed: nothing was paid, the amount is yours again" : "Cancelled"}
        </span>
      ) : (
        <Track steps={STEPS} at={at} done={status === "CONFIRMED"} notes={notes} />
      )}
      {(says || status === "RESERVED") && (
        <div className="between">
          <p className="note" role="status">
            {says}
          </p>
          {status === "RESERVED" && <Cancel withdrawalId={withdrawal.id} />}
        </div>
      )}
    </li>
  );
}

function Cancel({ withdrawalId }: { withdrawalId: string }) {
  const [{ fetching }, cancel] = useMutation(CancelDocument);
  const [refused, setRefused] = useState<Refused>(null);
  const go = async () => {
    const { data, error } = await cancel({ input: { withdrawalId } });
    setRefused(refusalOf(data?.cancelWithdrawal, error));
  };
  return (
    <>
      <Why refused={refused} />
      <button type="button" className="btn sm" disabled={fetching} onClick={() => void go()}>
        Cancel it
      </button>
    </>
  );
}
