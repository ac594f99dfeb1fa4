import type { FieldMap, ObjectFieldBuilder } from "@pothos/core";
import { formatAmount, type Amount } from "../money.ts";
import type { SchemaTypes } from "./builder.ts";
import type { Context } from "./context.ts";

type Types = PothosSchemaTypes.ExtendDefaultTypes<SchemaTypes>;

/** An amount in base units under its name, and the same for people beside it as `nameFormatted`. */
export function amountFields<Shape>(
  t: ObjectFieldBuilder<Types, Shape>,
  name: string,
  description: string,
  resolve: (parent: Shape, context: Context) => Amount | Promise<Amount>,
): FieldMap {
  return {
    [name]: t.field({
      type: "TokenAmount",
      description: `${description} In base units (10^-18 NORTH).`,
      resolve: (parent, _args, context) => resolve(parent, context) as never,
    }),
    [`${name}Formatted`]: t.string({
      description: `The same as ${name} for people, exact, such as "1,250,000.5 NORTH".`,
      resolve: async (parent, _args, context) => formatAmount(await resolve(parent, context)) as never,
    }),
  };
}
