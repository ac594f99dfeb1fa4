/** Why a datagram is not one of the protocol. */
export const PROTOCOL_FAULTS = [
  "TRUNCATED",
  "BAD_CHECKSUM",
  "BAD_FRAGMENT",
  "TOO_LONG",
  "UNKNOWN_OPERATION",
  "OUT_OF_RANGE",
  "BAD_STRING",
] as const;
export type ProtocolFault = (typeof PROTOCOL_FAULTS)[number];

/** The only error that this folder throws at bytes from the network; the datagram is to be dropped. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
  readonly fault: ProtocolFault;

  constructor(fault: ProtocolFault, what: string) {
    super(`${fault}: ${what}`);
    this.fault = fault;
  }
}
