import {
  createSourceEventStream,
  executeSubscriptionEvent,
  type ExecutionArgs,
  type ExecutionResult,
  mapSourceToResponseEvent,
  validateSubscriptionArgs,
  type ValidatedSubscriptionArgs,
} from "graphql";
import type { Context } from "../graphql/context.ts";
import type { Platform } from "../platform.ts";
import { Batch, frameOf, type Receiver } from "./frames.ts";
import { masked } from "./operation.ts";
import { Parked } from "./parked.ts";
import { shapeOf } from "./shape.ts";
import type { Subscriber } from "./sharing.ts";

type Args = ExecutionArgs & { contextValue: Context };

/** Answers one event. Loaders remember what they read: each event gets its own. */
function executeAfresh(args: ValidatedSubscriptionArgs) {
  const contextValue: Context = { ...(args.contextValue as Context), loaders: new Map(), cacheTags: new Set() };
  return executeSubscriptionEvent({ ...args, contextValue });
}

/** The answers of a subscription that runs alone, for whoever writes them at the reader's pace. */
export async function answersAlone(args: ExecutionArgs): Promise<AsyncIterable<ExecutionResult> | ExecutionResult> {
  const validated = validateSubscriptionArgs(args);
  if (!("operation" in validated)) return { errors: validated };
  const source = await createSourceEventStream(validated);
  return Symbol.asyncIterator in source ? mapSourceToResponseEvent(validated, source, executeAfresh) : source;
}

/** Runs a subscription for one person alone, at that person's own pace; what it is refused otherwise. */
export async function openAlone(
  platform: Platform,
  args: Args,
  { receiver, lastEventId }: Subscriber,
): Promise<Parked | ExecutionResult> {
  const shape = shapeOf(args.schema, args.document, args.operationName);
  const document = lastEventId && shape ? shape.from(lastEventId) : args.document;
  const validated = validateSubscriptionArgs({ ...args, document });
  if (!("operation" in validated)) return { errors: validated };
  const source = await createSourceEventStream(validated);
  if (!(Symbol.asyncIterator in source)) return source;
  const events = source[Symbol.asyncIterator]();
  const parked = new Parked(receiver, () => {
    parked.release({});
    void events.return?.();
  });
  const execute = async (rootValue: unknown) => masked(platform, await executeAfresh({ ...validated, rootValue }));
  void pump(events, execute, receiver).then(
    () => parked.release({}),
    (error: unknown) => parked.release({ error }),
  );
  return parked;
}

async function pump(
  events: AsyncIterator<unknown>,
  execute: (event: unknown) => Promise<ExecutionResult>,
  receiver: Receiver,
): Promise<void> {
  try {
    for (let next = await events.next(); !next.done; next = await events.next()) {
      const frame = frameOf(next.value, await execute(next.value));
      if (!receiver.give(new Batch([frame])) || !(await receiver.drained())) return;
    }
  } finally {
    await events.return?.();
  }
}
