import type { Pool } from "pg";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { mutate, newBot, newPerson } from "../../harness/agent.ts";
import type { Bank } from "../../harness/bank.ts";
import { uuidOf, type Case, type Input, type Result } from "./case.ts";

const north = (whole: number) => `${whole}${"0".repeat(18)}`;

type Given = {
  /** What stands once the tests run: the server, its database, a bank, and who acts. */
  arena: () => { url: string; pool: Pool; bank: Bank; handle: string };
  done: (field: string, input: object, selection?: string) => Promise<Result>;
  count: (text: string, values?: unknown[]) => Promise<number>;
};

/** The mutations that move money, or decide whether it moves. */
export function moneyCases({ arena, done, count }: Given): Record<string, Case> {
  let made = 0;
  const anotherReason = async (input: Input) => ({ ...input, reason: "noise" });

  async function grant(whole: number): Promise<string> {
    const { pool, handle } = arena();
    const { rows } = await pool.query<{ id: string }>("SELECT id FROM app_user WHERE handle = $1", [handle]);
    const userId = rows[0]?.id ?? "";
    await pool.query(
      `SELECT ledger_post(gen_random_uuid(), 'FAUCET', 'User:' || $1::uuid, 'grant ' || random(), NULL, NULL, now(), ARRAY['user:available', 'house:faucet'],
         ARRAY[$1::uuid, '00000000-0000-0000-0000-000000000000'::uuid], ARRAY[$2::numeric, -$2::numeric])`,
      [userId, north(whole)],
    );
    return userId;
  }

  /** Two others call each other out: their pool stays open, for no engine begins the fight. */
  async function openPool(): Promise<Input> {
    const { url } = arena();
    await grant(200_000);
    const sides = [];
    for (const side of ["a", "b"]) {
      const { key } = await newPerson(url);
      const botId = await newBot(url, key, `Backed_${made++}_${side}`);
      await mutate(url, key, "enterPit", { botId });
      sides.push({ key, botId });
    }
    const [one = { key: "", botId: "" }, two = { key: "", botId: "" }] = sides;
    const input = { botId: one.botId, targetId: two.botId };
    const { callout } = await mutate(url, one.key, "createCallout", input, "callout { id }");
    const calloutId = (callout as unknown as { id: string }).id;
    const accepted = await mutate(url, two.key, "acceptCallout", { calloutId }, "callout { fight { id } }");
    const { fight } = accepted["callout"] as unknown as { fight: { id: string } };
    return { contestId: fight.id, botId: one.botId, amount: north(50_000) };
  }

  /** Money to withdraw, a wallet of two days, and a hot wallet that no node pays from: what is asked for stays reserved. */
  async function withdrawal(): Promise<{ to: string; amount: string }> {
    const { pool, bank } = arena();
    const userId = await grant(10_000);
    const { address } = privateKeyToAccount(generatePrivateKey());
    await pool.query(
      `INSERT INTO wallet (id, address, user_id, linked_at) VALUES (gen_random_uuid(), lower($1), $2, now() - interval '2 days')`,
      [address, userId],
    );
    await pool.query(
      `INSERT INTO chain_identity (chain_id, genesis_hash, token_address, recorded_at) VALUES (31337, '0x' || repeat('b', 64), lower($1), now()) ON CONFLICT DO NOTHING`,
      [bank.token],
    );
    await pool.query(
      `INSERT INTO hot_wallet (address, chain_id, next_nonce, registered_at) VALUES (lower($1), 31337, 0, now()) ON CONFLICT DO NOTHING`,
      [bank.hot.address],
    );
    return { to: address, amount: north(5_000) };
  }
  async function freshWithdrawal(): Promise<{ withdrawalId: string }> {
    const result = await done("requestWithdrawal", await withdrawal(), "withdrawal { id }");
    return { withdrawalId: (result["withdrawal"] as { id: string }).id };
  }
  async function stoppedWallet(): Promise<{ reason: string }> {
    await withdrawal();
    await arena().pool.query("UPDATE hot_wallet SET stopped_for = 'FOREIGN_TRANSACTION', stopped_at = now()");
    return { reason: `looked ${made++}` };
  }
  /** Audit entries of an action, by their subject or their reason. */
  const audits = (action: string, about: unknown) =>
    count("SELECT count(*) FROM audit_entry WHERE action = $1 AND $2 IN (subject, reason)", [action, about]);

  return {
    placeBet: {
      input: openPool,
      selection: "bet { id amount status }",
      other: async (input) => ({ ...input, amount: north(60_000) }),
      again: "DONE",
      effects: ({ contestId }) =>
        count("SELECT count(*) FROM bet JOIN journal ON journal.key = 'bet:' || bet.id WHERE contest_id = $1", [
          uuidOf(contestId),
        ]),
    },
    requestWithdrawal: {
      input: withdrawal,
      selection: "withdrawal { id status }",
      other: async (input) => ({ ...input, amount: north(6_000) }),
      again: "DONE",
      effects: ({ to, idempotencyKey }) =>
        count(
          "SELECT count(*) FROM withdrawal WHERE to_address = lower($1) AND idempotency_key IS NOT DISTINCT FROM $2",
          [to, idempotencyKey ?? null],
        ),
    },
    cancelWithdrawal: {
      input: freshWithdrawal,
      selection: "withdrawal { id status }",
      other: freshWithdrawal,
      again: "CANNOT_CANCEL",
      effects: ({ withdrawalId }) => audits("withdrawal.cancelled", `withdrawal:${uuidOf(withdrawalId)}`),
    },
    stopHotWallet: {
      input: async () => {
        const input = await stoppedWallet();
        await arena().pool.query("UPDATE hot_wallet SET stopped_for = NULL, stopped_at = NULL");
        return input;
      },
      selection: "hotWallet { stoppedFor stoppedDetail }",
      other: anotherReason,
      again: "ALREADY_STOPPED",
      effects: ({ reason }) => audits("hot-wallet.stopped", reason),
    },
    resumeHotWallet: {
      input: stoppedWallet,
      selection: "burnt",
      other: anotherReason,
      again: "NOT_STOPPED",
      effects: ({ reason }) => audits("hot-wallet.resumed", reason),
    },
  };
}
