/** A fault that somebody could write, and the tests that must turn red on it. `old` stands in `file` exactly once. */
export type Mutant = {
  name: string;
  file: string;
  old: string;
  new: string;
  /** A test file, and with `only` the names in it that are run. */
  test: string;
  only?: string;
};

/** The faults of the foundation that its tests are held to. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: "a stored result is not looked at",
    file: "src/platform/idempotency.ts",
    old: "if (stored) return replay<Success>(stored, hash);",
    new: "if (false as boolean) return replay<Success>(stored as never, hash);",
    test: "tests/journeys/idempotency.test.ts",
  },
  {
    name: "a result is not stored",
    file: "src/platform/idempotency.ts",
    old: "if (outcome.ok) await tx.query(store,",
    new: "if (outcome.ok && (false as boolean)) await tx.query(store,",
    test: "tests/journeys/idempotency.test.ts",
  },
  {
    name: "a twin does not wait for the first",
    file: "src/platform/idempotency.ts",
    old: 'const [, [stored]] = await Promise.all([tx.query(hold, [names.join(" ")]), tx.query(find, names)]);',
    new: "const [stored] = await tx.query(find, names);",
    test: "tests/journeys/idempotency.test.ts",
  },
  {
    name: "another input under a used key is not noticed",
    file: "src/platform/idempotency.ts",
    old: "if (!stored.input_hash.equals(hash))",
    new: "if (false as boolean)",
    test: "tests/journeys/idempotency.test.ts",
  },
  {
    name: "a fight's state shows whether a fighter has chosen",
    file: "src/fights/schema/fight.ts",
    old: 'deadlineMs: state.phase === "WAITING_FOR_ACTIONS" ?',
    new: 'deadlineMs: state.phase === "WAITING_FOR_ACTIONS" && !state.pending[fighter.side as 0 | 1] ?',
    test: "tests/security/leak.test.ts",
  },
  {
    name: "the first action of an exchange is told",
    file: "src/fights/rules/fight.ts",
    old: "made(state, []);\n}\n\nfunction resolve",
    new: 'made(state, [{ type: "DeadlineExtended", byMs: 0, fighters: requestedFighters(state) }]);\n}\n\nfunction resolve',
    test: "tests/security/leak.test.ts",
  },
  {
    name: "a foreign page's socket rides on a visitor's cookie",
    file: "src/platform/server/sockets.ts",
    old: "if (cookieToken(request.headers) && !sameOrigin(parts, request))",
    new: "if (false as boolean)",
    test: "tests/journeys/limits.test.ts",
    only: "foreign page",
  },
  {
    name: "a form is taken for JSON",
    file: "src/platform/server/server.ts",
    old: "if (isForm(req))",
    new: "if (isForm(req) && (false as boolean))",
    test: "tests/journeys/limits.test.ts",
    only: "form",
  },
  {
    name: "a write does not look at the lease's fence",
    file: "src/platform/leases.ts",
    old: "name = ${name} AND fence = ${fence}::bigint FOR SHARE",
    new: "name = ${name} AND ${fence}::bigint > 0 FOR SHARE",
    test: "src/ladder/service/queue.test.ts",
  },
  {
    name: "a lease is taken from a living holder",
    file: "src/platform/leases.ts",
    old: "WHERE l.holder = excluded.holder OR l.expires_at < now()",
    new: "WHERE l.holder = excluded.holder OR l.expires_at < now() + interval '1 hour'",
    test: "src/ladder/service/queue.test.ts",
  },
  {
    name: "a new holder of a lease keeps the old fence",
    file: "src/platform/leases.ts",
    old: "CASE WHEN l.holder = excluded.holder THEN 0 ELSE 1 END",
    new: "CASE WHEN l.holder = excluded.holder THEN 0 ELSE 0 END",
    test: "src/ladder/service/queue.test.ts",
  },
  {
    name: "an action is taken after its deadline",
    file: "src/fights/rules/fight.ts",
    old: "if (nowMs > state.deadlinesMs[side] || state.pending[side]?.timedOut)",
    new: "if (state.pending[side]?.timedOut)",
    test: "src/fights/rules/fight.test.ts",
  },
  {
    name: "an action is taken for a side that has timed out",
    file: "src/fights/rules/fight.ts",
    old: "if (nowMs > state.deadlinesMs[side] || state.pending[side]?.timedOut)",
    new: "if (nowMs > state.deadlinesMs[side])",
    test: "src/fights/rules/fight.test.ts",
  },
  {
    name: "a second action replaces the first",
    file: "src/fights/rules/fight.ts",
    old: 'if (state.pending[side]) return refused("ALREADY_SUBMITTED");',
    new: "",
    test: "src/fights/rules/fight.test.ts",
  },
  {
    name: "a person plays with another's bot",
    file: "src/bots/store.ts",
    old: "FROM bot WHERE id = $1 AND owner_id = $2`",
    new: "FROM bot WHERE id = $1 AND $2::uuid IS NOT NULL`",
    test: "tests/security/authorisation.test.ts",
  },
  {
    name: "a person queues another's bot",
    file: "src/ladder/store/queue.ts",
    old: "WHERE b.id = $2 AND b.owner_id = $3",
    new: "WHERE b.id = $2 AND $3::uuid IS NOT NULL",
    test: "tests/journeys/limits.test.ts",
    only: "NOT_YOUR_BOT",
  },
  {
    name: "a key that is bound to one bot reaches all of its owner",
    file: "src/platform/viewer.ts",
    old: "viewer.boundBotId === null || viewer.boundBotId === botId",
    new: "viewer.boundBotId !== undefined || viewer.boundBotId === botId",
    test: "tests/security/authorisation.test.ts",
  },
  {
    name: "a contest counts twice",
    file: "src/ladder/store/contests.ts",
    old: "WHERE id = $1 AND status IN ('ANNOUNCED', 'LIVE') RETURNING id, ladder",
    new: "WHERE id = $1 RETURNING id, ladder",
    test: "src/ladder/service/contests.test.ts",
  },
  {
    name: "events are told before their commit",
    file: "src/platform/database.ts",
    old: "afterCommit: (tell) => void this.tellings.push(tell),",
    new: "afterCommit: (tell) => tell(),",
    test: "tests/platform/told.test.ts",
  },
  {
    name: "a deadlock is not tried again",
    file: "src/platform/retryable.ts",
    old: 'new Set(["40001", "40P01"])',
    new: 'new Set(["40001"])',
    test: "tests/platform/conflicts.test.ts",
  },
  {
    name: "a conflict is tried again more often than five times",
    file: "src/platform/database.ts",
    old: "const ATTEMPTS_MAX = 5;",
    new: "const ATTEMPTS_MAX = 8;",
    test: "tests/platform/conflicts.test.ts",
  },
  {
    name: "a subscriber's backlog has no bound",
    file: "src/platform/mailbox.ts",
    old: "else if (this.items.length >= this.max) return false;",
    new: "",
    test: "src/platform/mailbox.test.ts",
  },
  {
    name: "a stalled socket is fed without bound",
    file: "src/platform/server/bounded.ts",
    old: "const BUFFERED_BYTES_MAX = 1_024 * 1_024;",
    new: "const BUFFERED_BYTES_MAX = Infinity;",
    test: "tests/chaos/stalled.test.ts",
  },
  {
    name: "the size of a page is not looked at",
    file: "src/platform/server/limits.ts",
    old: "if (refused) return { cost, errors: [refused] };",
    new: "",
    test: "tests/journeys/limits.test.ts",
    only: "million rows",
  },
  {
    name: "a signed message is good for more than one sign-in",
    file: "src/identity/store.ts",
    old: "`DELETE FROM siwe_nonce WHERE nonce = $1 AND expires_at > $2 RETURNING nonce`",
    new: "`SELECT nonce FROM siwe_nonce WHERE nonce = $1 AND expires_at > $2`",
    test: "tests/journeys/wallets.test.ts",
  },
];
