import { Ajv, type JSONSchemaType } from "ajv";
import type { StrategyAction } from "./contract.ts";

const COORDINATE_MAX = 65_536;
const WEAPON_MAX = 9;
const NUMBER_MAX = 1_023;

const coordinate = { type: "number", minimum: -COORDINATE_MAX, maximum: COORDINATE_MAX } as const;
const point = { type: "array", items: [coordinate, coordinate, coordinate], minItems: 3, maxItems: 3 } as const;
const number = { type: "integer", minimum: 0, maximum: NUMBER_MAX } as const;
const part = { type: "number", minimum: -1, maximum: 1 } as const;
const degrees = { type: "number", minimum: -3_600, maximum: 3_600 } as const;
const only = <Properties extends Record<string, unknown>>(properties: Properties) => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});

const schema = {
  type: "object",
  properties: {
    goTo: { anyOf: [only({ item: number }), only({ player: number }), only({ point })] },
    move: only({ x: part, y: part }),
    look: { anyOf: [only({ at: point }), only({ player: number }), only({ yaw: degrees, pitch: degrees })] },
    fire: { type: "boolean" },
    jump: { type: "boolean" },
    crouch: { type: "boolean" },
    weapon: { type: "integer", minimum: 1, maximum: WEAPON_MAX },
  },
  required: [],
  additionalProperties: false,
} as unknown as JSONSchemaType<StrategyAction>;

const isAction = new Ajv({ strictTypes: false, strictTuples: false }).compile(schema);

export type ReadAction = { ok: true; action: StrategyAction } | { ok: false; reason: string };

/** An action out of what a strategy gave, or where and why it is none. */
export function readAction(given: unknown): ReadAction {
  if (isAction(given)) return { ok: true, action: given };
  const [first] = isAction.errors ?? [];
  return { ok: false, reason: `the action${first?.instancePath ?? ""} ${first?.message ?? "is none"}` };
}
