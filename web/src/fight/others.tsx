import { useQuery } from "urql";
import { Link } from "wouter";
import { graphql } from "../generated/gql.ts";
import { BoutRow, type Bout } from "../shell/bout.tsx";

const OthersDocument = graphql(`
  query OtherFights { contests(first: 5, status: LIVE) { nodes { ...Bout } } }
`);
const OTHERS_MAX = 4;

/** The other fights that are live. */
export function useOthers(except: string): readonly Bout[] {
  const [{ data }] = useQuery({ query: OthersDocument, requestPolicy: "cache-and-network" });
  return data?.contests.nodes.filter(({ id, status }) => id !== except && status === "LIVE").slice(0, OTHERS_MAX) ?? [];
}

/** The other live fights: where to go from here. */
export function Others({ except }: { except: string }) {
  const others = useOthers(except);
  return (
    <section>
      <div className="head">
        <h2>Next in the Pit</h2>
        <Link className="more" href="/pit">
          All fights
        </Link>
      </div>
      {others.length === 0 && <p className="dim sm">No other fight is live.</p>}
      <ul className="rows">
        {others.map((bout) => (
          <BoutRow key={bout.id} bout={bout} />
        ))}
      </ul>
    </section>
  );
}
