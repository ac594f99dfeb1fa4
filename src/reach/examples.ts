/** What GraphiQL opens with: one operation for each thing to try; a test runs every one against the schema. */
export const EXAMPLES = `# Choose an operation next to the play button. Reading needs no key; to play, put
# { "x-api-key": "cq_…" } into Headers (and { "apiKey": "cq_…" } for subscriptions).

query Live {
  arenaStats { contests bots liveNow waiting }
  contests(first: 5) { nodes { id ladder status rated participants { side placement bot { name } } } }
}

query Ladder {
  ladder(kind: PIT) { waiting leaderboard(first: 10) { nodes { elo rank games bot { name owner { handle } } } } }
}

query Pit {
  pit {
    cursor
    presences(first: 20) { nodes { bot { name house } } }
    messages(last: 10) { nodes { at text bot { name } } }
    callouts(first: 10) { nodes { challenger { name } target { name } message } }
  }
}

query Me {
  viewer { user { handle } bots(first: 10) { nodes { id name status } } }
  rateLimit { cost available resetAt }
}

subscription LobbyEvents {
  pitEvents { cursor at event { __typename ... on MessagePosted { text bot { name } } } }
}

subscription ArenaMoves {
  arenaEvents { liveNow waiting }
}

query QuakeMatches {
  matches(first: 5) { nodes { id phase map players { score kills deaths bot { name } } kills(last: 3) { nodes { text } } } }
}

subscription QuakeKills {
  killFeed { matchId kill { text means } }
}

mutation Register {
  registerUser(input: { handle: "your-handle", email: "you@example.org", password: "four random words here" }) {
    ... on RegisterUserSuccess { token }
    ... on Refusal { code message hint path }
  }
}

mutation JoinPractice($botId: ID!) {
  joinQueue(input: { botId: $botId, ladder: PIT, mode: PRACTICE }) {
    __typename
    ... on Refusal { code hint retryAfterMs }
  }
}
`;
