import { builder } from "../../platform/graphql/builder.ts";
import { command, success } from "../../platform/graphql/command.ts";
import { valuesOf } from "../../platform/graphql/enum-values.ts";
import { declareRefusals } from "../../platform/graphql/refusal-types.ts";
import { encodeNodeId } from "../../platform/node-id.ts";
import { refuse } from "../../platform/refusal.ts";
import type { ServerState } from "../rules/server-state.ts";
import {
  knownServer,
  knownServers,
  setDraining,
  type DrainRefusal,
  type KnownServer,
  type RemoteAnswer,
} from "../service/drain.ts";

declareRefusals<DrainRefusal>({
  ALREADY_DRAINING: { message: "This server is being drained already.", hint: "There is nothing more to do." },
  NOT_DRAINING: { message: "This server is not being drained.", hint: "There is nothing more to do." },
});

/** What came of asking a server, in the words in which operators are told why it is down. */
const ANSWERS: Record<RemoteAnswer, string> = {
  ANSWERS: "It told how it is; of a server of a node, within the last 10 s.",
  UNREACHABLE: "Its host has no IPv4 address, or cannot be reached.",
  PRIVATE_ADDRESS: "Its host is in a private network, which AGON_QUAKE_LAN does not allow.",
  SILENT: "It did not answer twice, within 2 s each; of a server of a node, its node was not heard of for 10 s.",
  BAD_PASSWORD: "The RCON password is not its own, or was stored under another AGON_SECRET.",
  NOT_SET_UP: "It has no RCON password.",
  BUSY: "Sixteen questions wait for it already: it answers one a second.",
  UNCLEAR: "It answered something else.",
  NOT_A_GAME_SERVER: "It is not a server of OpenArena.",
  PROTOCOL_UNSUPPORTED: "It does not speak protocol 71.",
  TOO_SMALL: "It has room for fewer than four players.",
  PASSWORD_UNSAFE: "Its own password of the game has other characters than letters, digits, dot, dash and underscore.",
  MAP_MISSING: "It has not got the map of the last round that was meant for it; it is tried again after 5 minutes.",
  SETTINGS_REFUSED: "It did not take the settings of a round, such as timelimit; it is tried again after 30 s.",
  ROUND_FAILED:
    "The last round on it had to be made void: it was not ready within 20 s, fell silent for 5 s, was begun anew or joined by somebody else, or let nobody in; it is tried again after 30 s.",
};

const AnswerEnum = builder.enumType("GameServerAnswer", {
  description: "What came of asking a Quake server how it is.",
  values: valuesOf<RemoteAnswer>(ANSWERS),
});

const StateEnum = builder.enumType("GameServerState", {
  description: "How a Quake server stands.",
  values: valuesOf<ServerState>({
    DOWN: "No process of a node's runs, and one is started for the next round unless the server is drained; or it is elsewhere, and no round can be played on it: see downBecause.",
    STARTING: "It starts, or loads a map, for a round.",
    FREE: "It runs and waits for a round.",
    BUSY: "A round is played on it.",
    DRAINING: "It finishes what it has and takes no other round; one of a node then ends.",
  }),
});

function answerOf({ remote, heard }: KnownServer): RemoteAnswer | null {
  return remote ? remote.answer : heard ? "ANSWERS" : "SILENT";
}

/** Why no round can be played on a server; of a node's own, its process is started when it is needed. */
function downBecause(server: KnownServer): string | null {
  if (server.state !== "DOWN") return null;
  const answer = answerOf(server);
  if (answer === null) return "It has not been asked yet.";
  if (answer !== "ANSWERS") return ANSWERS[answer];
  return server.remote ? "Its node has left it behind; it is made ready again." : null;
}

