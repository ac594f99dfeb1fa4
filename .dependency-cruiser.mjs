// The arrows of the architecture. Every import that is not drawn here is an error.

/** Lower tiers first: a domain may import only from tiers below its own. */
const TIERS = [
  ["platform"],
  ["identity", "ledger"],
  ["bots", "chain"],
  ["ladder", "teams"],
  ["quake", "pit", "fights", "codebattles", "work"],
  ["betting", "xp"],
  ["social"],
  ["reach"],
];

const TESTS = "[.]test[.]ts$";

const callsGoDown = TIERS.flatMap((names, tier) =>
  names.map((name) => {
    const forbidden = TIERS.slice(tier)
      .flat()
      .filter((other) => other !== name);
    return {
      name: `${name}-imports-only-lower-tiers`,
      severity: "error",
      from: { path: `^src/${name}/`, pathNot: TESTS },
      to: { path: forbidden.length > 0 ? `^src/(${forbidden.join("|")})/` : "^$" },
    };
  }),
);

/** A room is one file, or a folder of files once the one file has grown too long. */
const room = (name) => [`^src/([^/]+)/${name}[.]ts$`, `^src/([^/]+)/${name}/`];

export default {
  forbidden: [
    { name: "no-cycles", severity: "error", from: { pathNot: "^src/generated" }, to: { circular: true } },
    {
      name: "rules-are-pure",
      severity: "error",
      from: { path: room("rules"), pathNot: TESTS },
      to: {
        pathNot: [
          ...room("rules"),
          "^src/platform/(money|node-id|json-depth)[.]ts$",
          "^src/quake/protocol/",
          "node_modules/openskill/",
          "node_modules/@noble/hashes/",
        ],
      },
    },
    {
      name: "protocol-is-pure",
      severity: "error",
      from: { path: "^src/quake/protocol/", pathNot: TESTS },
      to: { pathNot: "^src/quake/protocol/" },
    },
    {
      name: "services-know-no-graphql",
      severity: "error",
      from: { path: room("service"), pathNot: TESTS },
      to: {
        path: [
          "node_modules/(graphql|@pothos|graphql-yoga)/",
          "^src/platform/graphql/builder[.]ts$",
          "/schema(?:[.]ts|/)",
        ],
      },
    },
    {
      name: "stores-are-private",
      severity: "error",
      from: { path: "^src/([^/]+)/" },
      to: { path: "^src/[^/]+/store(?:[.]ts|/)", pathNot: "^src/$1/" },
    },
    {
      name: "journeys-test-the-api",
      severity: "error",
      from: { path: "^tests/(?!harness)" },
      to: { path: "^src/[^/]+/(?:rules|service|store|schema)(?:[.]ts|/)" },
    },
    {
      name: "web-knows-only-what-reads-replays",
      severity: "error",
      from: { path: "^(web|src/sdk|src/cli)/" },
      to: {
        path: "^src/",
        pathNot: ["^src/(sdk|cli)/", "^src/verify[.]ts$", "^src/quake/rules/(replay|kill-text)[.]ts$"],
      },
    },
    {
      name: "no-orphans",
      severity: "error",
      from: {
        orphan: true,
        path: "^src/",
        pathNot: ["^src/(main|admin|ledger-check|print-schema)[.]ts$", "^src/generated"],
      },
      to: {},
    },
    ...callsGoDown,
  ],
  options: {
    tsPreCompilationDeps: true, // type-only imports are arrows too
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "types", "default"] },
  },
};
