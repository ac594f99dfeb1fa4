import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const FILES = readdirSync("web/src", { recursive: true, encoding: "utf8" }).map((file) => path.join("web/src", file));
const MODULES = FILES.filter((file) => /\.tsx?$/.test(file) && !file.includes(".test."));
const ENTRY = "web/src/main.tsx";

const read = (file: string) => readFileSync(file, "utf8");
const found = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, name]) => name ?? "");
const beside = (file: string, names: string[]) => names.map((name) => path.join(path.dirname(file), name));

const imports = new Map(
  [...MODULES, ...FILES.filter((file) => file.endsWith(".css"))].map((file) => [
    file,
    beside(file, found(read(file), /^(?:@?import|export)[^"(]*"(\.[^"]+)"/gm)),
  ]),
);
const PAGES = beside(ENTRY, found(read(ENTRY), /import\("(\.[^"]+)"\)/g));

/** What the browser has loaded once a module is there: itself, and all it imports. */
function loaded(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const next of imports.get(file) ?? []) loaded(next, seen);
  return seen;
}

/** The sheets with a rule for a class itself, not for it inside of something else. */
const rules = new Map<string, string[]>();
for (const sheet of FILES.filter((file) => file.endsWith(".css")))
  for (const name of found(read(sheet), /^\s*(?:\.head )?\.([a-z][\w-]*)(?:,| \{)/gm))
    rules.set(name, [...(rules.get(name) ?? []), sheet]);

/** All that may stand in a class name: what is quoted, and the words between what a template fills in. */
const classesOf = (file: string) =>
  found(read(file), /className=("[^"]*"|\{"[^"]*"|\{`[^`]*`|\{[^}]*\})/g).flatMap((given) =>
    [...given.matchAll(/"([^"]*)"|`([^`]*)`/g)].flatMap(([, quoted = "", template = ""]) =>
      `${quoted} ${template.replaceAll(/\$\{[^}]*\}/g, (code) => found(code, /"([^"]*)"/g).join(" "))}`.split(/\s+/),
    ),
  );

// Pages are loaded one by one: a sheet of another page is there only after a visit to it.
test.each([ENTRY, ...new Set(PAGES)])(
  "%s looks the same whatever was visited before: no other page's sheet has rules for its classes",
  (page) => {
    const has = new Set([...loaded(ENTRY), ...loaded(page)]);
    const foreign = [...loaded(page)]
      .filter((file) => file.endsWith(".tsx"))
      .flatMap((file) => classesOf(file).map((name) => ({ file, name, sheets: rules.get(name) ?? [] })))
      .filter(({ sheets }) => sheets.some((sheet) => !has.has(sheet)));
    expect(foreign).toEqual([]);
  },
);
