import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkOut, fetchBase, type Base, type RepositoryStore } from "../../src/codebattles/adapter/repositories.ts";
import { gitIn, startGitServer, type Git, type GitServer } from "../harness/git-server.ts";
import { openTestDriver, runIn } from "../harness/sandboxes.ts";

const TOKEN = "ghs_0123456789abcdefTOKEN";
const AUTHORIZATION = `Basic ${Buffer.from(`x-access-token:${TOKEN}`).toString("base64")}`;

let server: GitServer;
let store: RepositoryStore;
let marker: string;
beforeAll(async () => {
  server = await startGitServer({ "private.git": TOKEN });
  const folder = mkdtempSync(join(tmpdir(), "agon-store-"));
  store = { folder: join(folder, "store"), isPrivateAllowed: true, mibMax: 1_024 };
  marker = join(folder, "a-program-of-the-repository-ran");
});
afterAll(async () => {
  await server.stop();
  rmSync(join(store.folder, ".."), { recursive: true, force: true });
});

const want = (url: string, more: { revision?: string; authorization?: string } = {}) =>
  fetchBase(store, { url, revision: more.revision ?? null, authorization: more.authorization ?? null });
const taken = async (...args: Parameters<typeof want>): Promise<Base> => {
  const base = await want(...args);
  if (typeof base === "string") throw new Error(`refused: ${base}`);
  return base;
};

/** Writes files and commits them. */
const commit = (git: Git, checkout: string, files: Record<string, string>, message = "change") => {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(checkout, path, ".."), { recursive: true });
    writeFileSync(join(checkout, path), text);
  }
  git("add", "--all", "--force");
  git("commit", "--quiet", "--allow-empty", "-m", message);
};

/** Commits a tree that git would not make from files: lines of `git mktree`. */
const commitTree = (git: Git, checkout: string, lines: string[]) => {
  const tree = gitIn(checkout, `${lines.join("\n")}\n`)("mktree", "--missing");
  git("reset", "--quiet", "--soft", git("commit-tree", "-m", "made by hand", tree));
};
const blob = (checkout: string, text: string) => gitIn(checkout, text)("hash-object", "-w", "--stdin");

describe("a repository of a real server", () => {
  test("becomes one commit without a past, with the same tree, the same each time", async () => {
    const url = server.repository("plain", (git, checkout) => {
      commit(
        git,
        checkout,
        { "package.json": `{"scripts":{"test":"node --test"}}`, "package-lock.json": "{}" },
        "first",
      );
      commit(git, checkout, { "secret-future.txt": "the solution" }, "the solution");
      git("rm", "--quiet", "secret-future.txt");
      commit(git, checkout, { "src/a.js": "1" }, "without it");
    });
    const base = await taken(url, { revision: "main" });
    const own = gitIn(join(server.folder, "plain.git"));
    const git = gitIn(base.repository);
    expect(base.source).toBe(own("rev-parse", "main"));
    expect(git("rev-parse", `${base.commit}^{tree}`)).toBe(own("rev-parse", "main^{tree}"));
    expect(git("rev-list", "--parents", base.commit)).toBe(base.commit);
    expect(git("log", "-1", "--format=%an %ae %s", base.commit)).not.toContain("Maker");
    expect(() => own("cat-file", "-e", "main~1:secret-future.txt")).not.toThrow();
    expect(() => git("cat-file", "-e", own("rev-parse", "main~1:secret-future.txt"))).toThrow("Command failed");
    expect(base.facts).toEqual({ files: 3, bytes: 37, submodules: 0, agentSettings: [] });
    expect(base.setup).toEqual({ setup: ["npm ci"], test: "npm test", because: ["package-lock.json"] });
    expect((await taken(url, { revision: base.source })).commit).toBe(base.commit);
    expect((await taken(url)).commit).toBe(base.commit);
  });

  test("is fetched by a branch or a tag that its server has, and by no other", async () => {
    const url = server.repository("branches", (git, checkout) => {
      commit(git, checkout, { a: "1" });
      git("tag", "-a", "v1.0", "-m", "one");
      git("push", "--quiet", join(server.folder, "branches.git"), "v1.0", "HEAD:refs/heads/feature/x");
      commit(git, checkout, { a: "2" });
    });
    const own = gitIn(join(server.folder, "branches.git"));
    expect((await taken(url, { revision: "v1.0" })).source).toBe(own("rev-parse", "v1.0^{commit}"));
    expect((await taken(url, { revision: "feature/x" })).source).toBe(own("rev-parse", "feature/x"));
    expect((await taken(url)).source).toBe(own("rev-parse", "main"));
    expect(await want(url, { revision: "nowhere" })).toBe("COMMIT_NOT_FOUND");
    expect(await want(url, { revision: "0".repeat(40) })).toBe("COMMIT_NOT_FOUND");
  });

  test("that is private needs its token, also when it lies here already, and the token stays nowhere", async () => {
    const url = server.repository("private", (git, checkout) => commit(git, checkout, { a: "private" }));
    expect(await want(url)).toBe("REPOSITORY_DENIED");
    const base = await taken(url, { authorization: AUTHORIZATION });
    expect(server.seen).toContain(AUTHORIZATION);
    expect(await want(url, { revision: base.source })).toBe("REPOSITORY_DENIED");
    const words = `${TOKEN}|${AUTHORIZATION.slice(6)}`;
    const kept = spawnSync("grep", ["-rlaE", words, store.folder], { encoding: "utf8" }).stdout;
    expect(kept).toBe("");
  });
});

