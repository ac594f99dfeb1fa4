import { BotNode } from "../../bots/schema.ts";
import { botOf } from "../../ladder/schema/rows.ts";
import { builder } from "../../platform/graphql/builder.ts";
import { valuesOf } from "../../platform/graphql/enum-values.ts";
import { encodeNodeId } from "../../platform/graphql/node-ids.ts";
import { EventInterface, field, streamItem } from "../../platform/graphql/subscription.ts";
import type { StoredEvent } from "../../platform/streams.ts";
import type { BattleEvent } from "../events.ts";
import type { Failure, Phase } from "../rules/battle.ts";
import type { Outcome } from "../rules/gladiator.ts";
import type { Ending } from "../rules/sandbox.ts";
import { OutcomeEnum } from "./entry.ts";

export const PhaseEnum = builder.enumType("CodeBattlePhase", {
  description: "Where a battle stands.",
  values: valuesOf<Phase>({
    DRAFT: "It takes entries.",
    SETUP: "The repository is fetched, set up and tested.",
    RUNNING: "The gladiators work.",
    COLLECTING: "What they left is taken out of their sandboxes.",
    JUDGING: "Entries are tested.",
    COMPLETED: "It has a result.",
    FAILED: "It could not be fought, for no fault of a gladiator: void.",
    CANCELLED: "Its owner ended it.",
  }),
});
export const FailureEnum = builder.enumType("CodeBattleFailure", {
  description: "Why a battle is void.",
  values: valuesOf<Failure>({
    REPOSITORY_GONE: "The commit could not be fetched any more.",
    SETUP_FAILED: "The set-up failed; the owner sees its log.",
    BASE_UNTESTABLE: "The test command cannot be started.",
    SANDBOX_FAILED: "No sandbox could be made, or one failed.",
    TOO_MANY_RESTARTS: "A stage was cut off three times.",
  }),
});
const EndingEnum = builder.enumType("GladiatorEnding", {
  description: "How a gladiator's program ended.",
  values: valuesOf<Ending>({
    EXIT: "By itself.",
    TIME: "At the time limit.",
    MEMORY: "By the kernel: it used more memory than it has.",
    STOPPED: "The battle was stopped.",
  }),
});

type Type = BattleEvent["type"];
type Fields = Parameters<
  Parameters<ReturnType<typeof builder.objectRef<StoredEvent>>["implement"]>[0]["fields"] & object
>[0];

const event = (name: Type, description: string, fields: (t: Fields) => object) =>
  builder.objectRef<StoredEvent>(name).implement({
    description,
    access: "public",
    interfaces: [EventInterface],
    isTypeOf: (value) => (value as StoredEvent).type === name,
    fields: (t) => fields(t) as never,
  });
const ofBot = (name: Type, description: string, fields: (t: Fields) => object = () => ({})) =>
  event(name, description, (t) => ({
    bot: t.prismaField({
      type: BotNode,
      description: "The gladiator.",
      resolve: (query, told, _args, context) => botOf(context, query, field<string>(told, "botId")),
    }),
    botId: t.id({
      description: "The gladiator's bot's id.",
      resolve: (told) => encodeNodeId("Bot", field<string>(told, "botId")),
    }),
    ...fields(t),
  }));
const int = (t: Fields, name: string, description: string) =>
  t.int({ description, resolve: (told) => field<number>(told, name) });
const text = (t: Fields, name: string, description: string) =>
  t.field({ type: "UserText", description, resolve: (told) => field<string>(told, name) });
const phase = (t: Fields) =>
  t.field({
    type: PhaseEnum,
    description: "How the battle stands now.",
    resolve: (told) => field<Phase>(told, "phase"),
  });

type Placed = { botId: string; placement: number; ratingBefore: number | null; ratingAfter: number | null };
const PlacementRef = builder.objectRef<Placed>("BattlePlacement").implement({
  description: "How a gladiator came out.",
  access: "public",
  fields: (t) => ({
    botId: t.id({ description: "Its bot's id.", resolve: ({ botId }) => encodeNodeId("Bot", botId) }),
    placement: t.exposeInt("placement", { description: "1 is best; equal is a draw." }),
    ratingBefore: t.exposeInt("ratingBefore", { nullable: true, description: "Elo before; null where unknown." }),
    ratingAfter: t.exposeInt("ratingAfter", { nullable: true, description: "Elo after; null where it is not rated." }),
  }),
});

