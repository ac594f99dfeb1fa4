// One exchange of a fight, as every server here tells it. Every number has as many digits in each event, so that all
// messages of a run are equally long and a reader may count bytes.

/** The fight that everybody watches. */
export const FIGHT_ID = "01900000-0000-7000-8000-000000000001";
/** The number before the first event. */
export const FIRST_SEQ = 1_000_000;

const side = (botId: string) => ({ botId, action: "KICK_LOW", dealt: 12, taken: 15, hp: 88, stamina: 70 });

/** The event's body as the log holds it. */
export const body = {
  type: "ExchangeResolved",
  round: 1,
  exchange: 3,
  sides: [side("01900000-0000-7000-8000-00000000000a"), side("01900000-0000-7000-8000-00000000000b")].map((each) => ({
    ...each,
    timedOut: false,
  })),
};

const SELECTION = `{ cursor at event { __typename ... on Event { seq } ... on ExchangeResolved { round exchange
  sides { action dealt taken hp stamina } } } }`;

/** What a spectator asks of this server. */
export const agonQuery = (fightId: string) => `subscription { fightEvents(fightId: "${fightId}") ${SELECTION} }`;

/** The same of a server without the other events. */
export const PLAIN_QUERY =
  "subscription { fightEvents { cursor at event { __typename seq round exchange sides { action dealt taken hp stamina } } } }";

/** The answer that a spectator gets. */
export const answer = (seq: number) => {
  const sides = body.sides.map(({ action, dealt, taken, hp, stamina }) => ({ action, dealt, taken, hp, stamina }));
  const event = { __typename: body.type, seq, round: body.round, exchange: body.exchange, sides };
  const cursor = Buffer.from(`0badcafe ${seq} fight:${FIGHT_ID}`).toString("base64url");
  return { cursor, at: new Date().toISOString(), event };
};

/** A subscriber's own name for its subscription; all are equally long. */
export const idOf = (subscriber: number): string => `subscriber-${String(subscriber).padStart(5, "0")}`;
