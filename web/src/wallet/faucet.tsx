import { useState } from "react";
import { useMutation } from "urql";
import { graphql } from "../generated/gql.ts";
import { exactly } from "../shell/ago.tsx";
import { whole } from "../shell/amount.ts";
import { refusalOf, Why, type Refused } from "../shell/refused.tsx";
import { useNow } from "../shell/use-now.ts";
import { useOnceKey } from "../shell/use-once-key.ts";
import type { Holder } from "./documents.ts";

const ClaimDocument = graphql(`
  mutation ClaimFaucet($input: ClaimFaucetInput!) {
    claimFaucet(input: $input) { __typename ... on ClaimFaucetSuccess { granted } ... on Refusal { message hint } }
  }
`);
const MINUTE_MS = 60_000;

/** "19 h 44 min", "3 min", rounded up. */
function waitOf(ms: number): string {
  const minutes = Math.ceil(ms / MINUTE_MS);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Play money of the day, or how long until there is some again. */
export function FaucetRow({ faucet: { grant, claimableAt } }: { faucet: NonNullable<Holder["faucet"]> }) {
  const now = useNow(5_000);
  const { keyFor, answered } = useOnceKey();
  const [{ fetching }, claim] = useMutation(ClaimDocument);
  const [refused, setRefused] = useState<Refused>(null);
  const [granted, setGranted] = useState<string | null>(null);
  const waitMs = claimableAt ? Date.parse(claimableAt) - now : 0;
  const go = async () => {
    const { data, error } = await claim({ input: { idempotencyKey: keyFor({ claimableAt }) } });
    const answer = data?.claimFaucet;
    if (answer) answered();
    setRefused(refusalOf(answer, error));
    if (answer?.__typename === "ClaimFaucetSuccess") setGranted(answer.granted);
  };
  return (
    <div className="faucet">
      <dt>
        Faucet
        {waitMs > 0 && claimableAt && (
          <span title={exactly(claimableAt)}>
            , again in <time dateTime={claimableAt}>{waitOf(waitMs)}</time>
          </span>
        )}
      </dt>
      <dd>
        <button
          type="button"
          className={`btn sm ${waitMs > 0 ? "" : "pri"}`}
          disabled={fetching || waitMs > 0}
          onClick={() => void go()}
        >
          Take {whole(BigInt(grant))}
        </button>
        <span className="sr" role="status">
          {granted && `${whole(BigInt(granted))} NORTH are yours`}
        </span>
        <Why refused={refused} />
      </dd>
    </div>
  );
}
