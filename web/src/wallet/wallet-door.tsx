import { useMutation } from "urql";
import { changePerson } from "../client/client.ts";
import { graphql } from "../generated/gql.ts";
import { refusalOf } from "../shell/refused.tsx";
import { ProveWallet } from "./prove-wallet.tsx";

const EthereumDocument = graphql(`
  mutation SignInWithWallet($input: SignInWithEthereumInput!) {
    signInWithEthereum(input: $input) { __typename ... on Refusal { message hint } }
  }
`);

/** Signs in with a wallet of this browser. */
export function WalletDoor() {
  const [, signIn] = useMutation(EthereumDocument);
  return (
    <ProveWallet
      act="Sign in"
      prove={async (input) => {
        const { data, error } = await signIn({ input });
        const refused = refusalOf(data?.signInWithEthereum, error);
        if (!refused) changePerson();
        return refused;
      }}
    />
  );
}
