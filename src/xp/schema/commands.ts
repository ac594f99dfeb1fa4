import { BotNode } from "../../bots/schema.ts";
import { UserNode } from "../../identity/schema/people.ts";
import { builder } from "../../platform/graphql/builder.ts";
import { command, success } from "../../platform/graphql/command.ts";
import { valuesOf } from "../../platform/graphql/enum-values.ts";
import { declareRefusals } from "../../platform/graphql/refusal-types.ts";
import { ViewerRef } from "../../platform/graphql/viewer.ts";
import { isSignedIn, NOBODY } from "../../platform/viewer.ts";
import { ComplexityEnum } from "../../work/schema/types.ts";
import { LINES_MAX, type LineRefusal } from "../rules/facts.ts";
import type { Bonus, PrimaryAction } from "../rules/formula.ts";
import type { Privacy, Visibility } from "../rules/privacy.ts";
import {
  importXpEvents,
  REFUSED_SHOWN_MAX,
  type Encoding,
  type Imported,
  type ImportRefusal,
  type RefusedLine,
} from "../service/imports.ts";
import { privacyOf, setPrivacy } from "../service/reads.ts";
import { recordXp, setReporter, type ReportRefusal } from "../service/report.ts";
import type { Evidence, Recorded } from "../service/record.ts";
import { EvidenceInput, EvidenceRef } from "./evidence.ts";
import { VisibilityEnum } from "./types.ts";

declareRefusals<Exclude<ReportRefusal | ImportRefusal, "NOT_YOUR_BOT" | "BOT_ARCHIVED" | "NOT_FOUND">>({
  NOT_A_REPORTER: {
    message: "Only who is trusted by an operator reports XP.",
    hint: "Ask an operator for it (setXpReporter). What the platform sees by itself needs no report.",
  },
  MULTIPLIER_NOT_YOURS: {
    message: "A multiplier is for operators, and for who leads a team that another's bot is in.",
    hint: "Leave multiplier out.",
  },
  ID_IS_TAKEN: {
    message: "You reported this external id of another bot already.",
    hint: "An id names one event of one bot; use a fresh one.",
  },
  TOO_MANY_LINES: {
    message: `An import has at most ${LINES_MAX} lines.`,
    hint: "Split it: lines that were counted are not counted again.",
  },
  CONTENT_UNREADABLE: {
    message: "This is not gzip in base64, or more than 8 MiB when unpacked.",
    hint: "Send TEXT, or pack it with `gzip -c lines.jsonl` and then `base64 -w0`.",
  },
});

