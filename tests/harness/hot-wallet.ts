import { execFile } from "node:child_process";
import { expect } from "vitest";
import type { App } from "../../src/app.ts";
import { ask } from "./agent.ts";
import { newHolder, type Holder } from "./bank.ts";
import { until } from "./until.ts";

type Stored = {
  id: string;
  status: string;
  waiting_for: string | null;
  nonce: number | null;
  hot_address: string | null;
};
type Said = { code: number; said: string };

/** What users and operators do with an arena that pays out, and what its database says of that. */
export type PayingArena = {
  rows<Row extends object>(text: string, values?: unknown[]): Promise<Row[]>;
  act(token: string, field: string, input: object): Promise<Record<string, unknown>>;
  /** A new holder of an amount, who has asked for all of it. */
  withdrawal(amount: bigint): Promise<Holder>;
  /** The first withdrawal of a holder. */
  find(by: Holder): Promise<Stored>;
  /** Waits for its status, with what it waits for behind it. */
  becomes(by: Holder, wanted: string): Promise<unknown>;
  /** `npm run admin` on the arena's database. */
  admin(...words: string[]): Promise<Said>;
};

/** The hands on an arena that runs in this process. */
export function payingArena({ url, platform }: App): PayingArena {
  const { pool } = platform.db;
  const rows = async <Row extends object>(text: string, values: unknown[] = []) =>
    (await pool.query<Row>(text, values)).rows;
  const find = async ({ userId }: Holder) =>
    (await rows<Stored>("SELECT * FROM withdrawal WHERE user_id = $1", [userId]))[0] as Stored;
  const act = async (token: string, field: string, input: object): Promise<Record<string, unknown>> => {
    const name = field.charAt(0).toUpperCase() + field.slice(1);
    const query = `mutation($input: ${name}Input!) { ${field}(input: $input) { __typename ... on Refusal { code message } } }`;
    const answer = await ask(url, query, { input }, { authorization: `Bearer ${token}` });
    if (!answer.data) throw new Error(JSON.stringify(answer.errors));
    return answer.data[field] as never;
  };
  return {
    rows,
    act,
    find,
    withdrawal: async (amount) => {
      const holder = await newHolder(url, pool, amount);
      const asked = await act(holder.token, "requestWithdrawal", {
        to: holder.wallet.address,
        amount: String(amount),
      });
      expect(asked["__typename"]).toBe("RequestWithdrawalSuccess");
      return holder;
    },
    becomes: (by, wanted) =>
      until(async () => {
        const { status, waiting_for } = await find(by);
        return [status, waiting_for].filter(Boolean).join(" ") === wanted;
      }, wanted),
    admin: (...words) => {
      const DATABASE_URL = String(pool.options.connectionString);
      const env = { ...process.env, DATABASE_URL, AGON_SECRET: "0123456789abcdef0123456789abcdef" };
      return new Promise((resolve) => {
        execFile(process.execPath, ["src/admin.ts", ...words], { env }, (error, stdout, stderr) =>
          resolve({ code: Number(error?.code ?? 0), said: stdout + stderr }),
        );
      });
    },
  };
}
