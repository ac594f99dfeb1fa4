import { Link, type Intent, type LinkEvent } from "./link.ts";
import type { ChannelFlavour } from "./netchan.ts";
import {
  askChallenge,
  askConnection,
  isOutOfBand,
  PROTOCOL_VERSION,
  readOutOfBand,
  type OutOfBand,
} from "./out-of-band.ts";
import type { Snapshot } from "./snapshot.ts";

/** Who connects, and how. */
export type SessionTerms = {
  /** At least `name` and `cl_guid`, 32 hexadecimal digits, without which OpenArena refuses. */
  userinfo: Readonly<Record<string, string | number>>;
  /** 1 to 65535, unlike that of every other client at this address. */
  qport: number;
  /** Proves that an answer is to this client. */
  clientChallenge: number;
  flavour: ChannelFlavour;
  /** How many times faster than real time the server runs. */
  timescale: number;
};

export type SessionEvent =
  | LinkEvent
  /** The server has given this client a place. */
  | { type: "CONNECTED" }
  | { type: "REFUSED"; reason: string };

type State =
  | { phase: "ASKING_CHALLENGE" }
  | { phase: "ASKING_CONNECTION"; challenge: number }
  | { phase: "CONNECTED"; link: Link }
  | { phase: "ENDED" };

const LONGEST_CHALLENGE = -2_147_483_648;
const ASK_AGAIN_MS = 1_000;
/** A connection that is alive is not ended by a packet from outside of it, which anybody could forge. */
const SILENT_MS = 3_000;

/** A client from its first question to its end. It does no input or output: datagrams come in, datagrams go out. */
export class Session {
  private readonly terms: SessionTerms;
  private state: State = { phase: "ASKING_CHALLENGE" };
  private askedAtMs = Number.NEGATIVE_INFINITY;
  private heardAtMs = Number.NEGATIVE_INFINITY;

  /** Throws a `ProtocolError` when a value of the userinfo would break the packet that carries it. */
  constructor(terms: SessionTerms) {
    this.terms = terms;
    this.connection({ challenge: LONGEST_CHALLENGE });
  }

  get phase(): State["phase"] {
    return this.state.phase;
  }

  get snapshot(): Snapshot | null {
    return this.state.phase === "CONNECTED" ? this.state.link.snapshot : null;
  }

  configstring(index: number): string {
    return this.state.phase === "CONNECTED" ? this.state.link.configstring(index) : "";
  }

  /** Says a reliable command; false when not connected, or when too many are not yet acknowledged. */
  command(text: string): boolean {
    return this.state.phase === "CONNECTED" && this.state.link.command(text);
  }

  /** Takes a datagram from the server. It throws a `ProtocolError` and nothing else; the datagram is then as if lost. */
  receive(datagram: Uint8Array, nowMs: number): SessionEvent[] {
    if (isOutOfBand(datagram)) return this.answer(readOutOfBand(datagram), nowMs);
    if (this.state.phase !== "CONNECTED") return [];
    const events = this.state.link.receive(datagram, nowMs);
    this.heardAtMs = nowMs;
    if (events.some(({ type }) => type === "DROPPED")) this.state = { phase: "ENDED" };
    return events;
  }

  /** The datagrams that are to be sent now: a question again, or the player's next move. */
  send(intent: Intent, nowMs: number): Uint8Array[] {
    const { state } = this;
    if (state.phase === "ENDED") return [];
    if (state.phase === "CONNECTED") return state.link.send(intent, nowMs);
    if (nowMs - this.askedAtMs < ASK_AGAIN_MS) return [];
    this.askedAtMs = nowMs;
    return [state.phase === "ASKING_CHALLENGE" ? askChallenge(this.terms.clientChallenge) : this.connection(state)];
  }

  /** Ends the session; the datagrams that tell the server so, several because none is repeated. */
  leave(intent: Intent, nowMs: number): Uint8Array[] {
    const { state } = this;
    this.state = { phase: "ENDED" };
    if (state.phase !== "CONNECTED") return [];
    state.link.command("disconnect");
    return [0, 1, 2].flatMap(() => state.link.send(intent, nowMs));
  }

  private connection({ challenge }: { challenge: number }): Uint8Array {
    const { userinfo, qport } = this.terms;
    return askConnection({ ...userinfo, protocol: PROTOCOL_VERSION, qport, challenge });
  }

  private answer(said: OutOfBand, nowMs: number): SessionEvent[] {
    const { phase } = this.state;
    switch (said.kind) {
      case "challenge":
        return this.takeChallenge(said, nowMs);
      case "connected":
        return this.takePlace(said.challenge);
      case "print":
        return phase === "CONNECTED" || phase === "ENDED"
          ? []
          : this.end({ type: "REFUSED", reason: said.text.trim() });
      case "disconnected":
        return phase === "CONNECTED" && nowMs - this.heardAtMs > SILENT_MS
          ? this.end({ type: "DROPPED", reason: "the server does not know this connection" })
          : [];
      case "info":
      case "status":
      case "unknown":
        return [];
    }
  }

  private takeChallenge({ challenge, clientChallenge }: OutOfBand & { kind: "challenge" }, nowMs: number): [] {
    if (this.state.phase === "ASKING_CHALLENGE" && clientChallenge === this.terms.clientChallenge) {
      this.state = { phase: "ASKING_CONNECTION", challenge };
      this.askedAtMs = nowMs - ASK_AGAIN_MS;
    }
    return [];
  }

  private takePlace(challenge: number | null): SessionEvent[] {
    const { state, terms } = this;
    if (state.phase !== "ASKING_CONNECTION" || (challenge !== null && challenge !== state.challenge)) return [];
    const { flavour, qport, timescale } = terms;
    this.state = {
      phase: "CONNECTED",
      link: new Link({ flavour, qport, challenge: state.challenge }, timescale),
    };
    return [{ type: "CONNECTED" }];
  }

  private end(event: SessionEvent): SessionEvent[] {
    this.state = { phase: "ENDED" };
    return [event];
  }
}
