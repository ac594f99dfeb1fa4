import { statement } from "../platform/statement.ts";

const IDENTITY = { chain_id: "int4", genesis_hash: "text", token_address: "text" } as const;

export const rememberedChain = statement(
  "chain.remembered",
  `SELECT chain_id, genesis_hash, token_address FROM chain_identity`,
  IDENTITY,
);
// One row at most is its primary key's doing: of two nodes that start at once the second remembers nothing.
export const rememberChain = statement(
  "chain.remember",
  `INSERT INTO chain_identity (chain_id, genesis_hash, token_address, recorded_at) VALUES ($1, $2, $3, $4)
   ON CONFLICT DO NOTHING`,
  {},
);
