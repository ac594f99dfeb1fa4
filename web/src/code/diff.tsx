import { Diff, Hunk, parseDiff } from "react-diff-view";
import "react-diff-view/style/index.css";

/** A change as its files, side by side on wide screens. */
export default function DiffView({ text }: { text: string }) {
  const isWide = matchMedia("(min-width: 900px)").matches;
  return (
    <div className="diffs">
      {parseDiff(text).map(({ oldRevision, newRevision, oldPath, newPath, type, hunks }) => (
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
