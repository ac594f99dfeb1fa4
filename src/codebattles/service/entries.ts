import { requireBot } from "../../bots/service/bots.ts";
import type { Tx } from "../../platform/database.ts";
import { requestOf, transactOnce, type Keyed, type Reuse } from "../../platform/idempotency.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome, type Refusal } from "../../platform/refusal.ts";
import { violatedConstraint } from "../../platform/retryable.ts";
import type { SignedIn } from "../../platform/viewer.ts";
import { isProgram, programOf, type ProgramKind, type Skill } from "../rules/gladiator.ts";
import * as store from "../store.ts";
import { lockOwn } from "./battles.ts";
import { lock, tell } from "./steps.ts";

export const ENTRIES_MAX = 64;
export const TOKEN_CAP_MAX = 100_000_000;

export type SetGladiator = {
  botId: string;
  kind: ProgramKind;
  skill: Skill | null;
  command: readonly string[] | null;
  model: string | null;
  modelKey: string | null;
  tokenCap: number | null;
} & Keyed;
type OwnRefusal = "NOT_YOUR_BOT" | "BOT_SUSPENDED" | "BOT_ARCHIVED";

/** What a sealed model key is bound to. */
export const keyOf = (botId: string) => `code_gladiator:${botId}`;

/** Makes a bot a gladiator, or another one. Battles that have been drawn go on with what it was. */
export function setGladiator(
  platform: Platform,
  viewer: SignedIn,
  input: SetGladiator,
): Promise<Outcome<{ botId: string }, OwnRefusal | "BAD_INPUT" | Reuse>> {
  const { botId, modelKey, tokenCap } = input;
  // The key is no part of what an idempotency record is made of.
  const request = requestOf(platform, viewer, "setGladiator", { ...input, modelKey: modelKey && "given" } as Keyed);
  return transactOnce<{ botId: string }, OwnRefusal | "BAD_INPUT">(platform.db, request, async (tx) => {
    const program = programOf(input);
    if (!isProgram(program)) return refuse("BAD_INPUT", { path: ["input", program.field], message: program.message });
    if (modelKey !== null && !/^[\x21-\x7e]{1,500}$/.test(modelKey))
      return refuse("BAD_INPUT", {
        path: ["input", "modelKey"],
        message: "A key has 1 to 500 visible ASCII characters.",
      });
    if (tokenCap !== null && (tokenCap < 1 || tokenCap > TOKEN_CAP_MAX))
      return refuse("BAD_INPUT", { path: ["input", "tokenCap"], message: `1 to ${TOKEN_CAP_MAX} tokens a battle.` });
    const own = await requireBot(tx, viewer, botId);
    if (!own.ok) return own;
    const sealed = modelKey === null ? null : platform.vault.seal(modelKey, keyOf(botId));
    const keeps = modelKey === null;
    await tx.query(store.setGladiator, [botId, JSON.stringify(program), sealed, tokenCap, platform.clock.now(), keeps]);
    return { ok: true, botId };
  });
}

export type Entering = { battleId: string; botId: string } & Keyed;
type Made = { battleId: string };
type EnterRefusal =
  | OwnRefusal
  | "NOT_FOUND"
  | "NOT_A_GLADIATOR"
  | "BATTLE_STARTED"
  | "BATTLE_BY_INVITATION"
  | "OWN_BATTLE"
  | "ALREADY_ENTERED"
  | "BATTLE_FULL";

/** Enters a bot into an open battle; whether it is drawn, the server says. */
export function enterBattle(
  platform: Platform,
  viewer: SignedIn,
  input: Entering,
): Promise<Outcome<Made, EnterRefusal | Reuse>> {
  const { battleId, botId } = input;
  return onceEntered(platform, requestOf(platform, viewer, "enterCodeBattle", input), async (tx) => {
    const own = await requireBot(tx, viewer, botId);
    if (!own.ok) return own;
    const battle = await lock(tx, battleId);
    if (!battle?.isPublic) return refuse("NOT_FOUND", { path: ["input", "battleId"] });
    if (!battle.isOpen) return refuse("BATTLE_BY_INVITATION", { path: ["input", "battleId"] });
    if (battle.state.phase !== "DRAFT") return refuse("BATTLE_STARTED", { path: ["input", "battleId"] });
    if (battle.ownerId === viewer.userId) return refuse("OWN_BATTLE", { path: ["input", "botId"] });
    return enter(tx, platform, { battleId, botId, status: "ENTERED" });
  });
}

