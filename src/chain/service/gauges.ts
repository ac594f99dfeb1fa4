import type { Platform } from "../../platform/platform.ts";
import type { GaugeSource } from "../../platform/server/metrics.ts";
import { north } from "../../platform/money.ts";
import { depositsByStatus, watchState } from "../store/deposits.ts";
import { currentHotWallet, openWithdrawals } from "../store/withdrawals.ts";
import { FREEZE_REASONS, freezesNow } from "./gate.ts";
import { ALARMS } from "./payer.ts";
import { solvencyNow } from "./solvency.ts";

const OPEN = ["RESERVED", "SIGNED", "SENT"];

/** What operators watch of withdrawals: how many are open, for how long, and what waits for a look. */
export function withdrawalGauges({ db }: Pick<Platform, "db">): GaugeSource[] {
  const openBy = async (of: "withdrawals" | "oldest_s") => {
    const rows = await db.query(openWithdrawals, []);
    const found = new Map(rows.map((row) => [row.status, row[of]]));
    return OPEN.map((status) => [status, found.get(status) ?? 0] as const);
  };
  return [
    {
      name: "agon_withdrawals_open",
      help: "Withdrawals that are not over, by status.",
      label: "status",
      read: () => openBy("withdrawals"),
    },
    {
      name: "agon_withdrawals_oldest_seconds",
      help: "For how long the withdrawal that moved least recently has not moved, by status.",
      label: "status",
      read: () => openBy("oldest_s"),
    },
    {
      name: "agon_hot_wallet_alarm",
      help: "1 for what keeps withdrawals waiting and needs an operator's look.",
      label: "alarm",
      read: async () => {
        const [wallet] = await db.query(currentHotWallet, []);
        return ALARMS.map((alarm) => [alarm, wallet?.alarms.includes(alarm) ? 1 : 0] as const);
      },
    },
  ];
}

const ASIDE = ["PENDING", "ORPHANED", "REVERSED"] as const;

/** What operators watch of deposits: how far the chain is read, what waits or vanished, and whether money is covered. */
export function depositGauges({ db }: Pick<Platform, "db">): GaugeSource[] {
  const watch = async () => (await db.query(watchState, []))[0];
  return [
    {
      name: "agon_deposits",
      help: "Deposits that are not credited for good, by status.",
      label: "status",
      read: async () => {
        const found = new Map((await db.query(depositsByStatus, [])).map((row) => [row.status, row.deposits]));
        return [
          ...ASIDE.map((status) => [status, found.get(status) ?? 0] as const),
          ["CREDITED_NOT_FINAL", found.get("CREDITED") ?? 0] as const,
        ];
      },
    },
    {
      name: "agon_deposit_blocks_behind",
      help: "How many blocks whose deposits may be credited are not read yet.",
      label: "chain",
      read: async () => {
        const state = await watch();
        return state?.credit_height == null ? [] : [["token", state.credit_height - (state.cursor_height ?? 0)]];
      },
    },
    {
      name: "agon_deposit_look_age_seconds",
      help: "For how long the chain was not looked at for deposits.",
      label: "chain",
      read: async () => {
        const state = await watch();
        return state?.age_s == null ? [] : [["token", state.age_s]];
      },
    },
    {
      name: "agon_withdrawals_frozen",
      help: "1 for what holds all withdrawals back until an operator lifts it.",
      label: "reason",
      read: async () => {
        const standing = (await freezesNow(db)).map(({ reason }) => reason);
        return FREEZE_REASONS.map((reason) => [reason, standing.includes(reason) ? 1 : 0] as const);
      },
    },
    {
      name: "agon_solvency_north",
      help: "NORTH in custody, and owed, in the final block that was last looked at; rounded, for people.",
      label: "side",
      read: async () => {
        const found = await solvencyNow({ db });
        return found ? (["custody", "liabilities"] as const).map((side) => [side, wholeNorth(found[side])]) : [];
      },
    },
  ];
}

const wholeNorth = (units: bigint) => Number(units / north(1));
