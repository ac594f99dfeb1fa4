import type { MatchLiveSubscription, MatchPageQuery } from "../generated/graphql.ts";

export type Match = NonNullable<MatchPageQuery["match"]>;
export type Player = Match["players"][number];
export type Kill = Match["kills"]["nodes"][number];
export type Told = Pick<MatchLiveSubscription["matchEvents"], "at" | "event">;
export type MatchEvent = Told["event"];

/** What is shown of a match: what was read, and what was told since then. */
export type Standing = {
  players: Player[];
  kills: Kill[];
  phase: Match["phase"];
  startedAt: string | null;
  endsAt: string | null;
};

export const standingOf = ({ players, kills, phase, startedAt, endsAt }: Match): Standing => ({
  players: [...players],
  kills: kills.nodes.toReversed(),
  phase,
  startedAt,
  endsAt,
});

/** What a round usually takes, in milliseconds. */
const USUAL_MS = 120_000;

/** How long the round takes in milliseconds; before it begins nothing says so. */
export const roundMsOf = ({ startedAt, endsAt }: Pick<Standing, "startedAt" | "endsAt">): number =>
  startedAt === null || endsAt === null ? USUAL_MS : Date.parse(endsAt) - Date.parse(startedAt);

const count = (players: readonly Player[], id: string | undefined, change: (player: Player) => Partial<Player>) =>
  players.map((player) => (player.bot.id === id ? { ...player, ...change(player) } : player));

/** The standing after an event; deaths that are known already change nothing. */
export function standingAfter(standing: Standing, { at, event }: Told): Standing {
  switch (event.__typename) {
    case "MatchKill":
      return afterKill(standing, event);
    case "MatchScored": {
      const players = count(standing.players, event.bot.id, () => ({ score: event.score }));
      return { ...standing, players: players.toSorted((a, b) => b.score - a.score || a.side - b.side) };
    }
    case "MatchRosterFrozen":
      return { ...standing, phase: "COUNTDOWN" };
    case "MatchStarted":
      return { ...standing, phase: "LIVE", startedAt: at, endsAt: event.endsAt };
    case "MatchAnnounced":
    case "MatchJoining":
    case "MatchPostponed":
    case "MatchPlayerReplaced":
    case "MatchCompleted":
    case "MatchVoided":
    case "StreamGap":
      return standing;
  }
}

function afterKill(standing: Standing, event: Extract<MatchEvent, { __typename: "MatchKill" }>): Standing {
  if ((standing.kills[0]?.number ?? 0) >= event.number) return standing;
  const { number, atMs, means, suicide, text, killer, victim } = event;
  const kill: Kill = { __typename: "QuakeKill", number, atMs, means, suicide, text, killer, victim };
  const killed = count(standing.players, victim.id, ({ deaths, suicides }) => ({
    deaths: deaths + 1,
    suicides: suicides + (suicide ? 1 : 0),
  }));
  const players = suicide ? killed : count(killed, killer?.id, ({ kills }) => ({ kills: kills + 1 }));
  return { ...standing, players, kills: [kill, ...standing.kills] };
}

/** Whether an event means that the match is to be read anew: who plays, or what came of it. */
export const changesMatch = ({ __typename }: MatchEvent): boolean =>
  __typename === "MatchCompleted" ||
  __typename === "MatchVoided" ||
  __typename === "MatchPlayerReplaced" ||
  __typename === "StreamGap";
