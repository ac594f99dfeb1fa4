import { hashMessage } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newBot, newPerson } from "../harness/agent.ts";
import { contractWallet, startAnvil, type Anvil } from "../harness/anvil.ts";
import { startTestApp } from "../harness/app.ts";
import { openRpcLine } from "../harness/rpc-line.ts";

let anvil: Anvil;
let app: App;
beforeAll(async () => {
  anvil = await startAnvil();
  app = await startTestApp({}, {}, { BASE_RPC_URL: anvil.url });
});
afterAll(async () => {
  await app.stop();
  anvil.stop();
});

type Result = { __typename: string; code?: string; token?: string; message?: string };
const call = async (field: string, input: object, selection = "", token?: string): Promise<Result> => {
  const name = field.charAt(0).toUpperCase() + field.slice(1);
  const query = `mutation($input: ${name}Input!) { ${field}(input: $input) { __typename ${selection && `... on ${name}Success { ${selection} }`} ... on Refusal { code } } }`;
  const { data, errors } = await ask(app.url, query, { input }, token ? { authorization: `Bearer ${token}` } : {});
  if (!data) throw new Error(JSON.stringify(errors));
  return data[field] as unknown as Result;
};
const challenge = async (address: string) => (await call("createSiweChallenge", { address }, "message")).message ?? "";
const signIn = (message: string, signature: string) => call("signInWithEthereum", { message, signature }, "token");

/** A wallet of the test's own. */
const wallet = () => privateKeyToAccount(generatePrivateKey());
const signed = async (account: ReturnType<typeof wallet>) => {
  const message = await challenge(account.address);
  return { message, signature: await account.signMessage({ message }) };
};
const viewer = async (token: string, selection: string) =>
  (
    (await ask(app.url, `{ viewer { ${selection} } }`, {}, { authorization: `Bearer ${token}` })).data as unknown as {
      viewer: unknown;
    }
  ).viewer;

describe("a plain wallet", () => {
  test("signs in, is the same user whatever the case typed, and its address is shown checksummed", async () => {
    const account = wallet();
    const { message, signature } = await signed(account);
    const first = await signIn(message, signature);
    expect(first.__typename).toBe("SignInWithEthereumSuccess");
    const again = await challenge(account.address.toLowerCase());
    const second = await signIn(again, await account.signMessage({ message: again }));
    const [one, two] = await Promise.all(
      [first, second].map(({ token }) => viewer(token ?? "", "user { id handle } wallets { address }")),
    );
    expect(one).toEqual(two);
    expect(one).toMatchObject({ wallets: [{ address: account.address }] });
  });

  test("a message counts once, also when two use it at the same instant", async () => {
    const { message, signature } = await signed(wallet());
    const results = await Promise.all(Array.from({ length: 8 }, () => signIn(message, signature)));
    expect(results.filter(({ token }) => token)).toHaveLength(1);
    expect(results.filter(({ code }) => code === "SIWE_NONCE_USED")).toHaveLength(7);
  });

  test("a nonce is used up before the signature is looked at", async () => {
    const [account, other] = [wallet(), wallet()];
    const message = await challenge(account.address);
    expect((await signIn(message, await other.signMessage({ message }))).code).toBe("SIWE_BAD_SIGNATURE");
    expect((await signIn(message, await account.signMessage({ message }))).code).toBe("SIWE_NONCE_USED");
  });

  test.each([
    ["for another site", (message: string) => message.replace(/^[^ ]+/, "evil.example"), "SIWE_WRONG_SITE"],
    [
      "with another address of this site",
      (message: string) => message.replace(/URI: \S+/, "URI: https://evil.example"),
      "SIWE_WRONG_SITE",
    ],
    ["for another chain", (message: string) => message.replace("Chain ID: 31337", "Chain ID: 1"), "SIWE_WRONG_CHAIN"],
    ["without an expiry", (message: string) => message.replace(/\nExpiration Time: \S+/, ""), "SIWE_MALFORMED"],
    ["from last year", (message: string) => message.replace(/Issued At: 2/, "Issued At: 1"), "SIWE_EXPIRED"],
    [
      "with a nonce of its own",
      (message: string) => message.replace(/Nonce: \S+/, "Nonce: abcdefgh12345678"),
      "SIWE_NONCE_USED",
    ],
    ["that is no message at all", () => "let me in", "SIWE_MALFORMED"],
  ])("a message %s is refused, though rightly signed", async (_sentence, change, code) => {
    const account = wallet();
    const message = change(await challenge(account.address));
    expect((await signIn(message, await account.signMessage({ message }))).code).toBe(code);
  });
});

