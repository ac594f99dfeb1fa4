import { readSnapshot } from "../../platform/snapshot.ts";
import type { Row, Statement } from "../../platform/statement.ts";
import * as store from "../store/invariants.ts";

type Offender = Row<typeof store.sumOfAll>;

/** One thing that must hold of all money; its statement gives what breaks it, at most 20 rows. */
export type Invariant = { name: string; says: string; offenders: Statement<Offender> };

/** An invariant and what breaks it; it holds when that is nothing. */
export type Finding = Invariant & { broken: Offender[] };

/** What must hold of the ledger by itself; the domains that move money add theirs. */
export const LEDGER_INVARIANTS: readonly Invariant[] = [
  { name: "SUM_IS_ZERO", says: "all accounts together hold zero", offenders: store.sumOfAll },
  {
    name: "JOURNALS_BALANCE",
    says: "every journal has two postings at least, and they sum to zero",
    offenders: store.unbalancedJournals,
  },
  { name: "JOURNALS_MOVE", says: "every journal has its postings", offenders: store.emptyJournals },
  { name: "POSTINGS_BELONG", says: "every posting has its journal", offenders: store.strayPostings },
  {
    name: "BALANCES_ARE_SUMS",
    says: "every user's balance is the sum of its postings",
    offenders: store.wrongBalances,
  },
  { name: "USERS_ARE_COVERED", says: "no user's balance is below zero", offenders: store.negativeBalances },
  {
    name: "REVERSALS_MIRROR",
    says: "every reversal moves exactly what it takes back",
    offenders: store.wrongReversals,
  },
  {
    name: "DAYS_ARE_SUMS",
    says: "the totals of closed days are the sums of their postings",
    offenders: store.wrongDays,
  },
];

/** Looks at every invariant in one instant of the database. */
export function checkLedger(databaseUrl: string, invariants: readonly Invariant[]): Promise<Finding[]> {
  return readSnapshot(databaseUrl, async (snapshot) => {
    const findings: Finding[] = [];
    for (const invariant of invariants)
      findings.push({ ...invariant, broken: await snapshot.query(invariant.offenders) });
    return findings;
  });
}
