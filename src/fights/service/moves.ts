import { requireBot } from "../../bots/service/bots.ts";
import { requestOf, transactOnce, type Keyed, type Reuse } from "../../platform/idempotency.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome } from "../../platform/refusal.ts";
import type { SignedIn } from "../../platform/viewer.ts";
import {
  COMMIT_REFUSALS,
  REVEAL_REFUSALS,
  SUBMIT_REFUSALS,
  type CommitRefusal,
  type FightCommand,
  type FightRefusal,
  type RevealRefusal,
  type SubmitRefusal,
} from "../rules/fight-state.ts";
import type { Action } from "../rules/pit-rules-1.ts";
import { lock, step, write } from "./steps.ts";

type OwnRefusal = "NOT_YOUR_BOT" | "BOT_SUSPENDED" | "BOT_ARCHIVED";
type Turn = { botId: string; fightId: string; round: number; exchange: number };
type Accepted = { accepted: boolean };
type Moved<Code extends FightRefusal> = Promise<Outcome<Accepted, OwnRefusal | Code | Reuse>>;

/**
 * Takes one action of one bot for the open exchange. The second action resolves the exchange in the same transaction. A
 * first one writes the fight's row and nothing else: no event, no feed, no presence, because its timing would leak.
 */
export function submitFightAction(
  platform: Platform,
  viewer: SignedIn,
  input: Turn & { action: Action } & Keyed,
): Moved<SubmitRefusal> {
  const { botId, round, exchange, action } = input;
  const command = { type: "SUBMIT", botId, round, exchange, action } as const;
  return move(platform, viewer, { operation: "submitFightAction", input, command, refusals: SUBMIT_REFUSALS });
}

/** Takes what one bot commits to in a sealed fight. The second commitment asks both for their reveals; a first one tells nobody. */
export function commitFightAction(
  platform: Platform,
  viewer: SignedIn,
  input: Turn & { hash: string } & Keyed,
): Moved<CommitRefusal> {
  const { botId, round, exchange, hash } = input;
  const command = { type: "COMMIT", botId, round, exchange, hash } as const;
  return move(platform, viewer, { operation: "commitFightAction", input, command, refusals: COMMIT_REFUSALS });
}

/** Opens one bot's commitment. The second reveal resolves the exchange; a first one tells nobody. */
export function revealFightAction(
  platform: Platform,
  viewer: SignedIn,
  input: Turn & { action: Action; nonce: string } & Keyed,
): Moved<RevealRefusal> {
  const { botId, fightId, round, exchange, action, nonce } = input;
  const command = { type: "REVEAL", fightId, botId, round, exchange, action, nonce } as const;
  return move(platform, viewer, { operation: "revealFightAction", input, command, refusals: REVEAL_REFUSALS });
}

type Given<Code extends FightRefusal> = {
  operation: string;
  input: Turn & Keyed;
  command: FightCommand;
  /** What this command may be refused with. */
  refusals: readonly Code[];
};

function move<Code extends FightRefusal>(
  platform: Platform,
  viewer: SignedIn,
  { operation, input, command, refusals }: Given<Code>,
): Moved<Code> {
  const request = requestOf(platform, viewer, operation, input);
  return transactOnce<Accepted, OwnRefusal | Code>(platform.db, request, async (tx) => {
    const [own, fight] = await Promise.all([requireBot(tx, viewer, input.botId), lock(tx, input.fightId)]);
    if (!own.ok) return own;
    if (!fight) return refuse(named(refusals, "NOT_IN_FIGHT"), { path: ["input", "fightId"] });
    const decided = step(fight, command, platform.clock.now().getTime());
    if (!decided.ok) return refuse(named(refusals, decided.refusal), { path: ["input", PATH_OF[decided.refusal]] });
    await write(tx, platform, fight, decided.step);
    return { ok: true, accepted: true };
  });
}

function named<Code extends FightRefusal>(refusals: readonly Code[], refusal: FightRefusal): Code {
  const code = refusals.find((each) => each === refusal);
  if (!code) throw new Error(`${refusal} is none of ${refusals.join(", ")}`);
  return code;
}

const PATH_OF: Record<FightRefusal, string> = {
  NOT_IN_FIGHT: "fightId",
  FIGHT_OVER: "fightId",
  FIGHT_SEALED: "fightId",
  FIGHT_NOT_SEALED: "fightId",
  EXCHANGE_CLOSED: "exchange",
  ALREADY_SUBMITTED: "action",
  INSUFFICIENT_STAMINA: "action",
  ALREADY_COMMITTED: "hash",
  REVEAL_TOO_EARLY: "exchange",
  NOT_COMMITTED: "exchange",
  ALREADY_REVEALED: "action",
  BAD_NONCE: "nonce",
  COMMITMENT_MISMATCH: "nonce",
  ILLEGAL_REVEAL: "action",
};

/** Gives a fight up: the opponent wins it. */
export async function concedeFight(
  platform: Platform,
  viewer: SignedIn,
  input: { botId: string; fightId: string } & Keyed,
): Promise<Outcome<{ fightId: string }, OwnRefusal | "NOT_IN_FIGHT" | "FIGHT_OVER" | Reuse>> {
  const request = requestOf(platform, viewer, "concedeFight", input);
  return transactOnce<{ fightId: string }, OwnRefusal | "NOT_IN_FIGHT" | "FIGHT_OVER">(
    platform.db,
    request,
    async (tx) => {
      const [own, fight] = await Promise.all([requireBot(tx, viewer, input.botId), lock(tx, input.fightId)]);
      if (!own.ok) return own;
      if (!fight) return refuse("NOT_IN_FIGHT", { path: ["input", "fightId"] });
      const decided = step(fight, { type: "CONCEDE", botId: input.botId }, platform.clock.now().getTime());
      if (!decided.ok)
        return refuse(decided.refusal === "FIGHT_OVER" ? "FIGHT_OVER" : "NOT_IN_FIGHT", { path: ["input", "fightId"] });
      await write(tx, platform, fight, decided.step);
      return { ok: true, fightId: fight.id };
    },
  );
}
