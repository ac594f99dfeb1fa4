import type { WalletPageQuery } from "../generated/graphql.ts";
import { Money } from "../shell/money.tsx";

const LINES = [
  ["users", "Everybody has"],
  ["inPlay", "At stake now"],
  ["rake", "Kept by the house so far"],
] as const;

/** What the arena as a whole holds and owes: anybody may add it up. */
export function Books({ treasury }: { treasury: WalletPageQuery["treasury"] }) {
  return (
    <section className="books">
      <div className="head">
        <h2>The arena's books</h2>
        <span className="ct">public</span>
      </div>
      <dl className="totals">
        {LINES.map(([name, says]) => (
          <div key={name}>
            <dt>{says}</dt>
            <dd>
              <Money units={treasury[name]} as="brief" className="" />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
