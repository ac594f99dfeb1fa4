import { CONTEST_READS } from "../../ladder/schema/reads.ts";
import { globalId, readable } from "../../platform/graphql/compiled.ts";

// A match as one of many contests; what is its own is read by Prisma.

readable("QuakeMatch", { ...CONTEST_READS, id: globalId("quake_match") });