describe("what a hostile repository tries", () => {
  const run = () => `#!/bin/sh\ntouch ${marker}\n`;

  test("hooks, filters, a monitor and an embedded repository run nothing on the host; the checkout in a sandbox is clean", async () => {
    const url = server.repository("programs", (git, checkout) => {
      const config = `[core]\n\tfsmonitor = ${marker}.sh\n\thooksPath = hooks\n\tbare = false\n\tworktree = ..\n[filter "evil"]\n\tsmudge = touch ${marker}\n\tclean = touch ${marker}\n\trequired = true\n`;
      commit(git, checkout, {
        ...{ ".gitattributes": "* filter=evil diff=evil merge=evil\n", ".gitconfig": config },
        ...{ "embedded/HEAD": "ref: refs/heads/main\n", "embedded/config": config, "embedded/refs/heads/x": "" },
        ...{ "embedded/objects/x": "", "hooks/post-checkout": run(), ".githooks/pre-commit": run(), "a.txt": "text\n" },
        ...{ ".claude/settings.json": `{"hooks":{}}`, "sub/AGENTS.md": "obey", "opencode.json": "{}" },
      });
      chmodSync(join(checkout, "hooks/post-checkout"), 0o755);
    });
    // A server's own hooks and settings stay with the server.
    const bare = join(server.folder, "programs.git");
    writeFileSync(join(bare, "hooks", "post-checkout"), run(), { mode: 0o755 });
    gitIn(bare)("config", "core.fsmonitor", `touch ${marker}`);
    const base = await taken(url);
    expect(base.facts.agentSettings).toEqual([".claude/settings.json", "opencode.json", "sub/AGENTS.md"]);
    expect(readdirSync(base.repository)).not.toContain("hooks");
    expect(readFileSync(join(base.repository, "config"), "utf8")).not.toMatch(/fsmonitor|filter|hooksPath/);

    const opened = await openTestDriver("bwrap");
    const sandbox = await opened.driver.create({
      limits: { memoryMiB: 256, diskMiB: 64, filesMax: 10_000, processesMax: 64, cpus: 1 },
      mounts: [],
    });
    try {
      await checkOut(base, sandbox);
      const look = "cd repository && git status --porcelain && git log --format=%H && cat a.txt && ls -a ..";
      const { stdout, exitCode } = await runIn(sandbox, ["sh", "-c", look]);
      expect({ stdout, exitCode }).toEqual({ stdout: `${base.commit}\ntext\n.\n..\nrepository\n`, exitCode: 0 });
    } finally {
      await sandbox.destroy();
    }
    expect(readdirSync(join(store.folder, ".."))).toEqual(["store"]);
  });

  test("a submodule is neither fetched nor does its URL run anything", async () => {
    const url = server.repository("submodule", (git, checkout) => {
      const modules = `[submodule "evil"]\n\tpath = evil\n\turl = ext::sh -c "touch ${marker}"\n`;
      commit(git, checkout, { ".gitmodules": modules });
      git("update-index", "--add", "--cacheinfo", `160000,${"1".repeat(40)},evil`);
      git("commit", "--quiet", "-m", "submodule");
    });
    expect((await taken(url)).facts.submodules).toBe(1);
    expect(readdirSync(join(store.folder, ".."))).toEqual(["store"]);
  });

  test.each<[string, string, (git: Git, checkout: string) => void]>([
    [
      "a submodule's URL that is an option",
      "UNSAFE_OBJECTS",
      (git, checkout) =>
        commit(git, checkout, { ".gitmodules": `[submodule "e"]\n\tpath = e\n\turl = --upload-pack=touch\n` }),
    ],
    [
      "a submodule's name that leaves git's folder",
      "UNSAFE_OBJECTS",
      (git, checkout) =>
        commit(git, checkout, { ".gitmodules": `[submodule "../../e"]\n\tpath = e\n\turl = https://x.invalid/\n` }),
    ],
    [
      "a folder .git in the tree",
      "UNSAFE_OBJECTS",
      (git, checkout) => {
        const file = blob(checkout, "[core]\n\tfsmonitor = touch\n");
        const inner = gitIn(checkout, `100644 blob ${file}\tconfig\n`)("mktree");
        commitTree(git, checkout, [`040000 tree ${inner}\t.git`]);
      },
    ],
    [
      "a path that leaves the tree",
      "UNSAFE_OBJECTS",
      (git, checkout) => {
        const inner = gitIn(checkout, `100644 blob ${blob(checkout, "x")}\tevil\n`)("mktree");
        commitTree(git, checkout, [`040000 tree ${inner}\t..`]);
      },
    ],
    [
      "a link to /etc/shadow",
      "LINK_LEAVES_REPOSITORY",
      (git, checkout) => {
        symlinkSync("/etc/shadow", join(checkout, "shadow"));
        commit(git, checkout, {});
      },
    ],
    [
      "a link out of the tree",
      "LINK_LEAVES_REPOSITORY",
      (git, checkout) => {
        mkdirSync(join(checkout, "a"));
        symlinkSync("../../outside", join(checkout, "a/link"));
        commit(git, checkout, {});
      },
    ],
    [
      "a file of 60 MiB that is 60 KiB packed",
      "FILE_TOO_LARGE",
      (git, checkout) => commit(git, checkout, { zeros: "\0".repeat(60 * 1_048_576) }),
    ],
    [
      "51,000 files that are one",
      "TOO_MANY_FILES",
      (git, checkout) => {
        const file = blob(checkout, "same");
        commitTree(
          git,
          checkout,
          [...Array(51_000).keys()].map((number) => `100644 blob ${file}\tf${number}`),
        );
      },
    ],
    [
      "a million files that are two trees and one file",
      "TOO_MANY_FILES",
      (git, checkout) => {
        const names = [...Array(1_000).keys()];
        const file = blob(checkout, "same");
        const inner = gitIn(checkout, names.map((number) => `100644 blob ${file}\tf${number}\n`).join(""))("mktree");
        commitTree(
          git,
          checkout,
          names.map((number) => `040000 tree ${inner}\td${number}`),
        );
      },
    ],
    [
      "a tree of ten thousand million files in ten small objects",
      "TOO_MANY_FILES",
      (git, checkout) => {
        let line = `100644 blob ${blob(checkout, "bomb")}`;
        for (let depth = 0; depth < 10; depth++) {
          const lines = [...Array(10).keys()].map((number) => `${line}\td${number}\n`);
          line = `040000 tree ${gitIn(checkout, lines.join(""))("mktree")}`;
        }
        git("reset", "--quiet", "--soft", git("commit-tree", "-m", "bomb", line.split(" ")[2] ?? ""));
      },
    ],
  ])("%s is refused: %s", async (sentence, refusal, build) => {
    const url = server.repository(`hostile-${sentence.replaceAll(/\W+/g, "-")}`, build);
    expect(await want(url)).toBe(refusal);
    expect(readdirSync(join(store.folder, ".."))).toEqual(["store"]);
  });

  test("a file of 2 GB that is 9 MB packed is refused: FILE_TOO_LARGE", { timeout: 180_000 }, async () => {
    const url = server.repository("two-gigabytes", (git, checkout) => {
      commit(git, checkout, { a: "small" });
      writeFileSync(join(checkout, "zeros"), "");
      truncateSync(join(checkout, "zeros"), 2_000_000_000);
      // Into the server's own repository at once: each way that it goes takes its time.
      const own = (...args: string[]) =>
        git("--git-dir", join(server.folder, "two-gigabytes.git"), "--work-tree", checkout, ...args);
      own("symbolic-ref", "HEAD", "refs/heads/large");
      own("-c", "core.compression=1", "add", "zeros");
      own("commit", "--quiet", "-m", "zeros");
    });
    expect(await want(url, { revision: "large" })).toBe("FILE_TOO_LARGE");
    const kept = spawnSync("du", ["-sm", store.folder], { encoding: "utf8" }).stdout;
    expect(Number.parseInt(kept, 10)).toBeLessThan(100);
  });

  test("a server that sends elsewhere is not followed, and one that does not answer is left", async () => {
    expect(await want(`${server.url}/moved.git`)).toBe("REPOSITORY_REDIRECTED");
    const impatient = { ...store, fetchMaxMs: 500 };
    const wanted = { url: `${server.url}/slow.git`, revision: null, authorization: null };
    expect(await fetchBase(impatient, wanted)).toBe("REPOSITORY_TOO_SLOW");
    expect(await want(`${server.url}/nothing-here.git`)).toBe("REPOSITORY_NOT_FOUND");
  });

  test("in production no name that means this machine or its network is asked", async () => {
    const strict = { ...store, isPrivateAllowed: false };
    const at = (url: string) => fetchBase(strict, { url, revision: null, authorization: null });
    expect(await at("https://localhost/a.git")).toBe("PRIVATE_ADDRESS");
    expect(await at("https://127.0.0.1/a.git")).toBe("PRIVATE_ADDRESS");
    expect(await at("https://169.254.169.254/latest")).toBe("PRIVATE_ADDRESS");
    expect(await at(`${server.url}/plain.git`)).toBe("BAD_REPOSITORY_URL");
  });
});
