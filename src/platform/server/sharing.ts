import {
  createSourceEventStream,
  executeSubscriptionEvent,
  getOperationAST,
  isObjectType,
  Kind,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type FieldNode,
  type GraphQLSchema,
  validateSubscriptionArgs,
  type ValidatedSubscriptionArgs,
} from "graphql";
import type { WebSocket } from "ws";
import type { Context } from "../graphql/context.ts";

/** A subscription as a socket asked for it; `id` is the socket's own name for it. */
export type Asked = { socket: WebSocket; id: string; text: string };

/** What a group needs of the server: sending with a bound, a context without a person, and masking. */
export type Sharing = {
  schema: GraphQLSchema;
  send: (socket: WebSocket, frame: Buffer) => boolean;
  context: () => Context;
  mask: (result: ExecutionResult) => ExecutionResult;
};

type Member = { socket: WebSocket; tail: Buffer; release: (end: { error?: unknown }) => void };
type Frame = { cursor: string | null; payload: string };

const FRAMES_KEPT = 256;

/**
 * Public subscriptions of the same text and variables are executed once for all subscribers of this process: every event
 * is resolved and serialised once, and each socket's frame differs only in its id. Who resumes from a cursor joins where
 * the group still holds what follows it; else it is served alone.
 */
export class SharedSubscriptions {
  private readonly groups = new Map<string, Group>();
  private readonly sharing: Sharing;

  constructor(sharing: Sharing) {
    this.sharing = sharing;
  }

  /** Joins or opens a group; null when this operation must run alone. */
  join(args: ExecutionArgs, asked: Asked): Promise<AsyncIterableIterator<never> | ExecutionResult> | null {
    const shape = shapeOf(this.sharing.schema, args.document, args.operationName);
    if (!shape) return null;
    const variables: Readonly<Record<string, unknown>> = args.variableValues ?? {};
    const after = shape.afterVariable === null ? null : ((variables[shape.afterVariable] ?? null) as string | null);
    const others = Object.entries(variables).filter(([name]) => name !== shape.afterVariable);
    const key = JSON.stringify([asked.text, args.operationName ?? null, others]);
    const known = this.groups.get(key);
    if (known) return known.admits(after) ? Promise.resolve(known.add(asked, after)) : null;
    const group = new Group(this.sharing, after, () => this.groups.delete(key));
    this.groups.set(key, group);
    return group.open(args, asked);
  }
}

type Shape = { afterVariable: string | null };

/** How a subscription can be shared: one public field, whose `after` is a variable or absent. Null when it cannot. */
function shapeOf(schema: GraphQLSchema, document: DocumentNode, operationName?: string | null): Shape | null {
  const [field, ...more] = getOperationAST(document, operationName)?.selectionSet.selections ?? [];
  if (field?.kind !== Kind.FIELD || more.length > 0 || !isPublic(schema, field)) return null;
  const after = field.arguments?.find(({ name }) => name.value === "after")?.value;
  if (!after || after.kind === Kind.NULL) return { afterVariable: null };
  return after.kind === Kind.VARIABLE ? { afterVariable: after.name.value } : null;
}

function isPublic(schema: GraphQLSchema, { name }: FieldNode): boolean {
  const root = schema.getSubscriptionType();
  const field = isObjectType(root) ? root.getFields()[name.value] : undefined;
  return (field?.extensions as { pothosOptions?: { access?: string } } | undefined)?.pothosOptions?.access === "public";
}

class Group {
  private readonly members = new Set<Member>();
  private readonly frames: Frame[] = [];
  private readonly sharing: Sharing;
  private readonly forget: () => void;
  /** The cursor behind which the oldest kept frame is; null when the group began with what came next. */
  private start: string | null;
  private source: AsyncIterator<unknown> | null = null;

  constructor(sharing: Sharing, start: string | null, forget: () => void) {
    this.sharing = sharing;
    this.start = start;
    this.forget = forget;
  }

