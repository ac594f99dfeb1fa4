import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { parseInfo } from "../protocol/info-string.ts";
import { isOutOfBand, outOfBand, readOutOfBand, type OutOfBand } from "../protocol/out-of-band.ts";
import { ProtocolError } from "../protocol/protocol-error.ts";
import { safeCommand } from "../rules/commands.ts";
import type { RemoteServer } from "../rules/remote.ts";
import { EMPTY_BUCKET, poured, waitMs, type Bucket } from "../rules/leaky-bucket.ts";

export const RCON_FAULTS = [
  "COMMAND_UNSAFE",
  "RCON_BUSY",
  "RCON_SILENT",
  "RCON_BAD_PASSWORD",
  "RCON_NOT_SET_UP",
] as const;
export type RconFault = (typeof RCON_FAULTS)[number];

export type RconAnswer = { ok: true; text: string } | { ok: false; fault: RconFault };

/** What a server tells of itself to everybody; NOT_A_GAME_SERVER when something else answered. */
export type InfoAnswer =
  | { ok: true; info: ReadonlyMap<string, string>; players: number }
  | { ok: false; fault: RconFault | "NOT_A_GAME_SERVER" };

export type Rcon = {
  /** Asks how the server is, in the same turn as commands: it counts them together. */
  ask(): Promise<InfoAnswer>;
  /** Carries out one command of plain words; one at a time, no faster than the server answers. */
  command(...words: readonly string[]): Promise<RconAnswer>;
  /** The same, but said once, for what must not be done twice: silence may mean that it was done. */
  commandOnce(...words: readonly string[]): Promise<RconAnswer>;
  /** Another socket of ours, at the same address, is about to ask the server something: it counts that with the rest. */
  countOther(): void;
  close(): void;
};

type Failed = { fault: RconFault };

const WAITING_MAX = 16;
const ANSWER_MAX_MS = 2_000;
/** An answer has no end: it is over when this long nothing more comes, and at the latest when time or room is out. */
const QUIET_MS = 150;
const ANSWER_CHARACTERS_MAX = 65_536;
const TRIES = 2;

/** Opens the way to a server's console over UDP, from a socket of its own. Throws where no way leads there. */
export async function openRcon(server: RemoteServer): Promise<Rcon> {
  const line = new RconLine(await socketTo(server), server.password);
  return {
    ask: () => line.ask(),
    command: (...words) => line.command(words, TRIES),
    commandOnce: (...words) => line.command(words, 1),
    countOther: () => line.countOther(),
    close: () => line.close(),
  };
}

async function socketTo({ host, port }: RemoteServer): Promise<Socket> {
  const socket = createSocket("udp4");
  // A refused port is an answer that does not come.
  socket.on("error", () => undefined);
  try {
    socket.connect(port, host);
    await once(socket, "connect");
  } catch (error) {
    socket.close();
    throw error;
  }
  return socket;
}

class RconLine {
  private readonly socket: Socket;
  private readonly password: string;
  private bucket: Bucket = EMPTY_BUCKET;
  private last: Promise<unknown> = Promise.resolve();
  private waiting = 0;
  private closed = false;

  constructor(socket: Socket, password: string) {
    this.socket = socket;
    this.password = password;
  }

  /** What still waits is silent. */
  close(): void {
    this.closed = true;
    this.socket.close();
  }

  countOther(): void {
    this.bucket = poured(this.bucket, performance.now());
  }

  async command(words: readonly string[], tries: number): Promise<RconAnswer> {
    const safe = safeCommand(words);
    if (!safe.ok) return { ok: false, fault: "COMMAND_UNSAFE" };
    const packet = `rcon "${this.password}" ${safe.value}`;
    const text = await this.inTurn(() => this.tried(packet, () => this.answer(), tries));
    return typeof text === "string" ? judged(text) : { ok: false, fault: text.fault };
  }

  async ask(): Promise<InfoAnswer> {
    const said = await this.inTurn(() => this.tried("getstatus", () => this.status(), TRIES));
    if ("fault" in said) return { ok: false, fault: said.fault };
    if (said.kind !== "status") return { ok: false, fault: "NOT_A_GAME_SERVER" };
    return { ok: true, info: parseInfo(said.info), players: said.players.length };
  }

  private async inTurn<Answer>(ask: () => Promise<Answer>): Promise<Answer | Failed> {
    if (this.waiting >= WAITING_MAX) return { fault: "RCON_BUSY" };
    this.waiting++;
    const turn = this.last.then(ask);
    this.last = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      this.waiting--;
    }
  }

  private async tried<Answer>(
    text: string,
    answer: () => Promise<Answer | null>,
    tries: number,
  ): Promise<Answer | Failed> {
    for (let attempt = 0; attempt < tries; attempt++) {
      await sleep(waitMs(this.bucket, performance.now()));
      if (this.closed) break;
      this.bucket = poured(this.bucket, performance.now());
      this.socket.send(outOfBand(text));
      const said = await answer();
      if (said !== null) return said;
    }
    return { fault: "RCON_SILENT" };
  }

  /** The first datagram that is no late answer of the console. */
  private status(): Promise<OutOfBand | null> {
    return new Promise((resolve) => {
      const finish = (said: OutOfBand | null) => {
        this.socket.off("message", hear);
        clearTimeout(timer);
        resolve(said);
      };
      const hear = (datagram: Uint8Array) => {
        if (printed(datagram) === null) finish(saidBy(datagram));
      };
      const timer = setTimeout(() => finish(null), ANSWER_MAX_MS);
      this.socket.on("message", hear);
    });
  }

  /** The text of all packets of an answer; null when none came. */
  private answer(): Promise<string | null> {
    return new Promise((resolve) => {
      let text: string | null = null;
      let quiet: NodeJS.Timeout | undefined;
      const finish = () => {
        this.socket.off("message", hear);
        clearTimeout(quiet);
        clearTimeout(late);
        resolve(text);
      };
      const hear = (datagram: Uint8Array) => {
        const part = printed(datagram);
        if (part === null) return;
        text = ((text ?? "") + part).slice(0, ANSWER_CHARACTERS_MAX);
        if (text.length === ANSWER_CHARACTERS_MAX) return finish();
        clearTimeout(quiet);
        quiet = setTimeout(finish, QUIET_MS);
      };
      const late = setTimeout(finish, ANSWER_MAX_MS);
      this.socket.on("message", hear);
    });
  }
}

const NOTHING: OutOfBand = { kind: "unknown", command: "" };

function saidBy(datagram: Uint8Array): OutOfBand {
  try {
    return readOutOfBand(datagram);
  } catch (error) {
    if (error instanceof ProtocolError) return NOTHING;
    throw error;
  }
}

function printed(datagram: Uint8Array): string | null {
  if (!isOutOfBand(datagram) || !datagram.subarray(4, 9).every((byte, index) => byte === "print".charCodeAt(index)))
    return null;
  const said = saidBy(datagram);
  return said.kind === "print" ? said.text : null;
}

function judged(text: string): RconAnswer {
  if (text.startsWith("Bad rconpassword")) return { ok: false, fault: "RCON_BAD_PASSWORD" };
  if (text.startsWith("No rconpassword set")) return { ok: false, fault: "RCON_NOT_SET_UP" };
  return { ok: true, text };
}
