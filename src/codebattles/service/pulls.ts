import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome } from "../../platform/refusal.ts";
import type { SignedIn } from "../../platform/viewer.ts";
import { openPull, type Opened, type PullRequest } from "../adapter/github.ts";
import type { GitHubRefusal } from "../rules/github.ts";
import type { Report } from "../rules/judging.ts";
import { isRevision } from "../rules/repository.ts";
import { entryForPull, writePull } from "../store/github.ts";
import type { Row } from "../../platform/statement.ts";
import { reach, refusedBy } from "./access.ts";
import { lockOwn } from "./battles.ts";
import { note } from "./steps.ts";

export type OpenPull = { battleId: string; botId: string; base: string | null };
type Pulled = { battleId: string; botId: string; number: number; url: string };
type PullRefusal =
  | "NOT_FOUND"
  | "BATTLE_NOT_COMPLETED"
  | "NOT_ON_GITHUB"
  | "BRANCH_NOT_PUSHED"
  | "NOTHING_TO_PULL"
  | "BAD_INPUT"
  | GitHubRefusal;
type Entry = Row<typeof entryForPull>;

/** Opens a pull request of an entry's branch; the second time gives the one that there is. */
export async function openPullRequest(
  platform: Platform,
  viewer: SignedIn,
  input: OpenPull,
): Promise<Outcome<Pulled, PullRefusal>> {
  const { battleId, botId, base } = input;
  if (base !== null && !isRevision(base))
    return refuse("BAD_INPUT", { path: ["input", "base"], message: "This is not the name of a branch." });
  const found = await platform.db.transact(async (tx) => {
    const own = await lockOwn(tx, viewer, battleId);
    if (!own.ok) return own;
    if (own.battle.state.phase !== "COMPLETED") return refuse("BATTLE_NOT_COMPLETED", { path: ["input", "battleId"] });
    const [entry] = await tx.query(entryForPull, [battleId, botId]);
    return entry ? { ok: true as const, entry } : refuse("NOT_FOUND", { path: ["input", "botId"] });
  });
  if (!found.ok) return found;
  const { entry } = found;
  if (entry.pull_number !== null && entry.pull_url !== null)
    return { ok: true, battleId, botId, number: entry.pull_number, url: entry.pull_url };
  if (!entry.github) return refuse("NOT_ON_GITHUB", { path: ["input", "battleId"] });
  if (entry.branch === null) return refuse("BRANCH_NOT_PUSHED", { path: ["input", "botId"] });
  try {
    const opened = await open(platform, battleId, entry, {
      ...textOf(platform, battleId, entry),
      branch: entry.branch,
      base,
    });
    return opened === "NO_COMMITS"
      ? refuse("NOTHING_TO_PULL", { path: ["input", "base"] })
      : { ok: true, battleId, botId, ...opened };
  } catch (error) {
    const refused = refusedBy(error);
    await note(platform, battleId, "pull request", `${entry.branch} ${refused.code}`);
    return refused;
  }
}

function open(platform: Platform, battleId: string, entry: Entry, pull: PullRequest): Promise<Opened | "NO_COMMITS"> {
  const way = { repositoryId: entry.repository_id, purpose: "pull" as const };
  return reach(platform, way, async ({ noted }, reached) => {
    if (noted !== null) await note(platform, battleId, "token", noted);
    // Only what is on GitHub comes here.
    if (!reached) return "NO_COMMITS";
    const opened = await openPull(reached.from, reached.pass, reached.installation, pull);
    const about = typeof opened === "string" ? "refused: nothing to pull" : `is number ${opened.number}`;
    await note(platform, battleId, "pull request", `${pull.branch} ${about}`);
    if (typeof opened !== "string") await platform.db.query(writePull, [entry.id, opened.number, opened.url]);
    return opened;
  });
}

/** Whoever may see the repository sees this, and nothing of the battle beyond its numbers. */
function textOf({ origin }: Platform, battleId: string, { name, placement, score }: Entry) {
  const judged = (score as Report | null)?.score;
  const lines = [
    `**${name}** in code battle ${battleId}${placement === null ? "" : `, place ${placement}`}.`,
    judged
      ? `Hidden checks passed: ${judged.checksPassed}. Tests passed: ${judged.testsPassed}. Regressions: ${judged.regressions}. Lines changed: ${judged.diffLines}.`
      : "It was not judged.",
    `Written by a program and tested in a sandbox: read it before you merge it. ${origin}`,
  ];
  return { title: `${name} in code battle ${battleId.slice(-6)}`, body: lines.join("\n\n") };
}
