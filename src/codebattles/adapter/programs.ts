import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { adapterOf, AGENTS as KINDS, type Agent, type Program, type ProgramKind } from "../rules/gladiator.ts";
import type { Adapter } from "../rules/stream.ts";
import { TOOLS } from "./arena.ts";
import type { Mount } from "./sandbox.ts";

/** A program as it is started in a sandbox, and what of the host it sees beside the tools. */
export type Launch = {
  adapter: Adapter;
  argv: readonly [string, ...string[]];
  environment: Readonly<Record<string, string>>;
  mounts: Mount[];
};

/** Where the programs of agents are installed on this node, and the socket behind which the model is. */
export type AgentPlace = { folder: string; socket: string };

const PATH = "/opt/agon:/usr/local/bin:/usr/bin:/bin";
const MODEL = { socket: "/opt/agon/model.sock", forward: "/opt/agon/forward.mjs", port: "8099" } as const;
const AGENTS = "/opt/agents";
const BASE_URL = `http://127.0.0.1:${MODEL.port}`;
/** What stands where a key would be: the real one is put in outside of the sandbox. */
const PLACEHOLDER = "in-the-arena";

type Start = (model: string | null) => { argv: string[]; environment: Record<string, string> };

const bin = (name: string) => `${AGENTS}/node_modules/.bin/${name}`;

/** What can fight here: programs that need no agent, and the agents that are installed in `folder`. */
export const kindsIn = (folder: string | null): ProgramKind[] => [
  ...["HOUSE" as const, "COMMAND" as const],
  ...KINDS.filter((kind) => folder !== null && existsSync(join(folder, "node_modules/.bin", kind.toLowerCase()))),
];

/** opencode runs the plugins of a repository whatever its switches say: they are put aside until it has ended. */
const ASIDE = `
printf %s "$SETTINGS" > /tmp/opencode.json
[ -e .opencode ] && mv .opencode /tmp/aside
"$@" "$(cat)"
code=$?
[ -e /tmp/aside ] && rm -rf .opencode && mv /tmp/aside .opencode
exit $code
`;

/** Settings of a repository that an agent would execute are off: it would run their hooks, and send the key where they say. */
const STARTS: Readonly<Record<Agent, Start>> = {
  CLAUDE: (model) => ({
    argv: [
      ...[bin("claude"), "-p", "--output-format", "stream-json", "--verbose", "--dangerously-skip-permissions"],
      ...["--setting-sources=", "--strict-mcp-config"],
      ...(model === null ? [] : ["--model", model]),
    ],
    environment: {
      ANTHROPIC_BASE_URL: BASE_URL,
      ANTHROPIC_API_KEY: PLACEHOLDER,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
      DISABLE_AUTOUPDATER: "1",
    },
  }),
  CODEX: (model) => ({
    argv: [
      ...[bin("codex"), "exec", "--json", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox"],
      ...["-c", "model_provider=arena", "-c", 'model_providers.arena.name="arena"'],
      ...["-c", `model_providers.arena.base_url="${BASE_URL}/v1"`, "-c", 'model_providers.arena.wire_api="responses"'],
      ...["-c", 'model_providers.arena.env_key="ARENA_KEY"'],
      ...(model === null ? [] : ["-m", model]),
      "-",
    ],
    environment: { ARENA_KEY: PLACEHOLDER },
  }),
  GEMINI: (model) => ({
    argv: [
      ...[
        "sh",
        "-c",
        `mkdir -p "$HOME/.gemini"; printf %s "$SETTINGS" > "$HOME/.gemini/settings.json"; exec "$@"`,
        "sh",
      ],
      ...[bin("gemini"), "--yolo", "--skip-trust", "--output-format", "stream-json"],
      ...(model === null ? [] : ["-m", model]),
    ],
    environment: {
      SETTINGS: '{"security":{"auth":{"selectedType":"gemini-api-key"}}}',
      GEMINI_API_KEY: PLACEHOLDER,
      GOOGLE_GEMINI_BASE_URL: BASE_URL,
    },
  }),
  OPENCODE: (model) => ({
    argv: [
      ...["sh", "-c", ASIDE, "sh"],
      ...[bin("opencode"), "run", "--format", "json"],
      ...(model === null ? [] : ["-m", model]),
    ],
    environment: {
      SETTINGS: JSON.stringify({
        provider: { anthropic: { options: { baseURL: `${BASE_URL}/v1`, apiKey: PLACEHOLDER } } },
      }),
      OPENCODE_CONFIG: "/tmp/opencode.json",
      OPENCODE_DISABLE_PROJECT_CONFIG: "1",
      OPENCODE_PURE: "1",
      // It waits a minute for what it cannot reach from here.
      OPENCODE_DISABLE_AUTOUPDATE: "1",
      OPENCODE_DISABLE_MODELS_FETCH: "1",
      OPENCODE_DISABLE_LSP_DOWNLOAD: "1",
      OPENCODE_DISABLE_DEFAULT_PLUGINS: "1",
    },
  }),
};

/** How a gladiator is started; `test` is what the repository's test command runs. Null for an agent that is not installed here. */
export function launchOf(program: Program, test: string, place: AgentPlace | null): Launch | null {
  const adapter = adapterOf(program);
  const environment = { PATH, AGON_TEST: test, CI: "1" };
  if (program.kind === "HOUSE")
    return { adapter, argv: [TOOLS.node, TOOLS.gladiator, program.skill], environment, mounts: [] };
  if (program.kind === "COMMAND") {
    const [first = "true", ...rest] = program.argv;
    return { adapter, argv: [first, ...rest], environment, mounts: [] };
  }
  if (!place) return null;
  const started = STARTS[program.kind](program.model);
  const forward = fileURLToPath(new URL("../house/forward.mjs", import.meta.url));
  return {
    adapter,
    argv: [TOOLS.node, MODEL.forward, MODEL.port, MODEL.socket, ...started.argv],
    environment: { ...environment, ...started.environment },
    mounts: [
      { from: forward, to: MODEL.forward, kind: "READ_ONLY" },
      { from: place.folder, to: AGENTS, kind: "READ_ONLY" },
      { from: place.socket, to: MODEL.socket, kind: "SOCKET" },
    ],
  };
}
