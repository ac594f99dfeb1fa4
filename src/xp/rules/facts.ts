import { isCapability } from "../../bots/rules.ts";
import {
  COMPLEXITIES,
  CUSTOM_MAX,
  CUSTOM_MIN,
  EVIDENCE_KINDS,
  meanQuality,
  PRIMARY_ACTIONS,
  thousandthsOf,
  type Complexity,
  type EvidenceKind,
  type PrimaryAction,
  type Work,
} from "./formula.ts";

export const EXTERNAL_ID_LENGTH_MAX = 200;
export const REASON_LENGTH_MAX = 500;
export const LINK_LENGTH_MAX = 500;
export const SKILLS_MAX = 8;
export const DURATION_MAX_MS = 30 * 86_400_000;
/** How far back a report may reach. */
export const AGE_MAX_MS = 5 * 365 * 86_400_000;
const AHEAD_MAX_MS = 60_000;

/** What a trusted caller says it saw: facts, never points. Scores are 0 to 1, the multiplier is 0.1 to 3. */
export type Facts = {
  externalId: string;
  action: PrimaryAction;
  complexity: Complexity;
  success: boolean;
  durationMs: number | null;
  responseQuality: number | null;
  userSatisfaction: number | null;
  codeQuality: number | null;
  skills: readonly string[];
  occurredAt: Date | null;
  multiplier: number | null;
  reason: string | null;
  /** A link, a task's id or a contest's, at least one; lines of an import have links alone. */
  evidence: { kind: EvidenceKind; link: string | null; taskId: string | null; contestId: string | null } | null;
};

/** Why facts are no facts: the field, and what it must be. */
export type Wrong = { field: string; message: string };
const wrong = (field: string, message: string): Wrong => ({ field, message });

const TEXT = "Text is well-formed Unicode without NUL.";
/** Whether the database can hold it: JSON may escape NUL and halves of surrogate pairs, PostgreSQL's text has neither. */
const isText = (text: string): boolean => !text.includes("\0") && text.isWellFormed();

/** Why these facts are not taken, or null; the first one that is wrong. */
export function refuseFacts(facts: Facts, nowMs: number): Wrong | null {
  const { externalId, durationMs, skills, occurredAt } = facts;
  if (externalId.length < 1 || externalId.length > EXTERNAL_ID_LENGTH_MAX)
    return wrong("externalId", `An external id has 1 to ${EXTERNAL_ID_LENGTH_MAX} characters.`);
  if (!isText(externalId)) return wrong("externalId", TEXT);
  if (durationMs !== null && (durationMs < 0 || durationMs > DURATION_MAX_MS))
    return wrong("durationMs", "A duration is 0 to 30 days, in milliseconds.");
  for (const field of ["responseQuality", "userSatisfaction", "codeQuality"] as const)
    if (facts[field] !== null && thousandthsOf(facts[field]) === null) return wrong(field, "A score is 0 to 1.");
  if (skills.length > SKILLS_MAX || !skills.every(isCapability))
    return wrong("skills", `At most ${SKILLS_MAX} lower-case words such as code-review.`);
  if (occurredAt && (occurredAt.getTime() > nowMs + AHEAD_MAX_MS || occurredAt.getTime() < nowMs - AGE_MAX_MS))
    return wrong("occurredAt", "It happened in the last five years, and not in the future.");
  return refuseWords(facts);
}

function refuseWords({ multiplier, reason, evidence }: Facts): Wrong | null {
  const custom = customOf(multiplier);
  if (custom < CUSTOM_MIN || custom > CUSTOM_MAX) return wrong("multiplier", "A multiplier is 0.1 to 3.");
  const words = Array.from(reason?.trim() ?? "").length;
  if (words > REASON_LENGTH_MAX) return wrong("reason", `A reason has at most ${REASON_LENGTH_MAX} characters.`);
  if (!isText(reason ?? "")) return wrong("reason", TEXT);
  if (multiplier !== null && words === 0) return wrong("reason", "A multiplier needs a reason.");
  return evidence && refuseEvidence(evidence);
}

function refuseEvidence({ link, taskId, contestId }: NonNullable<Facts["evidence"]>): Wrong | null {
  if (link === null && taskId === null && contestId === null)
    return wrong("evidence", "Evidence is a link, the id of a task, or the id of a contest.");
  if (!isText(link ?? "")) return wrong("evidence", TEXT);
  if (link && (link.length > LINK_LENGTH_MAX || !/^https?:\/\/\S+$/.test(link)))
    return wrong("evidence", `A link is http or https, at most ${LINK_LENGTH_MAX} characters.`);
  return null;
}

