import { TESTS_MAX, type Reported } from "./judging.ts";

const SUITES_DEEP_MAX = 32;
/** With what tests wrote, properties and the like. */
const TAGS_MAX = 100_000;
/** Runners put the whole message of a failure into an attribute. */
const TAG_LENGTH_MAX = 262_144;
const NAME = /(?<=\s)name\s*=\s*(?:"([^"]*)"|'([^']*)')/;
const FILE = /(?<=\s)file\s*=\s*(?:"([^"]*)"|'([^']*)')/;
const CLASS = /(?<=\s)classname\s*=\s*(?:"([^"]*)"|'([^']*)')/;
const FILE_LENGTH_MAX = 300;
const ENTITIES: Readonly<Record<string, string>> = { quot: '"', apos: "'", lt: "<", gt: ">" };

/** An attribute's text. Node escapes a quote, and then its ampersand: ampersands come first here. Only the five plain entities are read, so that a report of a stranger stays as large as it is. */
const plain = (text: string) =>
  text.replaceAll("&amp;", "&").replaceAll(/&(quot|apos|lt|gt);/g, (_all, name: string) => ENTITIES[name] ?? "");

/** Whole reports in a text, by their outermost tags, and their test cases by the suites that they are in. */
export type JunitRead = { reports: number; cases: Reported[] };

/**
 * Reads JUnit reports out of what a command wrote, in one pass and as far as TESTS_MAX cases. What does not end says nothing: a
 * runner that was killed leaves half of a report, and its exit code says the rest.
 */
export function readJunit(text: string): JunitRead {
  const read = new Reading();
  let left = TAGS_MAX;
  for (const tag of tagsIn(text)) {
    read.take(tag);
    if (left-- === 0 || read.isTooDeep()) return { reports: read.reports, cases: [] };
    if (read.cases.length >= TESTS_MAX) return { reports: read.reports + 1, cases: read.cases };
  }
  return { reports: read.reports, cases: read.depth === 0 ? read.cases : [] };
}

/** A report as far as it was read. */
class Reading {
  readonly cases: Reported[] = [];
  reports = 0;
  depth = 0;
  private readonly suites: string[] = [];
  private open: Reported | null = null;

  isTooDeep(): boolean {
    return this.suites.length > SUITES_DEEP_MAX;
  }

  take(tag: string): void {
    const [, slash, name] = /^(\/?)([\w.-]+)/.exec(tag) ?? [];
    const [begins, ends] = [!slash, slash === "/" || tag.endsWith("/")];
    if (name === "testsuites" || name === "testsuite") {
      if (begins !== ends) this.suite(name, tag, begins);
    } else if (name === "testcase" && this.depth > 0) {
      if (begins) this.open = { path: [...this.suites, nameIn(tag)], result: "PASSED", ...fileIn(tag) };
      if (ends && this.open) this.cases.push(this.open);
      if (ends) this.open = null;
    } else if (this.open) this.open.result = worse(this.open.result, name);
  }

  private suite(name: string, tag: string, begins: boolean): void {
    this.depth += begins ? 1 : -1;
    if (name === "testsuite" && begins) this.suites.push(nameIn(tag));
    if (name === "testsuite" && !begins) this.suites.pop();
    if (this.depth === 0) this.reports++;
  }
}

const attributeIn = (attribute: RegExp, tag: string) => {
  const [, double, single] = attribute.exec(tag) ?? [];
  return plain(double ?? single ?? "");
};
const nameIn = (tag: string) => attributeIn(NAME, tag);

/** Where a test is written: Node says it, to vitest a file is a class, to pytest a module. A doctest is in the code, and begins with its module. */
function fileIn(tag: string): Pick<Reported, "file"> {
  const [file, of] = [attributeIn(FILE, tag), attributeIn(CLASS, tag)];
  const said = file !== "" || (of !== "" && nameIn(tag).startsWith(`${of}.`)) ? file : of;
  return said === "" || said.length > FILE_LENGTH_MAX ? {} : { file: said };
}

function worse(result: Reported["result"], tag: string | undefined): Reported["result"] {
  if (tag === "failure" || tag === "error") return "FAILED";
  return tag === "skipped" && result !== "FAILED" ? "SKIPPED" : result;
}

const ASIDE = [
  ["<!--", "-->"],
  ["<![CDATA[", "]]>"],
  ["<?", "?>"],
] as const;

const next = (text: string, from: number) => {
  const TAGS = /<[A-Za-z/!?]/g;
  TAGS.lastIndex = from;
  return TAGS.exec(text)?.index ?? -1;
};

/** The tags of a text, without their brackets; comments and plain data are passed over. */
function* tagsIn(text: string): Generator<string> {
  for (let at = next(text, 0); at >= 0; at = next(text, at)) {
    const aside = ASIDE.find(([begin]) => text.startsWith(begin, at));
    const end = aside ? text.indexOf(aside[1], at + aside[0].length) : endOfTag(text, at);
    if (end < 0) return;
    if (!aside) yield text.slice(at + 1, end);
    at = end + (aside ? aside[1].length : 1);
  }
}

/** Where a tag's closing bracket is; those in quotes are none. */
function endOfTag(text: string, at: number): number {
  const QUOTE_OR_END = /["'>]/g;
  QUOTE_OR_END.lastIndex = at;
  for (let found = QUOTE_OR_END.exec(text); found; found = QUOTE_OR_END.exec(text)) {
    if (found[0] === ">") return found.index;
    if (found.index - at > TAG_LENGTH_MAX) return -1;
    const closing = text.indexOf(found[0], found.index + 1);
    if (closing < 0) return -1;
    QUOTE_OR_END.lastIndex = closing + 1;
  }
  return -1;
}