const ActionEnum = builder.enumType("XpAction", {
  description: "What a piece of work was about first.",
  values: valuesOf<PrimaryAction>({ TASK_COMPLETION: "A task: 10 XP.", ERROR_RESOLUTION: "An error resolved: 20 XP." }),
});
const BonusEnum = builder.enumType("XpBonus", {
  description: "What an event earned on top, by rule.",
  values: valuesOf<Bonus>({
    SPEED: "5 XP: twice as fast as the bot's own median of its last 20 of that complexity; below 30 s without any.",
    QUALITY: "15 XP: a mean quality of 0.9 or more.",
    COMPLEXITY: "25 XP: EXPERT work that succeeded.",
  }),
});
export const XpEventNode = builder.prismaNode("XpEvent", {
  id: { field: "id" },
  nullable: true,
  access: "owner",
  findUnique: (id, { viewer }) => ({
    id,
    OR: [
      { ownerId: isSignedIn(viewer) ? viewer.userId : NOBODY },
      { requesterId: isSignedIn(viewer) ? viewer.userId : NOBODY },
    ],
  }),
  description: "Something that was counted, for good. Its bot's owner reads it, and who asked for the work.",
  fields: (t) => ({
    bot: t.relation("bot", { description: "Who did it." }),
    kind: t.exposeString("kind", {
      description: "TASK_COMPLETION, ERROR_RESOLUTION, CONTEST, or CONTEST_VOIDED: what a contest had given, below 0.",
    }),
    origin: t.exposeString("origin", {
      description: "OBSERVED by the platform itself; REPORTED or IMPORTED by a trusted caller.",
    }),
    publicly: t.exposeBoolean("publicly", {
      description:
        "Whether it counts publicly: a rated contest, or a task that another asked for. A task that failed adds nothing to boards.",
    }),
    success: t.exposeBoolean("success", { description: "Whether it went well; a draw did." }),
    complexity: t.field({
      type: ComplexityEnum,
      nullable: true,
      description: "How hard the work was; null for a contest.",
      select: { complexity: true },
      resolve: ({ complexity }) => complexity as never,
    }),
    durationMs: t.exposeInt("durationMs", { nullable: true, description: "How long it took; null where unknown." }),
    quality: t.float({
      nullable: true,
      description: "The mean of the given scores, 0 to 1; null without any.",
      select: { quality: true },
      resolve: ({ quality }) => (quality === null ? null : quality / 1_000),
    }),
    multiplier: t.float({
      description: "0.1 to 3; 1 unless an operator or a team's lead said otherwise.",
      select: { custom: true },
      resolve: ({ custom }) => custom / 100,
    }),
    reason: t.expose("reason", {
      type: "UserText",
      nullable: true,
      description: "Why the multiplier; null without one.",
    }),
    skills: t.exposeStringList("skills", { description: "The capabilities that it took." }),
    bonuses: t.field({
      type: [BonusEnum],
      description: "What it earned on top.",
      select: { bonuses: true },
      resolve: ({ bonuses }) => bonuses as Bonus[],
    }),
    evidence: t.field({
      type: EvidenceRef,
      nullable: true,
      description: "What shows it; null without any.",
      select: { evidence: true },
      resolve: ({ evidence }) => evidence as Evidence | null,
    }),
    computed: t.exposeInt("computed", { description: "The XP that the formula gives." }),
    added: t.exposeInt("added", {
      description: "The XP that were added: at most 500 an event and 5,000 a bot and day.",
    }),
    occurredAt: t.expose("occurredAt", { type: "DateTime", description: "When it happened." }),
    recordedAt: t.expose("recordedAt", { type: "DateTime", description: "When it was counted." }),
  }),
});

type Privacies = Privacy;
const PrivacyRef = builder.objectRef<Privacies>("XpPrivacy").implement({
  description:
    "What a person shows. Where nothing is said (null), contests are shown to everybody and work to the person's teams.",
  access: "owner",
  fields: (t) => ({
    profile: t.field({
      type: VisibilityEnum,
      nullable: true,
      description: "Totals, levels and the place on public boards.",
      resolve: ({ profile }) => profile,
    }),
    stats: t.field({
      type: VisibilityEnum,
      nullable: true,
      description: "Statistics, time series, forecasts and recommendations.",
      resolve: ({ stats }) => stats,
    }),
    achievements: t.field({
      type: VisibilityEnum,
      nullable: true,
      description: "Achievements.",
      resolve: ({ achievements }) => achievements,
    }),
  }),
});

builder.objectFields(ViewerRef, (t) => ({
  xpPrivacy: t.field({
    type: PrivacyRef,
    description: "What the viewer shows of the own XP.",
    resolve: ({ userId }, _args, { platform }) => privacyOf(platform, userId),
  }),
  xpHistory: t.prismaConnection({
    type: XpEventNode,
    cursor: "id",
    description: "What was counted of the viewer's bots, newest first. At most 100 a page.",
    resolve: (query, { userId }, _args, { platform }) =>
      platform.prisma.xpEvent.findMany({ ...query, where: { ownerId: userId }, orderBy: { id: "desc" } }),
  }),
}));

