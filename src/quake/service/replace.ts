import { replaceParticipant } from "../../ladder/service/replace.ts";
import type { Lease } from "../../platform/leases.ts";
import type { Platform } from "../../platform/platform.ts";
import { replacePlayer } from "../store.ts";
import { lockHeld, write } from "./steps.ts";

/** A bot by its own name. */
export type MatchBot = { botId: string; name: string };

/** Somebody from the queue takes the place of a bot that cannot come; null where nobody waits, or bets lie on the match. */
export function replaceMissing(
  platform: Platform,
  { id, lease }: { id: string; lease: Lease },
  botId: string,
): Promise<MatchBot | null> {
  return platform.db.transact(async (tx) => {
    const match = await lockHeld(tx, id, lease);
    if (match.pooled) return null;
    const found = await replaceParticipant(tx, platform, { contestId: id, ladder: match.ladder, botId });
    if (!found) return null;
    await tx.query(replacePlayer, [id, botId, found.botId]);
    const told = { type: "MatchPlayerReplaced", botId, byBotId: found.botId, rated: found.rated } as const;
    const started = { stream: `bot:${found.botId}`, events: [{ type: "ContestStarted", contestId: id }] };
    const ended = { stream: `bot:${botId}`, events: [{ type: "ContestEnded", contestId: id }] };
    await write(tx, platform, id, { events: [told], others: [started, ended] });
    return { botId: found.botId, name: found.name };
  });
}
