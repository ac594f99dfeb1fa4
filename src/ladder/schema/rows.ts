import { queryFromInfo } from "@pothos/plugin-prisma";
import type { GraphQLResolveInfo } from "graphql";
import type { Bot, Contest, QueueEntry, Rating } from "../../generated/prisma/client.ts";
import type { Context } from "../../platform/graphql/context.ts";
import { batched, loadRow } from "../../platform/graphql/row-loader.ts";

/** What a connection's nodes select, to be read in one statement for the whole page. */
export function nodesQuery(context: Context, info: GraphQLResolveInfo): object {
  return queryFromInfo({ context, info, paths: [["nodes"], ["edges", "node"]] });
}

/** What a plain list's rows select. */
export function rowsQuery(context: Context, info: GraphQLResolveInfo): object {
  return queryFromInfo({ context, info });
}

/** A bot, read together with those that siblings of a list ask for. */
export async function botOf(context: Context, query: object, id: string): Promise<Bot> {
  const { prisma } = context.platform;
  const bot = await loadRow(context, "bot", query, id, (ids) =>
    prisma.bot.findMany({ ...query, where: { id: { in: ids } } }),
  );
  if (!bot) throw new Error(`bot ${id} is gone`);
  return bot;
}

/** A contest with what is selected of it, read together with those that siblings of a list ask for. */
export async function contestOf(context: Context, info: GraphQLResolveInfo, id: string): Promise<Contest> {
  const [contest] = await contestsOf(context, rowsQuery(context, info), [id]);
  if (!contest) throw new Error(`contest ${id} is gone`);
  return contest;
}

/** A contest that everybody may see; null where it has been hidden. */
export async function shownContestOf(context: Context, info: GraphQLResolveInfo, id: string): Promise<Contest | null> {
  const query = rowsQuery(context, info);
  const { prisma } = context.platform;
  return loadRow(context, "shown contest", query, id, (ids) =>
    prisma.contest.findMany({ ...query, where: { id: { in: ids }, hidden: false } }),
  );
}

/** Contests by their ids, in that order, read together with those of the list's siblings. */
export async function contestsOf(context: Context, query: object, ids: readonly string[]): Promise<Contest[]> {
  const { prisma } = context.platform;
  const rows = await Promise.all(
    ids.map((id) =>
      loadRow(context, "contest", query, id, (all) =>
        prisma.contest.findMany({ ...query, where: { id: { in: all } } }),
      ),
    ),
  );
  return rows.filter((row) => row !== null);
}

/** Queue entries by their ids, in that order, read together with those of the list's siblings. */
export async function entriesOf(context: Context, query: object, ids: readonly string[]): Promise<QueueEntry[]> {
  const { prisma } = context.platform;
  const rows = await Promise.all(
    ids.map((id) =>
      loadRow(context, "entry", query, id, (all) =>
        prisma.queueEntry.findMany({ ...query, where: { id: { in: all } } }),
      ),
    ),
  );
  return rows.filter((row) => row !== null);
}

/** Ratings by ladder and bot, in that order, read together with those of the list's siblings. */
export async function ratingsOf(
  { platform, loaders }: Context,
  query: object,
  keys: readonly { ladder: string; bot_id: string }[],
): Promise<Rating[]> {
  const load = ({ ladder, bot_id }: { ladder: string; bot_id: string }) =>
    batched<Rating | null>(loaders, `rating ${JSON.stringify(query)}`, `${ladder} ${bot_id}`, async (asked) => {
      const wanted = Map.groupBy(asked, (key) => key.slice(0, key.indexOf(" ")));
      const some = [...wanted].map(([of, each]) => ({
        ladder: of,
        botId: { in: each.map((key) => key.slice(of.length + 1)) },
      }));
      const rows = await platform.prisma.rating.findMany({ ...query, where: { OR: some } });
      const found = new Map(rows.map((row) => [`${row.ladder} ${row.botId}`, row]));
      return asked.map((key) => found.get(key) ?? null);
    });
  const rows = await Promise.all(keys.map(load));
  return rows.filter((row) => row !== null);
}
