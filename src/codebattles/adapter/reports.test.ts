import { expect, test } from "vitest";
import { readJunit } from "./reports.ts";

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
  expect(readJunit(text).map(({ path, result }) => `${path.join("/")} ${result}`)).toEqual(expected),
);

test("a report's entities stay as small as they were written", () => {
  const bomb = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><testsuites><testcase name="&b;"/></testsuites>`;
  expect(
    readJunit(bomb)
      .map(({ path }) => path.join(""))
      .join("").length,
  ).toBeLessThan(20);
});
