import { BitReader } from "./bits.ts";
import { writeClientMessage, type ReliableCommand } from "./client-message.ts";
import { Configstrings } from "./configstrings.ts";
import { CONFIGSTRING, serverIdOf, type Gamestate } from "./gamestate.ts";
import { Channel, type ChannelTerms, type Received } from "./netchan.ts";
import { ProtocolError } from "./protocol-error.ts";
import { clientKey, scramble, SCRAMBLED_FROM, serverKey } from "./scramble.ts";
import { readServerMessage, type Said } from "./server-message.ts";
import { SNAPSHOT_FLAG, SNAPSHOTS_KEPT, type Snapshot } from "./snapshot.ts";
import { angle16, type UserCommand } from "./usercmd.ts";

/** What a player is told to do from now on. */
export type Intent = {
  /** Where to look, in degrees. */
  pitch: number;
  yaw: number;
  /** -127 to 127; `up` from 10 on jumps, below zero crouches. */
  forward: number;
  right: number;
  up: number;
  /** A sum of `BUTTON`s. */
  buttons: number;
  weapon: number;
};

export const IDLE: Intent = { pitch: 0, yaw: 0, forward: 0, right: 0, up: 0, buttons: 0, weapon: 0 };

/** What a client learns while it is connected. */
export type LinkEvent =
  | { type: "GAMESTATE"; gamestate: Gamestate }
  /** The player is in the game: the first snapshot that says so has come. */
  | { type: "ENTERED" }
  | { type: "SNAPSHOT"; snapshot: Snapshot }
  | { type: "CONFIGSTRING"; index: number; text: string }
  | { type: "COMMAND"; text: string }
  /** The server ended the connection. */
  | { type: "DROPPED"; reason: string };

const COMMANDS_KEPT = 64;
const MOVES_REPEATED = 3;
/** All commands that are not acknowledged are in every message: they must fit, at up to eleven bits a character. */
const UNHEARD_CHARACTERS_MAX = 8_000;
const VISIBLE = /^[ -~]{1,500}$/;
const DROP = /^disconnect(?:\s+"?([^"]*))?/;

/** An established connection: its state is what both ends have acknowledged. It does no input or output. */
export class Link {
  private readonly channel: Channel;
  private readonly timescale: number;
  private readonly snapshots: (Snapshot | undefined)[] = [];
  private readonly own: string[] = Array.from({ length: COMMANDS_KEPT }, () => "");
  private reliable: ReliableCommand[] = [];
  private ownSequence = 0;
  private commandSequence = 0;
  private commandText = "";
  private gamestate: Gamestate | null = null;
  private strings = new Configstrings();
  private serverId = 0;
  private moves: UserCommand[] = [];
  private newest: { snapshot: Snapshot; atMs: number } | null = null;
  private entered = false;

  constructor(terms: ChannelTerms, timescale: number) {
    this.channel = new Channel(terms);
    this.timescale = timescale;
  }

  /** The newest snapshot; null before the first one. */
  get snapshot(): Snapshot | null {
    return this.newest?.snapshot ?? null;
  }

  configstring(index: number): string {
    return this.strings.get(index);
  }

  /** Reads a datagram of the connection. It throws a `ProtocolError` and nothing else, and then has learnt nothing. */
  receive(datagram: Uint8Array, nowMs: number): LinkEvent[] {
    const received = this.channel.receive(datagram);
    if (!received) return [];
    const { reader, acknowledged } = this.opened(received);
    const said = readServerMessage(reader, received.sequence, {
      snapshotOf: (sequence) => this.keptSnapshot(sequence),
      baselines: this.gamestate?.baselines ?? new Map(),
    });
    this.reliable = this.reliable.filter(({ sequence }) => sequence > acknowledged);
    return said.flatMap((item) => this.learn(item, nowMs));
  }

  /** Says a command that reaches the server whatever is lost; false when too many wait for its acknowledgement. */
  command(text: string): boolean {
    // A line feed in a chat would begin a line of its own in the server's log, and could say there that somebody died.
    if (!VISIBLE.test(text)) throw new ProtocolError("BAD_STRING", "a command of other than visible characters");
    const unheard = this.reliable.reduce((sum, command) => sum + command.text.length, text.length);
    if (this.reliable.length >= COMMANDS_KEPT - 1 || unheard > UNHEARD_CHARACTERS_MAX) return false;
    const sequence = ++this.ownSequence;
    this.own[sequence % COMMANDS_KEPT] = text;
    this.reliable.push({ sequence, text });
    return true;
  }

