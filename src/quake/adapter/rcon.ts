import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { isOutOfBand, outOfBand, readOutOfBand } from "../protocol/out-of-band.ts";
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

export type Rcon = {
  /** Carries out one command of plain words; one at a time, no faster than the server answers. */
  command(...words: readonly string[]): Promise<RconAnswer>;
  close(): void;
};

const WAITING_MAX = 16;
const ANSWER_MAX_MS = 2_000;
/** An answer has no end: it is over when this long nothing more comes. */
const QUIET_MS = 150;
const ANSWER_CHARACTERS_MAX = 65_536;
const TRIES = 2;

/** Opens the way to a server's console over UDP, from a socket of its own. */
export async function openRcon(server: RemoteServer): Promise<Rcon> {
  const socket = createSocket("udp4");
  // A refused port is an answer that does not come.
  socket.on("error", () => undefined);
  socket.connect(server.port, server.host);
  await once(socket, "connect");
  const line = new RconLine(socket, server.password);
  return { command: (...words) => line.command(words), close: () => line.close() };
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

  async command(words: readonly string[]): Promise<RconAnswer> {
    const safe = safeCommand(words);
    if (!safe.ok) return { ok: false, fault: "COMMAND_UNSAFE" };
    if (this.waiting >= WAITING_MAX) return { ok: false, fault: "RCON_BUSY" };
    this.waiting++;
    const turn = this.last.then(() => this.ask(safe.value));
    this.last = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      this.waiting--;
    }
  }

  private async ask(command: string): Promise<RconAnswer> {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      await sleep(waitMs(this.bucket, performance.now()));
      if (this.closed) break;
      this.bucket = poured(this.bucket, performance.now());
      this.socket.send(outOfBand(`rcon "${this.password}" ${command}`));
      const text = await this.answer();
      if (text !== null) return judged(text);
    }
    return { ok: false, fault: "RCON_SILENT" };
  }

  /** The text of all packets of an answer; null when none came. */
  private answer(): Promise<string | null> {
    return new Promise((resolve) => {
      let text: string | null = null;
      const finish = () => {
        this.socket.off("message", hear);
        clearTimeout(timer);
        resolve(text);
      };
      const hear = (datagram: Uint8Array) => {
        const part = printed(datagram);
        if (part === null) return;
        text = ((text ?? "") + part).slice(0, ANSWER_CHARACTERS_MAX);
        clearTimeout(timer);
        timer = setTimeout(finish, QUIET_MS);
      };
      let timer = setTimeout(finish, ANSWER_MAX_MS);
      this.socket.on("message", hear);
    });
  }
}

function printed(datagram: Uint8Array): string | null {
  if (!isOutOfBand(datagram) || !datagram.subarray(4, 9).every((byte, index) => byte === "print".charCodeAt(index)))
    return null;
  const said = readOutOfBand(datagram);
  return said.kind === "print" ? said.text : null;
}

function judged(text: string): RconAnswer {
  if (text.startsWith("Bad rconpassword")) return { ok: false, fault: "RCON_BAD_PASSWORD" };
  if (text.startsWith("No rconpassword set")) return { ok: false, fault: "RCON_NOT_SET_UP" };
  return { ok: true, text };
}
