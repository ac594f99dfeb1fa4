import { expect, test } from "vitest";
import { discoverSetup, type Setup } from "./setup.ts";

const files = (texts: Record<string, string>) => ({
  names: Object.keys(texts),
  text: (name: string) => texts[name] ?? null,
});
const npm = (script: string) => JSON.stringify({ scripts: { test: script } });

test.each<[string, Record<string, string>, Setup]>([
  ["nothing", {}, { setup: [], test: null, because: [] }],
  [
    "npm with a lock",
    { "package.json": npm("vitest"), "package-lock.json": "" },
    { setup: ["npm ci"], test: "npm test", because: ["package-lock.json"] },
  ],
  [
    "npm without one",
    { "package.json": npm("jest") },
    { setup: ["npm install"], test: "npm test", because: ["package.json"] },
  ],
  [
    "pnpm, which comes before npm",
    { "package.json": npm("jest"), "pnpm-lock.yaml": "", "package-lock.json": "" },
    { setup: ["pnpm install --frozen-lockfile"], test: "pnpm test", because: ["pnpm-lock.yaml"] },
  ],
  [
    "what npm init writes is no test",
    { "package.json": npm('echo "Error: no test specified" && exit 1') },
    { setup: ["npm install"], test: null, because: ["package.json"] },
  ],
  [
    "a package.json that is none",
    { "package.json": "{" },
    { setup: ["npm install"], test: null, because: ["package.json"] },
  ],
  [
    "requirements with pytest",
    { "requirements.txt": "flask", "requirements-dev.txt": "pytest==8", tests: "" },
    {
      setup: [
        "python3 -m venv .venv",
        ".venv/bin/pip install -r requirements.txt",
        ".venv/bin/pip install -r requirements-dev.txt",
      ],
      test: ".venv/bin/pytest",
      because: ["requirements.txt"],
    },
  ],
  [
    "a project of uv",
    { "pyproject.toml": "[tool.pytest.ini_options]", "uv.lock": "" },
    { setup: ["uv sync --frozen"], test: "uv run pytest", because: ["uv.lock"] },
  ],
  [
    "Python's own tests",
    { "setup.py": "", tests: "" },
    {
      setup: ["python3 -m venv .venv", ".venv/bin/pip install -e ."],
      test: ".venv/bin/python -m unittest discover",
      because: ["setup.py"],
    },
  ],
  ["Rust", { "Cargo.toml": "" }, { setup: ["cargo fetch"], test: "cargo test", because: ["Cargo.toml"] }],
  ["Go", { "go.mod": "" }, { setup: ["go mod download"], test: "go test ./...", because: ["go.mod"] }],
  [
    "make alone",
    { Makefile: "deps:\n\tcc\ntest: deps\n\t./run\n" },
    { setup: ["make deps"], test: "make test", because: ["Makefile"] },
  ],
  [
    "make beside Node gives the test that Node does not",
    { "package.json": "{}", Makefile: "check:\n\tnode t.js\nsetup:\n" },
    { setup: ["npm install"], test: "make check", because: ["package.json", "Makefile"] },
  ],
  ["a variable is no target", { Makefile: "test := 1\n" }, { setup: [], test: null, because: [] }],
  [
    "a setup.sh of its own comes first",
    { "setup.sh": "", "package.json": npm("jest") },
    { setup: ["bash setup.sh"], test: "npm test", because: ["setup.sh", "package.json"] },
  ],
])("%s", (_sentence, texts, setup) => expect(discoverSetup(files(texts))).toEqual(setup));
