import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { amountOf, north } from "../../platform/money.ts";
import {
  isBadDeadline,
  refuseWithdrawal,
  stepWithdrawal,
  waitsFor,
  type Asking,
  type Attempt,
  type Signing,
  type StepRefusal,
  type WithdrawalCommand,
  type WithdrawalLimits,
  type WithdrawalRefusal,
  type WithdrawalState,
  type WithdrawalStatus,
} from "./withdrawals.ts";

const attempt = (txHash: string, maxFeeWei = 100n, priorityFeeWei = 10n): Attempt => ({
  txHash,
  maxFeeWei,
  priorityFeeWei,
});
const STATES: Record<WithdrawalStatus, WithdrawalState> = {
  RESERVED: { status: "RESERVED" },
  SIGNED: { status: "SIGNED", nonce: 7, attempts: [attempt("a")] },
  SENT: { status: "SENT", nonce: 7, attempts: [attempt("a"), attempt("b", 125n, 13n)] },
  CONFIRMED: { status: "CONFIRMED", nonce: 7, txHash: "a", feeWei: 1n },
  FAILED: { status: "FAILED", nonce: 7, txHash: "a", feeWei: 1n },
  CANCELLED: { status: "CANCELLED" },
};
const SIGN: WithdrawalCommand = { type: "SIGN", nonce: 7, attempt: attempt("a") };
const MINED: WithdrawalCommand = { type: "MINED", txHash: "a", paid: true, feeWei: 5n };
const REVERTED: WithdrawalCommand = { ...MINED, paid: false };
const REPLACE: WithdrawalCommand = { type: "REPLACE", attempt: attempt("c", 200n, 20n) };

type Expected = [WithdrawalStatus, "PAID" | "RELEASED" | null] | StepRefusal;
const CLOSED = (sign: Expected): Expected[] => [
  sign,
  "NOT_SIGNED",
  "NOT_SIGNED",
  "NOT_SIGNED",
  "NOT_SIGNED",
  "NOT_SIGNED",
];

// Every state by every command: SIGN, SEND, REPLACE, MINED, REVERTED, BURN, CANCEL.
test.each<[WithdrawalStatus, ...Expected[]]>([
  ["RESERVED", ...CLOSED(["SIGNED", null]), ["CANCELLED", "RELEASED"]],
  [
    "SIGNED",
    "NOT_RESERVED",
    ["SENT", null],
    ["SIGNED", null],
    ["CONFIRMED", "PAID"],
    ["FAILED", "RELEASED"],
    ["RESERVED", null],
    "CANNOT_CANCEL",
  ],
  [
    "SENT",
    "NOT_RESERVED",
    ["SENT", null],
    ["SENT", null],
    ["CONFIRMED", "PAID"],
    ["FAILED", "RELEASED"],
    ["RESERVED", null],
    "CANNOT_CANCEL",
  ],
  ["CONFIRMED", ...CLOSED("NOT_RESERVED"), "CANNOT_CANCEL"],
  ["FAILED", ...CLOSED("NOT_RESERVED"), "CANNOT_CANCEL"],
  ["CANCELLED", ...CLOSED("NOT_RESERVED"), "CANNOT_CANCEL"],
])("from %s each command leads where the diagram says", (status, ...expected) => {
  const commands: WithdrawalCommand[] = [
    SIGN,
    { type: "SEND" },
    REPLACE,
    MINED,
    REVERTED,
    { type: "BURN" },
    { type: "CANCEL" },
  ];
  const found = commands.map((command): Expected => {
    const stepped = stepWithdrawal(STATES[status], command);
    return stepped.ok ? [stepped.state.status, stepped.settled] : stepped.refusal;
  });
  expect(found).toEqual(expected);
});

test("a transaction that is none of its attempts settles nothing", () => {
  expect(stepWithdrawal(STATES.SENT, { ...MINED, txHash: "z" })).toEqual({ ok: false, refusal: "FOREIGN_TRANSACTION" });
});

test.each([
  ["a tenth more on both fees", 110n, 11n, true],
  ["less than a tenth more", 109n, 11n, false],
  ["a tenth more on one fee only", 200n, 10n, false],
])("a replacement with %s", (_sentence, maxFeeWei, priorityFeeWei, taken) => {
  const command: WithdrawalCommand = { type: "REPLACE", attempt: attempt("b", maxFeeWei, priorityFeeWei) };
  expect(stepWithdrawal(STATES.SIGNED, command).ok).toBe(taken);
});