  /** The datagrams of the next message: what the player does now, and the last two moves again. */
  send(intent: Intent, nowMs: number): Uint8Array[] {
    if (this.gamestate) this.moves = [...this.moves, this.moveOf(intent, nowMs)].slice(-MOVES_REPEATED);
    const acknowledged = this.channel.lastReceived;
    const { serverId, commandSequence, commandText, reliable, moves } = this;
    const message = writeClientMessage({
      serverId,
      acknowledged,
      commandSequence,
      commandText,
      reliable,
      moves,
      checksumFeed: this.gamestate?.checksumFeed ?? 0,
      relative: this.newest?.snapshot.sequence === acknowledged,
    });
    const { flavour, challenge } = this.channel.terms;
    if (flavour === "LEGACY")
      scramble(message, SCRAMBLED_FROM.client, clientKey(challenge, serverId, acknowledged), commandText);
    return this.channel.send(message);
  }

  /** The message behind its acknowledgement, which is read before the rest can be unscrambled. */
  private opened({ sequence, message }: Received): { reader: BitReader; acknowledged: number } {
    const body = Uint8Array.from(message);
    const reader = new BitReader(body);
    const acknowledged = reader.long();
    if (acknowledged > this.ownSequence || acknowledged < this.ownSequence - COMMANDS_KEPT)
      throw new ProtocolError("OUT_OF_RANGE", `an acknowledgement of command ${acknowledged}`);
    const { flavour, challenge } = this.channel.terms;
    if (flavour === "LEGACY")
      scramble(body, SCRAMBLED_FROM.server, serverKey(challenge, sequence), this.ownText(acknowledged));
    return { reader, acknowledged };
  }

  private ownText(sequence: number): string {
    return this.own[(sequence + COMMANDS_KEPT) % COMMANDS_KEPT] ?? "";
  }

  private keptSnapshot(sequence: number): Snapshot | undefined {
    const kept = this.snapshots[sequence % SNAPSHOTS_KEPT];
    return kept?.sequence === sequence ? kept : undefined;
  }

  private learn(said: Said, nowMs: number): LinkEvent[] {
    switch (said.kind) {
      case "unreadable":
        return [];
      case "gamestate":
        return this.begin(said.gamestate);
      case "command":
        return this.hear(said.sequence, said.text);
      case "snapshot":
        return this.see(said.snapshot, nowMs);
    }
  }

  /** A new map: its time begins anew, and nothing of the old one is referred to any more. */
  private begin(gamestate: Gamestate): LinkEvent[] {
    this.gamestate = gamestate;
    this.serverId = gamestate.serverId;
    this.commandSequence = gamestate.commandSequence;
    this.strings = new Configstrings(gamestate.configstrings);
    this.snapshots.length = 0;
    this.moves = [];
    this.newest = null;
    this.entered = false;
    return [{ type: "GAMESTATE", gamestate }];
  }

  private hear(sequence: number, text: string): LinkEvent[] {
    if (sequence <= this.commandSequence) return [];
    this.commandSequence = sequence;
    this.commandText = text;
    const drop = DROP.exec(text);
    if (drop) return [{ type: "DROPPED", reason: (drop[1] ?? "").trim() || "disconnected" }];
    const changed = this.strings.hear(text);
    if (!changed) return [{ type: "COMMAND", text }];
    if (changed.index === CONFIGSTRING.systemInfo) this.serverId = serverIdOf(changed.text);
    return [{ type: "CONFIGSTRING", ...changed }];
  }

  private see(snapshot: Snapshot, nowMs: number): LinkEvent[] {
    this.snapshots[snapshot.sequence % SNAPSHOTS_KEPT] = snapshot;
    this.newest = { snapshot, atMs: nowMs };
    const seen: LinkEvent[] = [{ type: "SNAPSHOT", snapshot }];
    if (this.entered || (snapshot.flags & SNAPSHOT_FLAG.notActive) !== 0) return seen;
    this.entered = true;
    return [{ type: "ENTERED" }, ...seen];
  }

  private moveOf(intent: Intent, nowMs: number): UserCommand {
    const { pitch, yaw, forward, right, up, buttons, weapon } = intent;
    const player = this.newest?.snapshot.player;
    const angles = [angle16(pitch, player?.deltaPitch ?? 0), angle16(yaw, player?.deltaYaw ?? 0), 0] as const;
    return { serverTime: this.timeOfMove(nowMs), angles, forward, right, up, buttons, weapon };
  }

  /** About the server's time now, and always later than the last move. */
  private timeOfMove(nowMs: number): number {
    const last = this.moves.at(-1)?.serverTime ?? 0;
    if (!this.newest) return last + 1;
    const { snapshot, atMs } = this.newest;
    return Math.max(last + 1, snapshot.serverTime + Math.floor((nowMs - atMs) * this.timescale));
  }
}