/** A multiplier in hundredths; 100 without one. */
export const customOf = (multiplier: number | null): number =>
  multiplier === null ? 100 : Math.round(multiplier * 100);

/** The piece of work that facts tell of. */
export function workOf(facts: Facts): Work {
  const { action, complexity, success, durationMs, multiplier } = facts;
  const scores = [facts.responseQuality, facts.userSatisfaction, facts.codeQuality]
    .map((score) => (score === null ? null : thousandthsOf(score)))
    .filter((score) => score !== null);
  return {
    kind: "WORK",
    action,
    complexity,
    success,
    durationMs,
    attempt: 1,
    quality: meanQuality(scores),
    custom: customOf(multiplier),
  };
}

export const LINES_MAX = 10_000;
export const LINE_LENGTH_MAX = 8_192;
/** Why a line of an import is left out. */
export const LINE_REFUSALS = [
  "NOT_JSON",
  "BLANK_ID",
  "UNKNOWN_BOT",
  "UNKNOWN_VERB",
  "POINTS_NOT_TAKEN",
  "BAD_FIELD",
  "LINE_TOO_LONG",
  "ID_OF_ANOTHER_BOT",
] as const;
export type LineRefusal = (typeof LINE_REFUSALS)[number];

/** A line as it was read: facts of a bot by its name, or why not. */
export type Line = { ok: true; bot: string; facts: Facts } | { ok: false; code: LineRefusal; message: string };
type Plain = Record<string, unknown>;

const POINTS = ["xp", "points", "computed", "added", "score"];
const no = (code: LineRefusal, message: string): Line => ({ ok: false, code, message });
const isPlain = (value: unknown): value is Plain =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const within = (value: unknown, key: string): unknown => (isPlain(value) ? value[key] : undefined);

export type NumberedLine = { text: string; line: number };
/** The lines of an import that are not blank, numbered from 1 with those that are; null where there are too many. */
export function linesIn(content: string): NumberedLine[] | null {
  const filled: NumberedLine[] = [];
  let from = 0;
  for (let line = 1; from <= content.length; line++) {
    const end = content.indexOf("\n", from);
    const to = end === -1 ? content.length : end;
    const text = content.slice(from, to).trim();
    if (text !== "" && filled.push({ text, line }) > LINES_MAX) return null;
    from = to + 1;
  }
  return filled;
}

