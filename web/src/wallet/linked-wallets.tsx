import { useState } from "react";
import { useMutation } from "urql";
import { graphql } from "../generated/gql.ts";
import { Ago } from "../shell/ago.tsx";
import { refusalOf, Why, type Refused } from "../shell/refused.tsx";
import type { Holder } from "./documents.ts";
import { ProveWallet } from "./prove-wallet.tsx";

const LinkDocument = graphql(`
  mutation LinkWallet($input: LinkWalletInput!) {
    linkWallet(input: $input) { __typename ... on Refusal { message hint } }
  }
`);
const UnlinkDocument = graphql(`
  mutation UnlinkWallet($input: UnlinkWalletInput!) {
    unlinkWallet(input: $input) { __typename ... on Refusal { message hint } }
  }
`);

type Linked = Holder["wallets"][number];

/** The wallets one may sign in with, and one more. */
export function Wallets({ wallets }: { wallets: readonly Linked[] }) {
  const [, link] = useMutation(LinkDocument);
  const [, unlink] = useMutation(UnlinkDocument);
  const [refused, setRefused] = useState<Refused>(null);
  const part = async (address: string) => {
    const { data, error } = await unlink({ input: { address } });
    setRefused(refusalOf(data?.unlinkWallet, error));
  };
  return (
    <section>
      <div className="head">
        <h2>Wallets</h2>
        <span className="ct">{wallets.length || "none linked"}</span>
      </div>
      <ul className="rows">
        {wallets.map(({ address, linkedAt }) => (
          <li key={address} className="key">
            <span className="names">
              <span className="mono sm" title={address}>
                {address.slice(0, 8)}…{address.slice(-6)}
              </span>
              <span className="xs dim3">
                linked <Ago at={linkedAt} ago />
              </span>
            </span>
            <button type="button" className="btn sm" onClick={() => void part(address)}>
              Unlink
            </button>
          </li>
        ))}
      </ul>
      <Why refused={refused} />
      <ProveWallet
        act="Link"
        prove={async (input) => {
          const { data, error } = await link({ input });
          return refusalOf(data?.linkWallet, error);
        }}
      />
    </section>
  );
}
