import { useState } from "react";
import { useQuery } from "urql";
import { Link } from "wouter";
import { graphql } from "../generated/gql.ts";
import type { LedgerEntryKind, LedgerPageQuery, LedgerSubjectsQuery } from "../generated/graphql.ts";
import { clockTime, exactly } from "../shell/ago.tsx";
import { hrefOf } from "../shell/bout.tsx";
import { Moved } from "../shell/money.tsx";
import { Empty, Failed, Loading } from "../shell/states.tsx";
import { Hex } from "./track.tsx";

const LedgerDocument = graphql(`
  query LedgerPage($first: Int!, $after: String) {
    viewer {
      ledger(first: $first, after: $after) {
        nodes { at kind account direction amount referenceId reversal reason }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);
const SubjectsDocument = graphql(`
  query LedgerSubjects($ids: [ID!]!) {
    nodes(ids: $ids) {
      __typename
      id
      ... on Fight { participants { side bot { id name } } }
      ... on Bet { contest { __typename id participants { bot { id name } } } }
      ... on Callout { challenger { id name } target { id name } fight { id } }
      ... on Withdrawal { to }
      ... on Deposit { from block }
    }
  }
`);
const PAGE = 20;

type Entry = NonNullable<LedgerPageQuery["viewer"]>["ledger"]["nodes"][number];
type Subject = NonNullable<LedgerSubjectsQuery["nodes"][number]>;

const NAMES: Record<LedgerEntryKind, string> = {
  FAUCET: "Faucet",
  DEPOSIT: "Deposit",
  DEPOSIT_REVERSED: "Deposit taken back",
  WITHDRAWAL_RESERVED: "Withdrawal reserved",
  WITHDRAWAL_RELEASED: "Withdrawal given back",
  WITHDRAWAL_PAID: "Withdrawal paid",
  STAKE: "Wager staked",
  STAKE_REFUNDED: "Wager given back",
  STAKE_SETTLED: "Wager won",
  BET: "Bet placed",
  BET_REFUNDED: "Bet given back",
  POOL_SETTLED: "Bet won",
  ENTRY_FEE: "Entry fee",
  ENTRY_FEE_REFUNDED: "Entry fee given back",
  PRIZE: "Prize",
  CORRECTION: "Correction",
};

/** Every movement of one's money, the latest first. */
export function Ledger() {
  const [pages, setPages] = useState(1);
  return (
    <section>
      <div className="head">
        <h2>Ledger</h2>
        <span className="ct">entries never change</span>
      </div>
      <Page after={null} more={pages - 1} ask={() => setPages(pages + 1)} />
    </section>
  );
}

type PageProps = { after: string | null; more: number; ask: () => void };

/** A page of entries and those behind it: each begins where the one before it ends, also when new entries came. */
function Page({ after, more, ask }: PageProps) {
  const [{ data, error, fetching }, reload] = useQuery({
    query: LedgerDocument,
    variables: { first: PAGE, after },
    requestPolicy: "cache-and-network",
  });
  const ledger = data?.viewer?.ledger;
  if (error && !ledger) return <Failed error={error} retry={() => reload({ requestPolicy: "network-only" })} />;
  if (!ledger) return fetching ? <Loading rows={6} /> : null;
  if (ledger.nodes.length === 0 && after === null)
    return (
      <Empty title="Nothing has moved yet" figure="knight-stance">
        Every deposit, wager, bet and payout of yours will stand here, with what it was for.
      </Empty>
    );
  const { hasNextPage, endCursor } = ledger.pageInfo;
  return (
    <>
      <Entries entries={ledger.nodes} first={after === null} />
      {hasNextPage &&
        endCursor &&
        (more > 0 ? (
          <Page after={endCursor} more={more - 1} ask={ask} />
        ) : (
          <button type="button" className="btn sm more-rows" onClick={ask}>
            Earlier entries
          </button>
        ))}
    </>
  );
}

function Entries({ entries, first }: { entries: readonly Entry[]; first: boolean }) {
  const ids = [...new Set(entries.map(({ referenceId }) => referenceId))].toSorted();
  const [{ data }] = useQuery({ query: SubjectsDocument, variables: { ids } });
  const subjects = new Map(data?.nodes.flatMap((node) => (node ? [[node.id, node] as const] : [])));
  return (
    <table className="tbl ledger">
      <thead className={first ? "" : "sr"}>
        <tr>
          <th>Time</th>
          <th>Entry</th>
          <th className="wide">For</th>
          <th className="num">Amount</th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <Row
            key={`${entry.at} ${entry.referenceId} ${entry.kind} ${entry.account}`}
            entry={entry}
            subject={subjects.get(entry.referenceId)}
          />
        ))}
      </tbody>
    </table>
  );
}

/** The hour of today's entries, the day of earlier ones. */
function timeOf(at: string): string {
  const then = new Date(at);
  return then.toDateString() === new Date().toDateString()
    ? clockTime(at)
    : then.toLocaleDateString("en-GB", { day: "numeric", month: "short" });
}

function Row({ entry, subject }: { entry: Entry; subject: Subject | undefined }) {
  const { at, kind, account, amount, direction, reversal } = entry;
  const about = <About entry={entry} subject={subject} />;
  return (
    <tr>
      <td className="mono dim3">
        <time dateTime={at} title={exactly(at)}>
          {timeOf(at)}
        </time>
      </td>
      <td>
        <b>{NAMES[kind]}</b>
        {account === "HELD" && <span className="tag out">held</span>}
        {reversal && <span className="tag warn">taken back</span>}
        <span className="narrow xs dim3">{about}</span>
      </td>
      <td className="wide dim">{about}</td>
      <td className="num">
        <Moved units={amount} incoming={direction === "IN"} />
      </td>
    </tr>
  );
}

const PLAIN: Partial<Record<LedgerEntryKind, string>> = { FAUCET: "play money, once a day" };

/** What an entry was for, with the way to its contest. */
function About({ entry: { kind, reason }, subject }: { entry: Entry; subject: Subject | undefined }) {
  if (reason) return reason;
  if (subject?.__typename === "Withdrawal")
    return (
      <>
        to <Hex text={subject.to} />
      </>
    );
  if (subject?.__typename === "Deposit")
    return (
      <>
        from <Hex text={subject.from} />, block {subject.block.toLocaleString("en-GB")}
      </>
    );
  const [names, page] = meetingOf(subject);
  if (!names) return PLAIN[kind] ?? "";
  return page ? <Link href={page}>{names}</Link> : names;
}

const namesOf = (participants: readonly { bot: { name: string } }[]) =>
  participants.map(({ bot }) => bot.name).join(" v ");

/** Who met in what an entry was for, and the page of their contest. */
function meetingOf(subject: Subject | undefined): [names?: string, page?: string] {
  if (subject?.__typename === "Bet") return [namesOf(subject.contest.participants), hrefOf(subject.contest)];
  if (subject?.__typename === "Fight") return [namesOf(subject.participants), hrefOf(subject)];
  if (subject?.__typename !== "Callout") return [];
  const { challenger, target, fight } = subject;
  const names = `${challenger.name} v ${target.name}`;
  return fight ? [names, `/fights/${fight.id}`] : [`${names}, callout`];
}
