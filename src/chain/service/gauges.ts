import type { Platform } from "../../platform/platform.ts";
import type { GaugeSource } from "../../platform/server/metrics.ts";
import { currentHotWallet, openWithdrawals } from "../store/withdrawals.ts";
import { ALARMS } from "./payer.ts";

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
