import type { Character } from "./bodies.ts";
import type { Mode } from "./cameras.ts";
import type { Frame, Missile } from "./frames.ts";
import type { Vec3 } from "./map-file.ts";

/** Who is in the picture. */
export type Player = { side: number; name: string; character: Character };

export type Rect = { x: number; y: number; width: number; height: number };

/** The place of the followed bot's own view; `top` is where what stands over it begins. */
export type Inset = Rect & { top: number };

/** All that one picture shows. */
export type Scene = {
  moment: Frame;
  /** The missiles a moment earlier: where they come from. */
  before: readonly Missile[];
  trails: readonly { side: number; trail: readonly Vec3[] }[];
  mode: Mode;
  followed: number;
  /** Whose ink the ground is. */
  leader: number;
  elapsedMs: number;
  still: boolean;
  /** Where in the picture the followed bot's own view stands, in CSS pixels; null where it does not. */
  inset: Inset | null;
};

/** Where over the picture a bot's name goes, in CSS pixels. */
export type Label = { side: number; x: number; y: number };

/** Something that draws scenes on a canvas: with WebGL, or without it. */
export type Picture = {
  /** The ways of looking that it has. */
  modes: readonly Mode[];
  show(scene: Scene): readonly Label[];
  resize(width: number, height: number): void;
  /** Whether it changed by the visitor's own hand since it was shown last. */
  isTouched(): boolean;
  /** Moves the free camera by steps: aside, forwards, up. */
  fly(aside: number, forwards: number, up: number): void;
  dispose(): void;
};
