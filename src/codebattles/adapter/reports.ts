import { XMLParser } from "fast-xml-parser";
import { believed, readGo, type Reported, type TestPlan } from "../rules/testing.ts";
import type { TestRun } from "../rules/judging.ts";

/** A node of XML as the parser gives it: one key with its children, and `:@` with its attributes. */
type Node = { ":@"?: Record<string, string> } & Record<string, unknown>;

/** Entities are not expanded, so that a report of a stranger stays as large as it is. */
const parser = new XMLParser({ ignoreAttributes: false, preserveOrder: true, processEntities: false });

/** Reads a JUnit report: test cases by the suites that they are in. What is no XML says nothing. */
export function readJunit(text: string): Reported[] {
  try {
    return casesIn(parser.parse(text) as Node[], []);
  } catch {
    return []; // a runner that was killed leaves half of a report: the exit code says the rest
  }
}

function casesIn(nodes: readonly Node[], path: readonly string[]): Reported[] {
  return nodes.flatMap((node): Reported[] => {
    const name = Object.keys(node).find((key) => key !== ":@");
    const children = name === undefined ? [] : node[name];
    if (!Array.isArray(children)) return [];
    const called = node[":@"]?.["@_name"] ?? "";
    if (name !== "testcase") return casesIn(children as Node[], name === "testsuite" ? [...path, called] : path);
    return [{ path: [...path, called], result: resultOf(children as Node[]) }];
  });
}

function resultOf(children: readonly Node[]): Reported["result"] {
  const has = (name: string) => children.some((child) => name in child);
  return has("failure") || has("error") ? "FAILED" : has("skipped") ? "SKIPPED" : "PASSED";
}

/** What came of a run of tests: its report as far as its exit code bears it out. */
export function readReport(plan: TestPlan, text: string, command: string, exitCode: number | null): TestRun[] {
  const reported = plan.report === "JUNIT" ? readJunit(text) : plan.report === "GO" ? readGo(text) : [];
  return believed(reported, command, exitCode);
}
