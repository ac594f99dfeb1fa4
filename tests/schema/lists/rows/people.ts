import { OWNER } from "./sql.ts";

export const FIRST = [
  `INSERT INTO wallet (id, address, user_id, linked_at) VALUES (gen_random_uuid(), '0x' || repeat('0', 40), ${OWNER}, now())`,
];

export const COPIES = [
  `INSERT INTO wallet (id, address, user_id, linked_at) SELECT gen_random_uuid(), '0x' || lpad(to_hex(n), 40, '0'), ${OWNER}, now() FROM generate_series(1, :rows) n`,
  `INSERT INTO session (id, user_id, token_hash, created_at, last_used_at, expires_at)
   SELECT gen_random_uuid(), ${OWNER}, sha256(n::text::bytea), now(), now(), now() + interval '1 day' FROM generate_series(1, :rows) n`,
  `INSERT INTO api_key (id, user_id, name, prefix, key_hash, scopes, created_at)
   SELECT gen_random_uuid(), ${OWNER}, 'key', 'agon_' || n, sha256(n::text::bytea), ARRAY['READ'], now() FROM generate_series(1, :rows) n`,
  `INSERT INTO audit_entry (id, at, principal, action, subject) SELECT gen_random_uuid(), now(), 'system', 'test', 'bot:' || n FROM generate_series(1, :rows) n`,
];
