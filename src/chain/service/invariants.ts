import type { Invariant } from "../../ledger/service/check.ts";
import { strayJournals, unbookedWithdrawals, unpaidWithdrawals, wrongHeld } from "../store/invariants.ts";

/** What must hold of withdrawals. */
export const CHAIN_INVARIANTS: readonly Invariant[] = [
  {
    name: "WITHDRAWALS_ARE_PAID_ONCE",
    says: "every confirmed withdrawal has one mined payment, and no other has any",
    offenders: unpaidWithdrawals,
  },
  {
    name: "WITHDRAWALS_ARE_BOOKED",
    says: "every withdrawal was held once, and paid or given back once when it is over",
    offenders: unbookedWithdrawals,
  },
  {
    name: "HELD_IS_OPEN",
    says: "what users hold is what their open withdrawals take",
    offenders: wrongHeld,
  },
  {
    name: "WITHDRAWALS_EXIST",
    says: "every journal of a withdrawal has its withdrawal",
    offenders: strayJournals,
  },
];
