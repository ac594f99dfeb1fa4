import type { Platform } from "../../platform/platform.ts";
import { opened, openWay, type Failed, type KnownRemote, type Way } from "./remote.ts";

/** One way to each server a process, because what a server answers is counted for all questions together. */
export class Ways {
  private readonly platform: Platform;
  private readonly open = new Map<string, Way>();

  constructor(platform: Platform) {
    this.platform = platform;
  }

  async to(server: KnownRemote): Promise<({ ok: true } & Way) | Failed> {
    const known = this.open.get(server.id);
    if (known) return { ok: true, ...known };
    const password = opened(this.platform, server);
    if (password === null) return { ok: false, fault: "BAD_PASSWORD" };
    const { host, port, configured: isTrusted } = server;
    const way = await openWay(this.platform, { host, port, password, isTrusted });
    if (way.ok) this.open.set(server.id, way);
    return way;
  }

  /** The next one is opened anew: its host may be elsewhere, or its password another. */
  forget(id: string): void {
    this.open.get(id)?.rcon.close();
    this.open.delete(id);
  }

  close(): void {
    for (const id of this.open.keys()) this.forget(id);
  }
}