command("setXpPrivacy", {
  description:
    "Says what others may see of your XP. What is left out goes back to: contests for everybody, work for your teams.",
  gives: success<{ userId: string }>("What you show from now on."),
  access: "session",
  input: (t) => ({
    profile: t.field({ type: VisibilityEnum, required: false, description: "Totals, levels, public boards." }),
    stats: t.field({ type: VisibilityEnum, required: false, description: "Statistics, series, forecasts." }),
    achievements: t.field({ type: VisibilityEnum, required: false, description: "Achievements." }),
  }),
  success: (t) => ({
    privacy: t.field({
      type: PrivacyRef,
      description: "What you show.",
      resolve: ({ userId }, _args, { platform }) => privacyOf(platform, userId),
    }),
  }),
  refusals: [],
  resolve: ({ profile, stats, achievements, ...input }, { platform, viewer }) => {
    const said = (setting: Visibility | null | undefined) => setting ?? null;
    return setPrivacy(platform, viewer, {
      ...input,
      profile: said(profile),
      stats: said(stats),
      achievements: said(achievements),
    });
  },
});

const score = (t: Inputs, what: string) => t.float({ required: false, description: `${what}, 0 to 1.` });
type Inputs = Parameters<Parameters<typeof command<Record<string, never>, object, never, "REPORT">>[1]["input"]>[0];

command("recordXp", {
  description:
    "Counts a piece of work that your system saw of one of your bots, or of a bot of a team of yours. For trusted callers: a key with REPORT, of somebody whom an operator let report. Takes facts, never points; counts on private and team pages only. The same externalId again gives the first answer.",
  gives: success<Recorded>("The event as it was counted, the first time."),
  access: "REPORT",
  input: (t) => ({
    botId: t.globalID({ required: true, for: [BotNode], description: "The bot." }),
    externalId: t.string({
      required: true,
      description: "Your name for the event, 1 to 200 characters: it is counted once.",
    }),
    action: t.field({ type: ActionEnum, required: true, description: "What it was about." }),
    complexity: t.field({ type: ComplexityEnum, required: true, description: "How hard it was." }),
    success: t.boolean({ required: true, description: "Whether it went well." }),
    durationMs: t.int({ required: false, description: "How long it took, 0 to 30 days in milliseconds." }),
    responseQuality: score(t, "How good the response was"),
    userSatisfaction: score(t, "How satisfied its user was"),
    codeQuality: score(t, "How good its code was"),
    skills: t.stringList({ required: false, description: "The capabilities that it took, at most 8." }),
    occurredAt: t.field({
      type: "DateTime",
      required: false,
      description: "When; now when absent. At most 5 years ago.",
    }),
    multiplier: t.float({
      required: false,
      description: "0.1 to 3, with a reason; only for operators, and of another's bot for who leads a team of it.",
    }),
    reason: t.string({ required: false, description: "Why the multiplier, at most 500 characters." }),
    evidence: t.field({ type: EvidenceInput, required: false, description: "What shows it." }),
  }),
  success: (t) => ({
    event: t.prismaField({
      type: XpEventNode,
      description: "The event.",
      resolve: (query, { eventId }, _args, { platform }) =>
        platform.prisma.xpEvent.findUniqueOrThrow({ ...query, where: { id: eventId } }),
    }),
    computed: t.exposeInt("computed", { description: "The XP that the formula gives." }),
    added: t.exposeInt("added", { description: "The XP that were added, after the caps." }),
    repeated: t.exposeBoolean("repeated", { description: "Whether it had been counted before." }),
  }),
  refusals: ["NOT_A_REPORTER", "NOT_YOUR_BOT", "BOT_ARCHIVED", "MULTIPLIER_NOT_YOURS", "NOT_FOUND", "ID_IS_TAKEN"],
  resolve: (input, { platform, viewer }) =>
    recordXp(platform, viewer, {
      ...input,
      botId: input.botId.id,
      durationMs: input.durationMs ?? null,
      responseQuality: input.responseQuality ?? null,
      userSatisfaction: input.userSatisfaction ?? null,
      codeQuality: input.codeQuality ?? null,
      skills: input.skills ?? [],
      occurredAt: input.occurredAt ?? null,
      multiplier: input.multiplier ?? null,
      reason: input.reason ?? null,
      evidence: input.evidence
        ? {
            kind: input.evidence.kind,
            link: input.evidence.link ?? null,
            taskId: input.evidence.taskId?.id ?? null,
            contestId: (input.evidence.contestId as { id: string } | null | undefined)?.id ?? null,
          }
        : null,
    }),
});

