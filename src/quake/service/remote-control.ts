import { requireBot } from "../../bots/service/bots.ts";
import { Mailbox } from "../../platform/mailbox.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome, type Refusal } from "../../platform/refusal.ts";
import type { SignedIn } from "../../platform/viewer.ts";
import {
  eyesTopic,
  handsTopic,
  ONLOOKERS_MAX,
  refuseRemote,
  WATCH_AGAIN_MS,
  type SeatRefusal as Unseated,
} from "../rules/hands.ts";
import { remoteSeat } from "../store/strategies.ts";
import { readAction } from "../strategy/action.ts";
import type { StrategyView } from "../strategy/contract.ts";
import { Thinner } from "../strategy/owed.ts";
import type { HandsMessage } from "./hands.ts";

type OwnRefusal = "NOT_YOUR_BOT" | "BOT_SUSPENDED" | "BOT_ARCHIVED";
type SeatRefusal = OwnRefusal | Unseated;
export type RemoteBot = { matchId: string; botId: string };

/** Whether the viewer may play this bot in this match from afar, or look on with its eyes. */
async function requireSeat(
  { db }: Platform,
  viewer: SignedIn,
  { matchId, botId }: RemoteBot,
  to: "ACT" | "LOOK",
): Promise<{ ok: true } | Refusal<SeatRefusal>> {
  const own = await requireBot(db, viewer, botId);
  if (!own.ok) return own;
  const [seat] = await db.query(remoteSeat, [matchId, botId]);
  const refusal = refuseRemote(seat, to);
  return refusal ? refuse(refusal, { path: ["input", "matchId"] }) : { ok: true };
}

const tellHands = ({ hub }: Platform, matchId: string, message: HandsMessage) =>
  hub.tell(handsTopic(matchId), JSON.stringify(message));

/** Lets a bot do something until it is told something else, for half a second at most. Nothing is stored. */
export async function sendQuakeAction(
  platform: Platform,
  viewer: SignedIn,
  { action, ...bot }: RemoteBot & { action: unknown },
): Promise<Outcome<{ accepted: boolean }, SeatRefusal | "INVALID_ACTION">> {
  const read = readAction(action);
  if (!read.ok) return refuse("INVALID_ACTION", { path: ["input", "action"], message: read.reason });
  const seat = await requireSeat(platform, viewer, bot, "ACT");
  if (!seat.ok) return seat;
  tellHands(platform, bot.matchId, { type: "ACT", botId: bot.botId, action: read.action });
  return { ok: true, accepted: true };
}

export type OpenView = RemoteBot & { perSecond: number };

/** What a bot sees in a match from now on, until the match is over. Who reads slowly misses views, but nothing that was said. */
export async function openQuakeView(
  platform: Platform,
  viewer: SignedIn,
  input: OpenView,
): Promise<{ ok: true; views: AsyncIterableIterator<StrategyView> } | Refusal<SeatRefusal | "TOO_MANY_VIEWS">> {
  const seat = await requireSeat(platform, viewer, input, "LOOK");
  if (!seat.ok) return seat;
  const looking = platform.hub.listeners(eyesTopic(input.matchId, input.botId));
  if (looking >= ONLOOKERS_MAX) return refuse("TOO_MANY_VIEWS", { path: ["input", "botId"] });
  return { ok: true, views: new Onlooker(platform, input).views };
}

const UNREAD_MAX = 4;

class Onlooker {
  readonly views: Mailbox<StrategyView>;
  private readonly platform: Platform;
  private readonly bot: RemoteBot;
  private readonly thinner: Thinner;
  private readonly timer: NodeJS.Timeout;
  private readonly deafen: () => void;
  private hasFacts = false;
  private heardAtMs = performance.now();

  constructor(platform: Platform, { perSecond, ...bot }: OpenView) {
    this.platform = platform;
    this.bot = bot;
    this.thinner = new Thinner(perSecond);
    this.views = new Mailbox(UNREAD_MAX, () => this.leave());
    this.deafen = platform.hub.listen(eyesTopic(bot.matchId, bot.botId), (text) => this.hear(text));
    this.timer = setInterval(() => void this.ask(), WATCH_AGAIN_MS);
    void this.ask();
  }

  /** Asks the match's node for views; one that says nothing for long may be gone, and the match over. */
  private async ask(): Promise<void> {
    const { matchId, botId } = this.bot;
    tellHands(this.platform, matchId, { type: "WATCH", botId, fresh: !this.hasFacts });
    if (performance.now() - this.heardAtMs < SILENT_MS) return;
    try {
      const [seat] = await this.platform.db.query(remoteSeat, [matchId, botId]);
      if (refuseRemote(seat, "LOOK") !== null) await this.views.return();
    } catch (error) {
      this.platform.log.warn({ err: error, matchId }, "whether a match is over could not be read; it is asked again");
    }
  }

  private hear(text: string): void {
    this.heardAtMs = performance.now();
    if (text === "") return void this.views.return();
    const told = JSON.parse(text) as StrategyView;
    const isFirst = !this.hasFacts;
    if (isFirst && told.facts === null) return;
    this.hasFacts = true;
    const view = this.thinner.take(isFirst ? told : { ...told, facts: null }, this.heardAtMs);
    if (view && !this.views.deliver(view)) this.thinner.owe(view);
  }

  private leave(): void {
    clearInterval(this.timer);
    this.deafen();
  }
}

const SILENT_MS = 3_000;
