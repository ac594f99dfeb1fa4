import type { Tx } from "../../platform/database.ts";
import type { Platform } from "../../platform/platform.ts";
import { append } from "../../platform/streams.ts";
import { battleStream } from "../events.ts";
import { hideBattles } from "../store/github.ts";

/** Hides the battles on repositories that have just become private here; who only watched hears no more of them. */
export async function hideBattlesOn(
  tx: Tx,
  { hub, clock }: Platform,
  repositories: readonly { id: string }[],
): Promise<void> {
  if (repositories.length === 0) return;
  const battles = await tx.query(hideBattles, [repositories.map(({ id }) => id)]);
  const told = battles.map(({ id }) => ({ stream: battleStream(id), chained: true, events: [HIDDEN] }));
  await append(tx, hub.publish, told, clock.now());
  tx.afterCommit(() => ["contests", "ladder:CODE"].forEach(hub.touch));
}
const HIDDEN = { type: "BattleHidden" } as const;
