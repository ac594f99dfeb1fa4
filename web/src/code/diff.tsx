import { Diff, Hunk, parseDiff } from "react-diff-view";
import "react-diff-view/style/index.css";

/** The files of a change; null where it cannot be told apart, as when it was cut in the middle of one. */
function filesOf(text: string) {
  try {
    return parseDiff(text);
  } catch {
    return null;
  }
}

/** A change as its files, side by side on wide screens; as it stands where it cannot be told apart. */
export default function DiffView({ text }: { text: string }) {
  const isWide = matchMedia("(min-width: 900px)").matches;
  const files = filesOf(text);
  if (!files)
    return (
      <pre className="mono sm" tabIndex={0}>
        {text}
      </pre>
    );
  return (
    <div className="diffs">
      {files.map(({ oldRevision, newRevision, oldPath, newPath, type, hunks }) => (
        <figure key={`${oldRevision}-${newRevision}-${newPath}`} tabIndex={0}>
          <figcaption className="mono sm">{type === "delete" ? oldPath : newPath}</figcaption>
          {hunks.length === 0 ? (
            <p className="dim sm">A file without lines.</p>
          ) : (
            <Diff viewType={isWide ? "split" : "unified"} diffType={type} hunks={hunks} gutterType="none">
              {(all) => all.map((hunk) => <Hunk key={hunk.content} hunk={hunk} />)}
            </Diff>
          )}
        </figure>
      ))}
    </div>
  );
}
