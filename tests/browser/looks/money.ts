import type {
  FightPoolQuery,
  LedgerPageQuery,
  LedgerSubjectsQuery,
  MyBetsQuery,
  PurseQuery,
  WalletPageQuery,
} from "../../../web/src/generated/graphql.ts";
import { ago, bot, CURSOR } from "./people.ts";

/** Whole NORTH as the API writes it. */
export const units = (north: number) => `${north}${north === 0 ? "" : "0".repeat(18)}`;

const HAS = 2_480_000;

const purse = (has: string): PurseQuery => ({
  __typename: "Query",
  viewer: { __typename: "Viewer", balance: { __typename: "Balance", available: has } },
});
export const Purse = purse(units(HAS));
export const EmptyPurse = purse("0");

const WALLET = "0x7c1E0f52A0b3C4d5E6f708192A3b4C5d6E7f6bA9";

type Withdrawal = NonNullable<WalletPageQuery["viewer"]>["withdrawals"]["nodes"][number];

const withdrawal = (
  index: number,
  amount: number,
  status: Withdrawal["status"],
  secondsAgo: number,
  tx?: string,
): Withdrawal => ({
  __typename: "Withdrawal",
  id: `withdrawal_${index}`,
  amount: units(amount),
  to: WALLET,
  status,
  waitingFor: status === "RESERVED" ? "HOT_TOKEN_LOW" : null,
  reason: null,
  createdAt: ago(secondsAgo),
  movedAt: ago(secondsAgo / 2),
  txHash: tx ? tx.padEnd(66, "1c55") : null,
});

type Deposit = NonNullable<WalletPageQuery["viewer"]>["deposits"]["nodes"][number];

const deposit = (
  index: number,
  amount: number,
  [status, final]: [Deposit["status"], boolean],
  secondsAgo: number,
): Deposit => ({
  __typename: "Deposit",
  id: `deposit_${index}`,
  amount: units(amount),
  from: WALLET,
  status,
  final,
  seenAt: ago(secondsAgo),
  movedAt: ago(secondsAgo / 2),
  txHash: `0x91d2${index}`.padEnd(66, "4e07"),
});

const CHAIN = { __typename: "Chain", chainId: 31_337, name: "the local chain", rpcUrl: null } as const;

export const WalletPage: WalletPageQuery = {
  __typename: "Query",
  viewer: {
    __typename: "Viewer",
    user: { __typename: "User", id: "user_ines", handle: "ines" },
    balance: {
      __typename: "Balance",
      available: units(HAS),
      held: units(250_000),
      deposited: units(6_000_000),
      withdrawn: units(1_250_000),
      wagered: units(9_450_000),
      won: units(7_430_000),
    },
    faucet: { __typename: "Faucet", grant: units(1_000_000), claimableAt: "2026-11-25T00:00:00Z" },
    cursor: CURSOR,
    wallets: [{ __typename: "Wallet", address: WALLET, linkedAt: ago(900_000) }],
    withdrawals: {
      __typename: "ViewerWithdrawalsConnection",
      nodes: [
        withdrawal(0, 250_000, "SENT", 240, "0xe07a9c3f5b"),
        withdrawal(1, 100_000, "RESERVED", 600),
        withdrawal(2, 749_900, "CONFIRMED", 38_000, "0x20b9f3d801"),
        withdrawal(3, 5_000, "CANCELLED", 90_000),
      ],
    },
    inBets: units(500_000),
    withdrawable: units(HAS - 250_000),
    deposits: {
      __typename: "ViewerDepositsConnection",
      nodes: [
        deposit(0, 500_000, ["PENDING", false], 60),
        deposit(1, 250_000, ["CREDITED", false], 400),
        deposit(2, 1_000_000, ["CREDITED", true], 5_000),
        deposit(3, 75_000, ["ORPHANED", false], 9_000),
      ],
    },
  },
  treasury: {
    __typename: "Treasury",
    users: units(412_350_000),
    inPlay: units(9_100_000),
    rake: units(1_204_518),
  },
  depositTerms: {
    __typename: "DepositTerms",
    address: "0x3f8A0b52C1d7E4a6B8c9D0e1F2a3B4c5D69C21e6",
    chain: CHAIN,
    token: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
    creditTag: "safe",
  },
  withdrawalTerms: {
    __typename: "WithdrawalTerms",
    frozen: false,
    minimum: units(1_000),
    maximum: units(10_000_000),
    perDay: units(20_000_000),
    signatureAbove: units(1_000_000),
    walletWaitMs: 86_400_000,
    winningsWaitMs: 86_400_000,
    chain: CHAIN,
    domain: {
      __typename: "WithdrawalSigningDomain",
      name: "Agon",
      version: "1",
      chainId: 31_337,
      verifyingContract: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
    },
  },
};

