import type { Invariant } from "../../ledger/service/check.ts";
import { wrongEscrows, wrongPayouts } from "../store.ts";

/** What must hold of stakes. */
export const PIT_INVARIANTS: readonly Invariant[] = [
  {
    name: "ESCROWS_HOLD_STAKES",
    says: "the escrow of an open callout or fight holds its stakes, and every other one holds nothing",
    offenders: wrongEscrows,
  },
  {
    name: "STAKES_ARE_PAID",
    says: "the stakes of every fight that has ended went once to whom the rules say",
    offenders: wrongPayouts,
  },
];
