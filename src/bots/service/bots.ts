import { englishDataset, englishRecommendedTransformers, RegExpMatcher } from "obscenity";
import { audit } from "../../identity/service/accounts.ts";
import type { Tx } from "../../platform/database.ts";
import { requestOf, transactOnce, type Keyed, type Reuse } from "../../platform/idempotency.ts";
import type { Platform } from "../../platform/platform.ts";
import { orTakenBack, refuse, type Outcome, type Refusal } from "../../platform/refusal.ts";
import { violatedConstraint } from "../../platform/retryable.ts";
import { append, inOnePiece, type Append } from "../../platform/streams.ts";
import { reachesBot, type SignedIn } from "../../platform/viewer.ts";
import { barBots } from "../events.ts";
import { refuseCapabilities, refuseMetadata, refuseName, SKILLS_BYTES_MAX } from "../rules.ts";
import {
  archiveRow,
  botsOf,
  changeBot,
  contestsOfLive,
  forgetProfiles,
  insertBot,
  liveBots,
  lockOwner,
  ownBot,
  suspendRow,
} from "../store.ts";

const matcher = new RegExpMatcher({ ...englishDataset.build(), ...englishRecommendedTransformers });
const isProfane = (text: string) => matcher.hasMatch(text);

/** What a bot says of itself; what is absent stays as it is. */
type Profile = {
  skillsMarkdown?: string | null;
  capabilities?: readonly string[] | null;
  metadata?: unknown;
};
type ProfileRefusal = "INVALID_CAPABILITIES" | "METADATA_TOO_LARGE";
type Crowded = "BOT_LIMIT" | "NOT_AUTHENTICATED";
export type RegisterBot = Profile & { name: string; character: string } & Keyed;

/** Registers a bot of the viewer. A name is taken also when two register it at the same instant: the index bot_name_key. */
export async function registerBot(
  platform: Platform,
  viewer: SignedIn,
  input: RegisterBot,
): Promise<
  Outcome<{ botId: string }, "NAME_TAKEN" | "INVALID_NAME" | "NAME_NOT_ALLOWED" | Crowded | ProfileRefusal | Reuse>
> {
  const at = platform.clock.now();
  const refusal = refuseName(input.name, isProfane);
  if (refusal) return refuse(refusal, { path: ["input", "name"] });
  const wrong = refuseProfile(input);
  if (wrong) return wrong;
  const request = requestOf(platform, viewer, "registerBot", input);
  try {
    return await transactOnce<{ botId: string }, Crowded>(platform.db, request, async (tx) => {
      // The owner's row lock makes the count of bots hold.
      const owner = await tx.query(lockOwner, [viewer.userId]);
      if (owner.length === 0) return refuse("NOT_AUTHENTICATED");
      const [live] = await tx.query(liveBots, [viewer.userId]);
      if ((live?.bots ?? 0) >= platform.settings.botsPerUserMax) return refuse("BOT_LIMIT");
      const botId = platform.random.id(at);
      const { skills, capabilities, metadata } = columnsOf(input);
      const profile = [skills ?? "", capabilities ?? [], metadata ?? "{}"];
      await tx.query(insertBot, [botId, viewer.userId, input.name, input.character, ...profile, at]);
      tx.afterCommit(() => platform.hub.touch("bots"));
      return { ok: true, botId };
    });
  } catch (error) {
    if (violatedConstraint(error) === "bot_name_key") return refuse("NAME_TAKEN", { path: ["input", "name"] });
    throw error;
  }
}

function refuseProfile({
  skillsMarkdown,
  capabilities,
  metadata,
}: Profile): Refusal<ProfileRefusal | "BAD_INPUT"> | null {
  const skills = skillsMarkdown ?? "";
  if (Buffer.byteLength(skills) > SKILLS_BYTES_MAX || skills.includes("\0"))
    return refuse("BAD_INPUT", {
      path: ["input", "skillsMarkdown"],
      message: `Skills have at most ${SKILLS_BYTES_MAX} bytes and no NUL.`,
    });
  const wrongCapabilities = refuseCapabilities(capabilities ?? []);
  if (wrongCapabilities) return refuse(wrongCapabilities, { path: ["input", "capabilities"] });
  const wrongMetadata = refuseMetadata(JSON.stringify(metadata ?? {}));
  return wrongMetadata && refuse(wrongMetadata, { path: ["input", "metadata"] });
}

/** The profile as it is stored; null leaves a column as it is. */
const columnsOf = ({ skillsMarkdown, capabilities, metadata }: Profile) => ({
  skills: skillsMarkdown ?? null,
  capabilities: capabilities ? [...new Set(capabilities)] : null,
  metadata: metadata == null ? null : JSON.stringify(metadata),
});

export type OwnBot = { id: string; name: string; character: string };

/** The viewer's bot, within the reach of its key, or the refusal: another's bot and a missing one look the same. */
export async function requireBot(
  db: Pick<Tx, "query">,
  viewer: SignedIn,
  botId: string,
): Promise<{ ok: true; bot: OwnBot } | Refusal<"NOT_YOUR_BOT" | "BOT_SUSPENDED" | "BOT_ARCHIVED">> {
  const path = ["input", "botId"];
  const [bot] = reachesBot(viewer, botId) ? await db.query(ownBot, [botId, viewer.userId]) : [];
  if (!bot) return refuse("NOT_YOUR_BOT", { path });
  if (bot.suspended) return refuse("BOT_SUSPENDED", { path });
  if (bot.archived) return refuse("BOT_ARCHIVED", { path });
  return { ok: true, bot };
}

