import { useState, type ReactNode } from "react";
import { useClient, useQuery, type CombinedError } from "urql";
import { Ago } from "../shell/ago.tsx";
import { Confirm } from "../shell/confirm.tsx";
import { Why, type Refused } from "../shell/refused.tsx";
import { messageOf } from "../shell/states.tsx";
import { HouseDocument, LogDocument, SourceDocument, type Version } from "./documents.ts";
import { HOUSE } from "./words.ts";

type Take = { isUnsaved: boolean; take: (source: string) => void };
type Read = { source: string | undefined; error: CombinedError | undefined };

/** Puts a source into the editor once it is read, or says why it is not: what stands there stays until then. */
function useTaking({ take }: Take, read: () => Promise<Read>): { refused: Refused; open: () => void } {
  const [refused, setRefused] = useState<Refused>(null);
  const open = async () => {
    const { source, error } = await read();
    if (source !== undefined) take(source);
    const message = error ? messageOf(error) : "There is nothing to read any more.";
    setRefused(source === undefined ? { message, hint: "The editor is as it was." } : null);
  };
  return { refused, open: () => void open() };
}

/** A button that puts another source into the editor, with a second thought where something would be lost. */
function TakeButton({
  isUnsaved,
  label,
  onTake,
  children,
}: {
  isUnsaved: boolean;
  label: string;
  onTake: () => void;
  children: ReactNode;
}) {
  const button = (act?: () => void) => (
    <button type="button" className="btn sm" aria-label={label} onClick={act}>
      {children}
    </button>
  );
  if (!isUnsaved) return button(onTake);
  return (
    <Confirm ask={button()} title="Replace what you wrote?" act="Replace it" keep="Keep writing" onAct={onTake}>
      It was not uploaded. In the editor, undo brings it back until you leave the page.
    </Confirm>
  );
}

type Acts = Take & { activate: (id: string) => void; deactivate: (id: string) => void; busy: boolean };

/** The versions of the strategy, newest first, with how the last round of each went. */
export function Versions({ versions, acts }: { versions: readonly Version[]; acts: Acts }) {
  return (
    <section>
      <div className="head">
        <h2>Versions</h2>
        <span className="ct">at most 100</span>
      </div>
      {versions.length === 0 && <p className="dim sm">None yet: the bot is played from afar, or wanders about.</p>}
      <ul className="rows versions">
        {versions.map((version) => (
          <Row key={version.id} version={version} acts={acts} />
        ))}
      </ul>
    </section>
  );
}

function Row({ version: { id, version, active, createdAt, runs }, acts }: { version: Version; acts: Acts }) {
  const client = useClient();
  const { refused, open } = useTaking(acts, async () => {
    const { data, error } = await client.query(SourceDocument, { id });
    return { source: data?.node && "source" in data.node ? data.node.source : undefined, error };
  });
  const run = runs.nodes[0];
  return (
    <li>
      <span className="names">
        <span className="row">
          <b>Version {version}</b> {active && <span className="tag good">Active</span>}
          <Ago at={createdAt} ago />
        </span>
      </span>
      <span className="row acts">
        <TakeButton isUnsaved={acts.isUnsaved} label={`Open version ${version}`} onTake={open}>
          Open
        </TakeButton>
        <button
          type="button"
          className="btn sm"
          disabled={acts.busy}
          aria-label={`${active ? "Deactivate" : "Activate"} version ${version}`}
          onClick={() => (active ? acts.deactivate(id) : acts.activate(id))}
        >
          {active ? "Deactivate" : "Activate"}
        </button>
      </span>
      <Why refused={refused} />
      {run && <LastRun run={run} />}
    </li>
  );
}

/** How its last round went; the log is read when somebody wants to see it. */
function LastRun({ run }: { run: Version["runs"]["nodes"][number] }) {
  const [open, setOpen] = useState(false);
  const [{ data, error }, reload] = useQuery({ query: LogDocument, variables: { id: run.id }, pause: !open });
  // Until the log of a newer round is read, that of the one before is still here.
  const log = data?.node && "log" in data.node && data.node.id === run.id ? data.node.log : undefined;
  return (
    <details className="xs" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        Last round: {run.ticks.toLocaleString("en")} views, {run.misses.toLocaleString("en")} missed
        {run.forfeit && <span className="bad">, given up: {run.forfeit}</span>}
      </summary>
      {error && log === undefined ? (
        <div className="row unread">
          <Why refused={{ message: messageOf(error) }} />
          <button type="button" className="btn sm" onClick={() => reload({ requestPolicy: "network-only" })}>
            Try again
          </button>
        </div>
      ) : (
        <pre className="console mono xs" tabIndex={0} aria-label="Log of its last round">
          {log ?? (data?.node === null ? "It is not kept any more." : "…")}
        </pre>
      )}
    </details>
  );
}

/** Strategies of the house, to begin from. */
export function House(taking: Take) {
  return (
    <section>
      <div className="head">
        <h2>Start from the house</h2>
      </div>
      <ul className="rows versions">
        {HOUSE.map(([name, says]) => (
          <HouseRow key={name} name={name} says={says} {...taking} />
        ))}
      </ul>
    </section>
  );
}

type HouseName = (typeof HOUSE)[number][0];

function HouseRow({ name, says, ...taking }: Take & { name: HouseName; says: string }) {
  const client = useClient();
  const { refused, open } = useTaking(taking, async () => {
    const { data, error } = await client.query(HouseDocument, { name });
    return { source: data?.referenceStrategy, error };
  });
  return (
    <li>
      <span className="names">
        <b>{name}</b>
        <span className="xs dim3">{says}</span>
      </span>
      <TakeButton isUnsaved={taking.isUnsaved} label={`Start from ${name}`} onTake={open}>
        Start
      </TakeButton>
      <Why refused={refused} />
    </li>
  );
}
