import type { ObjectFieldBuilder } from "@pothos/core";
import { UserNode } from "../../identity/schema/people.ts";
import { builder, type SchemaTypes } from "../../platform/graphql/builder.ts";
import { valuesOf } from "../../platform/graphql/enum-values.ts";
import { levelOf } from "../rules/levels.ts";
import { totalsOf, type Counted, type TeamOrder, type TeamRow, type TeamTotals } from "../rules/team.ts";
import { LevelRef, userOf } from "./types.ts";

type Fields<Shape> = ObjectFieldBuilder<PothosSchemaTypes.ExtendDefaultTypes<SchemaTypes>, Shape>;

const TeamOrderEnum = builder.enumType("TeamXpOrder", {
  description: "How the board of a team or of a project is ordered.",
  values: valuesOf<TeamOrder>({
    SUM: "By all XP.",
    GROWTH_7: "By the XP of the last 7 days.",
    GROWTH_30: "By the XP of the last 30 days.",
  }),
});

/** The argument of a list on a board. */
export const orderBy = <Shape>(t: Fields<Shape>) =>
  t.arg({
    type: TeamOrderEnum,
    required: false,
    defaultValue: "SUM",
    description: "In which order; by all XP when absent.",
  });

/** What a board's bots come to, each sum in its words. */
export function totals<Board extends { bots: readonly Counted[] }>(
  t: Fields<Board>,
  words: Record<"sum" | "mean" | "growth7" | "growth30", string>,
) {
  const total = (of: keyof TeamTotals, description: string) =>
    t.int({ description, resolve: ({ bots }) => totalsOf(bots)[of] });
  return {
    sum: total("sum", words.sum),
    mean: total("mean", words.mean),
    growth7: total("week", words.growth7),
    growth30: total("month", words.growth30),
  };
}

/** What every row of a board says. */
export const rowFields = <Row extends TeamRow>(t: Fields<Row>) => ({
  xp: t.int({ description: "All XP.", resolve: ({ xp }) => xp }),
  level: t.field({ type: LevelRef, description: "The level of that.", resolve: ({ xp }) => levelOf(xp) }),
  growth7: t.int({ description: "XP of the last 7 days.", resolve: ({ week }) => week }),
  growth30: t.int({ description: "XP of the last 30 days.", resolve: ({ month }) => month }),
});

export const TeamMemberRowRef = builder.objectRef<TeamRow>("TeamMemberStanding").implement({
  description: "A member on the board of a team or of a project, by the member's bots.",
  access: "owner",
  fields: (t) => ({
    user: t.prismaField({
      type: UserNode,
      description: "The member.",
      resolve: (query, { id }, _args, context) => userOf(context, query, id),
    }),
    ...rowFields(t),
  }),
});
