import { audit } from "../../identity/service/accounts.ts";
import type { Tx } from "../../platform/database.ts";
import { requestOf, transactOnce, type Keyed, type Reuse } from "../../platform/idempotency.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome, type Refusal } from "../../platform/refusal.ts";
import { violatedConstraint } from "../../platform/retryable.ts";
import { reachesBot, type SignedIn } from "../../platform/viewer.ts";
import { refuseFacts, workOf, type Facts } from "../rules/facts.ts";
import { distrust, evidenceSeen, isReporter, personOf, reach, trust } from "../store/record.ts";
import { recordWithin, type Evidence, type Recorded, type Seen } from "./record.ts";

export type RecordXp = Facts & { botId: string } & Keyed;
type Whose = { ownerId: string; leads: boolean };
export type ReportRefusal =
  | "NOT_A_REPORTER"
  | "NOT_YOUR_BOT"
  | "BOT_ARCHIVED"
  | "MULTIPLIER_NOT_YOURS"
  | "NOT_FOUND"
  | "ID_IS_TAKEN";
type Code = ReportRefusal | "BAD_INPUT";

/** One name space a reporter, whether an event is told live or imported: it is counted once. */
export const sourceOf = ({ userId }: SignedIn) => `report:${userId}`;

const taken = refuse("ID_IS_TAKEN", { path: ["input", "externalId"] });

/** Counts what a trusted caller saw of an own bot, or of one of a team of its own. Facts only; never for public boards. */
export async function recordXp(
  platform: Platform,
  viewer: SignedIn,
  input: RecordXp,
): Promise<Outcome<Recorded, Code | Reuse>> {
  const wrong = refuseFacts(input, platform.clock.now().getTime());
  if (wrong) return refuse("BAD_INPUT", { path: ["input", wrong.field], message: wrong.message });
  const request = requestOf(platform, viewer, "recordXp", input);
  try {
    return await transactOnce<Recorded, Code>(platform.db, request, async (tx) => {
      const whose = await refuseReporter(tx, viewer, input.botId);
      if (!whose.ok) return whose;
      if (input.multiplier !== null && !whose.leads && !viewer.operator)
        return refuse("MULTIPLIER_NOT_YOURS", { path: ["input", "multiplier"] });
      const hidden = await refuseEvidence(tx, viewer, input);
      if (hidden) return hidden;
      const occurredAt = input.occurredAt ?? platform.clock.now();
      const seen = seenOf(viewer, { ...input, ownerId: whose.ownerId, occurredAt }, "REPORTED");
      const recorded = await recordWithin(tx, platform, seen);
      return recorded.botId === input.botId ? { ok: true, ...recorded } : taken;
    });
  } catch (error) {
    // Two bots under one id at the same instant: the index lets one through.
    if (violatedConstraint(error) === "xp_event_source_external_id_key") return taken;
    throw error;
  }
}

async function refuseReporter(
  tx: Tx,
  viewer: SignedIn,
  botId: string,
): Promise<({ ok: true } & Whose) | Refusal<"NOT_A_REPORTER" | "NOT_YOUR_BOT" | "BOT_ARCHIVED">> {
  const [[trusted], [bot]] = await Promise.all([
    tx.query(isReporter, [viewer.userId]),
    tx.query(reach, [botId, viewer.userId]),
  ]);
  if (!trusted) return refuse("NOT_A_REPORTER");
  const path = ["input", "botId"];
  const mine = bot?.owner_id === viewer.userId;
  if (!bot || !reachesBot(viewer, botId) || (!mine && bot.in_team === null)) return refuse("NOT_YOUR_BOT", { path });
  if (bot.archived) return refuse("BOT_ARCHIVED", { path });
  // Anybody leads a team of one's own: that is no other's judgement of one's own bot.
  return { ok: true, ownerId: bot.owner_id, leads: !mine && bot.in_team === 2 };
}

/** Facts as they are counted. What anybody only says never counts on public boards. */
export function seenOf(
  viewer: SignedIn,
  facts: Facts & { botId: string; ownerId: string; occurredAt: Date },
  origin: "REPORTED" | "IMPORTED",
): Seen {
  const { externalId, botId, ownerId, skills, reason, evidence, occurredAt } = facts;
  return {
    source: sourceOf(viewer),
    externalId,
    botId,
    ownerId,
    requesterId: viewer.userId,
    projectId: null,
    origin,
    publicly: false,
    deed: workOf(facts),
    skills: [...new Set(skills)],
    reason: reason?.trim() ?? null,
    evidence: evidence && evidenceOf(evidence),
    occurredAt,
  };
}

/** Only what is there: it is stored as it is shown. */
const evidenceOf = ({ kind, link, taskId, contestId }: NonNullable<Facts["evidence"]>): Evidence => ({
  kind,
  ...(link !== null && { link }),
  ...(taskId !== null && { taskId }),
  ...(contestId !== null && { contestId }),
});

/** Evidence that its reporter cannot see shows nothing, and whether there is such a thing is not told. */
async function refuseEvidence(tx: Tx, viewer: SignedIn, { evidence }: Facts): Promise<Refusal<"NOT_FOUND"> | null> {
  if (evidence === null) return null;
  const [seen] = await tx.query(evidenceSeen, [viewer.userId, evidence.taskId, evidence.contestId]);
  const hidden = !seen?.task ? "taskId" : !seen.contest ? "contestId" : null;
  return hidden === null ? null : refuse("NOT_FOUND", { path: ["input", "evidence", hidden] });
}

type Granted = { userId: string };

/** Lets a person's keys with REPORT report XP, or takes that back at once. For operators; audited. */
export function setReporter(
  platform: Platform,
  viewer: SignedIn,
  input: { userId: string; trusted: boolean; reason: string } & Keyed,
): Promise<Outcome<Granted, "NOT_FOUND" | Reuse>> {
  const { userId, trusted, reason } = input;
  const request = requestOf(platform, viewer, "setXpReporter", input);
  return transactOnce<Granted, "NOT_FOUND">(platform.db, request, async (tx) => {
    const [person] = await tx.query(personOf, [userId]);
    if (!person) return refuse("NOT_FOUND", { path: ["input", "userId"] });
    if (trusted) await tx.query(trust, [userId, viewer.userId, platform.clock.now()]);
    else await tx.query(distrust, [userId]);
    const action = trusted ? "xp.reporter" : "xp.reporter-no-more";
    const { userId: actorId, principal } = viewer;
    await audit(platform, tx, { actorId, principal, action, subject: `user:${userId}`, reason });
    return { ok: true, userId };
  });
}
