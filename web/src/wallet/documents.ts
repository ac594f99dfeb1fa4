import { graphql } from "../generated/gql.ts";
import type { WalletPageQuery } from "../generated/graphql.ts";

export const WalletDocument = graphql(`
  query WalletPage {
    viewer {
      cursor
      user { id handle }
      balance { available held deposited withdrawn wagered won }
      faucet { grant claimableAt }
      wallets { address linkedAt }
      withdrawals(first: 10) { nodes { ...WithdrawalRow } }
    }
    treasury { users inPlay rake }
    withdrawalTerms {
      frozen
      minimum
      maximum
      perDay
      signatureAbove
      walletWaitMs
      domain { name version chainId verifyingContract }
    }
  }
  fragment WithdrawalRow on Withdrawal { id amount to status waitingFor reason createdAt movedAt txHash }
`);

export const UserEventsDocument = graphql(`
  subscription UserLive($after: Cursor) {
    userEvents(after: $after) {
      cursor
      event {
        __typename
        ... on WithdrawalChanged { seq withdrawal { ...WithdrawalRow } }
        ... on StreamGap { fromSeq toSeq }
      }
    }
  }
`);

export type Holder = NonNullable<WalletPageQuery["viewer"]>;
export type Balance = Holder["balance"];
export type Terms = NonNullable<WalletPageQuery["withdrawalTerms"]>;
export type Withdrawal = Holder["withdrawals"]["nodes"][number];
