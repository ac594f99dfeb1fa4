import { graphql } from "../generated/gql.ts";
import type { WalletPageQuery } from "../generated/graphql.ts";

export const WalletDocument = graphql(`
  query WalletPage {
    viewer {
      cursor
      user { id handle }
      balance { available held deposited withdrawn wagered won }
      inBets
      faucet { grant claimableAt }
      wallets { address linkedAt }
      withdrawals(first: 10) { nodes { ...WithdrawalRow } }
      withdrawable
      deposits(first: 10) { nodes { ...DepositRow } }
    }
    treasury { users inPlay rake }
    depositTerms { address chain { chainId name rpcUrl } token creditTag }
    withdrawalTerms {
      frozen
      minimum
      maximum
      perDay
      signatureAbove
      walletWaitMs
      winningsWaitMs
      chain { chainId name rpcUrl }
      domain { name version chainId verifyingContract }
    }
  }
  fragment DepositRow on Deposit { id amount from status final seenAt movedAt txHash }
  fragment WithdrawalRow on Withdrawal { id amount to status waitingFor reason createdAt movedAt txHash }
`);

/** Where money is brought from: for who has too little of it here. */
export const ArenaChainDocument = graphql(`query ArenaChain { depositTerms { chain { chainId name rpcUrl } } }`);

export const UserEventsDocument = graphql(`
  subscription UserLive($after: Cursor) {
    userEvents(after: $after) {
      cursor
      event {
        __typename
        ... on WithdrawalChanged { seq withdrawal { ...WithdrawalRow } }
        ... on DepositChanged { seq deposit { ...DepositRow } }
        ... on StreamGap { fromSeq toSeq }
      }
    }
  }
`);

export type Holder = NonNullable<WalletPageQuery["viewer"]>;
export type Balance = Holder["balance"];
export type Terms = NonNullable<WalletPageQuery["withdrawalTerms"]>;
export type Withdrawal = Holder["withdrawals"]["nodes"][number];
export type DepositTerms = NonNullable<WalletPageQuery["depositTerms"]>;
export type Deposit = Holder["deposits"]["nodes"][number];
