import type { CombinedError } from "urql";

/** What failed, and the way to try again. */
export function Failed({ error, retry }: { error: CombinedError; retry: () => void }) {
  const named = error.graphQLErrors[0];
  return (
    <div className="state" role="alert">
      <h2 className="statehead">
        {error.networkError ? "The server cannot be reached." : (named?.message ?? "This did not load.")}
      </h2>
      <p className="dim">{String(named?.extensions["hint"] ?? "Nothing was changed.")}</p>
      <button type="button" className="btn sm" onClick={retry}>
        Try again
      </button>
    </div>
  );
}

/** Lines in the shape of what will be here. */
export function Loading({ rows = 4 }: { rows?: number }) {
  return (
    <div className="loading" aria-busy="true" aria-label="Loading">
      {Array.from({ length: rows }, (_none, row) => (
        <span key={row} className="sk" />
      ))}
    </div>
  );
}

/** What would be here, and the one thing to do. */
export function Empty({ title, children, page }: { title: string; children: React.ReactNode; page?: boolean }) {
  const Heading = page ? "h1" : "h3";
  return (
    <div className="state">
      <svg className="fig" viewBox="0 0 320 300" aria-hidden="true">
        <use href="/characters.svg#ronin-stance" width="320" height="300" />
      </svg>
      <Heading className="statehead">{title}</Heading>
      <p className="dim">{children}</p>
    </div>
  );
}
