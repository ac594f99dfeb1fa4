import { useState, type FormEvent } from "react";
import { useClient, useMutation } from "urql";
import { changePerson } from "../client/client.ts";
import { graphql } from "../generated/gql.ts";
import { Field, textOf } from "../shell/field.tsx";
import { refusalOf, Why, type Refused } from "../shell/refused.tsx";

const PasswordDocument = graphql(`
  mutation SetPassword($input: SetPasswordInput!) {
    setPassword(input: $input) { __typename ... on Refusal { message hint } }
  }
`);
const ExportDocument = graphql(`query ExportAccount { viewer { export } }`);
const DeleteDocument = graphql(`
  mutation DeleteAccount($input: DeleteAccountInput!) {
    deleteAccount(input: $input) { __typename ... on Refusal { message hint } }
  }
`);

/** Password, export and the end of an account. */
export function Account({ handle, email }: { handle: string; email: string | null }) {
  return (
    <section>
      <div className="head">
        <h2>Account</h2>
      </div>
      <ul className="settings">
        <li>
          <span>
            <b>E-mail</b>
            <span className="xs dim3">nobody else sees it</span>
          </span>
          <span className="trunc dim">{email ?? "none"}</span>
        </li>
        <li>
          <details>
            <summary>
              <b>Password</b>
              <span className="btn sm">Change</span>
            </summary>
            <Password />
          </details>
        </li>
        <li>
          <span>
            <b>Your data</b>
            <span className="xs dim3">all that is stored of you, as JSON</span>
          </span>
          <Export handle={handle} />
        </li>
        <li>
          <Delete handle={handle} />
        </li>
      </ul>
    </section>
  );
}

function Password() {
  const [{ fetching }, setPassword] = useMutation(PasswordDocument);
  const [refused, setRefused] = useState<Refused>(null);
  const [done, setDone] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const target = event.currentTarget;
    const form = new FormData(target);
    const current = textOf(form, "current");
    const { data, error } = await setPassword({
      input: { password: textOf(form, "next"), ...(current && { current }) },
    });
    const why = refusalOf(data?.setPassword, error);
    setRefused(why);
    setDone(!why);
    if (!why) target.reset();
  };
  return (
    <form className="form" onSubmit={(event) => void submit(event)}>
      <Field
        name="current"
        label="Password now"
        type="password"
        required={false}
        hint="Leave it empty when you have none"
        autoComplete="current-password"
      />
      <Field
        name="next"
        label="New password"
        type="password"
        hint="12 characters at least"
        autoComplete="new-password"
      />
      <Why refused={refused} />
      {done && (
        <p className="good sm" role="status">
          The password is changed.
        </p>
      )}
      <button type="submit" className="btn sm" disabled={fetching}>
        Change the password
      </button>
    </form>
  );
}

function Export({ handle }: { handle: string }) {
  const client = useClient();
  const [refused, setRefused] = useState<Refused>(null);
  const download = async () => {
    const { data, error } = await client.query(ExportDocument, {}, { requestPolicy: "network-only" }).toPromise();
    if (!data?.viewer) return setRefused({ message: error?.message ?? "Nothing came." });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(data.viewer.export, null, 2)]));
    link.download = `agon-${handle}.json`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <>
      <button
        type="button"
        className="btn sm"
        aria-label="Download everything that is stored"
        onClick={() => void download()}
      >
        Download
      </button>
      <Why refused={refused} />
    </>
  );
}

function Delete({ handle }: { handle: string }) {
  const [{ fetching }, remove] = useMutation(DeleteDocument);
  const [sure, setSure] = useState(false);
  const [refused, setRefused] = useState<Refused>(null);
  const [moneyLeft, setMoneyLeft] = useState(false);
  if (!sure)
    return (
      <>
        <span>
          <b>The end</b>
          <span className="xs dim3">your bots' contests stay</span>
        </span>
        <button type="button" className="btn sm danger" onClick={() => setSure(true)}>
          Delete the account
        </button>
      </>
    );
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const typed = textOf(new FormData(event.currentTarget), "typed");
    const { data, error } = await remove({ input: { handle: typed, giveUpMoney: moneyLeft } });
    setMoneyLeft(data?.deleteAccount.__typename === "MoneyLeftRefusal");
    const why = refusalOf(data?.deleteAccount, error);
    setRefused(why);
    if (!why) changePerson();
  };
  return (
    <form className="form" onSubmit={(event) => void submit(event)}>
      <p className="sm dim">
        Name, e-mail, wallets, keys and sessions go at once and for good. Your bots' names and contests stay, under an
        anonymous owner. Deposits, withdrawals and the audit log keep your wallets' addresses: who moved money must stay
        provable.
      </p>
      <Field name="typed" label={`Type ${handle} to delete`} autoComplete="off" />
      <Why refused={refused} />
      <div className="row">
        <button type="button" className="btn sm" onClick={() => setSure(false)}>
          Keep the account
        </button>
        <button type="submit" className="btn sm danger" disabled={fetching}>
          {moneyLeft ? "Delete it and give the money up" : "Delete it"}
        </button>
      </div>
    </form>
  );
}
