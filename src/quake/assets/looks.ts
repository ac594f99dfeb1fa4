/** How light behind a surface comes through it. */
export type Blend = "NONE" | "ALPHA" | "ADD";

/** How a surface looks, as far as a still picture of it goes. */
export type Look = {
  /** The picture's file without its ending; null when the script names none. */
  picture: string | null;
  blend: Blend;
  /** Pixels that are nearly clear are left out. */
  cutOut: boolean;
  twoSided: boolean;
  /** Sky, or what only the map's makers see. */
  hidden: boolean;
  /** Lit by the colours of its vertices. */
  vertexLit: boolean;
  /** How many widths of the picture it moves in a second. */
  scroll: readonly [number, number];
};

type Stage = Omit<Look, "twoSided" | "hidden"> & { mirrors: boolean };

const LINE = /[^\n]+/g;
/** Scripts of the game nest twice: a material, and the stages in it. */
const STAGE_DEPTH = 2;

/** Reads the game's scripts of materials; what stands first counts. Lines that say nothing of a look are passed over. */
export function readLooks(script: string): Map<string, Look> {
  const looks = new Map<string, Look>();
  let material = newMaterial("");
  let depth = 0;
  for (const [word = "", ...rest] of statements(script)) {
    if (word === "{") {
      depth++;
      if (depth === STAGE_DEPTH) material.stages.push(newStage());
    } else if (word === "}") {
      depth = Math.max(0, depth - 1);
      if (depth === 0 && !looks.has(material.name)) looks.set(material.name, lookOf(material));
    } else if (depth === 0) material = newMaterial(word);
    else if (depth === 1) tellMaterial(material, word, rest);
    else tellStage(material.stages.at(-1), word, rest);
  }
  return looks;
}

/** The statements of a script in small letters, without comments; braces stand alone. */
function* statements(script: string): Generator<string[]> {
  const text = script.toLowerCase().replaceAll(/\/\*[^]*?\*\//g, " ");
  for (const [line] of text.matchAll(LINE)) {
    const said = line.replace(/\/\/.*$/, "").replaceAll(/[{}]/g, "\n$&\n");
    for (const part of said.split("\n")) {
      const words = part.trim().split(/\s+/);
      if (words[0] !== "") yield words;
    }
  }
}

type Material = { name: string; stages: Stage[]; twoSided: boolean; hidden: boolean };
const newMaterial = (name: string): Material => ({ name, stages: [], twoSided: false, hidden: false });

const newStage = (): Stage => ({
  picture: null,
  blend: "NONE",
  cutOut: false,
  vertexLit: false,
  scroll: [0, 0],
  mirrors: false,
});

function tellMaterial(material: Material, word: string, [first = ""]: readonly string[]): void {
  material.twoSided ||= word === "cull" && ["disable", "none", "twosided"].includes(first);
  material.hidden ||= word === "surfaceparm" && ["sky", "nodraw"].includes(first);
}

type Told = (stage: Stage, words: { first: string; second: string; third: string }) => void;

const showPicture: Told = (stage, { first }) => {
  stage.picture = first.startsWith("$") ? null : bare(first);
};

const STATEMENTS: Readonly<Record<string, Told>> = {
  map: showPicture,
  clampmap: showPicture,
  animmap: (stage, { second }) => (stage.picture = bare(second)),
  alphafunc: (stage) => (stage.cutOut = true),
  rgbgen: (stage, { first }) => (stage.vertexLit = first === "vertex" || first === "exactvertex"),
  tcgen: (stage, { first }) => (stage.mirrors = first === "environment"),
  tcmod: (stage, { first, second, third }) => {
    if (first === "scroll") stage.scroll = [Number(second) || 0, Number(third) || 0];
  },
  blendfunc: (stage, { first, second }) => (stage.blend = blendOf(first, second)),
};

function tellStage(stage: Stage | undefined, word: string, rest: readonly string[]): void {
  const [first = "", second = "", third = ""] = rest;
  if (stage && Object.hasOwn(STATEMENTS, word)) STATEMENTS[word]?.(stage, { first, second, third });
}

function blendOf(source: string, target: string): Blend {
  if (source === "add" || (source === "gl_one" && target === "gl_one")) return "ADD";
  return source === "gl_one" && target === "gl_zero" ? "NONE" : "ALPHA";
}

/** The stage that shows the material's own picture, else the first that shows any; the lowest says what shines through. */
function lookOf({ name, stages, twoSided, hidden }: Material): Look {
  const pictured = stages.filter(({ picture, mirrors }) => picture !== null && !mirrors);
  const shown = pictured.find(({ picture }) => picture === name) ?? pictured[0];
  const { picture = null, cutOut = false, vertexLit = false, scroll = [0, 0] } = shown ?? {};
  return { picture, cutOut, vertexLit, scroll, blend: stages[0]?.blend ?? "NONE", twoSided, hidden };
}

/** A picture's name without its ending: the game takes whichever kind there is. */
export const bare = (file: string): string => file.toLowerCase().replace(/\.(tga|jpe?g|png)$/, "");
