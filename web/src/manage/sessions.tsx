import { useState } from "react";
import { useMutation } from "urql";
import { changePerson } from "../client/client.ts";
import { graphql } from "../generated/gql.ts";
import type { ManageQuery } from "../generated/graphql.ts";
import { Ago } from "../shell/ago.tsx";
import { refusalOf, Why, type Refused } from "../shell/refused.tsx";

const RevokeDocument = graphql(`
  mutation RevokeSession($input: RevokeSessionInput!) {
    revokeSession(input: $input) { __typename ... on Refusal { message hint } }
  }
`);
const EverywhereDocument = graphql(`
  mutation SignOutEverywhere { signOut(input: { everywhere: true }) { __typename ... on Refusal { message hint } } }
`);

type Session = NonNullable<ManageQuery["viewer"]>["sessions"][number];

// "Mozilla/5.0 (X11; Linux x86_64) … Chrome/131.0.0.0 Safari/537.36" is Chrome on Linux.
const BROWSERS = ["Firefox", "Edg", "OPR", "Chrome", "Safari"];
const SYSTEMS = ["Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux"];

function deviceOf(device: string | null | undefined): string {
  if (!device) return "Unknown device";
  const found = (names: readonly string[]) => names.find((name) => device.includes(name));
  const [browser, system] = [found(BROWSERS), found(SYSTEMS)];
  return browser && system ? `${browser} on ${system}` : device.slice(0, 40);
}

/** Where one is signed in. */
export function Sessions({ sessions }: { sessions: readonly Session[] }) {
  const [, revoke] = useMutation(RevokeDocument);
  const [, everywhere] = useMutation(EverywhereDocument);
  const [refused, setRefused] = useState<Refused>(null);
  const end = async (sessionId: string) => {
    const { data, error } = await revoke({ input: { sessionId } });
    setRefused(refusalOf(data?.revokeSession, error));
  };
  return (
    <section>
      <div className="head">
        <h2>Sessions</h2>
        <span className="ct">{sessions.length}</span>
      </div>
      <ul className="rows">
        {sessions.map(({ id, device, current, lastUsedAt }) => (
          <li key={id} className="key">
            <span className="names">
              <span className="trunc" title={device ?? undefined}>
                {deviceOf(device)}
              </span>
              <span className="xs dim3">
                used <Ago at={lastUsedAt} ago />
              </span>
            </span>
            {current ? (
              <span className="tag out">this one</span>
            ) : (
              <button type="button" className="btn sm" onClick={() => void end(id)}>
                End it
              </button>
            )}
          </li>
        ))}
      </ul>
      <Why refused={refused} />
      {sessions.length > 1 && (
        <button type="button" className="btn sm" onClick={() => void everywhere({}).then(changePerson)}>
          Sign out everywhere
        </button>
      )}
    </section>
  );
}
