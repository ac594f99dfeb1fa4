import { BitReader, BitWriter, bitsOfFloat } from "../../src/quake/protocol/bits.ts";
import type { ClientMessage } from "../../src/quake/protocol/client-message.ts";
import {
  EMPTY_ENTITY,
  EMPTY_PLAYER,
  ENTITY_FIELDS,
  PLAYER_ARRAYS,
  PLAYER_FIELDS,
  type EntityState,
  type PlayerState,
} from "../../src/quake/protocol/fields.ts";
import type { Gamestate } from "../../src/quake/protocol/gamestate.ts";
import { Channel, type ChannelTerms } from "../../src/quake/protocol/netchan.ts";
import { clientKey, scramble, SCRAMBLED_FROM, serverKey } from "../../src/quake/protocol/scramble.ts";
import type { Snapshot } from "../../src/quake/protocol/snapshot.ts";
import { commandHash, NO_COMMAND, type UserCommand } from "../../src/quake/protocol/usercmd.ts";

// The server's end of the protocol, as far as tests of the client need it: the inverse of the client's codec.

/** What a server must remember to read a client's message. */
export type ServerMemory = {
  flavour: ChannelTerms["flavour"];
  challenge: number;
  /** Its own commands by number. */
  texts: ReadonlyMap<number, string>;
  checksumFeed: number;
};

/** Reads a client message as a server does. */
export function readClientMessage(bytes: Uint8Array, memory: ServerMemory): ClientMessage {
  const body = Uint8Array.from(bytes);
  const reader = new BitReader(body);
  const [serverId, acknowledged, commandSequence] = [reader.long(), reader.long(), reader.long()];
  const commandText = memory.texts.get(commandSequence) ?? "";
  const { checksumFeed } = memory;
  if (memory.flavour === "LEGACY")
    scramble(body, SCRAMBLED_FROM.client, clientKey(memory.challenge, serverId, acknowledged), commandText);
  const reliable: { sequence: number; text: string }[] = [];
  let operation = reader.byte();
  for (; operation === 4; operation = reader.byte()) reliable.push({ sequence: reader.long(), text: reader.string() });
  const key = checksumFeed ^ acknowledged ^ commandHash(commandText);
  const moves: UserCommand[] = [];
  const count = operation === 2 || operation === 3 ? reader.byte() : 0;
  for (let index = 0; index < count; index++) moves.push(readMove(reader, key, moves.at(-1) ?? NO_COMMAND));
  const end = count > 0 ? reader.byte() : operation;
  if (end !== 5) throw new Error(`a client message ends with ${end}`);
  const relative = operation === 2;
  return { serverId, acknowledged, commandSequence, commandText, reliable, moves, checksumFeed, relative };
}

function readMove(reader: BitReader, key: number, from: UserCommand): UserCommand {
  const serverTime = reader.flag() ? from.serverTime + reader.number(8) : reader.number(32);
  if (!reader.flag()) return { ...from, serverTime };
  const own = key ^ serverTime;
  const value = (old: number, bits: number) => (reader.flag() ? (reader.number(bits) ^ own) & ((1 << bits) - 1) : old);
  const signed = (old: number) => (value(old, 8) << 24) >> 24;
  const angles = [value(from.angles[0], 16), value(from.angles[1], 16), value(from.angles[2], 16)] as const;
  const [forward, right, up] = [signed(from.forward), signed(from.right), signed(from.up)];
  return { serverTime, angles, forward, right, up, buttons: value(from.buttons, 16), weapon: value(from.weapon, 8) };
}

const isSmall = (value: number) => Number.isInteger(value) && value >= -4_096 && value < 4_096;

function writeFloat(writer: BitWriter, value: number): void {
  writer.flag(!isSmall(value));
  if (isSmall(value)) writer.number(value + 4_096, 13);
  else writer.number(bitsOfFloat(value), 32);
}

/** Writes an entity's change after its number. */
function writeEntity(writer: BitWriter, from: EntityState, to: EntityState): void {
  writer.flag(false);
  const last = ENTITY_FIELDS.findLastIndex(([name]) => from[name] !== to[name]);
  writer.flag(last >= 0);
  if (last < 0) return;
  writer.byte(last + 1);
  for (const [name, width] of ENTITY_FIELDS.slice(0, last + 1)) {
    writer.flag(from[name] !== to[name]);
    if (from[name] === to[name]) continue;
    writer.flag(to[name] !== 0);
    if (to[name] === 0) continue;
    if (width === 0) writeFloat(writer, to[name]);
    else writer.number(to[name], width);
  }
}

