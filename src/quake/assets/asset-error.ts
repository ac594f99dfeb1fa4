export type AssetFault = "NOT_FOUND" | "BAD_FORMAT" | "TOO_LARGE";

/** A file of the game that is missing, or is not what its name says. */
export class AssetError extends Error {
  readonly fault: AssetFault;

  constructor(fault: AssetFault, message: string, options?: ErrorOptions) {
    super(`${fault}: ${message}`, options);
    this.name = "AssetError";
    this.fault = fault;
  }
}
