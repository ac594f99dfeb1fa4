import "./platform/graphql/scalars.ts";
import { builder } from "./platform/graphql/builder.ts";
import "./identity/schema.ts";
import "./bots/schema.ts";
import "./ladder/schema.ts";
import "./fights/schema.ts";
import "./reach/schema.ts";

/** The one schema of the API. */
export const schema = builder.toSchema();