describe("a contract wallet", () => {
  test("signs in by what its contract says on the chain, and by nothing else", async () => {
    const address = await anvil.nextContract();
    const message = await challenge(address);
    await anvil.deploy(contractWallet(hashMessage(message)));
    const signature = `0x${"ab".repeat(65)}`;
    expect((await signIn(message, signature)).__typename).toBe("SignInWithEthereumSuccess");
    const other = await challenge(address);
    expect((await signIn(other, signature)).code).toBe("SIWE_BAD_SIGNATURE");
  });

  test("is not asked for at an endpoint of another chain, where anybody may have put a contract at its address", async () => {
    const elsewhere = await startAnvil(["--chain-id", "31338"]);
    const lost = await startTestApp({}, {}, { BASE_RPC_URL: elsewhere.url, LOG_LEVEL: "silent" });
    try {
      const address = await elsewhere.nextContract();
      const made = await mutate(lost.url, null, "createSiweChallenge", { address }, "message");
      const message = made["message"] as unknown as string;
      await elsewhere.deploy(contractWallet(hashMessage(message)));
      const input = { message, signature: `0x${"ab".repeat(65)}` };
      expect((await mutate(lost.url, null, "signInWithEthereum", input))["code"]).toBe("CHAIN_UNAVAILABLE");
    } finally {
      await lost.stop();
      elsewhere.stop();
    }
  });

  test("a chain that cannot be asked is said to be so, and is not a bad signature", async () => {
    const lonely = await startTestApp({}, {}, { BASE_RPC_URL: "http://127.0.0.1:9" });
    try {
      const made = await mutate(lonely.url, null, "createSiweChallenge", { address: wallet().address }, "message");
      const message = made["message"] as unknown as string;
      const result = await mutate(lonely.url, null, "signInWithEthereum", {
        message,
        signature: `0x${"ab".repeat(65)}`,
      });
      expect(result["code"]).toBe("CHAIN_UNAVAILABLE");
      expect(Number(result["retryAfterMs"])).toBeGreaterThan(0);
    } finally {
      await lonely.stop();
    }
  });
});

test("a chain that fails in the middle of the question is said to be so", async () => {
  const line = await openRpcLine(anvil.url);
  const far = await startTestApp({}, {}, { BASE_RPC_URL: line.url });
  const attempt = async () => {
    const made = await mutate(far.url, null, "createSiweChallenge", { address: wallet().address }, "message");
    const message = made["message"] as unknown as string;
    return mutate(far.url, null, "signInWithEthereum", { message, signature: `0x${"ab".repeat(65)}` });
  };
  try {
    expect((await attempt())["code"]).toBe("SIWE_BAD_SIGNATURE");
    line.refuse("eth_call", "too many requests");
    const refused = await attempt();
    expect(refused).toMatchObject({ code: "CHAIN_UNAVAILABLE", hint: expect.stringContaining("Try again later") });
    line.release();
    void line.hold("eth_call", "before");
    expect((await attempt())["code"]).toBe("CHAIN_UNAVAILABLE");
  } finally {
    await far.stop();
    await line.stop();
  }
});

