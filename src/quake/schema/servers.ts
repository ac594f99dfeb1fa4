import { builder } from "../../platform/graphql/builder.ts";
import { valuesOf } from "../../platform/graphql/enum-values.ts";
import { askGameServers, type Answer, type ServerReport } from "../service/remote.ts";

const AnswerEnum = builder.enumType("GameServerAnswer", {
  description: "What came of asking a Quake server how it is.",
  values: valuesOf<Answer>({
    ANSWERS: "It told its map and players.",
    UNREACHABLE: "Its address cannot be found or reached.",
    SILENT: "It did not answer twice, within 2 s each.",
    BAD_PASSWORD: "The password in AGON_QUAKE_REMOTE is not its own.",
    NOT_SET_UP: "It has no RCON password.",
    BUSY: "Sixteen questions wait for it already: it answers one a second.",
    UNCLEAR: "It answered something else.",
  }),
});

const GameServerRef = builder.objectRef<ServerReport>("GameServer").implement({
  description: "A Quake server elsewhere, as it answers now.",
  access: "operator",
  fields: (t) => ({
    address: t.exposeString("address", { description: "Host and UDP port." }),
    answer: t.field({ type: AnswerEnum, description: "What came of asking it.", resolve: ({ answer }) => answer }),
    map: t.exposeString("map", { nullable: true, description: "The map that it runs; null without an answer." }),
    players: t.exposeInt("players", { nullable: true, description: "How many play on it; null without an answer." }),
    answeredInMs: t.exposeInt("answeredInMs", {
      nullable: true,
      description: "How long its answer took, in milliseconds; null without one.",
    }),
  }),
});

builder.queryField("gameServers", (t) =>
  t.field({
    type: [GameServerRef],
    access: "operator",
    authScopes: { operator: true },
    cost: 50,
    description:
      "The Quake servers of AGON_QUAKE_REMOTE, at most 16, each asked now by RCON: takes up to 5 s. Only for operators.",
    resolve: (_root, _args, { platform }) => askGameServers(platform),
  }),
);
