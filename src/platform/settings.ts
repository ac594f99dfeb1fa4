/** Limits and timings that operators may change; config.ts reads them, `limits` publishes them. */
export type Settings = {
  actionTimeoutMs: number;
  timeBankMs: number;
  slowActionTimeoutMs: number;
  roundPauseMs: number;
  ratedPerPairPerDayMax: number;
  calloutLifeMs: number;
  presenceMs: number;
  botsPerUserMax: number;
  keysPerUserMax: number;
  /** How many keys a user makes, by rotation too: each has its own points a minute. */
  keysPerHour: number;
  /** In how many lanes, which are sets of capabilities, public tasks of one person may be open at once. */
  publicLanesPerUserMax: number;
  /** How often a task's stream tells of its progress at most. */
  taskProgressIntervalMs: number;
  costPerOperationMax: number;
  costPerMinuteAnonymous: number;
  costPerMinuteSignedIn: number;
  subscriptionsPerSocketMax: number;
  socketsPerPrincipalMax: number;
  subscriberBacklogMax: number;
  depthMax: number;
  aliasesMax: number;
  directivesMax: number;
  tokensMax: number;
  bodyBytesMax: number;
  variablesBytesMax: number;
  socketMessageBytesMax: number;
  signInsPerMinute: number;
  registrationsPerHour: number;
  chatIntervalMs: number;
  calloutIntervalMs: number;
  faucetNorthPerDay: number;
  /** The most that a side of a fight stakes. */
  wagerNorthMax: number;
  poolOpenMs: number;
  betsPerMinuteMax: number;
  /** Whether people may bet on fights whose opponents chose each other. */
  exhibitionPools: boolean;
  withdrawalsPerHour: number;
  withdrawalNorthMin: number;
  withdrawalNorthMax: number;
  withdrawalNorthPerUserDayMax: number;
  withdrawalNorthPerDayMax: number;
  withdrawalNorthSignatureAbove: number;
  withdrawalWalletWaitMs: number;
  /** For how long what a contest paid cannot leave. */
  withdrawalWinningsWaitMs: number;
  withdrawalStuckMs: number;
  withdrawalFeeGweiMax: number;
  solvencyCheckMs: number;
  publicationsPerHour: number;
  commentsPerMinute: number;
  reportsPerHour: number;
  /** How much later than it happens a live match is shown. */
  matchFrameDelayMs: number;
  /** What this node keeps of repositories, and of what was set up for battles. */
  codeMirrorsMibMax: number;
  codeLayersMibMax: number;
  persistedOnly: boolean;
  /** Whether a name that is not in the schema is answered with those that are like it. */
  suggestions: boolean;
};

/** PIT RULES 1, graphql.md and identity.md. */
export const DEFAULT_SETTINGS: Settings = {
  actionTimeoutMs: 5_000,
  timeBankMs: 30_000,
  slowActionTimeoutMs: 60_000,
  roundPauseMs: 3_000,
  ratedPerPairPerDayMax: 10,
  calloutLifeMs: 60_000,
  presenceMs: 45_000,
  botsPerUserMax: 50,
  keysPerUserMax: 20,
  keysPerHour: 60,
  publicLanesPerUserMax: 100,
  taskProgressIntervalMs: 5_000,
  costPerOperationMax: 5_000,
  costPerMinuteAnonymous: 1_000,
  costPerMinuteSignedIn: 10_000,
  subscriptionsPerSocketMax: 128,
  socketsPerPrincipalMax: 20,
  subscriberBacklogMax: 256,
  depthMax: 12,
  aliasesMax: 15,
  directivesMax: 8,
  tokensMax: 2_000,
  // What is not ASCII may come escaped, which takes up to three bytes for one.
  bodyBytesMax: 800 * 1_024,
  // A transcript has up to 256 KiB, and as JSON lines its quotes and line ends take two bytes each.
  variablesBytesMax: 576 * 1_024,
  socketMessageBytesMax: 64 * 1_024,
  signInsPerMinute: 10,
  registrationsPerHour: 5,
  chatIntervalMs: 3_000,
  calloutIntervalMs: 30_000,
  faucetNorthPerDay: 1_000_000,
  wagerNorthMax: 10_000_000,
  poolOpenMs: 15_000,
  betsPerMinuteMax: 5,
  exhibitionPools: true,
  withdrawalsPerHour: 3,
  withdrawalNorthMin: 1_000,
  withdrawalNorthMax: 10_000_000,
  withdrawalNorthPerUserDayMax: 20_000_000,
  withdrawalNorthPerDayMax: 200_000_000,
  withdrawalNorthSignatureAbove: 1_000_000,
  withdrawalWalletWaitMs: 24 * 3_600_000,
  withdrawalWinningsWaitMs: 24 * 3_600_000,
  withdrawalStuckMs: 60_000,
  withdrawalFeeGweiMax: 100,
  solvencyCheckMs: 60_000,
  publicationsPerHour: 20,
  commentsPerMinute: 10,
  reportsPerHour: 20,
  matchFrameDelayMs: 10_000,
  codeMirrorsMibMax: 10_240,
  codeLayersMibMax: 10_240,
  persistedOnly: false,
  suggestions: true,
};