/** Who has just come: nothing yet but the faucet. */
export const NewWallet: WalletPageQuery = {
  ...WalletPage,
  viewer: WalletPage.viewer && {
    ...WalletPage.viewer,
    balance: {
      __typename: "Balance",
      available: "0",
      held: "0",
      deposited: "0",
      withdrawn: "0",
      wagered: "0",
      won: "0",
    },
    faucet: { __typename: "Faucet", grant: units(1_000_000), claimableAt: null },
    wallets: [],
    withdrawals: { __typename: "ViewerWithdrawalsConnection", nodes: [] },
    inBets: "0",
    withdrawable: "0",
    deposits: { __typename: "ViewerDepositsConnection", nodes: [] },
  },
};

type Entry = NonNullable<LedgerPageQuery["viewer"]>["ledger"]["nodes"][number];

const MOVES = [
  // kind, direction, NORTH, minutes ago, what for
  ["STAKE", "OUT", 250_000, 2, "callout_0"],
  ["WITHDRAWAL_RESERVED", "OUT", 250_000, 4, "withdrawal_0"],
  ["STAKE_SETTLED", "IN", 194_000, 14, "fight_0"],
  ["STAKE", "OUT", 100_000, 17, "callout_1"],
  ["DEPOSIT", "IN", 1_000_000, 30, "deposit_2"],
  ["STAKE_REFUNDED", "IN", 500_000, 41, "fight_2"],
  ["STAKE", "OUT", 500_000, 48, "callout_2"],
  ["CORRECTION", "IN", 12_345, 95, "user_ines"],
  ["FAUCET", "IN", 1_000_000, 240, "user_ines"],
  ["FAUCET", "IN", 1_000_000, 1_440, "user_ines"],
] as const;

const page = (nodes: Entry[], hasNextPage: boolean): LedgerPageQuery => ({
  __typename: "Query",
  viewer: {
    __typename: "Viewer",
    ledger: {
      __typename: "ViewerLedgerConnection",
      nodes,
      pageInfo: { __typename: "PageInfo", hasNextPage, endCursor: hasNextPage ? "end" : null },
    },
  },
});

export const LedgerPage = page(
  MOVES.map(([kind, direction, amount, minutes, referenceId]) => ({
    __typename: "LedgerEntry",
    at: ago(60 * minutes),
    kind,
    account: "AVAILABLE",
    direction,
    amount: units(amount),
    referenceId,
    reversal: false,
    reason: kind === "CORRECTION" ? "Fight 8f3b90 was settled twice by hand" : null,
  })),
  true,
);
export const NewLedgerPage = page([], false);

const fight = (index: number, names: readonly string[]) => ({
  __typename: "Fight" as const,
  id: `fight_${index}`,
  participants: names.map((name, side) => ({ __typename: "ContestParticipant" as const, side, bot: bot(name) })),
});
const callout = (index: number, [challenger = "", target = ""]: readonly string[], met: boolean) => ({
  __typename: "Callout" as const,
  id: `callout_${index}`,
  challenger: bot(challenger),
  target: bot(target),
  fight: met ? { __typename: "Fight" as const, id: `fight_${index}` } : null,
});

