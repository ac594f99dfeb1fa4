import { graphql } from "../generated/gql.ts";
import type { WalletPageQuery } from "../generated/graphql.ts";

export const WalletDocument = graphql(`
  query WalletPage {
    viewer {
      user { id handle }
      balance { available held deposited withdrawn wagered won }
      faucet { grant claimableAt }
      wallets { address linkedAt }
    }
  }
`);

export type Holder = NonNullable<WalletPageQuery["viewer"]>;
export type Balance = Holder["balance"];
