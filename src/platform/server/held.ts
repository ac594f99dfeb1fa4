import type { Platform } from "../platform.ts";
import { isSignedIn, type SignedIn, type Viewer } from "../viewer.ts";
import type { Revalidate } from "./context.ts";

const REVALIDATE_MS = 3_000;

/** A connection that somebody holds open, and how it is closed when the credentials are revoked. */
export type HeldConnection = { viewer: Viewer; close: () => void };

/** The connections that people hold open: so many a principal, and only while their credentials hold. */
export class Held {
  private readonly connections = new Map<string, Set<HeldConnection>>();
  private readonly platform: Platform;
  private readonly isStillValid: Revalidate;
  private readonly looking: NodeJS.Timeout;

  constructor(platform: Platform, isStillValid: Revalidate) {
    this.platform = platform;
    this.isStillValid = isStillValid;
    this.looking = setInterval(() => void this.closeRevoked(), REVALIDATE_MS).unref();
  }

  /** Counts a connection and returns the way to let go of it; null when its principal holds as many as it may. */
  take(connection: HeldConnection): (() => void) | null {
    const { principal } = connection.viewer;
    const own = this.connections.get(principal) ?? new Set();
    if (own.size >= this.platform.settings.socketsPerPrincipalMax) return null;
    this.connections.set(principal, own.add(connection));
    return () => {
      own.delete(connection);
      if (own.size === 0 && this.connections.get(principal) === own) this.connections.delete(principal);
    };
  }

  /** A revoked key or session goes silent at the next look. */
  private async closeRevoked(): Promise<void> {
    for (const own of this.connections.values()) {
      const [first] = own;
      if (first && isSignedIn(first.viewer) && !(await this.holds(first.viewer))) for (const { close } of own) close();
    }
  }

  private async holds(viewer: SignedIn): Promise<boolean> {
    try {
      return await this.isStillValid(viewer);
    } catch (error) {
      this.platform.log.warn({ error }, "credentials could not be checked; the next look tries again");
      return true;
    }
  }

  stop(): void {
    clearInterval(this.looking);
  }
}