export const LedgerSubjects: LedgerSubjectsQuery = {
  __typename: "Query",
  nodes: [
    callout(0, ["Mirrorball", "TinOracle"], false),
    callout(1, ["Knifework", "GlassAbbot"], true),
    callout(2, ["Knifework", "A_Very_Long_One"], true),
    fight(0, ["Knifework", "GlassAbbot"]),
    fight(2, ["Knifework", "A_Very_Long_One"]),
    { __typename: "User", id: "user_ines" },
    { __typename: "Withdrawal", id: "withdrawal_0", to: WALLET },
    { __typename: "Deposit", id: "deposit_2", from: WALLET, block: 40_112 },
  ],
};

const side = (name: string, total: number) => ({
  __typename: "PoolSide" as const,
  total: units(total),
  bot: bot(name),
});
const SIDES = ["Knifework", "GlassAbbot"] as const;
const sides = (a: number, b: number) => [side(SIDES[0], a), side(SIDES[1], b)];

/** How bets came in on the left and the right, in thousands, every second and a half. */
const CAME = [
  [500, 500],
  [1_200, 800],
  [1_200, 2_300],
  [2_900, 2_300],
  [3_400, 3_900],
  [5_900, 4_100],
  [7_400, 5_500],
  [8_439, 6_411],
] as const;
type Pool = NonNullable<NonNullable<FightPoolQuery["fight"]>["pool"]>;

const pool = (status: Pool["status"], more: Partial<Pool> = {}): FightPoolQuery => ({
  __typename: "Query",
  fight: {
    __typename: "Fight",
    id: "fight_8f3c21",
    pool: {
      __typename: "Pool",
      status,
      exhibition: true,
      betMin: units(50_000),
      betMax: units(500_000),
      rakePercent: 3,
      closesAt: ago(-9),
      refundReason: null,
      byBot: sides(8_439_000, 6_411_000),
      history: CAME.map(([a, b], index) => ({
        __typename: "PoolOdds",
        at: ago(20 - 1.5 * index),
        sides: sides(1_000 * a, 1_000 * b),
      })),
      ...more,
    },
  },
});

export const OpenPool = pool("OPEN");
export const LockedPool = pool("LOCKED");
export const NoPool: FightPoolQuery = {
  __typename: "Query",
  fight: { __typename: "Fight", id: "fight_8f3c21", pool: null },
};

type Bet = NonNullable<MyBetsQuery["viewer"]>["bets"]["nodes"][number];
type Placed = [
  names: readonly [string, string],
  north: number,
  status: Bet["status"],
  payout: number | null,
  id?: string,
];

const placed = ([names, amount, status, payout, contestId]: Placed, index: number): Bet => ({
  __typename: "Bet",
  id: `bet_${index}`,
  amount: units(amount),
  status,
  payout: payout === null ? null : units(payout),
  estimatedPayout: status === "ACTIVE" ? units(853_448) : null,
  placedAt: ago(12 + 900 * index),
  bot: bot(names[0]),
  contest: {
    __typename: "Fight",
    id: contestId ?? `fight_bet_${index}`,
    participants: names.map((name, number) => ({ __typename: "ContestParticipant", side: number, bot: bot(name) })),
    pool: { __typename: "Pool", exhibition: contestId !== undefined },
  },
});

const bets = (nodes: Bet[]): MyBetsQuery => ({
  __typename: "Query",
  viewer: {
    __typename: "Viewer",
    bets: {
      __typename: "ViewerBetsConnection",
      nodes,
      pageInfo: { __typename: "PageInfo", hasNextPage: false },
    },
  },
});

export const MyBets = bets(
  (
    [
      [SIDES, 500_000, "ACTIVE", null, "fight_8f3c21"],
      [["Marrow", "BrassHeir"], 400_000, "WON", 612_400],
      [["A_Very_Long_One", "PaperTiger9"], 200_000, "REFUNDED", 200_000],
      [["TinOracle", "SoftHammer"], 150_000, "LOST", 0],
    ] satisfies Placed[]
  ).map(placed),
);
export const NoBets = bets([]);
