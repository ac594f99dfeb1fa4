import { useQuery } from "urql";
import { graphql } from "../generated/gql.ts";
import type { OwnBotsQuery, WhoQuery } from "../generated/graphql.ts";

const WhoDocument = graphql(`
  query Who { viewer { user { id handle } } }
`);

/** Not within Who: a visitor would pay points for bots that nobody has. */
const OwnBotsDocument = graphql(`
  query OwnBots { viewer { bots(first: 50) { nodes { id name character status } } } }
`);

export type Viewer = NonNullable<WhoQuery["viewer"]> & NonNullable<OwnBotsQuery["viewer"]>;

/** Who is signed in, with their bots; null for a visitor and while it is not known. */
export function useViewer(): Viewer | null {
  const [{ data: who }] = useQuery({ query: WhoDocument });
  const [{ data: own }] = useQuery({ query: OwnBotsDocument, pause: !who?.viewer });
  return who?.viewer && own?.viewer ? { ...own.viewer, ...who.viewer } : null;
}
