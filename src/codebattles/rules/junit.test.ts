import { expect, test } from "vitest";
import { readJunit } from "./junit.ts";

// As node --test, pytest and vitest write them.
const NODE = `<?xml version="1.0" encoding="utf-8"?><testsuites><testsuite name="math" tests="2">
<testcase name="adds" time="0.0" classname="test"/><testcase name="subs" classname="test" failure="1 == 2"><failure type="testCodeFailure">x</failure></testcase>
</testsuite><testcase name="skipped" classname="test"><skipped type="skipped" message="true"/></testcase><!-- tests 3 --></testsuites>`;
const PYTEST = `<?xml version="1.0"?><testsuites name="pytest tests"><testsuite name="pytest" errors="1"><testcase classname="test_a" name="test_x"/><testcase classname="test_a" name="test_y"><error message="boom">e</error></testcase></testsuite></testsuites>`;

test.each([
  ["node --test", NODE, ["math/adds PASSED", "math/subs FAILED", "skipped SKIPPED"]],
  ["pytest", PYTEST, ["pytest/test_x PASSED", "pytest/test_y FAILED"]],
  ["half of a report", NODE.slice(0, 180), []],
  ["no XML at all", "hello", []],
])("%s", (_what, text, expected) =>
  expect(readJunit(text).cases.map(({ path, result }) => `${path.join("/")} ${result}`)).toEqual(expected),
);

test.each([
  [
    "Node",
    `name="adds" classname="test" file="/workspace/repository/checks/a.mjs"`,
    "/workspace/repository/checks/a.mjs",
  ],
  ["vitest", `classname="checks/a.ts" name="math &gt; adds"`, "checks/a.ts"],
  ["pytest", `classname="checks.sums.TestSums" name="test_adds"`, "checks.sums.TestSums"],
  ["pytest, which read a doctest", `classname="sums.core" name="sums.core.add"`, undefined],
  ["who says nothing of it", `name="adds"`, undefined],
])("where a test is written is read from %s", (_who, attributes, file) => {
  expect(readJunit(`<testsuites><testcase ${attributes}/></testsuites>`).cases.map((each) => each.file)).toEqual([
    file,
  ]);
});

test("a report's entities stay as small as they were written", () => {
  const bomb = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><testsuites><testcase name="&b;"/></testsuites>`;
  expect(
    readJunit(bomb)
      .cases.map(({ path }) => path.join(""))
      .join("").length,
  ).toBeLessThan(20);
});

const one = `<testsuites><testcase name="a"/></testsuites>`;
test.each([
  ["one report", one, 1, "a"],
  ["one among what else was written", `> it's 5 < 6\n<?xml version="1.0"?>${one}\ndone`, 1, "a"],
  ["two reports", one + one, 2, "a,a"],
  [
    "a name with a quote and brackets",
    `<testsuites><testcase name="a &amp;quot;b&quot; &lt;c>"/></testsuites>`,
    1,
    `a "b" <c>`,
  ],
  [
    "tags in comments and data",
    `<testsuites><!-- <testcase name="x"/> --><system-out><![CDATA[<testcase name="x"/>]]></system-out></testsuites>`,
    1,
    "",
  ],
  ["a case outside of all suites", `<testcase name="a"/>`, 0, ""],
])("%s", (_what, text, reports, names) => {
  const read = readJunit(text);
  expect([read.reports, read.cases.map(({ path }) => path.at(-1)).join()]).toEqual([reports, names]);
});

const SIZE = 4 * 1_048_576;
test.each([
  ["many cases", `<testsuites>${'<testcase name="x"/>'.repeat(SIZE / 20)}</testsuites>`],
  ["many cases that do not end", `<testsuites>${"<testcase ".repeat(SIZE / 10)}`],
  ["deep suites", `${'<testsuite name="x">'.repeat(SIZE / 20)}<testcase name="y"/>`],
  ["quotes without end", `<testsuites>${'<testcase name="'.repeat(SIZE / 16)}`],
  ["brackets alone", "<".repeat(SIZE)],
  ["comments without end", "<!--".repeat(SIZE / 4)],
])("4 MiB of %s take no time", (_what, text) => {
  const began = performance.now();
  expect(readJunit(text).cases.length).toBeLessThanOrEqual(2_000);
  expect(performance.now() - began).toBeLessThan(2_000);
});
