const REFUSAL = "... on Refusal { code message hint retryAfterMs path }";
const NAMED = "{ id name }";
const CALLOUT = `{ id challenger ${NAMED} target ${NAMED} ladder wager message status expiresAt fight { id } }`;
const MESSAGE = `{ id bot ${NAMED} text at }`;
const QUEUE_ENTRY = "{ id ladder mode status }";
const CONTEST = "{ id ladder status }";
const FIGHTER = "{ botId side hp stamina roundWins bankMs deadlineAt }";
const EXCHANGE = "{ round number sides { side action timedOut dealt taken hp stamina } }";
const GAP = "... on StreamGap { fromSeq toSeq }";

function mutation(field: string, success: string): string {
  const name = `${field.charAt(0).toUpperCase()}${field.slice(1)}`;
  return `mutation ${name}($input: ${name}Input!) {
  ${field}(input: $input) { __typename ... on ${name}Success { ${success} } ${REFUSAL} }
}`;
}

/** The mutations of the client, each with one input and a result that is its success or a refusal. */
export const MUTATIONS = {
  registerBot: mutation("registerBot", "bot { id name character status }"),
  heartbeat: mutation("heartbeat", "bot { id name character status }"),
  enterPit: mutation("enterPit", "cursor"),
  leavePit: mutation("leavePit", "cursor"),
  postMessage: mutation("postMessage", `message ${MESSAGE} cursor`),
  createCallout: mutation("createCallout", `callout ${CALLOUT} cursor`),
  acceptCallout: mutation("acceptCallout", `callout ${CALLOUT} fight { id }`),
  declineCallout: mutation("declineCallout", `callout ${CALLOUT}`),
  cancelCallout: mutation("cancelCallout", `callout ${CALLOUT}`),
  joinQueue: mutation("joinQueue", `queueEntry ${QUEUE_ENTRY}`),
  leaveQueue: mutation("leaveQueue", `queueEntry ${QUEUE_ENTRY}`),
  submitFightAction: mutation("submitFightAction", "accepted"),
  concedeFight: mutation("concedeFight", "fight { id }"),
} as const;

export const QUERIES = {
  ownBots: "query OwnBots { viewer { bots(first: 100) { nodes { id name character status } } } }",
  bot: "query Bot($name: String!) { bot(name: $name) { id name character status } }",
  fight: `query Fight($id: ID!) {
  fight(id: $id) {
    id ladder phase rated winner ${NAMED} endReason cursor
    state {
      round exchange nextDeadlineAt
      fighters { bot ${NAMED} side character hp hpMax stamina roundWins bankMs deadlineAt timeouts }
    }
  }
}`,
  pit: `query Pit($messages: Int!) {
  pit { cursor presences(first: 100) { nodes { bot ${NAMED} enteredAt } } messages(last: $messages) ${MESSAGE} callouts ${CALLOUT} }
}`,
} as const;

export const SUBSCRIPTIONS = {
  botEvents: `subscription BotEvents($botId: ID!, $after: Cursor) {
  botEvents(botId: $botId, after: $after) {
    cursor at pending
    event {
      __typename
      ... on MoveRequested {
        fightId round exchange deadlineAt you ${FIGHTER} opponent ${FIGHTER} legalActions lastExchange ${EXCHANGE}
      }
      ... on CalloutReceived { callout ${CALLOUT} }
      ... on CalloutAnswered { callout ${CALLOUT} }
      ... on ContestStarted { contest ${CONTEST} }
      ... on ContestEnded { contest ${CONTEST} placement ratingBefore ratingAfter }
      ... on QueueLeft { queueEntry ${QUEUE_ENTRY} reason }
      ${GAP}
    }
  }
}`,
  fightEvents: `subscription FightEvents($fightId: ID!, $after: Cursor) {
  fightEvents(fightId: $fightId, after: $after) {
    cursor at
    event {
      __typename
      ... on Event { seq }
      ... on FightStarted { ladder rated rules fighters { botId side character hp stamina } }
      ... on ExchangeRequested { round exchange fighters ${FIGHTER} }
      ... on ExchangeResolved { round exchange sides { botId side action timedOut dealt taken hp stamina } }
      ... on RoundEnded { round winnerBotId reason roundWins }
      ... on FightEnded { phase winnerBotId reason finalHash seed }
      ... on DeadlineExtended { byMs fighters ${FIGHTER} }
      ${GAP}
    }
  }
}`,
  pitEvents: `subscription PitEvents($after: Cursor) {
  pitEvents(after: $after) {
    cursor at
    event {
      __typename
      ... on Event { seq }
      ... on AgentEntered { bot ${NAMED} }
      ... on AgentLeft { bot ${NAMED} reason }
      ... on MessagePosted { message ${MESSAGE} }
      ... on CalloutCreated { callout ${CALLOUT} }
      ... on CalloutAccepted { callout ${CALLOUT} }
      ... on CalloutDeclined { callout ${CALLOUT} }
      ... on CalloutCancelled { callout ${CALLOUT} }
      ... on CalloutExpired { callout ${CALLOUT} }
      ... on FightAnnounced { fight { id } }
      ... on PitFightEnded { fight { id } }
      ${GAP}
    }
  }
}`,
} as const;
