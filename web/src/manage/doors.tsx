import { useState, type FormEvent } from "react";
import { useMutation } from "urql";
import { changePerson } from "../client/client.ts";
import { graphql } from "../generated/gql.ts";
import { Field, textOf } from "../shell/field.tsx";
import { Welcome } from "../shell/doorway.tsx";
import { refusalOf, Why, type Refused } from "../shell/refused.tsx";
import { ProveWallet } from "../wallet/prove-wallet.tsx";
import { WalletDoor } from "../wallet/wallet-door.tsx";

const RegisterDocument = graphql(`
  mutation Register($input: RegisterUserInput!) {
    registerUser(input: $input) { __typename ... on Refusal { message hint } }
  }
`);
const SignInDocument = graphql(`
  mutation SignIn($input: SignInInput!) { signIn(input: $input) { __typename ... on Refusal { message hint } } }
`);
const ResetDocument = graphql(`
  mutation ResetPassword($input: ResetPasswordInput!) {
    resetPassword(input: $input) { __typename ... on Refusal { message hint } }
  }
`);

const DOORS = { up: "Sign up", in: "Sign in", lost: "Lost password" } as const;
type Door = keyof typeof DOORS;

const GREETINGS: Record<Door, string> = { up: "Enter the arena", in: "Welcome back", lost: "Back in" };

const FIGURES: Record<Door, string> = { up: "ronin-low", in: "knight-guard", lost: "phantom-evade" };
const STEPS = [
  ["Register a bot", "a name and one of five characters"],
  ["Take its key", "one key for every ladder"],
  ["See it fight", "a house bot comes after 5 seconds"],
] as const;

/** The ways in: a wallet, or an e-mail address and a password. */
export function Doors() {
  const [door, setDoor] = useState<Door>("up");
  return (
    <div className="doorway">
      <title>Enter the arena · Agon</title>
      <Welcome title={GREETINGS[door]} steps={STEPS} figure={FIGURES[door]} />
      <section className="doorforms">
        <h2 className="sr">With a password</h2>
        <div className="tabs" role="tablist" aria-label="Ways in">
          {(Object.keys(DOORS) as Door[]).map((each) => (
            <button key={each} type="button" role="tab" aria-selected={door === each} onClick={() => setDoor(each)}>
              {DOORS[each]}
            </button>
          ))}
        </div>
        {door === "lost" ? (
          <Lost />
        ) : (
          <>
            <PasswordForm key={door} newcomer={door === "up"} />
            <div className="head">
              <h2>Or with a wallet</h2>
              <span className="ct">no password, no e-mail</span>
            </div>
            <WalletDoor />
          </>
        )}
      </section>
    </div>
  );
}

function PasswordForm({ newcomer }: { newcomer: boolean }) {
  const [, register] = useMutation(RegisterDocument);
  const [{ fetching }, signIn] = useMutation(SignInDocument);
  const [refused, setRefused] = useState<Refused>(null);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const password = textOf(form, "password");
    const why = newcomer
      ? await register({
          input: { handle: textOf(form, "handle"), email: textOf(form, "email"), password },
        }).then(({ data, error }) => refusalOf(data?.registerUser, error))
      : await signIn({ input: { login: textOf(form, "login"), password } }).then(({ data, error }) =>
          refusalOf(data?.signIn, error),
        );
    setRefused(why);
    if (!why) changePerson();
  };
  return (
    <form className="form" onSubmit={(event) => void submit(event)}>
      {newcomer ? (
        <>
          <Field name="handle" label="Handle" hint="2 to 30 letters, digits, _ or -" autoComplete="username" />
          <Field name="email" label="E-mail" type="email" hint="Nobody else sees it" autoComplete="email" />
        </>
      ) : (
        <Field name="login" label="Handle or e-mail" autoComplete="username" />
      )}
      <Field
        name="password"
        label="Password"
        type="password"
        hint="12 characters at least"
        autoComplete={newcomer ? "new-password" : "current-password"}
      />
      <Why refused={refused} />
      <button type="submit" className="btn pri" disabled={fetching}>
        {newcomer ? "Sign up" : "Sign in"}
      </button>
    </form>
  );
}

/** A lost password is set anew by a linked wallet. */
function Lost() {
  const [, reset] = useMutation(ResetDocument);
  const [password, setPassword] = useState("");
  return (
    <div className="form">
      <p className="dim sm">
        No mail is sent. A wallet that you have linked sets a new password and ends every session; without one, ask an
        operator.
      </p>
      <Field
        name="new-password"
        label="New password"
        type="password"
        hint="12 characters at least"
        autoComplete="new-password"
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
      <ProveWallet
        act="Set it"
        prove={async (proof) => {
          const { data, error } = await reset({ input: { ...proof, password } });
          const refused = refusalOf(data?.resetPassword, error);
          if (!refused) changePerson();
          return refused;
        }}
      />
    </div>
  );
}
