import type { Platform } from "../platform.ts";
import { isSignedIn, type Viewer } from "../viewer.ts";
import type { Revalidate } from "./context.ts";

const REVALIDATE_MS = 3_000;

/** A connection that somebody holds open, and how it is closed when the credentials are revoked. */
export type HeldConnection = { viewer: Viewer; close: () => void };

/** The connections that people hold open: so many a principal (a key, a session, an address), and only while it holds. */
export class Held {
  private readonly connections = new Map<string, Set<HeldConnection>>();
  private readonly platform: Platform;
  private readonly stillValid: Revalidate;
  private readonly looking: NodeJS.Timeout;

  constructor(platform: Platform, stillValid: Revalidate) {
    this.platform = platform;
    this.stillValid = stillValid;
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

  /** A revoked key or session goes silent at the next look, and so does one whose rights were read when they were others. */
  private async closeRevoked(): Promise<void> {
    const viewers = [...this.connections.values()].flatMap(([first]) =>
      first && isSignedIn(first.viewer) ? [first.viewer] : [],
    );
    if (viewers.length === 0) return;
    try {
      const valid = new Set(await this.stillValid(viewers));
      for (const viewer of viewers) if (!valid.has(viewer)) this.close(viewer.principal);
    } catch (error) {
      this.platform.log.warn({ error }, "credentials could not be checked; the next look tries again");
    }
  }

  private close(principal: string): void {
    for (const { close } of [...(this.connections.get(principal) ?? [])]) close();
  }

  stop(): void {
    clearInterval(this.looking);
  }
}