/** Reads a line of an import: facts in our own form, or an xAPI statement (IEEE 9274.1.1). */
export function readLine(text: string): Line {
  if (text.length > LINE_LENGTH_MAX) return no("LINE_TOO_LONG", `A line has at most ${LINE_LENGTH_MAX} characters.`);
  const value = parsed(text);
  if (!isPlain(value)) return no("NOT_JSON", "A line is one JSON object.");
  return "verb" in value ? fromStatement(value) : fromFacts(value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fromFacts(line: Plain): Line {
  const point = POINTS.find((name) => name in line);
  if (point !== undefined) return no("POINTS_NOT_TAKEN", `Facts are taken, never points: leave out ${point}.`);
  if (typeof line["externalId"] !== "string" || line["externalId"] === "")
    return no("BLANK_ID", "externalId names the event: it is counted once.");
  if (typeof line["bot"] !== "string") return no("UNKNOWN_BOT", "bot is the name of a bot of yours.");
  return factsFrom(line["externalId"], line["bot"], line);
}

const VERBS: Readonly<Record<string, PrimaryAction>> = {
  "http://adlnet.gov/expapi/verbs/completed": "TASK_COMPLETION",
  "http://adlnet.gov/expapi/verbs/passed": "TASK_COMPLETION",
  "http://adlnet.gov/expapi/verbs/failed": "TASK_COMPLETION",
  "https://w3id.org/xapi/dod-isd/verbs/resolved": "ERROR_RESOLUTION",
  "http://activitystrea.ms/schema/1.0/resolve": "ERROR_RESOLUTION",
};
/** Where our own facts stand in an xAPI statement's extensions. */
const EXTENSION = "https://agon.dev/xapi/";

/** The statement's id, its actor's account name, its verb, its result; what xAPI has no field for stands in `context.extensions`. */
function fromStatement(statement: Plain): Line {
  const { id, actor, verb, result, timestamp } = statement;
  if (typeof id !== "string" || id === "")
    return no("BLANK_ID", "A statement's id names the event: it is counted once.");
  const verbId = within(verb, "id");
  const action = typeof verbId === "string" ? VERBS[verbId] : undefined;
  if (!action) return no("UNKNOWN_VERB", `One of ${Object.keys(VERBS).join(", ")}.`);
  const bot = within(within(actor, "account"), "name") ?? within(actor, "name");
  if (typeof bot !== "string") return no("UNKNOWN_BOT", "actor.account.name is the name of a bot of yours.");
  const duration = within(result, "duration");
  const durationMs = typeof duration === "string" ? isoDurationMs(duration) : null;
  if (duration !== undefined && durationMs === null)
    return no("BAD_FIELD", "result.duration is an ISO 8601 duration such as PT4M12S.");
  const extensions = within(within(statement, "context"), "extensions");
  const extended = (name: string) => within(extensions, `${EXTENSION}${name}`);
  return factsFrom(id, bot, {
    action,
    success: within(result, "success") ?? !String(verbId).endsWith("/failed"),
    durationMs,
    responseQuality: within(within(result, "score"), "scaled"),
    complexity: extended("complexity"),
    skills: extended("skills"),
    occurredAt: timestamp,
  });
}

/** ISO 8601 without months and years, whose length depends on when; null when it is none. */
function isoDurationMs(text: string): number | null {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(text);
  if (!match || text === "P" || text.endsWith("T")) return null;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return Math.round((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000);
}

function factsFrom(externalId: string, bot: string, line: Plain): Line {
  const bad = (field: string, message: string) => no("BAD_FIELD", `${field}: ${message}`);
  if (!isText(bot)) return bad("bot", TEXT);
  const action = line["action"] ?? "TASK_COMPLETION";
  const complexity = line["complexity"] ?? "MEDIUM";
  const success = line["success"] ?? true;
  if (!isOneOf(PRIMARY_ACTIONS, action)) return bad("action", `one of ${PRIMARY_ACTIONS.join(", ")}`);
  if (!isOneOf(COMPLEXITIES, complexity)) return bad("complexity", `one of ${COMPLEXITIES.join(", ")}`);
  if (typeof success !== "boolean") return bad("success", "true or false");
  const numbers = numbersIn(line);
  if (typeof numbers === "string") return bad(numbers, "a number");
  const skills = line["skills"] ?? [];
  if (!Array.isArray(skills) || !skills.every((skill) => typeof skill === "string"))
    return bad("skills", "a list of words");
  const occurredAt = dateIn(line["occurredAt"]);
  if (occurredAt === undefined) return bad("occurredAt", "RFC 3339, such as 2026-11-27T08:00:00Z");
  const evidence = evidenceIn(line["evidence"]);
  if (evidence === undefined) return bad("evidence", `{ kind, link } with kind one of ${EVIDENCE_KINDS.join(", ")}`);
  const common = { externalId, action, complexity, success, skills: [...new Set(skills)], occurredAt, evidence };
  return { ok: true, bot, facts: { ...common, ...numbers, multiplier: null, reason: null } };
}

const isOneOf = <const Values extends readonly string[]>(values: Values, value: unknown): value is Values[number] =>
  typeof value === "string" && values.includes(value);

type Numbers = Pick<Facts, "durationMs" | "responseQuality" | "userSatisfaction" | "codeQuality">;

function numbersIn(line: Plain): Numbers | string {
  const found: Numbers = { durationMs: null, responseQuality: null, userSatisfaction: null, codeQuality: null };
  for (const name of Object.keys(found) as (keyof Numbers)[]) {
    const value = line[name] ?? null;
    if (value !== null && (typeof value !== "number" || !Number.isFinite(value))) return name;
    found[name] = value === null ? null : name === "durationMs" ? Math.round(value) : value;
  }
  return found;
}

/** null where there is none, undefined where it is no instant. */
function dateIn(value: unknown): Date | null | undefined {
  if (value == null) return null;
  const isInstant =
    typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(value);
  const date = isInstant ? new Date(value) : null;
  return date && !Number.isNaN(date.getTime()) ? date : undefined;
}

function evidenceIn(value: unknown): Facts["evidence"] | undefined {
  if (value == null) return null;
  const [kind, link] = [within(value, "kind"), within(value, "link") ?? null];
  return isOneOf(EVIDENCE_KINDS, kind) && (link === null || typeof link === "string")
    ? { kind, link, taskId: null, contestId: null }
    : undefined;
}
