import { useQuery } from "urql";
import { graphql } from "../generated/gql.ts";
import { useViewer } from "./viewer.ts";

const PurseDocument = graphql(`query Purse { viewer { balance { available } } }`);

/** What the person who is signed in can spend, in base units; null for a visitor and while it is not known. */
export function useBalance(): { available: bigint | null; readAgain: () => void } {
  const viewer = useViewer();
  const [{ data }, reload] = useQuery({ query: PurseDocument, pause: !viewer });
  const balance = viewer && data?.viewer?.balance;
  return {
    available: balance ? BigInt(balance.available) : null,
    readAgain: () => viewer && reload({ requestPolicy: "network-only" }),
  };
}
