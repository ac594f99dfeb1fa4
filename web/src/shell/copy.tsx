import { useRef, useState } from "react";

const SAID_MS = 2_000;

/** Copies a text and says so for a moment; false where the browser does not allow it, on plain HTTP for one. */
function useCopy(): { copied: boolean; copy: (text: string) => Promise<boolean> } {
  const [copied, setCopied] = useState(false);
  const copy = async (text: string) => {
    // Missing outside of HTTPS and this machine, whatever its type says.
    const clipboard = navigator.clipboard as Clipboard | undefined;
    const done = clipboard ? await clipboard.writeText(text).then(...OUTCOMES) : false;
    setCopied(done);
    if (done) setTimeout(() => setCopied(false), SAID_MS);
    return done;
  };
  return { copied, copy };
}
const OUTCOMES = [() => true, () => false] as const;

type CopyProps = { text: string; what: string; className?: string; children?: string };

/** A button that copies what it is told to. */
export function Copy({ text, what, className = "btn sm", children = "Copy" }: CopyProps) {
  const { copied, copy } = useCopy();
  const [refused, setRefused] = useState(false);
  const go = async () => setRefused(!(await copy(text)));
  return (
    <button type="button" className={className} onClick={() => void go()}>
      {copied ? "Copied" : refused ? "Not allowed here" : children}
      <span className="sr" role="status">
        {copied && `${what} copied`}
      </span>
    </button>
  );
}

/** Text to be run or pasted, with the button that copies it; where copying is not allowed it is selected instead. */
export function Code({ text, title, wraps = false }: { text: string; title: string; wraps?: boolean }) {
  const place = useRef<HTMLPreElement>(null);
  const { copied, copy } = useCopy();
  const [selected, setSelected] = useState(false);
  const go = async () => {
    const done = await copy(text);
    setSelected(!done);
    if (!done && place.current) getSelection()?.selectAllChildren(place.current);
  };
  return (
    <figure className={`codebox ${wraps ? "wraps" : ""}`}>
      <figcaption className="between">
        <span>{title}</span>
        <button type="button" className="btn sm" aria-label={`Copy: ${title}`} onClick={() => void go()}>
          {copied ? "Copied" : selected ? "Selected: copy with Ctrl C" : "Copy"}
        </button>
      </figcaption>
      <pre ref={place} tabIndex={0} aria-label={title}>
        {text}
      </pre>
      <span className="sr" role="status">
        {copied && "Copied"}
      </span>
    </figure>
  );
}
