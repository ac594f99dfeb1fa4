import { readFileSync } from "node:fs";
import type { StrategyTable } from "../rules/strategy.ts";

/** The equilibrium bot's strategy, as tools/solve-pit.ts wrote it; read once. */
export const EQUILIBRIUM: StrategyTable = readFileSync(new URL("./equilibrium.bin", import.meta.url));