const LineRefusalEnum = builder.enumType("XpLineRefusal", {
  description: "Why a line of an import was left out.",
  values: valuesOf<LineRefusal>({
    NOT_JSON: "It is no JSON object.",
    BLANK_ID: "It has no id.",
    UNKNOWN_BOT: "You and your teams have no such bot.",
    UNKNOWN_VERB: "An xAPI statement with a verb that is not counted.",
    POINTS_NOT_TAKEN: "It says points; facts alone are taken.",
    BAD_FIELD: "One of its fields is not acceptable.",
    LINE_TOO_LONG: "It is longer than 8,192 characters.",
    ID_OF_ANOTHER_BOT: "Its id was counted for another bot.",
  }),
});
const RefusedLineRef = builder.objectRef<RefusedLine>("XpRefusedLine").implement({
  description: "A line that was left out.",
  access: "owner",
  fields: (t) => ({
    line: t.exposeInt("line", { description: "Its number, from 1." }),
    code: t.field({ type: LineRefusalEnum, description: "Why.", resolve: ({ code }) => code }),
    message: t.exposeString("message", { description: "One sentence: what is wrong." }),
  }),
});
const EncodingEnum = builder.enumType("XpImportEncoding", {
  description: "How an import's content is written.",
  values: valuesOf<Encoding>({
    TEXT: "As it is.",
    GZIP_BASE64: "Packed by gzip, then base64; 8 MiB at most unpacked.",
  }),
});

command("importXpEvents", {
  description:
    "Counts up to 10,000 lines of JSON at once: facts as recordXp takes them ({ externalId, bot, action, complexity, success, durationMs, skills, occurredAt, evidence: { kind, link }, … }), or xAPI statements (by their id; actor.account.name is the bot). For trusted callers, of the same bots as recordXp. What is wrong with a line leaves out that line alone.",
  gives: success<Imported>("What became of the lines."),
  access: "REPORT",
  noKey: "each line is counted once by its id, however often it comes",
  input: (t) => ({
    content: t.string({ required: true, description: "The lines, one JSON object each; blank ones are skipped." }),
    encoding: t.field({ type: EncodingEnum, required: false, description: "TEXT when absent." }),
  }),
  success: (t) => ({
    lines: t.exposeInt("lines", { description: "Lines that were not blank." }),
    counted: t.exposeInt("counted", { description: "Lines that were counted now." }),
    repeated: t.exposeInt("repeated", { description: "Lines that had been counted before." }),
    added: t.exposeInt("added", { description: "XP that were added by them." }),
    refusedCount: t.exposeInt("refusedCount", { description: "Lines that were left out." }),
    refused: t.field({
      type: [RefusedLineRef],
      description: `The first ${REFUSED_SHOWN_MAX} lines that were left out, with the reason.`,
      resolve: ({ refused }) => refused,
    }),
  }),
  refusals: ["NOT_A_REPORTER", "TOO_MANY_LINES", "CONTENT_UNREADABLE"],
  resolve: ({ content, encoding }, { platform, viewer }) =>
    importXpEvents(platform, viewer, { content, encoding: encoding ?? "TEXT" }),
});

command("setXpReporter", {
  description: "Lets a person's keys with REPORT report XP, or ends that at once. For operators; audited.",
  gives: success<{ userId: string }>("The person."),
  access: "operator",
  input: (t) => ({
    userId: t.globalID({ required: true, for: [UserNode], description: "The person." }),
    trusted: t.boolean({ required: true, description: "Whether reports of this person are taken." }),
    reason: t.string({ required: true, description: "Why, for the audit log." }),
  }),
  success: (t) => ({
    user: t.prismaField({
      type: UserNode,
      description: "The person.",
      resolve: (query, { userId }, _args, { platform }) =>
        platform.prisma.user.findUniqueOrThrow({ ...query, where: { id: userId } }),
    }),
  }),
  refusals: ["NOT_FOUND"],
  resolve: (input, { platform, viewer }) => setReporter(platform, viewer, { ...input, userId: input.userId.id }),
});
