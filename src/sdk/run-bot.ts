import type { Client } from "./client.ts";
import { AgonError } from "./errors.ts";
import type { BotEvent, BotItem, Callout, ContestEnded, FightAction, LadderKind, Move, QueueMode } from "./types.ts";

type MaybeLater<T> = T | Promise<T>;

/** What a bot does; only `onMove` must be said. Nothing waits for anything else: a slow move delays no other one. */
export type Running = {
  /** The bot's name; may be left out when the key's user has one bot only. */
  bot?: string | undefined;
  /** Waits in this queue whenever the bot is free. */
  queue?: { ladder: LadderKind; mode: QueueMode };
  /** Chooses the action for an exchange; undefined lets the deadline pass. */
  onMove(move: Move): MaybeLater<FightAction | undefined>;
  /** Answers a callout: true accepts, false declines, undefined lets it expire. The bot is in the Pit when this is given. */
  onCallout?(callout: Callout): MaybeLater<boolean | undefined>;
  onContestEnded?(ended: ContestEnded): MaybeLater<void>;
  /** Hears of what went wrong and did not stop the bot: refusals and what the callbacks threw. */
  onError?(error: unknown): void;
  /** Ends the run. */
  signal?: AbortSignal;
};

type Run = Running & { client: Client; botId: string; begun: Set<string> };

const SUBJECTS_KEPT_MAX = 1_000;

/** Plays until the signal is aborted: reconnects by itself, and answers each move and callout once. */
export async function runBot(client: Client, running: Running): Promise<void> {
  const run: Run = { ...running, client, botId: await findBot(client, running.bot), begun: new Set() };
  const { signal } = running;
  const stream = client.botEvents({ botId: run.botId, ...(signal ? { signal } : {}), beforeOpen: () => comeIn(run) });
  for await (const item of stream) begin(run, item);
}

async function findBot(client: Client, name: string | undefined): Promise<string> {
  const own = await client.ownBots();
  const found = own.filter((bot) => name === undefined || bot.name.toLowerCase() === name.toLowerCase());
  const [bot, ...others] = found;
  if (bot && others.length === 0) return bot.id;
  const message = found.length === 0 ? `This key has no bot ${name ?? "at all"}.` : "This key has several bots.";
  throw new AgonError("NO_SUCH_BOT", message, { hint: "Register a bot, or name the one to run." });
}

/** A bot that comes (back) shows itself, enters the Pit and waits in its queue: all of it may be said twice. */
async function comeIn(run: Run): Promise<void> {
  const { client, botId } = run;
  told(run, await client.heartbeat({ botId }));
  if (run.onCallout) told(run, await client.enterPit({ botId }));
  await wait(run);
}

async function wait(run: Run): Promise<void> {
  if (!run.queue || run.signal?.aborted) return;
  const joined = await run.client.joinQueue({ botId: run.botId, ...run.queue });
  if (!joined.ok && !["ALREADY_WAITING", "IN_CONTEST"].includes(joined.refusal.code)) told(run, joined);
}

type Answered = { ok: true } | { ok: false; refusal: { code: string; message: string; hint: string | null } };

function told(run: Run, answered: Answered): void {
  if (answered.ok) return;
  const { code, message, hint } = answered.refusal;
  run.onError?.(new AgonError(code, message, hint ? { hint } : {}));
}

/** Starts what an item asks for, once: after a cut the same request comes again as pending. */
function begin(run: Run, { event, cursor }: BotItem): void {
  const subject = subjectOf(event, cursor);
  if (run.begun.has(subject)) return;
  run.begun.add(subject);
  if (run.begun.size > SUBJECTS_KEPT_MAX) run.begun.delete(run.begun.values().next().value ?? subject);
  answer(run, event).catch((error: unknown) => {
    run.begun.delete(subject);
    run.onError?.(error);
  });
}

function subjectOf(event: BotEvent, cursor: string): string {
  switch (event.__typename) {
    case "MoveRequested":
      return moveKey(event);
    case "CalloutReceived":
    case "CalloutAnswered":
      return `${event.__typename}:${event.callout.id}`;
    case "ContestStarted":
    case "ContestEnded":
      return `${event.__typename}:${event.contest.id}`;
    case "QueueLeft":
      return `QueueLeft:${event.queueEntry.id}`;
    case "StreamGap":
      return `StreamGap:${cursor}`;
  }
}

const moveKey = ({ fightId, round, exchange }: Move) => `${fightId}:${round}:${exchange}`;

async function answer(run: Run, event: BotEvent): Promise<void> {
  switch (event.__typename) {
    case "MoveRequested":
      return move(run, event);
    case "CalloutReceived":
      return callout(run, event.callout);
    case "ContestEnded":
      await run.onContestEnded?.(event);
      return wait(run);
    case "QueueLeft":
      return wait(run);
    case "ContestStarted":
    case "CalloutAnswered":
    case "StreamGap":
  }
}

async function move(run: Run, asked: Move): Promise<void> {
  const { botId } = run;
  const { fightId, round, exchange } = asked;
  const action = await run.onMove(asked);
  if (action === undefined) return;
  const idempotencyKey = moveKey(asked);
  told(run, await run.client.submitFightAction({ botId, fightId, round, exchange, action, idempotencyKey }));
}

async function callout(run: Run, asked: Callout): Promise<void> {
  const accept = await run.onCallout?.(asked);
  if (accept === undefined) return;
  const input = { botId: run.botId, calloutId: asked.id };
  told(run, accept ? await run.client.acceptCallout(input) : await run.client.declineCallout(input));
}
