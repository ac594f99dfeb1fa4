import { useEffect } from "react";
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
  return { status, exhibition, closesAt, refundReason: refundReason ?? null, sides, history: past };
}

/** A fight's pool as it moves, and the viewer's bets in it; null where nobody can bet, undefined until that is known. */
export function usePool(fightId: string, corners: readonly Corner[], over: boolean) {
  const viewer = useViewer();
  const now = useNow(1_000);
  const [{ data, error }, reload] = useQuery({
    query: PoolDocument,
    variables: { id: fightId },
    requestPolicy: "cache-and-network",
  });
  const stored = data?.fight?.pool;
  const ended = stored === null || stored?.status === "SETTLED" || stored?.status === "REFUNDED";
  const [odds] = useSubscription({ query: OddsDocument, variables: { id: fightId }, pause: !stored || ended });
  const [moved] = useSubscription({ query: PoolEventsDocument, variables: { id: fightId }, pause: !stored || ended });
  const [mine, reloadMine] = useQuery({
    query: MyBetsDocument,
    variables: { first: MY_BETS_MAX },
    pause: !viewer || !stored,
    requestPolicy: "cache-and-network",
  });
  const readAgain = () => {
    reload({ requestPolicy: "network-only" });
    if (viewer) reloadMine({ requestPolicy: "network-only" });
  };
  useEffect(() => {
    if (moved.data) readAgain();
    // Once for each thing that became of the pool.
  }, [moved.data?.poolEvents.cursor]);
  // A pool closes when the first exchange is asked for, and is shared out a moment after the fight has ended.
  const late = stored?.status === "OPEN" && now > Date.parse(stored.closesAt) + LATE_MS;
  const awaited = late || (over && stored !== undefined && !ended);
  useEffect(() => {
    if (!awaited) return undefined;
    const timer = setInterval(readAgain, AGAIN_MS);
    return () => clearInterval(timer);
  }, [awaited]);
  const bets = mine.data?.viewer?.bets.nodes.filter(({ contest }) => contest.id === fightId) ?? [];
  return {
    error,
    readAgain,
    pool: stored ? poolOf(stored, odds.data?.poolOdds ?? null, corners) : stored,
    bets: bets.map(
      ({ id, bot, amount, status, payout }): Bet => ({
        id,
        side: bot.id === corners[1]?.bot.id ? 1 : 0,
        amount: BigInt(amount),
        status,
        payout: payout == null ? null : BigInt(payout),
      }),
    ),
  };
}
