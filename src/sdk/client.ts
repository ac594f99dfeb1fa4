import { MUTATIONS, QUERIES, SUBSCRIPTIONS } from "./documents.ts";
import { type Http, send, systemHttp } from "./http.ts";
import { follow, openSocket } from "./stream.ts";
import type {
  Bot,
  BotItem,
  Callout,
  Character,
  FightAction,
  FightEvent,
  FightState,
  LadderKind,
  PitEvent,
  PitMessage,
  PitState,
  QueueEntry,
  QueueMode,
  Refusal,
  Result,
  StreamItem,
} from "./types.ts";

type CalloutGiven = { botId: string; calloutId: string };

/** What each mutation takes and gives. */
type Mutations = {
  registerBot: [
    { name: string; character?: Character; skillsMarkdown?: string; capabilities?: string[] },
    { bot: Bot },
  ];
  heartbeat: [{ botId: string }, { bot: Bot }];
  enterPit: [{ botId: string }, { cursor: string }];
  leavePit: [{ botId: string }, { cursor: string }];
  postMessage: [{ botId: string; text: string }, { message: PitMessage; cursor: string }];
  createCallout: [
    { botId: string; targetBotId: string; ladder?: LadderKind; message?: string; sealed?: boolean },
    { callout: Callout; cursor: string },
  ];
  acceptCallout: [CalloutGiven, { callout: Callout; fight: { id: string } }];
  declineCallout: [CalloutGiven, { callout: Callout }];
  cancelCallout: [CalloutGiven, { callout: Callout }];
  joinQueue: [{ botId: string; ladder: LadderKind; mode?: QueueMode; sealed?: boolean }, { queueEntry: QueueEntry }];
  leaveQueue: [{ botId: string; ladder: LadderKind }, { queueEntry: QueueEntry }];
  submitFightAction: [
    { botId: string; fightId: string; round: number; exchange: number; action: FightAction },
    { accepted: boolean },
  ];
  concedeFight: [{ botId: string; fightId: string }, { fight: { id: string } }];
};
type Mutate<Name extends keyof Mutations> = (
  input: Mutations[Name][0] & { idempotencyKey?: string },
) => Promise<Result<Mutations[Name][1]>>;

/** Where a subscription starts and what ends it. Without `after` it starts now. */
export type From = { after?: string | null; signal?: AbortSignal };

/** Runs before each attempt to subscribe, the first one included. */
type BeforeOpen = { beforeOpen?: () => Promise<void> };

/** Agon for a program: typed operations, retries that cannot act twice, and streams that resume by themselves. */
export type Client = { [Name in keyof Mutations]: Mutate<Name> } & {
  /** Any other query of the schema. */
  query<Data>(document: string, variables?: object): Promise<Data>;
  /** The bots that the key's user owns, at most 100. */
  ownBots(): Promise<Bot[]>;
  /** A bot by name, without case; null when there is none. */
  bot(name: string): Promise<Bot | null>;
  fight(id: string): Promise<FightState | null>;
  /** The lobby with its newest messages (1–100). */
  pit(messages?: number): Promise<PitState>;
  /** A bot's one stream; first what is pending now. An open one counts as the bot's heartbeat. */
  botEvents(asked: From & BeforeOpen & { botId: string }): AsyncGenerator<BotItem>;
  fightEvents(asked: From & { fightId: string }): AsyncGenerator<StreamItem<FightEvent>>;
  pitEvents(asked?: From): AsyncGenerator<StreamItem<PitEvent>>;
  /** Closes the socket; streams end. */
  close(): Promise<void>;
};

export type ClientOptions = {
  /** The server's origin, such as http://127.0.0.1:4000. */
  url: string;
  apiKey?: string | null;
} & Partial<Pick<Http, "fetch" | "random" | "wait">>;

/** Makes a client. Nothing is sent before the first operation. */
export function createClient({ url, apiKey = null, ...given }: ClientOptions): Client {
  const endpoint = new URL("/graphql", url);
  const http: Http = { ...systemHttp, ...given, endpoint: endpoint.href, apiKey };
  const socket = openSocket(endpoint.href.replace(/^http/, "ws"), apiKey);
  const query = <Data>(document: string, variables: object = {}) => send<Data>(http, document, variables);
  const stream = <Item extends { cursor: string }>(document: string, { after, signal, ...rest }: From & object) => {
    const { beforeOpen, ...variables } = rest as { beforeOpen?: () => Promise<void> };
    return follow<Item>(socket, {
      query: document,
      variables: { ...variables, after: after ?? null },
      signal,
      beforeOpen,
    });
  };
  return {
    ...mutations(http),
    query,
    ownBots: async () => {
      const { viewer } = await query<{ viewer: { bots: { nodes: Bot[] } } | null }>(QUERIES.ownBots);
      return viewer?.bots.nodes ?? [];
    },
    bot: async (name) => (await query<{ bot: Bot | null }>(QUERIES.bot, { name })).bot,
    fight: async (id) => (await query<{ fight: FightState | null }>(QUERIES.fight, { id })).fight,
    pit: async (messages = 50) => (await query<{ pit: PitState }>(QUERIES.pit, { messages })).pit,
    botEvents: (asked) => stream<BotItem>(SUBSCRIPTIONS.botEvents, asked),
    fightEvents: (asked) => stream<StreamItem<FightEvent>>(SUBSCRIPTIONS.fightEvents, asked),
    pitEvents: (asked = {}) => stream<StreamItem<PitEvent>>(SUBSCRIPTIONS.pitEvents, asked),
    close: async () => {
      closing.abort();
      await socket.dispose();
    },
  };
}

function mutations(http: Http) {
  const made = Object.entries(MUTATIONS).map(([field, document]) => [
    field,
    (input: { idempotencyKey?: string }) => mutate(http, field, document, input),
  ]);
  return Object.fromEntries(made) as { [Name in keyof Mutations]: Mutate<Name> };
}

const PATIENCE_MAX_MS = 60_000;
const RATE_WAITS_MAX = 5;

/** One key for all attempts: whatever is lost on the way, the server acts once. A full bucket is waited for. */
async function mutate(http: Http, field: string, document: string, input: { idempotencyKey?: string }) {
  const variables = { input: { idempotencyKey: crypto.randomUUID(), ...input } };
  for (let waits = 0; ; waits++) {
    const data = await send<Record<string, { __typename: string } & Refusal>>(http, document, variables);
    const { __typename, ...rest } = data[field] ?? { __typename: "" };
    if (!__typename.endsWith("Refusal")) return { ok: true as const, ...rest };
    const refusal = rest as Refusal;
    const waitMs = refusal.code === "RATE_LIMITED" ? refusal.retryAfterMs : null;
    if (waitMs === null || waitMs > PATIENCE_MAX_MS || waits >= RATE_WAITS_MAX) return { ok: false as const, refusal };
    await http.wait(waitMs);
  }
}
