import type { Invariant } from "../../ledger/service/check.ts";
import { lateSettlements, wrongPools, wrongSettlements } from "../store.ts";

/** What must hold of side bets. */
export const BETTING_INVARIANTS: readonly Invariant[] = [
  {
    name: "POOLS_HOLD_BETS",
    says: "the pool of an open contest holds its bets, and every other one holds nothing",
    offenders: wrongPools,
  },
  {
    name: "POOLS_ARE_SHARED_OUT",
    says: "every pool that has ended was shared out once as the rules say, to whom they say",
    offenders: wrongSettlements,
  },
  {
    name: "SETTLEMENTS_ARE_IN_TIME",
    says: "no contest has ended more than a minute ago with its pool still held",
    offenders: lateSettlements,
  },
];
