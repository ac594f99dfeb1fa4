import { useQuery } from "urql";
import { graphql } from "../generated/gql.ts";
import type { WhoQuery } from "../generated/graphql.ts";

const WhoDocument = graphql(`
  query Who { viewer { user { id handle } bots(first: 50) { nodes { id name character status } } } }
`);

export type Viewer = NonNullable<WhoQuery["viewer"]>;

/** Who is signed in, with their bots; null for a visitor and while it is not known. */
export function useViewer(): Viewer | null {
  const [{ data }] = useQuery({ query: WhoDocument });
  return data?.viewer ?? null;
}
