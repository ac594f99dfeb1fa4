/** A field of a type. */
export type Member = { name: string; type: string; says: string };
/** Something that "agon:quake" exports. */
export type Declared = {
  name: string;
  kind: "type" | "function" | "constant";
  detail: string;
  says: string;
  members: Member[];
};

const COMMENT = /^ *\/\*\* (.*) \*\/$/;
const EXPORT = /^ {2}export (type|function|const) (\w+)(.*)$/;
const MEMBER = /^ {4}(?:readonly )?(\w+)\??: (.*?)[;{]?$/;
const KINDS = { type: "type", function: "function", const: "constant" } as const;

/** Reads docs/agon-quake.d.ts line by line, as its generator writes it. */
export function readTypes(text: string): ReadonlyMap<string, Declared> {
  const found = new Map<string, Declared>();
  let says = "";
  let open: Declared | null = null;
  for (const line of text.split("\n")) {
    const comment = COMMENT.exec(line)?.[1];
    if (comment !== undefined) {
      says = comment;
      continue;
    }
    const [, kind, name, rest] = EXPORT.exec(line) ?? [];
    if (name !== undefined) {
      open = { name, kind: KINDS[kind as keyof typeof KINDS], detail: detailOf(rest ?? ""), says, members: [] };
      found.set(name, open);
    } else {
      const [, member, type] = MEMBER.exec(line) ?? [];
      if (open && member !== undefined) open.members.push({ name: member, type: (type ?? "").trim() || "{ … }", says });
    }
    says = "";
  }
  return found;
}

const detailOf = (rest: string): string =>
  rest
    .replace(/^(?: =|:) ?/, "")
    .replace(/[;{]$/, "")
    .trim();

/** The name of a type without what stands around it: `readonly ItemView[]` and `MapFacts | null` are named. */
export const nameIn = (type: string): string => /[A-Z]\w+/.exec(type)?.[0] ?? "";

/** What calling a function gives, by its detail. */
export const givenBy = ({ detail }: Declared): string => nameIn(/(?:\) =>|\):)([^()]*)$/.exec(detail)?.[1] ?? "");
