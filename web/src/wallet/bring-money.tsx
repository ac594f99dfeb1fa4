import { useQuery } from "urql";
import { ArenaChainDocument } from "./documents.ts";
import { Elsewhere } from "./elsewhere.tsx";

/** Where a wallet has to be for a deposit, for who has too little of it here. */
export default function BringMoney() {
  const [{ data }] = useQuery({ query: ArenaChainDocument });
  return data?.depositTerms ? <Elsewhere chain={data.depositTerms.chain} /> : null;
}