const commandOf: fc.Arbitrary<WithdrawalCommand> = fc.oneof(
  fc.record({ type: fc.constant("SIGN" as const), nonce: fc.nat(9), attempt: fc.nat(9).map((n) => attempt(`s${n}`)) }),
  fc.constant({ type: "SEND" as const }),
  fc.record({
    type: fc.constant("REPLACE" as const),
    attempt: fc.tuple(fc.nat(9), fc.nat(400)).map(([n, fee]) => attempt(`r${n}`, BigInt(fee), BigInt(fee))),
  }),
  fc.record({
    type: fc.constant("MINED" as const),
    txHash: fc.oneof(
      fc.nat(9).map((n) => `s${n}`),
      fc.nat(9).map((n) => `r${n}`),
    ),
    paid: fc.boolean(),
    feeWei: fc.constant(1n),
  }),
  fc.constant({ type: "BURN" as const }),
  fc.constant({ type: "CANCEL" as const }),
);

const isOver = ({ status }: WithdrawalState) => ["CONFIRMED", "FAILED", "CANCELLED"].includes(status);
const nonceOf = (state: WithdrawalState) => ("nonce" in state ? state.nonce : null);
const hashesOf = (state: WithdrawalState) => ("attempts" in state ? state.attempts.map(({ txHash }) => txHash) : []);

test("whatever comes in whatever order, the money leaves once, and a nonce changes only when it was burnt", () => {
  fc.assert(
    fc.property(fc.array(commandOf, { maxLength: 60 }), (commands) => {
      let state: WithdrawalState = { status: "RESERVED" };
      let held = 1;
      for (const command of commands) {
        const before: WithdrawalState = state;
        const stepped = stepWithdrawal(state, command);
        if (!stepped.ok) continue;
        ({ state } = stepped);
        held -= stepped.settled ? 1 : 0;
        const kept = nonceOf(before) === null || command.type === "BURN" || nonceOf(state) === nonceOf(before);
        const own = state.status !== "CONFIRMED" || hashesOf(before).includes(state.txHash);
        expect([isOver(before), held, kept, own]).toEqual([false, isOver(state) ? 0 : 1, true, true]);
      }
    }),
    { numRuns: 2_000 },
  );
});

const NOW = new Date("2026-11-26T12:00:00Z");
const hoursAgo = (hours: number) => new Date(NOW.getTime() - hours * 3_600_000);
const LIMITS: WithdrawalLimits = {
  min: north(1_000),
  max: north(10_000_000),
  perUserDay: north(20_000_000),
  perDay: north(200_000_000),
  signatureAbove: north(1_000_000),
  walletWaitMs: 24 * 3_600_000,
};
const [OLD, NEW, FOUNDING, STRANGER, TOKEN] = ["0xa1", "0xa2", "0xa3", "0xee", "0xtoken"] as const;
const ASKING: Asking = {
  to: OLD,
  amount: north(1_000_000),
  signature: { kind: "none" },
  frozen: false,
  own: [TOKEN, "0xmaster", "0xhot"],
  wallets: [
    { address: OLD, linkedAt: hoursAgo(24), founding: false },
    { address: NEW, linkedAt: hoursAgo(23.99), founding: false },
    { address: FOUNDING, linkedAt: hoursAgo(0), founding: true },
  ],
  dayTotal: amountOf(0n),
  now: NOW,
};
const by = (signer: string) => ({ signature: { kind: "by" as const, signer } });
const plus = (amount: bigint) => amountOf(amount + 1n);

