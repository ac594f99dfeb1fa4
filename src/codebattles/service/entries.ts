import { requireBot } from "../../bots/service/bots.ts";
import type { Tx } from "../../platform/database.ts";
import { requestOf, transactOnce, type Keyed, type Reuse } from "../../platform/idempotency.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome, type Refusal } from "../../platform/refusal.ts";
import { violatedConstraint } from "../../platform/retryable.ts";
import { reachesBot, type SignedIn } from "../../platform/viewer.ts";
import { kindsIn } from "../adapter/programs.ts";
import { isAgent, isProgram, programOf, type ProgramKind, type Skill } from "../rules/gladiator.ts";
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
): Promise<Outcome<{ botId: string }, SetRefusal | Reuse>> {
  const { botId, kind, modelKey, tokenCap } = input;
  // The key is no part of what an idempotency record is made of.
  const request = requestOf(platform, viewer, "setGladiator", { ...input, modelKey: modelKey && "given" } as Keyed);
  return transactOnce<{ botId: string }, SetRefusal>(platform.db, request, async (tx) => {
    const program = programOf(input);
    if (!isProgram(program)) return refuse("BAD_INPUT", { path: ["input", program.field], message: program.message });
    const wrong = refuseKey(input);
    if (wrong) return refuse("BAD_INPUT", { path: ["input", wrong.field], message: wrong.message });
    if (!kindsIn(platform.agents.folder).includes(kind))
      return refuse("AGENT_NOT_INSTALLED", { path: ["input", "kind"] });
    const own = await requireBot(tx, viewer, botId);
    if (!own.ok) return own;
    const [before] = await tx.query(store.keyKind, [botId]);
    if (isAgent(kind) && modelKey === null && before?.key_kind !== kind)
      return refuse("MODEL_KEY_NEEDED", { path: ["input", "modelKey"] });
    const sealed = modelKey === null ? null : platform.vault.seal(modelKey, keyOf(botId));
    await tx.query(store.setGladiator, [botId, JSON.stringify(program), sealed, tokenCap, platform.clock.now()]);
    return { ok: true, botId };
  });
}
type SetRefusal = OwnRefusal | "BAD_INPUT" | "AGENT_NOT_INSTALLED" | "MODEL_KEY_NEEDED";

/** What is wrong with a key or a cap: the field, and a sentence; null when nothing is. */
function refuseKey({ kind, modelKey, tokenCap }: SetGladiator): { field: string; message: string } | null {
  if (modelKey !== null && !isAgent(kind)) return { field: "modelKey", message: "Only agents have a key." };
  if (modelKey !== null && !/^[\x21-\x7e]{1,500}$/.test(modelKey))
    return { field: "modelKey", message: "A key has 1 to 500 visible ASCII characters." };
  if (tokenCap !== null && (tokenCap < 1 || tokenCap > TOKEN_CAP_MAX))
    return { field: "tokenCap", message: `1 to ${TOKEN_CAP_MAX} tokens a battle.` };
  return null;
}

/** Forgets a bot's model key, also a barred bot's. A battle that it was drawn for keeps a copy until it is over. */
export function removeModelKey(
  platform: Platform,
  viewer: SignedIn,
  input: { botId: string } & Keyed,
): Promise<Outcome<{ botId: string }, "NOT_YOUR_BOT" | "NO_MODEL_KEY" | Reuse>> {
  const { botId } = input;
  const path = ["input", "botId"];
  const request = requestOf(platform, viewer, "removeModelKey", input);
  return transactOnce<{ botId: string }, "NOT_YOUR_BOT" | "NO_MODEL_KEY">(platform.db, request, async (tx) => {
    const [bot] = await tx.query(store.botFacts, [[botId]]);
    if (bot?.owner_id !== viewer.userId || !reachesBot(viewer, botId)) return refuse("NOT_YOUR_BOT", { path });
    const removed = await tx.query(store.removeKey, [botId, platform.clock.now()]);
    return removed.length > 0 ? { ok: true, botId } : refuse("NO_MODEL_KEY", { path });
  });
}

export type Entering = { battleId: string; botId: string } & Keyed;
type Made = { battleId: string };
type EnterRefusal =
  | OwnRefusal
  | "NOT_FOUND"
  | "NOT_A_GLADIATOR"
  | "AGENT_NOT_INSTALLED"
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
): Promise<Outcome<Made, "NOT_A_GLADIATOR" | "AGENT_NOT_INSTALLED" | "BATTLE_FULL">> {
  const [bot] = await tx.query(store.botFacts, [[botId]]);
  if (!bot?.gladiator) return refuse("NOT_A_GLADIATOR", { path: ["input", "botId"] });
  if (!kindsIn(platform.agents.folder).some((kind) => kind === bot.kind))
    return refuse("AGENT_NOT_INSTALLED", { path: ["input", "botId"] });
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
