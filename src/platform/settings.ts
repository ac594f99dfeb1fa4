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
  withdrawalStuckMs: number;
  withdrawalFeeGweiMax: number;
  solvencyCheckMs: number;
  persistedOnly: boolean;
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
  bodyBytesMax: 256 * 1_024,
  // A strategy has up to 128 KiB of source, and its quotes and line ends take two bytes each.
  variablesBytesMax: 192 * 1_024,
  socketMessageBytesMax: 64 * 1_024,
  signInsPerMinute: 10,
  registrationsPerHour: 5,
  chatIntervalMs: 3_000,
  calloutIntervalMs: 30_000,
  faucetNorthPerDay: 1_000_000,
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
  withdrawalStuckMs: 60_000,
  withdrawalFeeGweiMax: 100,
  solvencyCheckMs: 60_000,
  persistedOnly: false,
};
