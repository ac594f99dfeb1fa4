import { graphql } from "../generated/gql.ts";
import type { ManageQuery } from "../generated/graphql.ts";

export const ManageDocument = graphql(`
  query Manage {
    viewer {
      user { id handle }
      email
      scopes
      bots(first: 50) {
        nodes {
          id name character status skillsMarkdown capabilities lastSeenAt
          queueEntry { id status ladder mode joinedAt position estimatedWaitMs contest { id } }
        }
      }
      apiKeys { id name prefix scopes createdAt expiresAt lastUsedAt revokedAt }
      wallets { address linkedAt }
      sessions { id device current createdAt lastUsedAt expiresAt }
    }
  }
`);

/** A bot as its owner sees it. */
export type Owned = NonNullable<ManageQuery["viewer"]>["bots"]["nodes"][number];

/** A key as its owner sees it: never the key itself. */
export type ApiKey = NonNullable<ManageQuery["viewer"]>["apiKeys"][number];