describe("a request", () => {
  test.each<[string, Partial<Asking>, WithdrawalRefusal | null]>([
    ["of a million to a wallet linked a day ago is taken", {}, null],
    ["of the least is taken", { amount: LIMITS.min }, null],
    ["while all is frozen hears that first", { frozen: true, to: STRANGER }, "WITHDRAWALS_FROZEN"],
    ["to the token is refused", { to: TOKEN }, "DENIED_ADDRESS"],
    ["to the master is refused", { to: "0xmaster" }, "DENIED_ADDRESS"],
    ["to the hot wallet is refused", { to: "0xhot" }, "DENIED_ADDRESS"],
    ["to nobody is refused", { to: `0x${"0".repeat(40)}` }, "DENIED_ADDRESS"],
    ["to a stranger's wallet is refused", { to: STRANGER }, "NOT_YOUR_WALLET"],
    ["of nothing is refused", { amount: amountOf(0n) }, "AMOUNT_TOO_SMALL"],
    ["of a unit less than the least is refused", { amount: amountOf(LIMITS.min - 1n) }, "AMOUNT_TOO_SMALL"],
    ["of the most is taken when signed", { amount: LIMITS.max, ...by(OLD) }, null],
    ["of a unit more than the most is refused", { amount: plus(LIMITS.max), ...by(OLD) }, "AMOUNT_TOO_LARGE"],
    ["that fills the day is taken when signed", { dayTotal: north(19_000_000), ...by(OLD) }, null],
    ["of a unit more than the day is refused", { dayTotal: plus(north(19_000_000)), ...by(OLD) }, "DAILY_LIMIT"],
    ["of a unit more than a million needs a signature", { amount: plus(north(1_000_000)) }, "SIGNATURE_NEEDED"],
    ["that takes the day's sum a unit above a million needs one", { dayTotal: amountOf(1n) }, "SIGNATURE_NEEDED"],
    ["of two millions by another old wallet is taken", { amount: north(2_000_000), ...by(FOUNDING) }, null],
    ["of two millions that a new wallet signed is not", { amount: north(2_000_000), ...by(NEW) }, "SIGNATURE_NEEDED"],
    ["that a stranger signed is refused", by(STRANGER), "SIGNATURE_INVALID"],
    [
      "whose signature is wrong is refused though none is needed",
      { signature: { kind: "wrong" } },
      "SIGNATURE_INVALID",
    ],
    ["to a new wallet waits", { to: NEW }, "WALLET_TOO_NEW"],
    ["to a new wallet that signs for itself waits", { to: NEW, ...by(NEW) }, "WALLET_TOO_NEW"],
    ["to a new wallet that an older one signs for is taken", { to: NEW, ...by(OLD) }, null],
    ["to the wallet that the account began with is taken", { to: FOUNDING }, null],
  ])("%s", (_sentence, asked, refusal) => {
    expect(refuseWithdrawal({ ...ASKING, ...asked }, LIMITS)).toBe(refusal);
  });

  test.each([
    ["a millisecond ago", -1, true],
    ["now", 0, false],
    ["in an hour", 3_600_000, false],
    ["a millisecond later", 3_600_001, true],
  ])("with a deadline %s", (_sentence, ms, bad) => {
    expect(isBadDeadline(NOW.getTime() + ms, NOW.getTime())).toBe(bad);
  });
});

const GWEI = 1_000_000_000n;
const SIGNING: Signing = {
  to: OLD,
  amount: north(5),
  frozen: false,
  stopped: false,
  suspended: false,
  linked: true,
  own: ASKING.own,
  dayTotal: amountOf(LIMITS.perDay - north(5)),
  tokens: north(5),
  gasWei: 2n * 100_000n * 3n * GWEI,
  fees: { maxFeeWei: 3n * GWEI, priorityFeeWei: GWEI },
};
test.each<[string, Partial<Signing>, string | null]>([
  ["with just enough of everything is signed", {}, null],
  ["waits while all is frozen", { frozen: true, stopped: true }, "FROZEN"],
  ["waits for a stopped wallet", { stopped: true, suspended: true }, "STOPPED"],
  ["of a suspended user waits", { suspended: true, linked: false }, "ACCOUNT_SUSPENDED"],
  ["to a wallet that was unlinked waits", { linked: false }, "WALLET_UNLINKED"],
  ["to an own wallet waits", { to: "0xhot" }, "DENIED_ADDRESS"],
  ["waits for the day's end", { dayTotal: plus(LIMITS.perDay - north(5)) }, "DAY_LIMIT"],
  ["waits for lower fees", { fees: { maxFeeWei: 100n * GWEI + 1n, priorityFeeWei: 0n } }, "FEES_TOO_HIGH"],
  ["waits for tokens", { tokens: north(5) - 1n, gasWei: 0n }, "HOT_TOKEN_LOW"],
  ["waits for gas", { gasWei: 600_000n * GWEI - 1n }, "HOT_GAS_LOW"],
])("a reserved withdrawal %s", (_sentence, given, reason) => {
  expect(waitsFor({ ...SIGNING, ...given }, LIMITS, 100n * GWEI)).toBe(reason);
});
