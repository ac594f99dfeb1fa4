import { GraphQLError } from "graphql";
import { builder } from "../../platform/graphql/builder.ts";
import { declareRefusals, wordsOf } from "../../platform/graphql/refusal-types.ts";
import type { Frame, FrameDrop, FrameMissile, FramePlayer } from "../rules/replay.ts";
import { openFrames } from "../service/spectating.ts";
import { MatchNode } from "./match.ts";

declareRefusals({
  MATCH_OVER: { message: "The match is over.", hint: "Look at its replay." },
});

const PlayerRef = builder.objectRef<FramePlayer>("MatchFramePlayer").implement({
  description:
    "A bot in a frame. Places are in whole units of the map, z up: a player is 56 high and runs 320 a second.",
  access: "public",
  fields: (t) => ({
    side: t.exposeInt("side", { description: "Its place in the roster: the side of a MatchPlayer." }),
    x: t.exposeInt("x", { description: "The middle of its body, to the east." }),
    y: t.exposeInt("y", { description: "The middle of its body, to the north." }),
    z: t.exposeInt("z", { description: "The middle of its body, 24 above the ground on which it stands." }),
    eye: t.exposeInt("eye", { description: "The height of its eye above z: 26 upright, 12 crouched, -16 dead." }),
    yaw: t.exposeFloat("yaw", { description: "Where it looks: degrees from 0 to below 360, from east to north." }),
    pitch: t.exposeFloat("pitch", { description: "How far it looks down, in degrees; negative looks up." }),
    health: t.exposeInt("health", { description: "Health, from 0." }),
    armor: t.exposeInt("armor", { description: "Armour, from 0." }),
    weapon: t.exposeInt("weapon", { description: "The weapon in its hand, 1 to 9 as in strategies; 0 is none." }),
    alive: t.exposeBoolean("alive", { description: "False while it lies where it died." }),
    firing: t.exposeBoolean("firing", { description: "Whether it holds the trigger." }),
    quad: t.exposeBoolean("quad", { description: "Whether it has the quad damage." }),
  }),
});

const MissileRef = builder.objectRef<FrameMissile>("MatchFrameMissile").implement({
  description: "Something that flies, or lies and is about to burst.",
  access: "public",
  fields: (t) => ({
    id: t.exposeInt("id", { description: "The same for a whole flight; another missile has it later." }),
    weapon: t.exposeInt("weapon", { description: "The weapon that it is from, 1 to 9 as in strategies." }),
    x: t.exposeInt("x", { description: "Where it is, to the east." }),
    y: t.exposeInt("y", { description: "Where it is, to the north." }),
    z: t.exposeInt("z", { description: "Where it is, upwards." }),
  }),
});

const DropRef = builder.objectRef<FrameDrop>("MatchFrameDrop").implement({
  description: "What a bot dropped when it died, to be taken by anybody for half a minute.",
  access: "public",
  fields: (t) => ({
    id: t.exposeInt("id", { description: "The same while it lies there; another drop has it later." }),
    name: t.exposeString("name", { description: "The game's own name of it, such as weapon_railgun." }),
    x: t.exposeInt("x", { description: "Where it is, to the east." }),
    y: t.exposeInt("y", { description: "Where it is, to the north." }),
    z: t.exposeInt("z", { description: "Where it is, upwards." }),
  }),
});

const FrameRef = builder.objectRef<Frame>("MatchFrame").implement({
  description: "What a match looked like at an instant.",
  access: "public",
  fields: (t) => ({
    atMs: t.exposeInt("atMs", { description: "Game milliseconds since the round began." }),
    players: t.field({
      type: [PlayerRef],
      description: "The bots, 2 to 4, by side.",
      resolve: ({ players }) => [...players],
    }),
    missiles: t.field({
      type: [MissileRef],
      description: "What flies in sight of any bot, by id.",
      resolve: ({ missiles }) => [...missiles],
    }),
    taken: t.intList({
      description:
        "Ids of the map's items that are taken, ascending, as in the head of the map's file and in facts.items of strategies: each as a bot last saw it, all others lie there.",
      resolve: ({ taken }) => [...taken],
    }),
    drops: t.field({
      type: [DropRef],
      description: "What lies dropped beside the map's items, by id: each as a bot last saw it.",
      resolve: ({ drops }) => [...drops],
    }),
  }),
});

builder.subscriptionField("matchFrames", (t) =>
  t.field({
    type: FrameRef,
    access: "public",
    description:
      "What a live match looks like, ten frames a second of game time, each limits.matchFrameDelayMs (10 s) after it happened so that nobody sees through walls by watching; deaths and scores are in matchEvents at once. From now on until the last frame. A feed: no cursor, and who reads slowly misses frames. Refuses with NOT_FOUND, and MATCH_OVER of a match that is over.",
    args: { matchId: t.arg.globalID({ required: true, for: [MatchNode], description: "The match." }) },
    subscribe: async (_root, { matchId }, { platform }) => {
      const opened = await openFrames(platform, matchId.id);
      if (opened.ok) return opened.frames;
      const { message, hint } = wordsOf(opened.code);
      throw new GraphQLError(message, { extensions: { code: opened.code, hint, path: opened.path } });
    },
    resolve: (frame) => frame,
  }),
);
