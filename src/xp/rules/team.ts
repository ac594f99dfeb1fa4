export const TEAM_ORDERS = ["SUM", "GROWTH_7", "GROWTH_30"] as const;
export type TeamOrder = (typeof TEAM_ORDERS)[number];

/** A bot of a team, with what it gained in the last 7 and 30 days. */
export type TeamBot = {
  botId: string;
  ownerId: string;
  xp: number;
  week: number;
  month: number;
  capabilities: readonly string[];
};
/** What a bot earned by a project's tasks, and how many it ended, and ended well. */
export type ProjectBot = Omit<TeamBot, "capabilities"> & { tries: number; successes: number };
/** What counts of a bot on a board. */
export type Counted = Pick<TeamBot, "xp" | "week" | "month">;
type Gains = Counted & Pick<TeamBot, "ownerId">;
export type AbleBot = Pick<TeamBot, "botId" | "ownerId" | "capabilities">;
export type TeamRow = { id: string; xp: number; week: number; month: number };
export type TeamTotals = { sum: number; mean: number; week: number; month: number; bots: number };

/** What the bots of a team or a project come to; the mean is over its bots, rounded down. */
export function totalsOf(bots: readonly Counted[]): TeamTotals {
  const sum = bots.reduce((all, { xp }) => all + xp, 0);
  return {
    sum,
    mean: bots.length === 0 ? 0 : Math.floor(sum / bots.length),
    week: bots.reduce((all, { week }) => all + week, 0),
    month: bots.reduce((all, { month }) => all + month, 0),
    bots: bots.length,
  };
}

const by: Readonly<Record<TeamOrder, (row: TeamRow) => number>> = {
  SUM: ({ xp }) => xp,
  GROWTH_7: ({ week }) => week,
  GROWTH_30: ({ month }) => month,
};

/** A board, the most first; equals by their ids. */
export function ranked<Row extends TeamRow>(rows: readonly Row[], order: TeamOrder): Row[] {
  return rows.toSorted((a, b) => by[order](b) - by[order](a) || (a.id < b.id ? -1 : 1));
}

/** The members' rows: each has what the own bots in the team have. */
export function membersOf(bots: readonly Gains[]): TeamRow[] {
  return [...Map.groupBy(bots, ({ ownerId }) => ownerId)].map(([id, own]) => {
    const { sum, week, month } = totalsOf(own);
    return { id, xp: sum, week, month };
  });
}

export type Use = { userId: string; botId: string; uses: number; successes: number };
export type Demand = { capability: string; tasks: number; open: number };
/** Who works with whom in a team, and what it lacks. */
export type Insights = {
  /** Bots by how many members work with them. */
  used: { botId: string; users: number; uses: number; successes: number }[];
  /** Capabilities that its tasks asked for and that no bot, or one alone, has. */
  gaps: { capability: string; tasks: number; open: number; bots: number }[];
  /** Capabilities that bots of several members have. */
  shared: { capability: string; owners: number; bots: number }[];
};
export const INSIGHT_ROWS_MAX = 50;

/** Looks at a team: what of it is used by many, what it lacks, and what several members know. */
export function insightsOf(bots: readonly AbleBot[], uses: readonly Use[], demand: readonly Demand[]): Insights {
  const having = (capability: string) => bots.filter(({ capabilities }) => capabilities.includes(capability));
  const used = [...Map.groupBy(uses, ({ botId }) => botId)].map(([botId, each]) => ({
    botId,
    users: new Set(each.map(({ userId }) => userId)).size,
    uses: each.reduce((sum, use) => sum + use.uses, 0),
    successes: each.reduce((sum, use) => sum + use.successes, 0),
  }));
  const gaps = demand
    .map((asked) => ({ ...asked, bots: having(asked.capability).length }))
    .filter((gap) => gap.bots < 2);
  const shared = [...new Set(bots.flatMap(({ capabilities }) => capabilities))]
    .map((capability) => {
      const able = having(capability);
      return { capability, owners: new Set(able.map(({ ownerId }) => ownerId)).size, bots: able.length };
    })
    .filter(({ owners }) => owners > 1);
  return {
    used: used
      .toSorted((a, b) => b.users - a.users || b.uses - a.uses || (a.botId < b.botId ? -1 : 1))
      .slice(0, INSIGHT_ROWS_MAX),
    gaps: gaps.toSorted((a, b) => a.bots - b.bots || b.tasks - a.tasks).slice(0, INSIGHT_ROWS_MAX),
    shared: shared
      .toSorted((a, b) => b.owners - a.owners || (a.capability < b.capability ? -1 : 1))
      .slice(0, INSIGHT_ROWS_MAX),
  };
}
