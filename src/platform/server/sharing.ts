import {
  createSourceEventStream,
  executeSubscriptionEvent,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLSchema,
  validateSubscriptionArgs,
  type ValidatedSubscriptionArgs,
} from "graphql";
import type { Context } from "../graphql/context.ts";
import { Batch, cursorOf, frameOf, type Frame, type Receiver } from "./frames.ts";
import { KeptFrames, type Budget } from "./kept-frames.ts";
import { Outbox } from "./outbox.ts";
import { Parked, type End } from "./parked.ts";
import { shapeOf, type Shape } from "./shape.ts";
import { inSteps, type Turns } from "./turns.ts";

/** What a group needs of the server: a context without a person, and masking. */
export type Sharing = {
  schema: GraphQLSchema;
  context: () => Context;
  mask: (result: ExecutionResult) => ExecutionResult;
};

/** Who subscribes: where the frames go, who pays for what is kept, and the cursor that a reader names when it comes back. */
export type Subscriber = { receiver: Receiver; principal: string; lastEventId?: string | null };

const GROUPS_MAX = 2_000;
const GROUPS_PER_PRINCIPAL_MAX = 128;

/**
 * Public subscriptions that differ in nothing but their cursor are executed once for all subscribers of this process:
 * every event is resolved and serialised once. Who resumes joins where the group still holds what follows its cursor;
 * who comes from further back is read on alone until it is there.
 */
export class SharedSubscriptions {
  private readonly groups = new Map<string, Group>();
  private readonly openedBy = new Map<string, number>();
  private readonly budget: Budget = { bytes: 0 };
  private readonly sharing: Sharing;
  private readonly turns: Turns;

  constructor(sharing: Sharing, turns: Turns) {
    this.sharing = sharing;
    this.turns = turns;
  }

  /** Joins or opens a group; null when this operation must run alone, also because not everybody may see what it follows. */
  async join(args: ExecutionArgs, subscriber: Subscriber): Promise<Parked | null> {
    const shape = shapeOf(this.sharing.schema, args.document, args.operationName);
    if (!shape?.shareable) return null;
    const variables = (args.variableValues ?? {}) as Readonly<Record<string, unknown>>;
    const after = subscriber.lastEventId ?? shape.after(variables);
    if (after === undefined) return null;
    const key = shape.key(variables);
    const group = this.groups.get(key) ?? this.open(key, shape, args, subscriber.principal);
    const joined = await group?.join(subscriber.receiver, after);
    return joined instanceof Parked ? joined : null;
  }

  private open(key: string, shape: Shape, args: ExecutionArgs, principal: string): Group | null {
    const opened = this.openedBy.get(principal) ?? 0;
    if (this.groups.size >= GROUPS_MAX || opened >= GROUPS_PER_PRINCIPAL_MAX) return null;
    const group: Group = new Group(this.sharing, shape, args, { budget: this.budget, turns: this.turns }, () => {
      if (this.groups.get(key) === group) this.groups.delete(key);
      const left = (this.openedBy.get(principal) ?? 1) - 1;
      if (left > 0) this.openedBy.set(principal, left);
      else this.openedBy.delete(principal);
    });
    this.openedBy.set(principal, opened + 1);
    this.groups.set(key, group);
    return group;
  }
}

type Source = AsyncIterable<unknown> & { start?: string };
type Validated = ReturnType<typeof validateSubscriptionArgs>;
/** What all groups of a process have in common. */
type Common = { budget: Budget; turns: Turns };

class Group {
  /** Everybody who holds the group open; those in the outbox are told what comes, the others are on their way. */
  private readonly holders = new Set<Parked>();
  private readonly outbox: Outbox;
  private readonly catchingUp = new Map<Parked, AsyncIterator<unknown>>();
  private readonly kept: KeptFrames;
  /** Answers to events that lie behind, so that many who come back at once cost one execution an event. */
  private readonly past: KeptFrames;
  private readonly resolving = new Map<string, Promise<Frame>>();
  private source: AsyncIterator<unknown> | null = null;
  private ended: End | null = null;
  private validated: ValidatedSubscriptionArgs | null = null;
  private readonly opened: Promise<ExecutionResult | null>;
  private readonly sharing: Sharing;
  private readonly shape: Shape;
  private readonly args: ExecutionArgs;
  private readonly turns: Turns;
  private readonly forget: () => void;

  constructor(sharing: Sharing, shape: Shape, args: ExecutionArgs, { budget, turns }: Common, forget: () => void) {
    this.sharing = sharing;
    this.shape = shape;
    // Nothing of the person who came first stays.
    this.args = { ...args, contextValue: undefined };
    this.kept = new KeptFrames(budget);
    this.past = new KeptFrames(budget);
    this.turns = turns;
    this.outbox = new Outbox(turns, {
      gone: (parked) => this.leave(parked),
      failed: (error) => this.finish({ error }),
    });
    this.forget = forget;
    this.opened = this.open();
  }

