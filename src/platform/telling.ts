type Hears = (text: string) => void;

/** Carries what is told of a topic to the nodes that listen to it, and back. */
export type Line = {
  tell(topic: string, text: string): void;
  /** Hears what other nodes tell of a topic. Returns the way to leave. */
  listen(topic: string, callback: Hears): () => void;
};

/**
 * What is of use now or never, such as what a player sees: it is in no log, and what gets lost is not told again. Without
 * a line there is only this process.
 */
export class Telling {
  private readonly line: Line | undefined;
  private readonly rooms = new Map<string, { callbacks: Set<Hears>; leave: (() => void) | undefined }>();

  constructor(line: Line | undefined) {
    this.line = line;
  }

  tell(topic: string, text: string): void {
    this.hear(topic, text);
    this.line?.tell(topic, text);
  }

  listen(topic: string, callback: Hears): () => void {
    const room = this.rooms.get(topic) ?? this.open(topic);
    room.callbacks.add(callback);
    return () => {
      room.callbacks.delete(callback);
      if (room.callbacks.size > 0 || this.rooms.get(topic) !== room) return;
      this.rooms.delete(topic);
      room.leave?.();
    };
  }

  /** How many listen to a topic on this node. */
  listeners(topic: string): number {
    return this.rooms.get(topic)?.callbacks.size ?? 0;
  }

  private open(topic: string) {
    const leave = this.line?.listen(topic, (text) => this.hear(topic, text));
    const room = { callbacks: new Set<Hears>(), leave };
    this.rooms.set(topic, room);
    return room;
  }

  private hear(topic: string, text: string): void {
    for (const callback of [...(this.rooms.get(topic)?.callbacks ?? [])]) callback(text);
  }
}
