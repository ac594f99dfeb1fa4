// Writes docs/agon-quake.d.ts: the types of the module "agon:quake", for the editors of those who write strategies.
import { readFileSync, writeFileSync } from "node:fs";
import { argv } from "node:process";
import ts from "typescript";

const FOLDER = new URL("../src/quake/strategy/", import.meta.url);
export const TYPES_FILE = new URL("../docs/agon-quake.d.ts", import.meta.url);

const HEAD = `// The types of "agon:quake", the one module that a Quake strategy may import. Made by npm run generate: do not edit.
// Put this file beside your strategy, and your editor knows them.

declare module "agon:quake" {
`;

/** The contract and the library as they are imported by a strategy, with what is said of them. */
export function strategyTypes(): string {
  const [contract, library] = ["contract.ts", "library.ts"].map((file) => {
    const source = readFileSync(new URL(file, FOLDER), "utf8");
    const { outputText } = ts.transpileDeclaration(source, { compilerOptions: { removeComments: false } });
    return outputText.replaceAll(/^(?:import|export type \*).*\n|^export \{\};\n|^\/\/.*\n/gm, "");
  });
  const body = `${contract}\n${library}`.replaceAll(/^export declare /gm, "export ").trim();
  return `${HEAD}${body.replaceAll(/^(?=.)/gm, "  ").replaceAll("    ", "  ")}\n}\n`;
}

if (argv[1]?.endsWith("strategy-types.ts")) writeFileSync(TYPES_FILE, strategyTypes());
