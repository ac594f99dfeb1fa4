import type { Refusal } from "../refusal.ts";
import { builder } from "./builder.ts";

/** What a refusal says to people and agents: what is wrong, and what to do next. */
export type Words = { message: string; hint: string };

const words = new Map<string, Words>();
const refs = new Map<string, ReturnType<typeof declareType>>();

const RefusalInterface = builder.interfaceRef<Refusal>("Refusal").implement({
  description: "Why nothing was done. Every mutation lists the refusals it can give; nothing was written.",
  access: "public",
  fields: (t) => ({
    code: t.exposeString("code", { description: "The refusal's name, stable, such as NAME_TAKEN." }),
    message: t.string({
      description: "One sentence: what is wrong.",
      resolve: (refusal) => refusal.message ?? wordsOf(refusal.code).message,
    }),
    hint: t.string({
      nullable: true,
      description: "What to do next.",
      resolve: (refusal) => wordsOf(refusal.code).hint,
    }),
    retryAfterMs: t.int({
      nullable: true,
      description: "After how many milliseconds the same request may succeed; null when waiting does not help.",
      resolve: (refusal) => refusal.retryAfterMs ?? null,
    }),
    path: t.stringList({
      nullable: true,
      description: "The input field that was refused, from the outside in.",
      resolve: (refusal) => (refusal.path ? [...refusal.path] : null),
    }),
  }),
});

/** The message and hint of a declared code. */
export function wordsOf(code: string): Words {
  const found = words.get(code);
  if (!found) throw new Error(`refusal ${code} has no words`);
  return found;
}

/** Every code with its words, sorted, for skills.md. */
export function declaredRefusals(): { code: string; message: string; hint: string }[] {
  return [...words].map(([code, text]) => ({ code, ...text })).toSorted((a, b) => a.code.localeCompare(b.code));
}

/** The GraphQL type's name of a code: NAME_TAKEN is NameTakenRefusal. */
export function refusalTypeName(code: string): string {
  const name = code.toLowerCase().replaceAll(/(?:^|_)([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
  return `${name}Refusal`;
}

function declareType(code: string, { message, hint }: Words) {
  return builder.objectRef<Refusal>(refusalTypeName(code)).implement({
    description: `${code}: ${message} ${hint}`,
    access: "public",
    interfaces: [RefusalInterface],
  });
}

/** Gives each code its words and its type; a domain's schema.ts declares its own codes once. */
export function declareRefusals<Code extends string>(declared: Record<Code, Words>): void {
  for (const [code, text] of Object.entries<Words>(declared)) {
    if (words.has(code)) throw new Error(`refusal ${code} is declared twice`);
    words.set(code, text);
    refs.set(code, declareType(code, text));
  }
}

/** The type of a declared code. */
export function refusalRef(code: string): ReturnType<typeof declareType> {
  const ref = refs.get(code);
  if (!ref) throw new Error(`refusal ${code} must be declared before a mutation lists it`);
  return ref;
}

declareRefusals({
  NOT_AUTHENTICATED: {
    message: "This needs a key or a session.",
    hint: "Send X-API-Key, or sign in first; /skills.md shows how.",
  },
  MISSING_SCOPE: {
    message: "Your key lacks the scope that this needs.",
    hint: "Create a key with the scope named in the field's description.",
  },
  SESSION_NEEDED: { message: "A key cannot do this.", hint: "Sign in and use the session." },
  IDEMPOTENCY_KEY_REUSED: {
    message: "This idempotency key was used with another input.",
    hint: "Use a fresh key for a new request; repeat the same input to get the stored result.",
  },
  ALREADY_DONE: {
    message: "This was done before; its result held a secret, or you may not see it any more.",
    hint: "Nothing was done again: make a new one if you lost its secret.",
  },
  BAD_INPUT: {
    message: "An input field is not acceptable.",
    hint: "See the field's description for its form and limits.",
  },
  RATE_LIMITED: { message: "Too many of these in a short time.", hint: "Wait retryAfterMs, then try again." },
  NOT_FOUND: { message: "There is no such thing, or you may not see it.", hint: "Check the id." },
});
