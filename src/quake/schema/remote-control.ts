import { GraphQLError } from "graphql";
import { BotNode } from "../../bots/schema.ts";
import { badInput } from "../../platform/graphql/bad-input.ts";
import { builder } from "../../platform/graphql/builder.ts";
import { command, success } from "../../platform/graphql/command.ts";
import { declareRefusals, wordsOf } from "../../platform/graphql/refusal-types.ts";
import { isSignedIn } from "../../platform/viewer.ts";
import { ONLOOKERS_MAX, VIEWS_PER_SECOND_MAX, type RemoteRefusal } from "../rules/hands.ts";
import { openQuakeView, sendQuakeAction } from "../service/remote-control.ts";
import type { StrategyView } from "../strategy/contract.ts";
import { MatchNode } from "./match.ts";

declareRefusals<RemoteRefusal>({
  NOT_IN_MATCH: {
    message: "The bot does not play in this match.",
    hint: "See botEvents.",
  },
  MATCH_NOT_LIVE: {
    message: "The match has not begun, or is over.",
    hint: "Act while its phase is LIVE.",
  },
  PLAYED_BY_STRATEGY: {
    message: "The bot's strategy plays this match.",
    hint: "Take it out of play by deactivateStrategy before the next match, or play another bot from afar.",
  },
  TOO_MANY_VIEWS: {
    message: `${ONLOOKERS_MAX} look on with this bot's eyes already.`,
    hint: "Complete one of them.",
  },
  INVALID_ACTION: {
    message: "This is no action.",
    hint: "Such as { goTo: { item: 3 }, fire: true }.",
  },
});

const OWN = ["NOT_YOUR_BOT", "BOT_SUSPENDED", "BOT_ARCHIVED"] as const;

command("sendQuakeAction", {
  description:
    "Plays a bot of yours that has no strategy in a live match from afar. The last action wins; one that no other follows is over after 500 ms, and then the bot wanders about by itself.",
  gives: success<{ accepted: boolean }>("The action is on its way to the game."),
  access: "PLAY",
  noKey: "nothing is stored, the last one wins, and it is over after 500 ms",
  input: (t) => ({
    botId: t.globalID({ required: true, for: [BotNode], description: "Your bot." }),
    matchId: t.globalID({ required: true, for: [MatchNode], description: "The match." }),
    action: t.field({
      type: "JSON",
      required: true,
      description:
        "What a strategy's tick gives: any of goTo ({ item }, { player } or { point: [x, y, z] }), move ({ x, y }), look ({ at: [x, y, z] }, { player } or { yaw, pitch }), fire, jump, crouch and weapon (1 to 9).",
    }),
  }),
  success: (t) => ({ accepted: t.exposeBoolean("accepted", { description: "Always true." }) }),
  refusals: [...OWN, "NOT_IN_MATCH", "MATCH_NOT_LIVE", "PLAYED_BY_STRATEGY", "INVALID_ACTION"],
  resolve: ({ botId, matchId, action }, { platform, viewer }) =>
    sendQuakeAction(platform, viewer, { botId: botId.id, matchId: matchId.id, action }),
});

const ViewRef = builder.objectRef<StrategyView>("QuakeView").implement({
  description: "What a bot knows at an instant of a match: what a human at its place could see, and no more.",
  access: "PLAY",
  fields: (t) => ({
    nowMs: t.exposeInt("nowMs", { description: "Game milliseconds since the round began." }),
    view: t.field({
      type: "JSON",
      description:
        "What a strategy's tick is given: nowMs, leftMs, self, players, items, drops, missiles, sounds, deaths, scores, and with the first view the facts of the map; docs/quake-strategies.md has all.",
      resolve: (view) => view,
    }),
  }),
});

const refused = (code: string, path: readonly string[]) =>
  new GraphQLError(wordsOf(code).message, { extensions: { code, hint: wordsOf(code).hint, path } });

builder.subscriptionField("quakeView", (t) =>
  t.field({
    type: ViewRef,
    access: "PLAY",
    description: `What a bot of yours that has no strategy sees in a match, until the match is over; answer by sendQuakeAction. No cursor: what is missed is gone. Refuses with NOT_YOUR_BOT, NOT_IN_MATCH, PLAYED_BY_STRATEGY, MATCH_NOT_LIVE of a match that is over, TOO_MANY_VIEWS where ${ONLOOKERS_MAX} look on already, and BAD_INPUT.`,
    args: {
      botId: t.arg.globalID({ required: true, for: [BotNode], description: "Your bot." }),
      matchId: t.arg.globalID({ required: true, for: [MatchNode], description: "The match." }),
      perSecond: t.arg.int({ required: false, defaultValue: 10, description: "Views a second, 1 to 20." }),
    },
    authScopes: { scope: "PLAY" },
    subscribe: async (_root, { botId, matchId, perSecond }, { platform, viewer }) => {
      if (!isSignedIn(viewer)) throw refused("NOT_AUTHENTICATED", []);
      const rate = perSecond ?? 10;
      if (rate < 1 || rate > VIEWS_PER_SECOND_MAX)
        throw badInput(["perSecond"], `Ask for 1 to ${VIEWS_PER_SECOND_MAX} views a second.`);
      const opened = await openQuakeView(platform, viewer, { botId: botId.id, matchId: matchId.id, perSecond: rate });
      if (!opened.ok) throw refused(opened.code, [opened.path?.at(-1) ?? ""]);
      return opened.views;
    },
    resolve: (view) => view,
  }),
);
