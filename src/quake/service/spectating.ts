import { Mailbox } from "../../platform/mailbox.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Refusal } from "../../platform/refusal.ts";
import { FRAMES_KEPT_DAYS, framesTopic, refuseFrames, type FramesRefusal } from "../rules/frames.ts";
import type { Frame } from "../rules/replay.ts";
import { phaseOf, replayOf } from "../store/replays.ts";

const UNREAD_MAX = 4;
const LOOK_MS = 3_000;

/** What a match looks like from now on, until its last frame. Who reads slowly misses frames. */
export async function openFrames(
  platform: Platform,
  matchId: string,
): Promise<{ ok: true; frames: AsyncIterableIterator<Frame> } | Refusal<FramesRefusal>> {
  const [match] = await platform.db.query(phaseOf, [matchId]);
  const refusal = refuseFrames(match?.phase);
  return refusal
    ? refuse(refusal, { path: ["matchId"] })
    : { ok: true, frames: new Spectator(platform, matchId).frames };
}

class Spectator {
  readonly frames: Mailbox<Frame>;
  private readonly platform: Platform;
  private readonly matchId: string;
  private readonly timer: NodeJS.Timeout;
  private readonly deafen: () => void;
  private heardAtMs = performance.now();

  constructor(platform: Platform, matchId: string) {
    this.platform = platform;
    this.matchId = matchId;
    this.frames = new Mailbox(UNREAD_MAX, () => this.leave());
    this.deafen = platform.hub.listen(framesTopic(matchId), (text) => this.hear(text));
    this.timer = setInterval(() => void this.look(), LOOK_MS);
  }

  private hear(text: string): void {
    this.heardAtMs = performance.now();
    if (text === "") return void this.frames.return();
    this.frames.deliver(JSON.parse(text) as Frame);
  }

  /** Where nothing comes for longer than frames are late, their node may be gone, and the match over. */
  private async look(): Promise<void> {
    const { platform, matchId } = this;
    if (performance.now() - this.heardAtMs < platform.settings.matchFrameDelayMs + LOOK_MS) return;
    try {
      const [match] = await platform.db.query(phaseOf, [matchId]);
      if (refuseFrames(match?.phase) !== null) await this.frames.return();
    } catch (error) {
      platform.log.warn({ err: error, matchId }, "whether a match is over could not be read; it is asked again");
    }
  }

  private leave(): void {
    clearInterval(this.timer);
    this.deafen();
  }
}

/** A match's stored replay, packed by gzip. */
export async function storedReplay(
  { db }: Platform,
  matchId: string,
): Promise<{ ok: true; document: Buffer } | Refusal<"NOT_FOUND" | "REPLAY_NOT_STORED" | "REPLAY_PRUNED">> {
  const [match] = await db.query(replayOf, [matchId]);
  if (!match) return refuse("NOT_FOUND", {});
  if (match.document) return { ok: true, document: match.document };
  if (!match.pruned_at) return refuse("REPLAY_NOT_STORED", {});
  const since = match.pruned_at.toISOString().slice(0, "2026-11-28".length);
  return refuse("REPLAY_PRUNED", {
    message: `What this match looked like was kept for ${FRAMES_KEPT_DAYS} days, and is not kept any more since ${since}.`,
  });
}
