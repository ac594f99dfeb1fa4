import type { Agon } from "../../src/sdk/client.ts";
import type { TypedDocumentString } from "../../src/sdk/generated/operations.ts";
import { encodeNodeId } from "../../src/platform/graphql/node-ids.ts";

export type Seen = { seq: number; type: string };
type Item = { fightEvents: { cursor: string; event: { __typename: string; seq?: number } } };

const EVENTS = `subscription($id: ID!, $after: Cursor) { fightEvents(fightId: $id, after: $after) { cursor event { __typename ... on Event { seq } } } }`;
const START = `query($id: ID!) { fight(id: $id) { events(first: 100) { edges { cursor node { __typename seq } } } } }`;

/** Everything that a spectator sees of a fight, from its first event to its end, through every cut. */
export async function watchFight(agon: Agon, fightId: string, signal: AbortSignal): Promise<Seen[]> {
  const id = encodeNodeId("Fight", fightId);
  type Stored = { fight: { events: { edges: { cursor: string; node: { __typename: string; seq: number } }[] } } };
  const start = START as unknown as TypedDocumentString<Stored, { id: string }>;
  const { fight } = await agon.request(start, { id });
  const { edges } = fight.events;
  const seen = edges.map(({ node }) => ({ seq: node.seq, type: node.__typename }));
  const document = EVENTS as unknown as TypedDocumentString<Item, { id: string; after?: string | null }>;
  const after = edges.at(-1)?.cursor ?? null;
  if (seen.at(-1)?.type === "FightEnded") return seen;
  for await (const { fightEvents } of agon.follow(document, { id, after }, (item) => item.fightEvents.cursor, signal)) {
    seen.push({ seq: fightEvents.event.seq ?? 0, type: fightEvents.event.__typename });
    if (fightEvents.event.__typename === "FightEnded") break;
  }
  return seen;
}