const BATTLE_EVENTS = [
  event("StageChanged", "The battle went on to another stage, or began one anew.", (t) => ({
    phase: phase(t),
    attempt: int(t, "attempt", "How often the stage has begun."),
    failure: t.field({
      type: FailureEnum,
      nullable: true,
      description: "Why it is void; null unless it is FAILED.",
      resolve: (told) => field<Failure | null>(told, "failure"),
    }),
  })),
  ofBot("GladiatorEntered", "A gladiator entered."),
  ofBot("GladiatorStarted", "A gladiator begins.", (t) => ({
    seat: int(t, "seat", "Its place in the arena, from 0."),
  })),
  ofBot("AssistantText", "An agent said something.", (t) => ({ text: text(t, "text", "What it said.") })),
  ofBot("ToolUse", "An agent uses a tool.", (t) => ({
    tool: text(t, "tool", "The tool."),
    text: text(t, "text", "What it is given."),
  })),
  ofBot("ToolResult", "A tool answered.", (t) => ({
    text: text(t, "text", "What it answered."),
    failed: t.boolean({ description: "Whether it failed.", resolve: (told) => field<boolean>(told, "failed") }),
  })),
  ofBot("Output", "Lines that a gladiator wrote.", (t) => ({ text: text(t, "text", "The lines.") })),
  ofBot("StreamTruncated", "A gladiator says more than is told here; it works on."),
  ofBot("GladiatorFinished", "A gladiator's program ended.", (t) => ({
    by: t.field({ type: EndingEnum, description: "How.", resolve: (told) => field<Ending>(told, "by") }),
    exitCode: t.int({
      nullable: true,
      description: "Its exit code; null where it was killed.",
      resolve: (told) => field<number | null>(told, "exitCode"),
    }),
    timeMs: int(t, "timeMs", "Milliseconds that it took."),
    inputTokens: int(t, "inputTokens", "Tokens that it read."),
    outputTokens: int(t, "outputTokens", "Tokens that it wrote."),
    untold: int(t, "untold", "Lines that were too much to be told."),
  })),
  ofBot("FileChanged", "A file that a gladiator changed; the first 200 are told.", (t) => ({
    path: text(t, "path", "The file."),
    added: int(t, "added", "Lines added."),
    removed: int(t, "removed", "Lines removed."),
  })),
  ofBot("EntryCollected", "A gladiator's work was taken out of its sandbox.", (t) => ({
    outcome: t.field({
      type: OutcomeEnum,
      description: "Whether it stands.",
      resolve: (told) => field<Outcome>(told, "outcome"),
    }),
    filesChanged: int(t, "filesChanged", "Files changed."),
    linesAdded: int(t, "linesAdded", "Lines added."),
    linesRemoved: int(t, "linesRemoved", "Lines removed."),
  })),
  ofBot("EntryJudged", "An entry was tested.", (t) => ({
    checksPassed: int(t, "checksPassed", "Hidden checks passed."),
    testsPassed: int(t, "testsPassed", "Tests passed with the base's tests restored."),
    regressions: int(t, "regressions", "Tests that passed on the base and do not any more."),
  })),
  event(
    "VotingOpened",
    "All is judged, and people vote. What came of each gladiator, in FileChanged, EntryCollected and EntryJudged, is told when they have, before BattleEnded.",
    (t) => ({
      until: t.field({
        type: "DateTime",
        description: "Until when.",
        resolve: (told) => new Date(field<string>(told, "until")),
      }),
    }),
  ),
  event("BattleEnded", "The battle is over.", (t) => ({
    phase: phase(t),
    placements: t.field({
      type: [PlacementRef],
      description: "How the gladiators came out; empty where there is no result.",
      resolve: (told) => field<Placed[]>(told, "placements"),
    }),
    seed: t.string({
      description: "The secret seed of the draw in hex; its SHA-256 was public from the start.",
      resolve: (told) => field<string>(told, "seed"),
    }),
  })),
  event(
    "BattleHidden",
    "Its repository is not public any more, and neither is the battle: the last that who only watched hears. Its owner and those whose gladiators are in it may read on.",
    () => ({}),
  ),
  ofBot("BranchPushed", "An entry was pushed.", (t) => ({ branch: text(t, "branch", "The branch.") })),
  ofBot("BranchRefused", "An entry was not pushed.", (t) => ({
    branch: text(t, "branch", "The branch."),
    refusal: t.string({
      description:
        "Why, such as REPOSITORY_DENIED where the repository's server refused it; PUSH_FAILED is this server's own fault, which its operator finds in the log.",
      resolve: (told) => field<string>(told, "refusal"),
    }),
  })),
];

export const BattleStreamItemRef = streamItem("Battle", "a code battle", "public", BATTLE_EVENTS);
