import type { FormEvent } from "react";
import { useQuery } from "urql";
import { Link } from "wouter";
import type { ReportsQuery } from "../generated/graphql.ts";
import { Ago } from "../shell/ago.tsx";
import { Field, textOf } from "../shell/field.tsx";
import { Why } from "../shell/refused.tsx";
import { Empty, Failed, Loading } from "../shell/states.tsx";
import { useActs } from "../shell/use-acts.ts";
import { HideDocument, ReportsDocument, RestoreDocument } from "./documents.ts";
import "./talks.css";

type Report = ReportsQuery["contentReports"]["nodes"][number];

/** What people reported, for operators to decide. */
export default function Reports() {
  const [{ data, error }, reload] = useQuery({ query: ReportsDocument, requestPolicy: "cache-and-network" });
  const again = () => reload({ requestPolicy: "network-only" });
  if (error && !data) return <Failed page error={error} retry={again} />;
  if (!data) return <Loading rows={6} />;
  const { nodes } = data.contentReports;
  return (
    <>
      <title>Reports · Agon</title>
      <section className="hero short">
        <h1 className="disp h1">Reports</h1>
        <p className="dim">What people say should not be there. Each decision is in the audit log with its reason.</p>
      </section>
      {nodes.length === 0 && <Empty title="Nothing is reported">Open reports are shown here.</Empty>}
      <ul className="said" aria-label="Reports">
        {nodes.map((report) => (
          <Row key={`${report.createdAt} ${report.reporter.handle}`} report={report} again={again} />
        ))}
      </ul>
    </>
  );
}

function Row({ report, again }: { report: Report; again: () => void }) {
  const { act, refused } = useActs(again);
  const { conversation, comment, reporter } = report;
  const decide = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const { submitter } = event.nativeEvent as SubmitEvent;
    const reason = textOf(new FormData(event.currentTarget), "reason");
    const input = { contentId: comment?.id ?? conversation.id, reason };
    if (submitter?.getAttribute("value") === "hide") await act(HideDocument, input);
    else await act(RestoreDocument, input);
  };
  return (
    <li>
      <p className="row">
        <Link href={`/conversations/${conversation.id}`}>
          <b>{conversation.title}</b>
        </Link>
        <span className="sm dim">reported by {reporter.handle}</span>
        <Ago at={report.createdAt} ago />
      </p>
      {comment && (
        <p className="prewrap">
          {comment.author.handle}: {comment.text}
        </p>
      )}
      <p className="sm prewrap">Because: {report.reason}</p>
      <form className="talkform" onSubmit={(event) => void decide(event)}>
        <Field name="reason" label="Your reason" maxLength={500} />
        <span className="row">
          <button type="submit" value="hide" className="btn sm danger">
            Hide it
          </button>
          <button type="submit" value="keep" className="btn sm">
            It stays
          </button>
        </span>
        <Why refused={refused} />
      </form>
    </li>
  );
}
