import { openPools, type Announced, type Pairing } from "../../ladder/events.ts";
import { openContests } from "../../ladder/service/contests.ts";
import type { Tx } from "../../platform/database.ts";
import { enqueue } from "../../platform/jobs.ts";
import type { Platform } from "../../platform/platform.ts";
import type { Settings } from "../../platform/settings.ts";
import type { EventBody } from "../../platform/streams.ts";
import { decide } from "../rules/fight.ts";
import { deadlineOf, openFight, type FightState } from "../rules/fight-state.ts";
import type { Timing } from "../rules/fight-events.ts";
import type { HousePolicy } from "../rules/house.ts";
import { RULES, type Character } from "../rules/pit-rules-1.ts";
import { fightJob } from "../events.ts";
import { fightersOf, writeFights } from "../store.ts";
import { announce, fightStream, playHouse } from "./steps.ts";

/** The pace of a ladder's fights. */
export function timingOf(ladder: string, settings: Settings): Timing {
  return ladder === "PIT_SLOW"
    ? { actionMs: settings.slowActionTimeoutMs, bankMs: 0, roundPauseMs: settings.roundPauseMs }
    : { actionMs: settings.actionTimeoutMs, bankMs: settings.timeBankMs, roundPauseMs: settings.roundPauseMs };
}

/** Creates fights in the caller's transaction: they exist in the database before anyone hears of them. */
export async function createFights(tx: Tx, platform: Platform, pairings: readonly Pairing[]): Promise<string[]> {
  const now = platform.clock.now();
  const fresh = await prepare(tx, platform, pairings, now);
  await openContests(tx, fresh, now);
  const closings = await openPools.call(tx, platform, fresh.map(announcedOf));
  const opened = fresh.map((fight) => ({ ...fight, ...begin(platform, fight, closings.get(fight.id) ?? null, now) }));
  await tx.query(writeFights, [JSON.stringify(opened.map(fightRow))]);
  const appends = opened.flatMap(({ id, botIds, events }) => [
    { stream: fightStream(id), chained: true, events },
    ...botIds.map((botId) => ({ stream: `bot:${botId}`, events: [{ type: "ContestStarted", contestId: id }] })),
  ]);
  await enqueue(
    tx,
    opened.map(({ id }) => fightJob("started", id)),
  );
  await announce(tx, platform, appends);
  tx.afterCommit(() => platform.hub.touch("contests"));
  return opened.map(({ id }) => id);
}

type Fresh = Pairing & {
  id: string;
  seed: Buffer;
  fighters: [Fighter, Fighter];
  characters: Character[];
  policies: Record<string, HousePolicy | null>;
};
type Fighter = { botId: string; character: Character };

async function prepare(tx: Tx, platform: Platform, pairings: readonly Pairing[], now: Date): Promise<Fresh[]> {
  const rows = await tx.query(fightersOf, [pairings.flatMap(({ botIds }) => [...botIds])]);
  const bots = new Map(rows.map((bot) => [bot.id, bot]));
  const fighter = (botId: string) => ({ botId, character: (bots.get(botId)?.character ?? "RONIN") as Character });
  const policyOf = (botId: string) => (bots.get(botId)?.house_policy ?? null) as HousePolicy | null;
  return pairings.map((pairing) => {
    const [one, two, ...more] = pairing.botIds;
    if (!one || !two || more.length > 0) throw new Error(`a fight is between two, not ${pairing.botIds.length}`);
    const fighters: Fresh["fighters"] = [fighter(one), fighter(two)];
    return {
      ...pairing,
      id: platform.random.id(now),
      seed: platform.random.bytes(32),
      fighters,
      characters: fighters.map(({ character }) => character),
      policies: Object.fromEntries(pairing.botIds.map((botId) => [botId, policyOf(botId)])),
    };
  });
}

const announcedOf = ({ id, origin, rated, policies }: Fresh): Announced => ({
  contestId: id,
  origin,
  rated,
  withHouse: Object.values(policies).some((policy) => policy !== null),
});

type Begun = { state: FightState; events: EventBody[] };

/** The first events of a fight: it starts at once, or once its pool closes. */
function begin(platform: Platform, fight: Fresh, closesAt: Date | null, now: Date): Begun {
  const { ladder, rated, sealed, fighters } = fight;
  const fresh = openFight({ ladder, rated, sealed, timing: timingOf(ladder, platform.settings), fighters });
  const first = closesAt
    ? ({ type: "ANNOUNCE", startsAtMs: closesAt.getTime() } as const)
    : ({ type: "START" } as const);
  const begun = decide(fresh, first, now.getTime());
  if (!begun.ok) throw new Error(`a fresh fight did not begin: ${begun.refusal}`);
  return playHouse(fight, begun, now.getTime());
}

function fightRow({ id, sealed, stakes, state, events }: Begun & Pick<Pairing, "sealed" | "stakes"> & { id: string }) {
  const deadline = deadlineOf(state);
  return {
    id,
    rules: RULES,
    sealed,
    wager: stakes?.each.toString() ?? "0",
    escrow_id: stakes?.escrowId ?? null,
    phase: state.phase,
    state,
    last_seq: events.length,
    deadline_at: deadline === null ? null : new Date(deadline).toISOString(),
  };
}