function writePlayer(writer: BitWriter, from: PlayerState, to: PlayerState): void {
  const last = PLAYER_FIELDS.findLastIndex(([name]) => from[name] !== to[name]);
  writer.byte(last + 1);
  for (const [name, width] of PLAYER_FIELDS.slice(0, last + 1)) {
    writer.flag(from[name] !== to[name]);
    if (from[name] === to[name]) continue;
    if (width === 0) writeFloat(writer, to[name]);
    else writer.number(to[name], Math.abs(width));
  }
  const masks = PLAYER_ARRAYS.map((name) =>
    to[name].reduce((mask, value, index) => mask | (value === from[name][index] ? 0 : 1 << index), 0),
  );
  writer.flag(masks.some((mask) => mask !== 0));
  if (masks.every((mask) => mask === 0)) return;
  for (const [at, name] of PLAYER_ARRAYS.entries()) {
    const mask = masks[at] ?? 0;
    writer.flag(mask !== 0);
    if (mask === 0) continue;
    writer.number(mask, 16);
    for (const [index, value] of to[name].entries())
      if (mask & (1 << index)) writer.number(value, name === "powerups" ? 32 : 16);
  }
}

export type World = Pick<Snapshot, "serverTime" | "flags" | "player" | "entities">;

function writeSnapshot(
  writer: BitWriter,
  world: World,
  base: { world: World; back: number } | null,
  baselines: ReadonlyMap<number, EntityState>,
): void {
  writer.byte(7);
  writer.long(world.serverTime);
  writer.byte(base?.back ?? 0);
  writer.byte(world.flags);
  writer.byte(2);
  writer.byte(0);
  writer.byte(255);
  writePlayer(writer, base?.world.player ?? EMPTY_PLAYER, world.player);
  const old = new Map((base?.world.entities ?? []).map((entity) => [entity.number, entity]));
  const now = new Map(world.entities.map((entity) => [entity.number, entity]));
  for (const number of [...new Set([...old.keys(), ...now.keys()])].toSorted((a, b) => a - b)) {
    const [before, after] = [old.get(number), now.get(number)];
    if (before === after) continue;
    writer.number(number, 10);
    if (after) writeEntity(writer, before ?? baselines.get(number) ?? EMPTY_ENTITY, after);
    else writer.flag(true);
  }
  writer.number(1_023, 10);
}

function writeGamestate(writer: BitWriter, { configstrings, baselines, ...state }: Gamestate): void {
  writer.byte(2);
  writer.long(state.commandSequence);
  for (const [index, text] of configstrings) {
    writer.byte(3);
    writer.short(index);
    writer.string(text);
  }
  for (const [number, baseline] of baselines) {
    writer.byte(4);
    writer.number(number, 10);
    writeEntity(writer, EMPTY_ENTITY, baseline);
  }
  writer.byte(8);
  writer.long(state.client);
  writer.long(state.checksumFeed);
}

/** One client's server, without a world of its own: it tells what it is given, and remembers what was acknowledged. */
export class ModelServer {
  readonly texts = new Map<number, string>();
  readonly sent = new Map<number, World>();
  /** The client's reliable commands in the order in which they were carried out. */
  readonly heard: string[] = [];
  readonly moves: UserCommand[] = [];
  private readonly channel: Channel;
  private readonly gamestate: Gamestate;
  private readonly terms: ChannelTerms;
  private commandSequence = 0;
  private client = { serverId: 0, acknowledged: 0, commandSequence: 0, reliable: 0, relative: false };

  constructor(terms: ChannelTerms, gamestate: Gamestate) {
    this.terms = terms;
    this.channel = new Channel(terms, "SERVER");
    this.gamestate = gamestate;
  }

  get isInside(): boolean {
    return this.client.serverId === this.gamestate.serverId;
  }

  command(text: string): void {
    this.texts.set(++this.commandSequence, text);
  }

  receive(datagram: Uint8Array): void {
    const received = this.channel.receive(datagram);
    if (!received) return;
    const { checksumFeed } = this.gamestate;
    const message = readClientMessage(received.message, { ...this.terms, texts: this.texts, checksumFeed });
    for (const { sequence, text } of message.reliable) if (sequence === this.heard.length + 1) this.heard.push(text);
    for (const move of message.moves)
      if (move.serverTime > (this.moves.at(-1)?.serverTime ?? -1)) this.moves.push(move);
    const { serverId, acknowledged, commandSequence, relative } = message;
    this.client = { serverId, acknowledged, commandSequence, relative, reliable: this.heard.length };
  }

  /** The datagrams of the next message: the gamestate until the client has it, then the world. */
  tell(world: World): Uint8Array[] {
    const writer = new BitWriter();
    const sequence = this.channel.nextSequence;
    writer.long(this.client.reliable);
    if (this.isInside) {
      for (const [number, text] of this.texts) {
        if (number <= this.client.commandSequence) continue;
        writer.byte(5);
        writer.long(number);
        writer.string(text);
      }
      const back = sequence - this.client.acknowledged;
      const base = this.client.relative && back < 30 ? this.sent.get(this.client.acknowledged) : undefined;
      writeSnapshot(writer, world, base ? { world: base, back } : null, this.gamestate.baselines);
      this.sent.set(sequence, world);
    } else writeGamestate(writer, this.gamestate);
    writer.byte(8);
    const message = writer.finish();
    if (this.terms.flavour === "LEGACY") {
      const text = this.heard[this.client.reliable - 1] ?? "";
      scramble(message, SCRAMBLED_FROM.server, serverKey(this.terms.challenge, sequence), text);
    }
    return this.channel.send(message);
  }
}
