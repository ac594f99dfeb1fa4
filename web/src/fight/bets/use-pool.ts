import { useEffect, useRef } from "react";
import { useQuery, useSubscription } from "urql";
import type { FightPoolQuery, PoolBoardFragment, PoolStatus } from "../../generated/graphql.ts";
import { useNow } from "../../shell/use-now.ts";
import { useViewer } from "../../shell/viewer.ts";
import { MyBetsDocument, OddsDocument, PoolDocument, PoolEventsDocument } from "./documents.ts";
import type { Sides } from "./odds.ts";
import type { Bet, Corner, Pool, Tick } from "./pool.ts";

const MY_BETS_MAX = 100;
const AGAIN_MS = 1_500;
const LATE_MS = 1_000;

type Backed = readonly { total: string; bot: { id: string } }[];

const sidesOf = (backed: Backed, corners: readonly Corner[]): Sides => {
  const on = (side: number) =>
    BigInt(backed.find(({ bot }) => bot.id === corners.find((corner) => corner.side === side)?.bot.id)?.total ?? "0");
  return [on(0), on(1)];
};

type Stored = NonNullable<NonNullable<FightPoolQuery["fight"]>["pool"]>;

const RANKS: Record<PoolStatus, number> = { OPEN: 0, LOCKED: 1, SETTLED: 2, REFUNDED: 2 };

function poolOf(stored: Stored, live: PoolBoardFragment | null, corners: readonly Corner[]): Pool {
  // Both come on lines of their own: the one that is further on is the newer one.
  const newest = live && RANKS[live.status] >= RANKS[stored.status] ? live : stored;
  const past = stored.history.map(({ at, sides }): Tick => ({ at, sides: sidesOf(sides, corners) }));
  const sides = sidesOf(newest.byBot, corners);
  const { status, exhibition, closesAt, refundReason } = newest;
  const limits = {
    betMin: BigInt(newest.betMin),
    betMax: BigInt(newest.betMax),
    rakePercent: BigInt(newest.rakePercent),
  };
  return { status, exhibition, closesAt, ...limits, refundReason: refundReason ?? null, sides, history: past };
}

/** The viewer's bets on a fight, while there is a pool. */
function useMyBets(fightId: string, corners: readonly Corner[], pause: boolean) {
  const viewer = useViewer();
  const [{ data }, reload] = useQuery({
    query: MyBetsDocument,
    variables: { first: MY_BETS_MAX },
    pause: pause || !viewer,
    requestPolicy: "cache-and-network",
  });
  const mine = data?.viewer?.bets.nodes.filter(({ contest }) => contest.id === fightId) ?? [];
  const bets = mine.map(
    ({ id, bot, amount, status, payout }): Bet => ({
      id,
      side: bot.id === corners[1]?.bot.id ? 1 : 0,
      amount: BigInt(amount),
      status,
      payout: payout == null ? null : BigInt(payout),
    }),
  );
  return { bets, readBets: () => viewer && reload({ requestPolicy: "network-only" }) };
}

/** Does something now and then while it is awaited. */
function useEvery(ms: number, awaited: boolean, act: () => void) {
  const newest = useRef(act);
  newest.current = act;
  useEffect(() => {
    if (!awaited) return undefined;
    const timer = setInterval(() => newest.current(), ms);
    return () => clearInterval(timer);
  }, [awaited, ms]);
}

const isEnded = (pool: Stored | null | undefined) =>
  pool === null || pool?.status === "SETTLED" || pool?.status === "REFUNDED";

/** A fight's pool as it moves, and the viewer's bets in it; null where nobody can bet, undefined until that is known. */
export function usePool(fightId: string, corners: readonly Corner[], over: boolean) {
  const now = useNow(1_000);
  const variables = { id: fightId };
  const [{ data, error }, reload] = useQuery({
    query: PoolDocument,
    variables,
    requestPolicy: "cache-and-network",
  });
  const stored = data?.fight?.pool;
  const ended = isEnded(stored);
  const [odds] = useSubscription({ query: OddsDocument, variables, pause: !stored || ended });
  const [moved] = useSubscription({ query: PoolEventsDocument, variables, pause: !stored || ended });
  const { bets, readBets } = useMyBets(fightId, corners, !stored);
  const readAgain = () => {
    reload({ requestPolicy: "network-only" });
    readBets();
  };
  useEffect(() => {
    if (moved.data) readAgain();
    // Once for each thing that became of the pool.
  }, [moved.data?.poolEvents.cursor]);
  // A pool closes when the first exchange is asked for, and is shared out a moment after the fight has ended.
  const late = stored?.status === "OPEN" && now > Date.parse(stored.closesAt) + LATE_MS;
  useEvery(AGAIN_MS, late || (over && stored !== undefined && !ended), readAgain);
  const pool = stored ? poolOf(stored, odds.data?.poolOdds ?? null, corners) : stored;
  return { pool, bets, error, readAgain };
}
