import type { Cache, CacheExchangeOpts, KeyingConfig, UpdateResolver, UpdatesConfig } from "@urql/exchange-graphcache";
import type {
  FightPoolMovedSubscription,
  FightFollowSubscription,
  FightLiveSubscription,
  PitLiveSubscription,
} from "../generated/graphql.ts";
import { PitDocument } from "../pit/documents.ts";
import { pitAfter } from "../pit/pit-after.ts";
import { FightStandingFragment, standingAfter } from "../shell/standing.ts";

/** What there is once has a name instead of an id. */
const NAMED: KeyingConfig = {
  Pit: () => "pit",
  ArenaStats: () => "arena",
  Ladder: ({ kind }) => (typeof kind === "string" ? kind : null),
};

type Schema = NonNullable<CacheExchangeOpts["schema"]>;
type ObjectType = { kind: string; name: string; fields?: readonly { name: string }[] };

/** Keys of every type: its id, its own name, or none, when it only lives inside of what it belongs to. */
export function keysOf(schema: Schema): KeyingConfig {
  const objects = ((schema["__schema"].types ?? []) as readonly ObjectType[]).filter(({ kind }) => kind === "OBJECT");
  const embedded = objects.filter(
    ({ name, fields }) => !(name in NAMED) && !fields?.some((field) => field.name === "id"),
  );
  return { ...NAMED, ...Object.fromEntries(embedded.map(({ name }) => [name, () => null])) };
}

type Result = Record<string, { __typename?: string } | null | undefined>;
type Input = { input?: { botId?: string; ladder?: string } };

const succeeded = (result: unknown, field: string) => ((result as Result)[field]?.__typename ?? "").endsWith("Success");

/** Reads again what only the viewer sees, once the mutation has changed it. */
const changesViewer =
  (field: string): UpdateResolver =>
  (result, _args, cache) => {
    if (succeeded(result, field)) cache.invalidate("Query", "viewer");
  };

/** What the viewer has, and what came and went: read again where somebody looks at it. */
const MONEY = new Set(["balance", "faucet", "ledger", "withdrawals", "withdrawable", "deposits"]);
const BETS = new Set(["bets", "inBets"]);
const MONEY_AND_BETS = new Set([...MONEY, ...BETS]);

function forgetMoney(cache: Cache, names: ReadonlySet<string> = MONEY_AND_BETS): void {
  const viewer = cache.resolve("Query", "viewer");
  if (typeof viewer !== "string") return;
  for (const { fieldName, arguments: args } of cache.inspectFields(viewer))
    if (names.has(fieldName)) cache.invalidate(viewer, fieldName, args ?? undefined);
}

const movesMoney =
  (field: string, names: ReadonlySet<string>): UpdateResolver =>
  (result, _args, cache) => {
    if (succeeded(result, field)) forgetMoney(cache, names);
  };

const movesQueue =
  (field: string): UpdateResolver =>
  (result, args, cache) => {
    const botId = (args as Input).input?.botId;
    if (succeeded(result, field) && botId) cache.invalidate({ __typename: "Bot", id: botId }, "queueEntry");
  };

/** How a fight stands, wherever it is shown: posters, rows and lists follow each exchange. */
const followsFight: UpdateResolver = (result, { fightId }, cache) => {
  const { event } = (result as FightFollowSubscription | FightLiveSubscription).fightEvents;
  const fight = cache.readFragment(FightStandingFragment, { __typename: "Fight", id: fightId as string });
  const after = fight && standingAfter(fight, event);
  if (after) cache.writeFragment(FightStandingFragment, after);
  if (event.__typename === "FightEnded" && event.payouts.length > 0) forgetMoney(cache);
};

const followsPit: UpdateResolver = (result, _args, cache) => {
  const { event, at } = (result as PitLiveSubscription).pitEvents;
  cache.updateQuery({ query: PitDocument }, (data) => data && { ...data, pit: pitAfter(data.pit, event, at) });
  if (stakeOf(event) !== "0") forgetMoney(cache);
};

type PitEvent = PitLiveSubscription["pitEvents"]["event"];

/** What is at stake in what happened in the Pit. */
function stakeOf(event: PitEvent): string {
  if ("callout" in event) return event.callout.wager;
  return "fight" in event && "wager" in event.fight ? event.fight.wager : "0";
}

/** A deposit or withdrawal of one's own moved: its row is kept under its id, what one has is read again. */
const movesOwn: UpdateResolver = (_result, _args, cache) => forgetMoney(cache, MONEY);

const ENDS_POOL = new Set(["PoolSettled", "PoolRefunded"]);

/** Bets were paid or given back: maybe the viewer's. */
const followsPool: UpdateResolver = (result, _args, cache) => {
  const { event } = (result as FightPoolMovedSubscription).poolEvents;
  if (ENDS_POOL.has(event.__typename)) forgetMoney(cache);
};

const BOARDS = new Set(["leaderboard", "newcomers", "seasonBoard", "around"]);

/** A rated contest ended: the boards of its ladder are read again where somebody looks at them. */
const movesBoards: UpdateResolver = (result, _args, cache: Cache) => {
  const { kind } = (result as { ladderEvents: { kind: string } }).ladderEvents;
  const ladder = { __typename: "Ladder", kind };
  for (const { fieldName, arguments: args } of cache.inspectFields(ladder))
    if (BOARDS.has(fieldName)) cache.invalidate(ladder, fieldName, args ?? undefined);
};

const VIEWERS = [
  "registerBot",
  "archiveBot",
  "createApiKey",
  "rotateApiKey",
  "revokeApiKey",
  "revokeSession",
  "linkWallet",
  "unlinkWallet",
  "setPassword",
];

const MOVERS = [
  "claimFaucet",
  "createCallout",
  "acceptCallout",
  "declineCallout",
  "cancelCallout",
  "requestWithdrawal",
  "cancelWithdrawal",
];

/** What mutations and live events change beyond the entities that they return. */
export const UPDATES: UpdatesConfig = {
  Mutation: {
    ...Object.fromEntries(VIEWERS.map((field) => [field, changesViewer(field)])),
    ...Object.fromEntries(MOVERS.map((field) => [field, movesMoney(field, MONEY)])),
    placeBet: movesMoney("placeBet", MONEY_AND_BETS),
    joinQueue: movesQueue("joinQueue"),
    leaveQueue: movesQueue("leaveQueue"),
  },
  Subscription: {
    fightEvents: followsFight,
    pitEvents: followsPit,
    ladderEvents: movesBoards,
    userEvents: movesOwn,
    poolEvents: followsPool,
  },
};
