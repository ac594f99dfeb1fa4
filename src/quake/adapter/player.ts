import { createSocket, type Socket } from "node:dgram";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { ChannelFlavour } from "../protocol/netchan.ts";
import { IDLE, type Intent } from "../protocol/link.ts";
import { ProtocolError } from "../protocol/protocol-error.ts";
import { Session, type SessionEvent } from "../protocol/session.ts";
import { safeName, type CommandRefusal } from "../rules/commands.ts";
import type { Snapshot } from "../protocol/snapshot.ts";

/** Who joins which server. */
export type PlayerOptions = {
  host: string;
  port: number;
  /** Our own address; servers on this machine count what comes from each. */
  from: string;
  name: string;
  /** 32 hexadecimal digits by which the server and we know this player. */
  guid: string;
  password: string;
  flavour: ChannelFlavour;
  timescale: number;
};

/** A network player, from its socket to the game. */
export type Player = {
  readonly phase: Session["phase"];
  readonly snapshot: Snapshot | null;
  /** Datagrams that were not of the protocol so far. */
  readonly faults: number;
  /** What it does from now on, until told otherwise. */
  act(intent: Intent): void;
  /** Says a command that reaches the server; false when it cannot now. */
  command(text: string): boolean;
  configstring(index: number): string;
  onEvent(callback: (event: SessionEvent) => void): () => void;
  leave(): Promise<void>;
};

/** Moves go out this often in game time. */
const SEND_INTERVAL_MS = 25;
/** No timer is more exact than this on a busy machine. */
const SEND_INTERVAL_MIN_MS = 5;
/** A datagram that is sent right before its socket closes never leaves. */
const LINGER_MS = 60;
const RATE_BYTES_PER_SECOND = 25_000;
/** Of game time; a server counts them in real time, and sends no more than it has frames. */
const SNAPSHOTS_PER_SECOND = 40;
const QPORT_MAX = 65_535;
const CHALLENGE_MAX = 2 ** 31 - 1;

export type Joining = { ok: true; player: Player } | { ok: false; refusal: CommandRefusal };

/** Begins to join; events tell how it goes. A name that could break the packet or the log is refused; throws without a socket. */
export async function joinServer(options: PlayerOptions): Promise<Joining> {
  const name = safeName(options.name);
  if (!name.ok) return name;
  const socket = await openSocket(options);
  try {
    return { ok: true, player: new NetworkPlayer(socket, sessionOf(options), options) };
  } catch (error) {
    socket.close();
    throw error;
  }
}

/** Throws where our own address is not to be had. */
async function openSocket({ from, host, port }: PlayerOptions): Promise<Socket> {
  const socket = createSocket("udp4");
  try {
    socket.bind(0, from);
    await once(socket, "listening");
    socket.connect(port, host);
    await once(socket, "connect");
  } catch (error) {
    socket.close();
    throw error;
  }
  // A port that nobody listens on shows as an error of the socket; silence tells the same.
  socket.on("error", () => undefined);
  return socket;
}

function sessionOf({ name, guid, password, flavour, timescale }: PlayerOptions): Session {
  const look = { model: "sarge", headmodel: "sarge", color1: 4, color2: 5, sex: "male", handicap: 100 };
  const line = {
    rate: RATE_BYTES_PER_SECOND,
    snaps: SNAPSHOTS_PER_SECOND * timescale,
    cg_predictItems: 1,
    cl_anonymous: 0,
    teamtask: 0,
  };
  return new Session({
    userinfo: { name, cl_guid: guid, password, ...look, ...line },
    qport: randomInt(1, QPORT_MAX),
    clientChallenge: randomInt(1, CHALLENGE_MAX),
    flavour,
    timescale,
  });
}

type Beat = { timer: NodeJS.Timeout; movers: Set<() => void> };
/** By server. */
const beats = new Map<string, Beat>();

/** Calls back at an interval, at the same moments for all who play on one server, which then wakes once for all of them. */
function onBeat(server: string, intervalMs: number, move: () => void): () => void {
  const beat = beats.get(server) ?? beatOf(intervalMs);
  beats.set(server, beat);
  beat.movers.add(move);
  return () => {
    beat.movers.delete(move);
    if (beat.movers.size > 0) return;
    clearInterval(beat.timer);
    if (beats.get(server) === beat) beats.delete(server);
  };
}

function beatOf(intervalMs: number): Beat {
  const movers = new Set<() => void>();
  const timer = setInterval(() => {
    for (const move of movers) move();
  }, intervalMs);
  return { timer, movers };
}

class NetworkPlayer implements Player {
  faults = 0;
  private readonly socket: Socket;
  private readonly session: Session;
  private readonly callbacks = new Set<(event: SessionEvent) => void>();
  private readonly rest: () => void;
  private intent = IDLE;

  constructor(socket: Socket, session: Session, { host, port, timescale }: PlayerOptions) {
    this.socket = socket;
    this.session = session;
    socket.on("message", (datagram) => this.receive(datagram));
    const intervalMs = Math.max(SEND_INTERVAL_MIN_MS, SEND_INTERVAL_MS / timescale);
    this.rest = onBeat(`${host}:${port}`, intervalMs, () => this.send(session.send(this.intent, performance.now())));
  }

  get phase(): Session["phase"] {
    return this.session.phase;
  }

  get snapshot(): Snapshot | null {
    return this.session.snapshot;
  }

  act(intent: Intent): void {
    this.intent = intent;
  }

  command(text: string): boolean {
    return this.session.command(text);
  }

  configstring(index: number): string {
    return this.session.configstring(index);
  }

  onEvent(callback: (event: SessionEvent) => void): () => void {
    this.callbacks.add(callback);
    return () => void this.callbacks.delete(callback);
  }

  async leave(): Promise<void> {
    this.rest();
    this.send(this.session.leave(this.intent, performance.now()));
    await sleep(LINGER_MS);
    this.socket.close();
  }

  private send(datagrams: readonly Uint8Array[]): void {
    for (const datagram of datagrams) this.socket.send(datagram);
  }

  /** What is not of the protocol is counted and dropped, as if the network had lost it. */
  private receive(datagram: Uint8Array): void {
    try {
      const events = this.session.receive(datagram, performance.now());
      for (const event of events) for (const callback of this.callbacks) callback(event);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.faults++;
    }
  }
}