  async open(args: ExecutionArgs, asked: Asked): Promise<AsyncIterableIterator<never> | ExecutionResult> {
    const parked = this.add(asked, this.start);
    const shared = validateSubscriptionArgs({ ...args, contextValue: this.sharing.context() });
    if (!("operation" in shared)) return this.refuse({ errors: shared });
    try {
      const source = await createSourceEventStream(shared);
      if (!(Symbol.asyncIterator in source)) return this.refuse(source);
      this.source = source[Symbol.asyncIterator]();
      if (this.members.size === 0) void this.close();
      else void this.pump(shared);
      return parked;
    } catch (error) {
      this.end({ error });
      throw error;
    }
  }

  /** The first subscriber is told why; whoever joined meanwhile is told the same. */
  private refuse(result: ExecutionResult): ExecutionResult {
    this.end({ error: result.errors?.[0] });
    return result;
  }

  admits(after: string | null): boolean {
    return after === null || after === this.start || this.frames.some(({ cursor }) => cursor === after);
  }

  add({ socket, id }: Asked, after: string | null): AsyncIterableIterator<never> {
    let release: Member["release"] = () => undefined;
    const ended = new Promise<IteratorResult<never>>((resolve, reject) => {
      release = ({ error }) => (error === undefined ? resolve({ done: true, value: undefined }) : reject(error));
    });
    // Nobody may be waiting when a group ends right after its last member left.
    ended.catch(() => undefined);
    const member: Member = { socket, tail: Buffer.from(`${JSON.stringify(id)}}`), release };
    for (const frame of this.behind(after)) this.give(member, headOf(frame));
    this.members.add(member);
    return parkedUntil(ended, () => this.leave(member));
  }

  /** What a joiner has missed: everything behind its cursor, or the newest snapshot of a feed. */
  private behind(after: string | null): readonly Frame[] {
    if (after === null) return this.frames.at(-1)?.cursor === null ? this.frames.slice(-1) : [];
    return this.frames.slice(this.frames.findIndex(({ cursor }) => cursor === after) + 1);
  }

  private async pump(args: ValidatedSubscriptionArgs): Promise<void> {
    try {
      for (let next = await this.source?.next(); next && !next.done; next = await this.source?.next()) {
        const result = await executeSubscriptionEvent({ ...args, rootValue: next.value });
        this.tell({ cursor: cursorOf(next.value), payload: JSON.stringify(this.sharing.mask(result)) });
      }
      this.end({});
    } catch (error) {
      this.end({ error });
    }
  }

  private tell(frame: Frame): void {
    this.frames.push(frame);
    if (this.frames.length > FRAMES_KEPT) this.start = this.frames.shift()?.cursor ?? null;
    const head = headOf(frame);
    for (const member of this.members) this.give(member, head);
  }

  private give(member: Member, head: Buffer): void {
    const frame = Buffer.allocUnsafe(head.length + member.tail.length);
    frame.set(head);
    frame.set(member.tail, head.length);
    if (!this.sharing.send(member.socket, frame)) this.leave(member);
  }

  private leave(member: Member): void {
    member.release({});
    if (this.members.delete(member) && this.members.size === 0) void this.close();
  }

  private async close(): Promise<void> {
    this.forget();
    await this.source?.return?.();
  }

  private end(end: { error?: unknown }): void {
    this.forget();
    for (const member of this.members) member.release(end);
    this.members.clear();
  }
}

/** All of a frame but the subscriber's id, which stands last. */
const headOf = ({ payload }: Frame): Buffer => Buffer.from(`{"type":"next","payload":${payload},"id":`);

const cursorOf = (item: unknown): string | null =>
  typeof item === "object" && item !== null && "cursor" in item && typeof item.cursor === "string" ? item.cursor : null;

/** What graphql-ws keeps for a subscriber: it yields nothing, the group writes to the socket itself. */
function parkedUntil(ended: Promise<IteratorResult<never>>, leave: () => void): AsyncIterableIterator<never> {
  const parked = {
    next: () => ended,
    return: () => {
      leave();
      return ended;
    },
    throw: (error: unknown) => {
      leave();
      return Promise.reject(error);
    },
    [Symbol.asyncIterator]: () => parked,
  };
  return parked as AsyncIterableIterator<never>;
}
