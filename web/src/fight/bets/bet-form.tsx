import { lazy, Suspense, useState, type FormEvent } from "react";
import { Link } from "wouter";
import { whole } from "../../shell/amount.ts";
import { useLine } from "../../client/line.ts";
import { Money } from "../../shell/money.tsx";
import { Why, type Refused } from "../../shell/refused.tsx";
import { Shield } from "../../shell/shield.tsx";
import { StakeField, useStake } from "../../shell/stake.tsx";
import { useBalance } from "../../shell/use-balance.ts";
import { useOnceKey } from "../../shell/use-once-key.ts";
import { oddsOf, wouldPay } from "./odds.ts";
import type { Corner, Pool } from "./pool.ts";

/** Places a bet; gives the refusal, or null, and whether the server answered at all. */
export type Place = (bet: { botId: string; amount: string; idempotencyKey: string }) => Promise<{
  refused: Refused;
  answered: boolean;
}>;

type Props = { pool: Pool; corners: readonly Corner[]; place: Place; barred: string | null };

/** Which fighter, how much, and what it would pay; the button says what it does. */
export function BetForm({ pool, corners, place, barred }: Props) {
  const { offlineSince } = useLine();
  const { available } = useBalance();
  const [side, setSide] = useState<0 | 1>(0);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<Refused>(null);
  const { typed, type, units } = useStake("100,000");
  const { keyFor, answered } = useOnceKey();
  const bot = corners[side]?.bot;
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (!bot || !units) return;
    const bet = { botId: bot.id, amount: String(units) };
    setBusy(true);
    const outcome = await place({ ...bet, idempotencyKey: keyFor(bet) });
    setBusy(false);
    if (outcome.answered) answered();
    setRefused(outcome.refused);
  };
  const limit = `${whole(pool.betMin)} to ${whole(pool.betMax)} a bet.`;
  return (
    <form className="betform" onSubmit={(event) => void submit(event)}>
      <Pick pool={pool} corners={corners} side={side} pick={setSide} />
      <StakeField label="Stake" typed={typed} type={type} available={available} hint={limit} />
      {!!units && (
        <p className="between sm">
          <span className="dim">Pays about, your stake included</span>
          <Money units={wouldPay(pool, side, units)} />
        </p>
      )}
      <Why refused={refused} />
      {available !== null && !!units && units > available && <TooLittle />}
      <button
        type="submit"
        className="btn money wide lg"
        disabled={busy || !units || barred !== null || offlineSince !== null}
      >
        Bet {units ? whole(units) : ""} on {bot?.name}
      </button>
      {barred && <p className="note">{barred}</p>}
      {offlineSince !== null && <p className="note">The server cannot be reached: no bet can be placed now.</p>}
      <p className="note">The final odds are those at the first exchange. A draw or a void returns every stake.</p>
    </form>
  );
}

const BringMoney = lazy(() => import("../../wallet/bring-money.tsx"));

/** What to do about a stake that one has not got. */
const TooLittle = () => (
  <>
    <p className="note">
      You have less than that. Get more in your <Link href="/wallet">wallet</Link>: a bet is paid from what you have
      here.
    </p>
    <Suspense fallback={null}>
      <BringMoney />
    </Suspense>
  </>
);

function Pick({
  pool,
  corners,
  side,
  pick,
}: Omit<Props, "place" | "barred"> & { side: 0 | 1; pick: (side: 0 | 1) => void }) {
  return (
    <div className="pick" role="group" aria-label="Whom to bet on">
      {([0, 1] as const).map((each) => (
        <button
          key={each}
          type="button"
          className={each === 0 ? "side-a" : "side-b"}
          aria-pressed={side === each}
          onClick={() => pick(each)}
        >
          <Shield id={corners[each]?.bot.id ?? ""} className="s24" />
          <span className="trunc">{corners[each]?.bot.name}</span>
          <span className="mono">{oddsOf(pool, each)}</span>
        </button>
      ))}
    </div>
  );
}