export const GameServerRef = builder.objectRef<KnownServer>("GameServer").implement({
  description: "A Quake server of a node of the arena, as its node last told, or one elsewhere, as it last answered.",
  access: "operator",
  fields: (t) => ({
    id: t.id({
      description: "What drainGameServer takes, the same after a restart of its node.",
      resolve: ({ id }) => encodeNodeId("GameServer", id),
    }),
    remote: t.boolean({
      description: "Whether it is elsewhere, commanded by RCON, and can be removed.",
      resolve: ({ remote }) => remote !== null,
    }),
    address: t.string({
      description: "Host and UDP port; of a server of a node, as the node sees it.",
      resolve: ({ remote, port }) => `${remote?.host ?? "127.0.0.1"}:${port}`,
    }),
    answer: t.field({
      type: AnswerEnum,
      nullable: true,
      description:
        "What came of asking it last; null before that. A server elsewhere is asked every 10 s while no round is played on it.",
      resolve: answerOf,
    }),
    map: t.exposeString("map", { nullable: true, description: "The map that it runs; null without one or an answer." }),
    players: t.int({
      nullable: true,
      description:
        "How many played on a server elsewhere when it last answered; null without an answer, and of a server of a node.",
      resolve: ({ remote }) => remote && remote.players,
    }),
    answeredInMs: t.int({
      nullable: true,
      description: "How long the last answer of a server elsewhere took, in milliseconds; null without one.",
      resolve: ({ remote }) => remote && remote.answeredInMs,
    }),
    state: t.field({
      type: StateEnum,
      description: "How it stands; of a node, DOWN while its node is not heard of.",
      resolve: ({ state }) => state,
    }),
    downBecause: t.string({
      nullable: true,
      description: "Why no round can be played on it, as a sentence for people; null while one can.",
      resolve: downBecause,
    }),
    drainingSince: t.field({
      type: "DateTime",
      nullable: true,
      description: "Since when it takes no new round because an operator drains it; null otherwise.",
      resolve: ({ drainingSince }) => drainingSince,
    }),
    drainReason: t.exposeString("drainReason", {
      nullable: true,
      description: "Why it is drained, in the operator's words; null when it is not.",
    }),
  }),
});

builder.queryField("gameServers", (t) =>
  t.field({
    type: [GameServerRef],
    access: "operator",
    authScopes: { operator: true },
    cost: 50,
    description: "The Quake servers of all nodes, and after them those elsewhere: at most 200. Only for operators.",
    resolve: (_root, _args, { platform }) => knownServers(platform),
  }),
);

/** The UUID in the id of a server; null in any other. */
export function serverIdOf(id: string): string | null {
  const [, hex] = /^game_server_([0-9a-f]{32})$/.exec(id) ?? [];
  return hex === undefined ? null : hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

for (const [name, draining] of [
  ["drainGameServer", true],
  ["resumeGameServer", false],
] as const) {
  command(name, {
    description: draining
      ? "Lets a Quake server finish its round and take no new one, also after a restart of its node, until resumeGameServer. While all are drained, the ladder QUAKE is closed. For operators; audited."
      : "Lets a drained Quake server take rounds again. For operators; audited.",
    gives: success<{ serverId: string }>("The server."),
    access: "operator",
    input: (t) => ({
      serverId: t.id({ required: true, description: "The id of a server, from gameServers." }),
      reason: t.string({ required: true, description: "Why, for the audit log." }),
    }),
    success: (t) => ({
      server: t.field({
        type: GameServerRef,
        description: "The server, as it was last heard of.",
        resolve: ({ serverId }, _args, { platform }) => knownServer(platform, serverId),
      }),
    }),
    refusals: ["NOT_FOUND", draining ? "ALREADY_DRAINING" : "NOT_DRAINING"],
    resolve: async (input, { platform, viewer }) => {
      const serverId = serverIdOf(String(input.serverId));
      if (serverId === null) return refuse("NOT_FOUND", { path: ["input", "serverId"] });
      return setDraining(platform, viewer, { ...input, serverId }, draining);
    },
  });
}
