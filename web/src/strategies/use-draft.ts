import { useEffect, useState } from "react";

type Draft = { base: string; text: string };

const nameOf = (botId: string) => `strategy:${botId}`;

function kept(botId: string): Draft | null {
  try {
    return JSON.parse(sessionStorage.getItem(nameOf(botId)) ?? "null") as Draft | null;
  } catch {
    return null;
  }
}

/** A browser that is full or keeps nothing for us is no reason to stop writing. */
function keep(botId: string, draft: Draft): void {
  try {
    if (draft.text === draft.base) sessionStorage.removeItem(nameOf(botId));
    else sessionStorage.setItem(nameOf(botId), JSON.stringify(draft));
  } catch {
    // What is written stays on the page, and leaving it is asked about.
  }
}

/** What is written of a bot's strategy and is stored nowhere else yet: it is there again after the page was left. */
export function useDraft(botId: string, stored: string) {
  const [found] = useState(() => kept(botId));
  const [draft, setDraft] = useState<Draft>(() => found ?? { base: stored, text: stored });
  const put = (next: Draft) => {
    keep(botId, next);
    setDraft(next);
  };
  const isUnsaved = draft.text !== draft.base;
  useEffect(() => {
    if (!isUnsaved) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [isUnsaved]);
  return {
    text: draft.text,
    isUnsaved,
    /** Whether it was brought back from an earlier visit. */
    wasFound: found !== null && draft.text === found.text,
    write: (text: string) => put({ ...draft, text }),
    /** The text that is stored from now on, or another one to begin from. */
    settle: (text: string) => put({ base: text, text }),
    discard: () => put({ ...draft, text: draft.base }),
  };
}

export type OpenDraft = ReturnType<typeof useDraft>;
