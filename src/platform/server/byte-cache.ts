import { createHash } from "node:crypto";
import type { Hub } from "../hub.ts";

/** An answer's bytes, to be sent to everybody who asks the same. */
export type Stored = { body: Buffer; etag: string };

/** Computes an answer; `tags` are added before what they cover is read. An answer that must not be kept has `keep: false`. */
export type Compute = (tags: { add(tag: string): unknown }) => Promise<{ body: Buffer; keep: boolean }>;

/** What many poll, by key. */
export type ByteCache = {
  get(key: string): Stored | null;
  /** The stored answer, or a computed one: those who ask the same at the same time share one computation. */
  answer(key: string, compute: Compute): Promise<Stored>;
  close(): void;
};

const LIFE_MS = 1_000;
const BYTES_MAX = 64 * 1_024 * 1_024;

type Entry = {
  stored: Stored | null;
  filling: Promise<Stored> | null;
  tags: Set<string>;
  since: number;
  bytes: number;
};

/**
 * Bytes by key. An entry is dropped when a stream or feed that it depends on moves, and after one second in any case: that
 * bounds what a lost message of the bus or a clock can do. A tag `kind:*` is moved by every stream of that kind.
 */
export function openByteCache(hub: Pick<Hub, "onMoved">): ByteCache {
  const cache = new Cache();
  const forget = hub.onMoved((name) => cache.moved(name));
  const sweeping = setInterval(() => cache.sweep(), LIFE_MS).unref();
  return {
    get: (key) => cache.get(key),
    answer: (key, compute) => cache.answer(key, compute),
    close: () => {
      forget();
      clearInterval(sweeping);
    },
  };
}

class Cache {
  private readonly entries = new Map<string, Entry>();
  private readonly byTag = new Map<string, Map<string, Entry>>();
  /** When names moved, by the count of movements: a tag that is added late must not miss what moved meanwhile. */
  private readonly movedAt = new Map<string, number>();
  private movements = 0;
  private bytes = 0;

  get(key: string): Stored | null {
    return this.entries.get(key)?.stored ?? null;
  }

  answer(key: string, compute: Compute): Promise<Stored> {
    const known = this.entries.get(key);
    if (known?.stored) return Promise.resolve(known.stored);
    return known?.filling ?? this.fill(key, compute);
  }

  private fill(key: string, compute: Compute): Promise<Stored> {
    const entry: Entry = { stored: null, filling: null, tags: new Set(), since: this.movements, bytes: 0 };
    this.entries.set(key, entry);
    entry.filling = compute({ add: (tag) => this.tag(key, entry, tag) }).then(
      ({ body, keep }) => {
        const stored = { body, etag: `W/"${createHash("sha1").update(body).digest("base64url")}"` };
        entry.filling = null;
        if (keep) this.keep(key, entry, stored);
        else this.drop(key, entry);
        return stored;
      },
      (error: unknown) => {
        this.drop(key, entry);
        throw error;
      },
    );
    return entry.filling;
  }

  private keep(key: string, entry: Entry, stored: Stored): void {
    if (this.entries.get(key) !== entry) return;
    const bytes = stored.body.length + key.length;
    if (this.bytes + bytes > BYTES_MAX) return this.drop(key, entry);
    entry.stored = stored;
    entry.bytes = bytes;
    this.bytes += bytes;
  }

  private tag(key: string, entry: Entry, tag: string): void {
    if ((this.movedAt.get(tag) ?? -1) >= entry.since) return this.drop(key, entry);
    if (this.entries.get(key) !== entry) return;
    entry.tags.add(tag);
    const tagged = this.byTag.get(tag) ?? new Map<string, Entry>();
    this.byTag.set(tag, tagged.set(key, entry));
  }

  private drop(key: string, entry: Entry): void {
    if (this.entries.get(key) !== entry) return;
    this.entries.delete(key);
    this.bytes -= entry.bytes;
    for (const tag of entry.tags) {
      const tagged = this.byTag.get(tag);
      tagged?.delete(key);
      if (tagged?.size === 0) this.byTag.delete(tag);
    }
  }

  moved(name: string): void {
    const kind = `${name.slice(0, name.indexOf(":") + 1)}*`;
    for (const tag of kind === "*" ? [name] : [name, kind]) {
      this.movedAt.set(tag, this.movements);
      for (const [key, entry] of this.byTag.get(tag) ?? []) this.drop(key, entry);
    }
    this.movements++;
  }

  /** Each second everything goes: what is asked for again is read again. */
  sweep(): void {
    for (const [key, entry] of this.entries) this.drop(key, entry);
    this.movedAt.clear();
  }
}
