/** How a repository is made ready and tested, as far as its files say it. The owner looks at it before it is used. */
export type Setup = { setup: readonly string[]; test: string | null; because: readonly string[] };

/** The files of a repository's top folder: names, and the text of those that are read here. */
export type TopFiles = { names: readonly string[]; text: (name: string) => string | null };

/** The files whose text tells how a repository is set up. */
export const READ_FILES = [
  "package.json",
  "pyproject.toml",
  "requirements.txt",
  "requirements-dev.txt",
  "setup.cfg",
  "tox.ini",
  "Makefile",
  "makefile",
  "GNUmakefile",
  "Gemfile",
] as const;

type Found = { because: string; setup: readonly string[]; test: string | null };
type Look = (files: TopFiles) => Found | null;

const has = ({ names }: TopFiles, name: string) => names.includes(name);

const NODE_LOCKS = [
  ["pnpm-lock.yaml", "pnpm install --frozen-lockfile", "pnpm test"],
  ["yarn.lock", "yarn install --immutable || yarn install --frozen-lockfile", "yarn test"],
  ["bun.lock", "bun install --frozen-lockfile", "bun run test"],
  ["bun.lockb", "bun install --frozen-lockfile", "bun run test"],
  ["package-lock.json", "npm ci", "npm test"],
  ["npm-shrinkwrap.json", "npm ci", "npm test"],
] as const;
/** What `npm init` writes where there are no tests. */
const NO_TEST = /no test specified/;

const lookForNode: Look = (files) => {
  const text = files.text("package.json");
  if (text === null) return null;
  const [lock, install, test] = NODE_LOCKS.find(([name]) => has(files, name)) ?? [
    "package.json",
    "npm install",
    "npm test",
  ];
  const script = scriptOf(text, "test");
  return { because: lock, setup: [install], test: script === null || NO_TEST.test(script) ? null : test };
};

function scriptOf(packageJson: string, name: string): string | null {
  try {
    const { scripts } = JSON.parse(packageJson) as { scripts?: Record<string, unknown> };
    const script = scripts && Object.hasOwn(scripts, name) ? scripts[name] : null;
    return typeof script === "string" && script.trim() !== "" ? script : null;
  } catch {
    return null; // not JSON: npm would not read it either
  }
}

const REQUIREMENTS = ["requirements.txt", "requirements-dev.txt"];
const VENV = "python3 -m venv .venv";
const PIP = ".venv/bin/pip install";

/** What installs a Python project: the file that says so, the commands, and what its programs are run by. */
type PythonInstall = { because: string; setup: readonly string[]; run: string };

function pythonInstall(files: TopFiles): PythonInstall | null {
  if (has(files, "uv.lock")) return { because: "uv.lock", setup: ["uv sync --frozen"], run: "uv run " };
  if (has(files, "poetry.lock"))
    return { because: "poetry.lock", setup: ["poetry install --no-interaction"], run: "poetry run " };
  const required = REQUIREMENTS.filter((name) => has(files, name));
  const [because] = [...required, ...["pyproject.toml", "setup.py"].filter((name) => has(files, name))];
  if (because === undefined) return null;
  const install = required.length > 0 ? required.map((name) => `${PIP} -r ${name}`) : [`${PIP} -e .`];
  return { because, setup: [VENV, ...install], run: ".venv/bin/" };
}

const lookForPython: Look = (files) => {
  const found = pythonInstall(files);
  if (!found) return null;
  const named = ["pyproject.toml", "setup.cfg", "tox.ini", ...REQUIREMENTS].map((name) => files.text(name) ?? "");
  const usesPytest =
    ["pytest.ini", "conftest.py"].some((name) => has(files, name)) || /\bpytest\b/.test(named.join("\n"));
  const hasTests = ["tests", "test"].some((name) => has(files, name));
  const { because, setup, run } = found;
  return { because, setup, test: usesPytest ? `${run}pytest` : hasTests ? `${run}python -m unittest discover` : null };
};

/** Whole families of repositories that one file tells. */
const PLAIN = [
  ["Cargo.toml", ["cargo fetch"], "cargo test"],
  ["go.mod", ["go mod download"], "go test ./..."],
  ["mix.exs", ["mix deps.get"], "mix test"],
  ["gradlew", ["./gradlew --no-daemon testClasses"], "./gradlew --no-daemon test"],
  ["pom.xml", ["mvn -q -B test-compile"], "mvn -q -B test"],
  ["composer.json", ["composer install --no-interaction"], "vendor/bin/phpunit"],
  ["Gemfile", ["bundle install"], "bundle exec rake test"],
] as const;

const lookForPlain: Look = (files) => {
  const [name, setup, test] = PLAIN.find(([file]) => has(files, file)) ?? [];
  return name === undefined ? null : { because: name, setup, test };
};

const lookForMake: Look = (files) => {
  const name = ["GNUmakefile", "makefile", "Makefile"].find((each) => has(files, each));
  const text = name === undefined ? null : files.text(name);
  if (name === undefined || text === null) return null;
  const target = (wanted: readonly string[]) => wanted.find((each) => new RegExp(`^${each}\\s*:(?!=)`, "m").test(text));
  const prepare = target(["setup", "deps", "install-deps", "bootstrap"]);
  const test = target(["test", "check", "tests"]);
  if (prepare === undefined && test === undefined) return null;
  return {
    because: name,
    setup: prepare === undefined ? [] : [`make ${prepare}`],
    test: test === undefined ? null : `make ${test}`,
  };
};

const LOOKS: readonly Look[] = [lookForNode, lookForPython, lookForPlain, lookForMake];

/**
 * Proposes the commands that make a repository ready and test it. Its own setup.sh comes before what its files say; the first
 * family of files that names a test command gives it.
 */
export function discoverSetup(files: TopFiles): Setup {
  const found = LOOKS.flatMap((look) => look(files) ?? []);
  const own = has(files, "setup.sh");
  const test = found.find((each) => each.test !== null)?.test ?? null;
  const setup = own
    ? ["bash setup.sh"]
    : found.filter((each) => each.because !== "Makefile" || found.length === 1).flatMap((each) => each.setup);
  return { setup, test, because: [...(own ? ["setup.sh"] : []), ...found.map((each) => each.because)] };
}
