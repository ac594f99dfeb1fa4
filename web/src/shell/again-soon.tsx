import { useEffect, useEffectEvent, useState } from "react";
import { useNow } from "./use-now.ts";

/** Tries again when the server's wait is over, and says how long that is. */
export function AgainSoon({ waitMs, retry }: { waitMs: number; retry: () => void }) {
  const [at] = useState(() => Date.now() + waitMs);
  const now = useNow(1_000);
  const again = useEffectEvent(retry);
  useEffect(() => {
    const timer = setTimeout(() => again(), at - Date.now());
    return () => clearTimeout(timer);
  }, [at]);
  return (
    <p className="dim">
      This page comes by itself in <span className="num">{Math.max(1, Math.ceil((at - now) / 1_000))}</span> s. Visitors
      of one address share their points; who is signed in has ten times as many.
    </p>
  );
}
