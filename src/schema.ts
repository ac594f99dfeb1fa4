import "./platform/graphql/scalars.ts";
import { builder } from "./platform/graphql/builder.ts";
import { describeRelay } from "./platform/graphql/describe.ts";
import "./platform/graphql/limits.ts";
import "./identity/schema/people.ts";
import "./identity/schema/ways-in.ts";
import "./identity/schema/operators.ts";
import "./identity/schema/user-events.ts";
import "./ledger/schema.ts";
import "./bots/schema.ts";
import "./chain/schema/operators.ts";
import "./chain/schema/withdrawals.ts";
import "./ladder/schema/arena.ts";
import "./ladder/schema/board.ts";
import "./ladder/schema/contest-events.ts";
import "./ladder/schema/contests.ts";
import "./ladder/schema/queue.ts";
import "./ladder/schema/roster.ts";
import "./fights/schema/commands.ts";
import "./fights/schema/fight.ts";
import "./fights/schema/list.ts";
import "./pit/schema/pit.ts";
import "./betting/schema.ts";
import "./reach/schema.ts";

/** The one schema of the API. */
export const schema = describeRelay(builder.toSchema());