export type UpdateBot = Profile & { botId: string; character?: string | null } & Keyed;
type Changed = { botId: string };
type OwnRefusal = "NOT_YOUR_BOT" | "BOT_SUSPENDED" | "BOT_ARCHIVED";

/** Changes what a bot wears and says of itself; a running contest keeps what it began with. */
export async function updateBot(
  platform: Platform,
  viewer: SignedIn,
  input: UpdateBot,
): Promise<Outcome<Changed, OwnRefusal | ProfileRefusal | Reuse>> {
  const wrong = refuseProfile(input);
  if (wrong) return wrong;
  const request = requestOf(platform, viewer, "updateBot", input);
  return transactOnce<Changed, OwnRefusal>(platform.db, request, async (tx) => {
    const own = await requireBot(tx, viewer, input.botId);
    if (!own.ok) return own;
    const { skills, capabilities, metadata } = columnsOf(input);
    const values = [own.bot.id, input.character ?? null, skills, capabilities, metadata];
    // It may have been archived, and what was written of it taken away, while this waited for its row.
    const changed = await tx.query(changeBot, values);
    if (changed.length === 0) return refuse("BOT_ARCHIVED", { path: ["input", "botId"] });
    tx.afterCommit(() => platform.hub.touch("bots"));
    return { ok: true, botId: own.bot.id };
  });
}

/** Retires a bot for good: its contests and its name stay. One that plays goes on: nobody could concede for it. */
export async function archiveBot(
  platform: Platform,
  viewer: SignedIn,
  input: { botId: string } & Keyed,
): Promise<Outcome<Changed, OwnRefusal | "BOT_PLAYS" | Reuse>> {
  const { db, clock, hub } = platform;
  const request = requestOf(platform, viewer, "archiveBot", input);
  return orTakenBack((takeBack: (refusal: Refusal<"BOT_PLAYS">) => never) =>
    transactOnce<Changed, OwnRefusal>(db, request, async (tx) => {
      const own = await requireBot(tx, viewer, input.botId);
      if (!own.ok) return own;
      await tx.query(archiveRow, [own.bot.id, clock.now()]);
      await bar(tx, platform, [own.bot.id]);
      // Behind the locks of what it waited for: nothing can begin any more, and what has begun is seen.
      const live = await tx.query(contestsOfLive, [own.bot.id]);
      if (live.length > 0) return takeBack(refuse("BOT_PLAYS", { path: ["input", "botId"] }));
      tx.afterCommit(() => hub.touch("bots"));
      return { ok: true, botId: own.bot.id };
    }),
  );
}

/** Suspends a bot or lifts it: it may not queue, fight or speak. Audited. */
export function suspendBot(
  platform: Platform,
  viewer: SignedIn,
  input: { botId: string; suspended: boolean; reason: string } & Keyed,
): Promise<Outcome<Changed, "NOT_FOUND" | Reuse>> {
  const { botId, suspended, reason } = input;
  const request = requestOf(platform, viewer, suspended ? "suspendBot" : "unsuspendBot", input);
  return transactOnce<Changed, "NOT_FOUND" | "BAD_INPUT">(platform.db, request, async (tx) => {
    if (reason.trim() === "") return refuse("BAD_INPUT", { path: ["input", "reason"], message: "Say why." });
    const changed = await tx.query(suspendRow, [botId, suspended ? platform.clock.now() : null]);
    if (changed.length === 0) return refuse("NOT_FOUND", { path: ["input", "botId"] });
    if (suspended) await bar(tx, platform, [botId]);
    tx.afterCommit(() => platform.hub.touch("bots"));
    await audit(platform, tx, {
      actorId: viewer.userId,
      principal: viewer.principal,
      action: suspended ? "bot.suspended" : "bot.unsuspended",
      subject: `bot:${botId}`,
      reason,
    });
    return { ok: true, botId };
  });
}

/** Ends what bots that may not play any more wait for; each stream is told at once, in one piece. */
async function bar(tx: Tx, platform: Platform, botIds: readonly string[]): Promise<void> {
  const appends = await barBots.call(tx, platform, botIds);
  await append(tx, platform.hub.publish, inOnePiece(appends), platform.clock.now());
}

/** Ends what all bots of a user wait for, who is suspended or gone; gives what is to be told, each stream in one piece. */
export async function barBotsOf(tx: Tx, platform: Platform, userId: string): Promise<Append[]> {
  const bots = await tx.query(botsOf, [userId]);
  const botIds = bots.map(({ id }) => id);
  return inOnePiece(await barBots.call(tx, platform, botIds));
}

/** Takes away, in the caller's transaction, what a person who is gone wrote of the bots. */
export async function forgetProfilesOf(tx: Tx, platform: Platform, userId: string): Promise<void> {
  await tx.query(forgetProfiles, [userId]);
  tx.afterCommit(() => platform.hub.touch("bots"));
}
