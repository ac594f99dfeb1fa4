import { BitWriter } from "./bits.ts";
import { commandHash, NO_COMMAND, writeCommand, type UserCommand } from "./usercmd.ts";

/** A command that is repeated until the server has acknowledged its number. */
export type ReliableCommand = { sequence: number; text: string };

export type ClientMessage = {
  /** Names the run of the map that the commands are for; 0 before the first gamestate. */
  serverId: number;
  /** The last server message that came. */
  acknowledged: number;
  /** The last server command that came, and its text as it came. */
  commandSequence: number;
  commandText: string;
  reliable: readonly ReliableCommand[];
  /** What the player does, oldest first; at most 32 fit. */
  moves: readonly UserCommand[];
  /** Of the gamestate; part of the moves' key. */
  checksumFeed: number;
  /** Whether the acknowledged message brought a snapshot that was read: the next may be told relative to it. */
  relative: boolean;
};

const OPERATION = { move: 2, moveWithoutRelation: 3, reliable: 4, end: 5 } as const;

/** The bytes of a client message, before they are scrambled and numbered. */
export function writeClientMessage(message: ClientMessage): Uint8Array {
  const writer = new BitWriter();
  writer.long(message.serverId);
  writer.long(message.acknowledged);
  writer.long(message.commandSequence);
  for (const { sequence, text } of message.reliable) {
    writer.byte(OPERATION.reliable);
    writer.long(sequence);
    writer.string(text);
  }
  writeMoves(writer, message);
  writer.byte(OPERATION.end);
  return writer.finish();
}

function writeMoves(
  writer: BitWriter,
  { moves, relative, checksumFeed, acknowledged, commandText }: ClientMessage,
): void {
  if (moves.length === 0) return;
  writer.byte(relative ? OPERATION.move : OPERATION.moveWithoutRelation);
  writer.byte(moves.length);
  const key = checksumFeed ^ acknowledged ^ commandHash(commandText);
  let from = NO_COMMAND;
  for (const move of moves) {
    writeCommand(writer, key, from, move);
    from = move;
  }
}
