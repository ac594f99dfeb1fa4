// Compiles NorthToken.sol into north-token.ts, which is committed: nobody compiles at start-up. `--check` only compares.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const TARGET = "contracts/NorthToken.sol";
const ARTIFACT = new URL("north-token.ts", import.meta.url);

type Source = { content: string };
type Output = {
  errors?: { severity: string; formattedMessage: string }[];
  sources: Record<string, unknown>;
  contracts: Record<string, Record<string, Compiled>>;
};
type Compiled = {
  abi: unknown;
  evm: {
    bytecode: { object: string };
    deployedBytecode: { object: string; immutableReferences: Record<string, { start: number; length: number }[]> };
  };
};
type Solc = {
  compile(input: string, callbacks: { import(path: string): { contents: string } }): string;
  version(): string;
};

/** The artifact's text as the sources of today give it. */
export function compile(): string {
  const solc = require("solc") as Solc;
  const sources: Record<string, Source> = { [TARGET]: { content: sourceOf(TARGET) } };
  const input = {
    language: "Solidity",
    sources,
    // The very settings of foundry.toml, so that forge tests the code that is deployed.
    settings: {
      evmVersion: "cancun",
      optimizer: { enabled: true, runs: 200 },
      outputSelection: {
        "*": {
          "*": [
            "abi",
            "evm.bytecode.object",
            "evm.deployedBytecode.object",
            "evm.deployedBytecode.immutableReferences",
          ],
        },
      },
    },
  };
  const imported = (path: string) => {
    sources[path] = { content: sourceOf(path) };
    return { contents: sources[path].content };
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: imported })) as Output;
  const failures = (output.errors ?? []).filter(({ severity }) => severity === "error");
  const compiled = output.contracts[TARGET]?.["NorthToken"];
  if (failures.length > 0 || !compiled) throw new Error(failures.map((each) => each.formattedMessage).join("\n"));
  return artifactOf(compiled, solc.version(), JSON.stringify({ ...input, sources: inOrder(sources) }));
}

/** Sources by the names that imports give them: ours, and those of npm. */
function sourceOf(path: string): string {
  const file = path.startsWith("@") ? require.resolve(path) : fileURLToPath(new URL(`../${path}`, import.meta.url));
  return readFileSync(file, "utf8");
}

const inOrder = (sources: Record<string, Source>) =>
  Object.fromEntries(Object.entries(sources).toSorted(([one], [other]) => (one < other ? -1 : 1)));

function artifactOf({ abi, evm }: Compiled, compiler: string, input: string): string {
  const holes = Object.values(evm.deployedBytecode.immutableReferences)
    .flat()
    .map(({ start, length }) => ({ start, length }))
    .toSorted((one, other) => one.start - other.start);
  const artifact = {
    compiler,
    inputSha256: createHash("sha256").update(input).digest("hex"),
    abi,
    bytecode: `0x${evm.bytecode.object}`,
    runtimeCode: `0x${evm.deployedBytecode.object}`,
    immutables: holes,
  };
  return `// Written by contracts/compile.ts from NorthToken.sol; a test compiles again and compares.
/**
 * NorthToken as it is deployed. \`inputSha256\` is the hash of the compiler's whole input, sources and settings;
 * \`immutables\` are the bytes of \`runtimeCode\` that the constructor fills in.
 */
export const northToken = ${JSON.stringify(artifact, null, 2)} as const;
`;
}

if (import.meta.main) {
  const text = compile();
  if (!process.argv.includes("--check")) writeFileSync(ARTIFACT, text);
  else if (readFileSync(ARTIFACT, "utf8") !== text) {
    process.stderr.write(
      "contracts/north-token.ts is not what NorthToken.sol compiles to: node contracts/compile.ts\n",
    );
    process.exitCode = 1;
  }
}