  private async open(): Promise<ExecutionResult | null> {
    const validated = this.validate(null);
    const source = await sourceOf(validated);
    if ("refusal" in source) return this.refuse(source.refusal);
    this.validated = validated as ValidatedSubscriptionArgs;
    this.kept.beginAt(source.events.start ?? null);
    this.source = source.events[Symbol.asyncIterator]();
    if (this.ended) await this.source.return?.();
    else void this.pump();
    return null;
  }

  private refuse(refusal: ExecutionResult): ExecutionResult {
    this.finish({ error: refusal.errors?.[0] });
    return refusal;
  }

  private validate(after: string | null): Validated {
    const document = this.shape.from(after);
    return validateSubscriptionArgs({ ...this.args, document, contextValue: this.sharing.context() });
  }

  async join(receiver: Receiver, after: string | null): Promise<Parked | ExecutionResult> {
    const parked = new Parked(receiver, (each) => this.leave(each));
    this.holders.add(parked);
    try {
      const refusal = (await this.opened) ?? (await this.place(parked, after));
      if (!refusal) return parked;
      this.leave(parked);
      return refusal;
    } catch (error) {
      this.leave(parked);
      throw error;
    }
  }

  /** Puts a subscriber where its cursor says: among those who are told, or on its way to them. */
  private async place(parked: Parked, after: string | null): Promise<ExecutionResult | null> {
    if (after === null || this.kept.reaches(after)) {
      this.admit(parked, after);
      return null;
    }
    const source = await sourceOf(this.validate(after));
    if ("refusal" in source) return source.refusal;
    void this.catchUp(parked, source.events[Symbol.asyncIterator]());
    return null;
  }

  /** Tells what a subscriber has missed; from here on it is told with all others. */
  private admit(parked: Parked, after: string | null): void {
    if (this.ended || !this.holders.has(parked)) return;
    const missed = this.kept.behind(after);
    if (missed.length > 0 && !parked.receiver.give(new Batch(missed))) return this.leave(parked);
    this.outbox.add(parked);
  }

  /** Reads on at the subscriber's own pace until its cursor is within what the group keeps. */
  private async catchUp(parked: Parked, source: AsyncIterator<unknown>): Promise<void> {
    this.catchingUp.set(parked, source);
    try {
      while (this.holders.has(parked)) {
        const { done, value } = await source.next();
        if (done) return this.leave(parked);
        const frame = await this.recall(value);
        if (!parked.receiver.give(new Batch([frame])) || !(await parked.receiver.drained())) return this.leave(parked);
        if (frame.cursor !== null && this.kept.reaches(frame.cursor)) return this.admit(parked, frame.cursor);
      }
    } catch (error) {
      parked.release({ error });
      this.leave(parked);
    } finally {
      this.catchingUp.delete(parked);
      await source.return?.();
    }
  }

  /** The answer to an event that lies behind; the newest of them are kept for the next who comes from there. */
  private async recall(event: unknown): Promise<Frame> {
    const cursor = cursorOf(event);
    if (cursor === null) return this.execute(event);
    const found = this.past.find(cursor) ?? this.resolving.get(cursor);
    if (found) return found;
    const resolving = this.execute(event).finally(() => this.resolving.delete(cursor));
    this.resolving.set(cursor, resolving);
    const frame = await resolving;
    if (!this.ended) this.past.push(frame);
    return frame;
  }

  private async execute(event: unknown): Promise<Frame> {
    if (!this.validated) throw new Error("a group executes what its source gave");
    // Loaders remember what they read: each event gets its own.
    const contextValue = this.sharing.context();
    const result = await executeSubscriptionEvent({ ...this.validated, contextValue, rootValue: event });
    return frameOf(event, this.sharing.mask(result));
  }

  private async pump(): Promise<void> {
    try {
      for (let next = await this.source?.next(); next && !next.done; next = await this.source?.next())
        await this.tell(await this.execute(next.value));
      this.finish({});
    } catch (error) {
      this.finish({ error });
    }
  }

  private async tell(frame: Frame): Promise<void> {
    if (this.ended) return;
    this.kept.push(frame);
    await this.outbox.push(frame);
  }

  private leave(parked: Parked): void {
    parked.release({});
    this.outbox.delete(parked);
    void this.catchingUp.get(parked)?.return?.();
    if (this.holders.delete(parked) && this.holders.size === 0) this.finish({});
  }

  private finish(end: End): void {
    if (this.ended) return;
    this.ended = end;
    this.forget();
    this.kept.clear();
    this.past.clear();
    void this.source?.return?.();
    void this.releaseAll(end);
  }

  /** What was told before the end is heard before it, also by those whose turn has not come. */
  private async releaseAll(end: End): Promise<void> {
    await this.outbox.settled();
    const release = (parked: Parked) => {
      parked.release(end);
      this.leave(parked);
    };
    await this.turns.run(inSteps(this.holders, release));
  }
}

async function sourceOf(args: Validated): Promise<{ events: Source } | { refusal: ExecutionResult }> {
  if (!("operation" in args)) return { refusal: { errors: args } };
  const source = await createSourceEventStream(args);
  return Symbol.asyncIterator in source ? { events: source } : { refusal: source };
}
