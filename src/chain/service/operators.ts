import { audit } from "../../identity/service/accounts.ts";
import { amountOf, formatAmount, unitsOf, type Amount } from "../../platform/money.ts";
import type { Platform } from "../../platform/platform.ts";
import { nobodysBySender, reversedDeposits, unfreeze, watchState } from "../store/deposits.ts";
import { FREEZE_REASONS, freezesNow, type FreezeReason } from "./gate.ts";
import { solvencyNow } from "./solvency.ts";

type Reading = Pick<Platform, "db">;

const LISTED_MAX = 100;

const instant = (at: Date | null) => (at === null ? "never" : at.toISOString());
const amountIn = (numeric: string): Amount => amountOf(unitsOf(numeric));
const section = (title: string, lines: readonly string[], none: string) =>
  [title, ...(lines.length > 0 ? lines : [none]).map((line) => `  ${line}`)].join("\n");

/** What operators see of deposits: how far the chain is read, what holds withdrawals back, what is nobody's, what was taken back. */
export async function depositReport(platform: Reading): Promise<string> {
  const { db } = platform;
  const [watch] = await db.query(watchState, []);
  if (!watch) return "This arena takes no deposits: set MASTER_ADDRESS.";
  const solvency = await solvencyNow(platform);
  const [standing, nobodys, reversed] = [
    await freezesNow(db),
    await db.query(nobodysBySender, [LISTED_MAX]),
    await db.query(reversedDeposits, [LISTED_MAX]),
  ];
  const [current = "", ...earlier] = watch.masters;
  return [
    section(
      "Deposits",
      [
        `go to ${current}${earlier.length > 0 ? `, and to the earlier ${earlier.join(", ")}` : ""}`,
        `are credited at ${watch.credit_tag}: read up to block ${watch.cursor_height ?? "none"} of ${watch.credit_height ?? "none"}; the newest is ${watch.latest_height ?? "unknown"}, the final one ${watch.final_height ?? "unknown"}`,
        `were last looked for at ${instant(watch.looked_at)}`,
      ],
      "",
    ),
    section(
      "Money",
      solvency
        ? [
            `${formatAmount(amountOf(solvency.custody))} on the chain for ${formatAmount(amountOf(solvency.liabilities))} that are owed, at block ${solvency.height} (${instant(solvency.checkedAt)})`,
          ]
        : [],
      "not compared yet",
    ),
    section(
      "Withdrawals are held back by",
      standing.map(({ reason, detail, since }) => `${reason} since ${instant(since)}: ${detail}`),
      "nothing",
    ),
    section(
      "Nobody's yet: whoever signs in with the wallet gets it",
      nobodys.map(
        (row) =>
          `${row.from_address}  ${formatAmount(amountIn(row.amount))} in ${row.deposits} deposits since ${instant(row.since)}`,
      ),
      "nothing",
    ),
    section(
      "Taken back, because the block vanished",
      reversed.map(
        (row) =>
          `${formatAmount(amountIn(row.amount))} of ${row.handle ?? row.from_address}, ${formatAmount(amountIn(row.lost))} of it lost, tx ${row.tx_hash}, at ${instant(row.moved_at)}`,
      ),
      "nothing",
    ),
  ].join("\n\n");
}

const isReason = (text: string): text is FreezeReason => FREEZE_REASONS.some((reason) => reason === text);

/** Lifts what holds withdrawals back, from the server's own machine; says what came of it. Audited. */
export function unfreezeWithdrawals(
  { db, clock, random }: Pick<Platform, "db" | "clock" | "random">,
  { reason, why }: { reason: string; why: string },
): Promise<{ lifted: boolean; said: string }> {
  if (!isReason(reason))
    return Promise.resolve({
      lifted: false,
      said: `There is no freeze ${reason}: it is ${FREEZE_REASONS.join(" or ")}.`,
    });
  if (why.trim() === "") return Promise.resolve({ lifted: false, said: "Say why, for the audit log." });
  return db.transact(async (tx) => {
    const [lifted] = await tx.query(unfreeze, [reason]);
    if (!lifted) return { lifted: false, said: `Withdrawals are not frozen by ${reason}.` };
    await audit({ clock, random }, tx, {
      actorId: null,
      principal: "system",
      action: "withdrawals.unfrozen",
      subject: `freeze:${reason}`,
      reason: `${why}; it was: ${lifted.detail}`,
    });
    return { lifted: true, said: `${reason} holds withdrawals back no more.` };
  });
}
