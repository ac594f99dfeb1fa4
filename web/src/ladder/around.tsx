import { useState } from "react";
import { useQuery } from "urql";
import { graphql } from "../generated/gql.ts";
import type { Viewer } from "../shell/viewer.ts";
import { Board } from "./board.tsx";
import type { Kind } from "./kinds.ts";

const AroundDocument = graphql(`
  query AroundBot($kind: LadderKind!, $botId: ID!) {
    ladder(kind: $kind) { kind around(botId: $botId, each: 2) { ...Standing } }
  }
`);

/** Where one's own bot stands, with its neighbours on the board. */
export function Around({ kind, viewer }: { kind: Kind; viewer: Viewer }) {
  const bots = viewer.bots.nodes;
  const [chosen, setChosen] = useState(bots[0]?.id ?? "");
  const [{ data }] = useQuery({ query: AroundDocument, variables: { kind, botId: chosen }, pause: chosen === "" });
  if (bots.length === 0 || !data) return null;
  const rows = data.ladder.around;
  return (
    <section>
      <div className="head">
        <h2>Your place</h2>
        <select aria-label="Which of your bots" value={chosen} onChange={({ target }) => setChosen(target.value)}>
          {bots.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </div>
      {rows.length === 0 ? (
        <p className="dim sm">Not on this board yet: ten rated contests in the last 30 days bring it here.</p>
      ) : (
        <Board name="Your place" rows={rows} mine={viewer.user.id} />
      )}
    </section>
  );
}