type InviteRefusal = EnterRefusal | "BATTLE_IS_OPEN";

/** Invites a gladiator into a battle of the viewer; an own one is in at once. */
export function inviteGladiator(
  platform: Platform,
  viewer: SignedIn,
  input: Entering,
): Promise<Outcome<Made, InviteRefusal | Reuse>> {
  const { battleId, botId } = input;
  return onceEntered(platform, requestOf(platform, viewer, "inviteGladiator", input), async (tx) => {
    const own = await lockOwn(tx, viewer, battleId);
    if (!own.ok) return own;
    if (own.battle.isOpen) return refuse("BATTLE_IS_OPEN", { path: ["input", "battleId"] });
    if (own.battle.state.phase !== "DRAFT") return refuse("BATTLE_STARTED", { path: ["input", "battleId"] });
    const [bot] = await tx.query(store.botFacts, [[botId]]);
    if (!bot || bot.barred) return refuse("NOT_FOUND", { path: ["input", "botId"] });
    return enter(tx, platform, { battleId, botId, status: bot.owner_id === viewer.userId ? "ENTERED" : "INVITED" });
  });
}

type Fresh = { battleId: string; botId: string; status: "ENTERED" | "INVITED" };

async function enter(
  tx: Tx,
  platform: Platform,
  { battleId, botId, status }: Fresh,
): Promise<Outcome<Made, "NOT_A_GLADIATOR" | "BATTLE_FULL">> {
  const [bot] = await tx.query(store.botFacts, [[botId]]);
  if (!bot?.gladiator) return refuse("NOT_A_GLADIATOR", { path: ["input", "botId"] });
  const [count] = await tx.query(store.countEntries, [battleId]);
  if ((count?.entries ?? 0) >= ENTRIES_MAX) return refuse("BATTLE_FULL", { path: ["input", "battleId"] });
  const now = platform.clock.now();
  await tx.query(store.insertEntry, [platform.random.id(now), battleId, botId, status, now]);
  if (status === "ENTERED") await tell(tx, platform, battleId, [{ type: "GladiatorEntered", botId }]);
  return { ok: true, battleId };
}

async function onceEntered<Code extends string>(
  { db }: Platform,
  request: Parameters<typeof transactOnce>[1],
  work: (tx: Tx) => Promise<Outcome<Made, Code>>,
): Promise<Outcome<Made, Code | Reuse> | Refusal<"ALREADY_ENTERED">> {
  try {
    return await transactOnce<Made, Code>(db, request, work);
  } catch (error) {
    if (violatedConstraint(error) === "code_entry_battle_id_bot_id_key")
      return refuse("ALREADY_ENTERED", { path: ["input", "botId"] });
    throw error;
  }
}

export type Answer = { battleId: string; botId: string; accept: boolean } & Keyed;

/** Accepts or declines an invitation of one of the viewer's bots. */
export function answerInvitation(
  platform: Platform,
  viewer: SignedIn,
  input: Answer,
): Promise<Outcome<Made, OwnRefusal | "NOT_INVITED" | Reuse>> {
  const { battleId, botId, accept } = input;
  type Code = OwnRefusal | "NOT_INVITED";
  const request = requestOf(platform, viewer, "answerBattleInvitation", input);
  return transactOnce<Made, Code>(platform.db, request, async (tx) => {
    const own = await requireBot(tx, viewer, botId);
    if (!own.ok) return own;
    const battle = await lock(tx, battleId);
    if (battle?.state.phase !== "DRAFT") return refuse("NOT_INVITED", { path: ["input", "battleId"] });
    const answered = await tx.query(store.answerEntry, [battleId, botId, accept ? "ENTERED" : "DECLINED"]);
    if (answered.length === 0) return refuse("NOT_INVITED", { path: ["input", "battleId"] });
    if (accept) await tell(tx, platform, battleId, [{ type: "GladiatorEntered", botId }]);
    return { ok: true, battleId };
  });
}