test("new wallets count among the registrations of an address; one that is known signs in all the same", async () => {
  const strict = await startTestApp({ LIMIT_REGISTRATIONS_PER_HOUR: 2 });
  try {
    const enter = async (account: ReturnType<typeof wallet>) => {
      const made = await mutate(strict.url, null, "createSiweChallenge", { address: account.address }, "message");
      const message = made["message"] as unknown as string;
      return mutate(
        strict.url,
        null,
        "signInWithEthereum",
        { message, signature: await account.signMessage({ message }) },
        "token",
      );
    };
    const [first, second, third] = [wallet(), wallet(), wallet()];
    for (const account of [first, second, first]) expect((await enter(account))["token"]).toMatch(/^[\w-]{43}$/);
    const refused = await enter(third);
    expect(refused["code"]).toBe("RATE_LIMITED");
    expect(Number(refused["retryAfterMs"])).toBeGreaterThan(0);
    expect((await enter(second))["token"]).toMatch(/^[\w-]{43}$/);
  } finally {
    await strict.stop();
  }
});

describe("the ways into an account", () => {
  test("a wallet is linked once, resets a lost password, and the last way in stays", async () => {
    const [person, account] = [await newPerson(app.url), wallet()];
    expect((await call("linkWallet", await signed(account), "", person.token)).__typename).toBe("LinkWalletSuccess");
    const other = await newPerson(app.url);
    expect((await call("linkWallet", await signed(account), "", other.token)).code).toBe("WALLET_TAKEN");
    const reset = await call("resetPassword", { ...(await signed(account)), password: "another four words" }, "token");
    expect(reset.token).toMatch(/^[\w-]{43}$/);
    // Every session that was open before is closed.
    expect(
      (await ask(app.url, `{ viewer { email } }`, {}, { authorization: `Bearer ${person.token}` })).errors?.[0]
        ?.extensions?.["code"],
    ).toBe("BAD_CREDENTIALS");
    const wrong = await call("signIn", { login: person.handle, password: "correct horse battery" });
    expect(wrong.code).toBe("WRONG_LOGIN");
    expect(
      (await call("signIn", { login: person.handle, password: "another four words" }, "token")).token,
    ).toBeDefined();
    expect((await call("unlinkWallet", { address: account.address }, "", reset.token)).__typename).toBe(
      "UnlinkWalletSuccess",
    );
    const only = wallet();
    const first = await signed(only);
    const { token = "" } = await signIn(first.message, first.signature);
    expect((await call("unlinkWallet", { address: only.address }, "", token)).code).toBe("LAST_WAY_IN");
    expect((await call("setPassword", { password: "now there is one more" }, "", token)).__typename).toBe(
      "SetPasswordSuccess",
    );
    expect((await call("unlinkWallet", { address: only.address }, "", token)).__typename).toBe("UnlinkWalletSuccess");
  });

  test("a key cannot open another way in", async () => {
    const { key } = await newPerson(app.url);
    expect((await mutate(app.url, key, "linkWallet", await signed(wallet())))["code"]).toBe("SESSION_NEEDED");
    expect((await mutate(app.url, key, "setPassword", { password: "a long new password" }))["code"]).toBe(
      "SESSION_NEEDED",
    );
    expect((await mutate(app.url, key, "deleteAccount", { handle: "x" }))["code"]).toBe("SESSION_NEEDED");
  });

  test("sessions are listed with their device and ended one by one", async () => {
    const { token, handle } = await newPerson(app.url);
    const second = (await call("signIn", { login: handle, password: "correct horse battery" }, "token")).token ?? "";
    const { sessions } = (await viewer(token, "sessions { id current device }")) as {
      sessions: { id: string; current: boolean }[];
    };
    expect(sessions.map(({ current }) => current)).toEqual([false, true]);
    const stranger = await newPerson(app.url);
    expect((await call("revokeSession", { sessionId: sessions[0]?.id }, "", stranger.token)).code).toBe("NOT_FOUND");
    expect((await call("revokeSession", { sessionId: sessions[0]?.id }, "", token)).__typename).toBe(
      "RevokeSessionSuccess",
    );
    expect(
      (await ask(app.url, `{ viewer { email } }`, {}, { authorization: `Bearer ${second}` })).data,
    ).toBeUndefined();
  });

  test("a deleted account's bots keep their names alone, and what they said in the Pit is gone", async () => {
    const [person, other] = [await newPerson(app.url), await newPerson(app.url)];
    const [botId, rival] = [await newBot(app.url, person.key, "Wordy"), await newBot(app.url, other.key, "Listener")];
    const profile = {
      skillsMarkdown: "I am Ann of Ann Street.",
      capabilities: ["ann"],
      metadata: { phone: "555-0100" },
    };
    await mutate(app.url, person.key, "updateBot", { botId, ...profile });
    for (const [key, id] of [
      [person.key, botId],
      [other.key, rival],
    ] as const)
      await mutate(app.url, key, "enterPit", { botId: id });
    const said = await mutate(app.url, person.key, "postMessage", { botId, text: "Call Ann at 555-0100" });
    const heard = await mutate(app.url, other.key, "postMessage", { botId: rival, text: "I stay" });
    const called = { botId, targetId: rival, message: "Ann wants you" };
    const callout = await mutate(app.url, person.key, "createCallout", called);
    expect([said, heard, callout].map(({ __typename }) => __typename)).toEqual([
      "PostMessageSuccess",
      "PostMessageSuccess",
      "CreateCalloutSuccess",
    ]);
    await call("deleteAccount", { handle: person.handle }, "deleted", person.token);
    const query = `{ bot(name: "Wordy") { name skillsMarkdown capabilities metadata } pit { messages(first: 10) { nodes { text } } } }`;
    expect((await ask(app.url, query)).data).toMatchObject({
      bot: { name: "Wordy", skillsMarkdown: "", capabilities: [], metadata: {} },
      pit: { messages: { nodes: [{ text: "I stay" }] } },
    });
    const { rows } = await app.platform.db.pool.query<{ text: string | null }>(
      `SELECT payload AS text FROM stream_event WHERE stream = 'pit' UNION ALL SELECT message FROM callout
       UNION ALL SELECT name FROM api_key k JOIN app_user u ON u.id = k.user_id WHERE u.deleted_at IS NOT NULL
       UNION ALL SELECT device FROM session s JOIN app_user u ON u.id = s.user_id WHERE u.deleted_at IS NOT NULL`,
    );
    const kept = rows.map(({ text }) => text ?? "").join("\n");
    expect(kept).toContain("I stay");
    expect(kept).not.toMatch(/Ann|^test$|^node$/m);
  });

  test("a deleted account is gone with its keys; its bot's name and contests stay", async () => {
    const { token, key, handle } = await newPerson(app.url);
    await mutate(app.url, key, "registerBot", { name: "Orphaned" });
    const record = (await viewer(token, "export")) as { export: { user: { handle: string }; bots: unknown[] } };
    expect(record.export.user.handle).toBe(handle);
    expect(record.export.bots).toHaveLength(1);
    expect((await call("deleteAccount", { handle: "somebody else" }, "", token)).code).toBe("BAD_INPUT");
    expect((await call("deleteAccount", { handle }, "deleted", token)).__typename).toBe("DeleteAccountSuccess");
    expect(
      (await ask(app.url, `{ bots(first: 1) { nodes { id } } }`, {}, { "x-api-key": key })).errors?.[0]?.extensions?.[
        "code"
      ],
    ).toBe("BAD_CREDENTIALS");
    expect(
      (
        await ask(
          app.url,
          `query($h: String!) { user(handle: $h) { id } bot(name: "Orphaned") { name owner { handle } } }`,
          { h: handle },
        )
      ).data,
    ).toEqual({
      user: null,
      bot: { name: "Orphaned", owner: { handle: expect.stringMatching(/^deleted-/) } },
    });
  });
});
