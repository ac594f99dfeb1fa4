import type { Invariant } from "../../ledger/service/check.ts";
import * as store from "../store/invariants.ts";

/** What must hold of what comes and goes on the chain. */
export const CHAIN_INVARIANTS: readonly Invariant[] = [
  {
    name: "WITHDRAWALS_ARE_PAID_ONCE",
    says: "every confirmed withdrawal has one mined payment, and no other has any",
    offenders: store.unpaidWithdrawals,
  },
  {
    name: "WITHDRAWALS_ARE_BOOKED",
    says: "every withdrawal was held once, and paid or given back once when it is over",
    offenders: store.unbookedWithdrawals,
  },
  {
    name: "HELD_IS_OPEN",
    says: "what users hold is what their open withdrawals take",
    offenders: store.wrongHeld,
  },
  {
    name: "WITHDRAWALS_EXIST",
    says: "every journal of a withdrawal has its withdrawal",
    offenders: store.strayJournals,
  },
  {
    name: "DEPOSITS_ARE_BOOKED",
    says: "every credited deposit was credited once, to whose it is, and taken back once if its block vanished",
    offenders: store.unbookedDeposits,
  },
  {
    name: "DEPOSITS_ARE_CREDITED_ONCE",
    says: "no transaction is credited in two blocks, and no height from two",
    offenders: store.doubleDeposits,
  },
  {
    name: "DEPOSITS_EXIST",
    says: "every journal of a deposit has its deposit",
    offenders: store.strayDeposits,
  },
  {
    name: "UNATTRIBUTED_IS_NOBODYS",
    says: "what is unattributed is what nobody's wallets sent",
    offenders: store.wrongUnattributed,
  },
  {
    name: "CUSTODY_COVERS",
    says: "the chain had what was owed when it was last compared",
    offenders: store.uncoveredCustody,
  },
  {
    name: "CUSTODY_IS_PROVED",
    says: "where deposits are taken, what the chain has was compared in the last 15 minutes",
    offenders: store.unprovedCustody,
  },
];
