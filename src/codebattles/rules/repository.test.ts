import { expect, test } from "vitest";
import { isRevision, judgeTree, placeOf, refusalOf, type Entry } from "./repository.ts";

test.each([
  "https://github.com/agon/arena.git",
  "https://github.com/agon/arena",
  "https://git.example:8443/~user/a_b-c.git",
])("%s is a place", (url) => expect(placeOf(url, false)).toMatchObject({ url }));

test.each([
  "ext::sh -c touch% /tmp/x",
  "file:///etc",
  "/srv/git/a.git",
  "../a.git",
  "ssh://git@github.com/a/b.git",
  "git@github.com:a/b.git",
  "git://github.com/a/b.git",
  "http://github.com/a/b.git",
  "https://user:token@github.com/a/b.git",
  "https://github.com/a/b.git?x=1",
  "https://github.com/a/../../b.git",
  "https://github.com/a/b.git#x",
  "https://github.com/a b.git",
  "https://gith\u00fcb.com/a.git",
  "https://github.com/a\n.git",
  "--upload-pack=touch",
  "https://",
  "",
])("%j is none", (url) => expect(placeOf(url, false)).toBe("BAD_REPOSITORY_URL"));

test("a server of this machine is a place in development alone", () => {
  expect(placeOf("http://127.0.0.1:3000/a.git", true)).toMatchObject({ host: "127.0.0.1", port: 3_000 });
});

test.each([
  ["main", true],
  ["feature/x-1", true],
  ["v1.0.0", true],
  ["-upload-pack", false],
  ["a..b", false],
  ["a b", false],
  ["refs/heads/*", false],
  ["a.lock", false],
  ["a/.b", false],
  ["main^{tree}", false],
  ["a:b", false],
  ["", false],
])("%j may be asked for: %s", (text, may) => expect(isRevision(text)).toBe(may));

// What git 2.39 wrote.
test.each([
  ["fatal: repository 'http://127.0.0.1:1/x.git/' not found", "REPOSITORY_NOT_FOUND"],
  ["fatal: could not read Username for 'http://127.0.0.1:1': terminal prompts disabled", "REPOSITORY_DENIED"],
  ["fatal: Authentication failed for 'http://127.0.0.1:1/private.git/'", "REPOSITORY_DENIED"],
  ["fatal: remote error: upload-pack: not our ref 0000000000000000000000000000000000000000", "COMMIT_NOT_FOUND"],
  ["fatal: couldn't find remote ref refs/heads/x", "COMMIT_NOT_FOUND"],
  [
    "fatal: unable to access 'http://127.0.0.1:1/moved.git/': The requested URL returned error: 302",
    "REPOSITORY_REDIRECTED",
  ],
  [
    "error: object 9a: hasDotgit: contains '.git'\nfatal: fsck error in packed object\nfatal: fetch-pack: invalid index-pack output",
    "UNSAFE_OBJECTS",
  ],
  ["error: index-pack died of signal 25\nfatal: fetch-pack: invalid index-pack output", "REPOSITORY_TOO_LARGE"],
  ["fatal: attempting to allocate 900000001 over limit 536870912", "REPOSITORY_TOO_LARGE"],
  ["fatal: transport 'ext' not allowed", "BAD_REPOSITORY_URL"],
  ["fatal: unable to access 'https://x.invalid/': Could not resolve host: x.invalid", "REPOSITORY_UNREACHABLE"],
] as const)("%s is %s", (said, refusal) => expect(refusalOf({ said, signal: null, timedOut: false })).toBe(refusal));

test.each([126, 127])("a shell that ends with %i has found no git: our failure, whatever it said", (code) => {
  const said = "bash: line 1: exec: git: not found";
  expect(refusalOf({ code, said, signal: null, timedOut: false })).toBe("GIT_UNUSABLE");
});

test("a time that is over comes before what was said", () => {
  expect(refusalOf({ said: "not found", signal: "SIGKILL", timedOut: true })).toBe("REPOSITORY_TOO_SLOW");
});

const file = (path: string, more: Partial<Entry> = {}): Entry => ({
  ...{ mode: "100644", id: "", bytes: 1, path, linksTo: null },
  ...more,
});
const link = (path: string, to: string | null) => file(path, { mode: "120000", linksTo: to });

test.each([
  ["a link to a neighbour", [link("a/b", "c")], "taken"],
  ["a link to the top", [link("a/b", "../README.md")], "taken"],
  ["a link over the top", [link("a/b", "../../x")], "LINK_LEAVES_REPOSITORY"],
  ["a link that leaves and comes back", [link("a/b", "../../repository/x")], "LINK_LEAVES_REPOSITORY"],
  ["an absolute link", [link("b", "/workspace/x")], "LINK_LEAVES_REPOSITORY"],
  ["a link into git's folder", [link("b", ".GIT/config")], "LINK_LEAVES_REPOSITORY"],
  ["a link whose target was not read", [link("b", null)], "LINK_LEAVES_REPOSITORY"],
  [
    "a link that leaves by way of another",
    [link("a/b/up", "../.."), link("x", "a/b/up/../../../etc/passwd")],
    "LINK_LEAVES_REPOSITORY",
  ],
  [
    "one that leaves by way of two",
    [link("a/b/up", "../.."), link("c/d", "../a/b/up/a"), link("x", "c/d/../../etc")],
    "LINK_LEAVES_REPOSITORY",
  ],
  ["one that stays by way of another", [link("a/v/now", "1"), link("a/x", "v/now/x"), file("a/v/1/x")], "taken"],
  ["a link to a link", [link("a/b", "../c"), link("c", "d")], "taken"],
  ["links that lead to each other", [link("a", "b/x"), link("b", "a/y")], "LINK_LEAVES_REPOSITORY"],
  ["a link by way of git's folder", [link("g", "s/.git/config"), link("s", "t")], "LINK_LEAVES_REPOSITORY"],
  [
    "a link by way of another whose name is two bytes",
    [link(Buffer.from("a/b/\u00fc").toString("latin1"), "../.."), link("x", "a/b/\u00fc/../../../etc")],
    "LINK_LEAVES_REPOSITORY",
  ],
  ["a link whose target is no text", [link("a", "b\u{FFFD}/c")], "LINK_LEAVES_REPOSITORY"],
  [
    "50,000 links of a hundred steps each",
    Array.from({ length: 50_000 }, (_none, at) => link(`${at}/${"a/".repeat(50)}b`, `${"c/".repeat(100)}d`)),
    "LINK_LEAVES_REPOSITORY",
  ],
  ["a file of 50 MiB", [file("a", { bytes: 50 * 1_048_576 })], "taken"],
  ["one byte more", [file("a", { bytes: 50 * 1_048_576 + 1 })], "FILE_TOO_LARGE"],
  ["11 files of 50 MiB", Array(11).fill(file("a", { bytes: 50 * 1_048_576 })), "REPOSITORY_TOO_LARGE"],
  ["50,000 files", Array(50_000).fill(file("a")), "taken"],
  ["50,001 files", Array(50_001).fill(file("a")), "TOO_MANY_FILES"],
] as [string, Entry[], string][])("%s", (_sentence, entries, verdict) => {
  const judged = judgeTree(entries);
  expect(typeof judged === "string" ? judged : "taken").toBe(verdict);
});
