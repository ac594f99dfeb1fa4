import { command, success } from "../../platform/graphql/command.ts";
import { declareRefusals } from "../../platform/graphql/refusal-types.ts";
import { refuse } from "../../platform/refusal.ts";
import { knownServer } from "../service/drain.ts";
import {
  addGameServer,
  removeGameServer,
  REMOTE_SERVERS_MAX,
  type AddServerRefusal,
  type RemoveServerRefusal,
} from "../service/remotes.ts";
import { GameServerRef, serverIdOf } from "./servers.ts";

declareRefusals<AddServerRefusal | Exclude<RemoveServerRefusal, "NOT_FOUND">>({
  BAD_SERVER_ADDRESS: {
    message: "This is not the address of a game server.",
    hint: "Write it as host or host:port, with a name or an IPv4 address.",
  },
  PRIVATE_SERVER_ADDRESS: {
    message: "The server's host is in a private network.",
    hint: "Set AGON_QUAKE_LAN=true where game servers of this machine and its network are meant.",
  },
  SERVER_UNREACHABLE: { message: "The server's host has no IPv4 address.", hint: "Check its name." },
  SERVER_SILENT: {
    message: "Nothing answers at this address.",
    hint: "Check host, UDP port and firewall; a server that was asked much answers again after some seconds.",
  },
  WRONG_RCON_PASSWORD: { message: "The server refuses this RCON password.", hint: "See rconpassword in its settings." },
  RCON_NOT_SET_UP: {
    message: "The server has no RCON password.",
    hint: "Set rconpassword on it, and give it a long one.",
  },
  NOT_A_GAME_SERVER: {
    message: "What answers at this address is not a server of OpenArena.",
    hint: "Rounds need OpenArena's own game, whose gamename is baseoa.",
  },
  PROTOCOL_UNSUPPORTED: {
    message: "The server does not speak protocol 71.",
    hint: "Start it with com_protocol 71.",
  },
  SERVER_TOO_SMALL: {
    message: "The server has room for fewer than four players.",
    hint: "Start it with sv_maxclients 8.",
  },
  SERVER_PASSWORD_UNSAFE: {
    message: "The server's own password of the game could not be given back to it after a round.",
    hint: "Set g_password to letters, digits, dot, dash and underscore, at most 64, or to none.",
  },
  SERVER_KNOWN: { message: "This server has been added already.", hint: "gameServers lists it." },
  TOO_MANY_SERVERS: {
    message: `There are ${REMOTE_SERVERS_MAX} servers elsewhere already.`,
    hint: "Remove one that is not needed.",
  },
  NOT_REMOTE: {
    message: "This server belongs to a node.",
    hint: "AGON_QUAKE_SERVERS says how many a node runs; drainGameServer takes one out of play.",
  },
  SERVER_BUSY: { message: "A node uses this server now.", hint: "Drain it first, and wait until its round is over." },
});

command("addGameServer", {
  description:
    "Makes a server of OpenArena elsewhere known: it is asked every 10 s how it is. It is tried first, for up to 15 s. The RCON password is stored sealed and never shown. For operators; audited.",
  gives: success<{ serverId: string }>("The server."),
  access: "operator",
  input: (t) => ({
    address: t.string({
      required: true,
      description:
        "Where it is, as host or host:port: a name or an IPv4 address; the port is 27960 where none is given.",
    }),
    rconPassword: t.string({
      required: true,
      description:
        "The password of its console: 1 to 64 visible ASCII characters without blanks, quotation marks and %.",
    }),
    reason: t.string({ required: true, description: "Why, for the audit log." }),
  }),
  success: (t) => ({
    server: t.field({
      type: GameServerRef,
      description: "The server; DOWN until it has been asked again, within seconds.",
      resolve: ({ serverId }, _args, { platform }) => knownServer(platform, serverId),
    }),
  }),
  refusals: [
    "BAD_SERVER_ADDRESS",
    "PRIVATE_SERVER_ADDRESS",
    "SERVER_UNREACHABLE",
    "SERVER_SILENT",
    "WRONG_RCON_PASSWORD",
    "RCON_NOT_SET_UP",
    "NOT_A_GAME_SERVER",
    "PROTOCOL_UNSUPPORTED",
    "SERVER_TOO_SMALL",
    "SERVER_PASSWORD_UNSAFE",
    "SERVER_KNOWN",
    "TOO_MANY_SERVERS",
  ],
  resolve: (input, { platform, viewer }) => addGameServer(platform, viewer, input),
});

command("removeGameServer", {
  description:
    "Forgets a Quake server elsewhere and its RCON password. One that the environment names comes back with the next start of a node. For operators; audited.",
  gives: success<{ serverId: string }>("The server is forgotten."),
  access: "operator",
  input: (t) => ({
    serverId: t.id({ required: true, description: "The id of a server elsewhere, from gameServers." }),
    reason: t.string({ required: true, description: "Why, for the audit log." }),
  }),
  success: (t) => ({
    removed: t.boolean({ description: "Always true.", resolve: () => true }),
  }),
  refusals: ["NOT_FOUND", "NOT_REMOTE", "SERVER_BUSY"],
  resolve: async (input, { platform, viewer }) => {
    const serverId = serverIdOf(String(input.serverId));
    if (serverId === null) return refuse("NOT_FOUND", { path: ["input", "serverId"] });
    return removeGameServer(platform, viewer, { ...input, serverId });
  },
});
