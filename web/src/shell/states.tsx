import type { ReactNode } from "react";
import type { CombinedError } from "urql";
import { Link } from "wouter";
import { useLine } from "../client/line.ts";
import { AgainSoon } from "./again-soon.tsx";
import { clockTime } from "./ago.tsx";

function requestIdOf({ graphQLErrors, response }: CombinedError): string | null {
  const named = graphQLErrors[0]?.extensions["requestId"];
  if (typeof named === "string") return named;
  return response instanceof Response ? response.headers.get("x-request-id") : null;
}

/** What failed, in one sentence. */
export function messageOf({ networkError, graphQLErrors, response }: CombinedError): string {
  if (networkError && response instanceof Response && !response.ok) return `The server answered ${response.status}.`;
  if (networkError) return "The server cannot be reached.";
  return graphQLErrors[0]?.message ?? "This did not load.";
}

/** What failed, that nothing is lost by it, the way to try again, and the request's id for whoever looks into it. */
export function Failed({ error, retry, page }: { error: CombinedError; retry: () => void; page?: boolean }) {
  const requestId = requestIdOf(error);
  const { hint, retryAfterMs } = error.graphQLErrors[0]?.extensions ?? {};
  const Heading = page ? "h1" : "h2";
  return (
    <div className={`state ${page ? "whole" : ""}`} role="alert">
      <Fig pose="knight-hit" />
      <Heading className="statehead">{messageOf(error)}</Heading>
      {typeof retryAfterMs === "number" ? (
        <AgainSoon key={requestId} waitMs={retryAfterMs} retry={retry} />
      ) : (
        <p className="dim">{typeof hint === "string" ? hint : "No result and no rating is affected."}</p>
      )}
      <div className="row">
        <button type="button" className="btn sm" onClick={retry}>
          Try again
        </button>
        {requestId && <span className="mono xs dim3">req {requestId}</span>}
      </div>
    </div>
  );
}

const Fig = ({ pose }: { pose: string }) => (
  <svg className="fig" viewBox="0 0 320 300" aria-hidden="true">
    <use href={`/characters.svg#${pose}`} width="320" height="300" />
  </svg>
);

/** Lines in the shape of what will be here; nothing for the first 200 ms. */
export function Loading({ rows = 4 }: { rows?: number }) {
  return (
    <div className="loading" role="status" aria-busy="true" aria-label="Loading">
      {Array.from({ length: rows }, (_none, row) => (
        <span key={row} className="sk" />
      ))}
    </div>
  );
}

/** A stage loads as two plain halves. */
export function LoadingStage() {
  return (
    <div className="loading" role="status" aria-busy="true" aria-label="Loading">
      <span className="sk" />
      <span className="halves">
        <i className="sk" />
        <i className="sk" />
      </span>
      <span className="sk" />
    </div>
  );
}

/** What would be here, and the one thing to do. */
export function Empty({
  title,
  children,
  page,
  act,
  figure = "ronin-stance",
}: {
  title: string;
  children: ReactNode;
  page?: boolean;
  act?: ReactNode;
  figure?: string;
}) {
  const Heading = page ? "h1" : "h3";
  return (
    <div className={`state ${page ? "whole" : ""}`}>
      {page && <title>{`${title} · Agon`}</title>}
      <Fig pose={figure} />
      <Heading className="statehead">{title}</Heading>
      <p className="dim">{children}</p>
      {act}
    </div>
  );
}

/** Where there is always something: from a page that is not there. */
export function Onward() {
  return (
    <div className="row">
      <Link className="btn pri" href="/">
        See what is live
      </Link>
      <Link className="btn" href="/ladder">
        Find a bot on the ladder
      </Link>
    </div>
  );
}

/** Says since when the line is down; what is shown stays. */
export function Offline() {
  const { offlineSince, nextTryAt } = useLine();
  if (offlineSince === null) return null;
  return (
    <div className="offline" role="status">
      <div className="page">
        <b>Offline since {clockTime(offlineSince)}</b>
        <span className="dim">
          This is the last known state. What happened since comes in order when the line is back.
        </span>
        {nextTryAt !== null && <span className="tag">Trying again</span>}
      </div>
    </div>
  );
}

/** "Live", or when it was last so. */
export function LiveTag({ className = "live" }: { className?: string }) {
  const { offlineSince } = useLine();
  if (offlineSince === null) return <span className={`tag ${className}`}>Live</span>;
  return <span className="tag out">Last seen {clockTime(offlineSince)}</span>;
}

/** How many events of a stream are not kept any more. */
export function Gap({ fromSeq, toSeq }: { fromSeq: number; toSeq: number }) {
  const count = toSeq - fromSeq + 1;
  return <span className="gap">{count === 1 ? "1 event is not kept" : `${count} events are not kept`}</span>;
}
