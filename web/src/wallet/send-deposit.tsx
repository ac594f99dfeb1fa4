import { useState } from "react";
import { exact, whole } from "../shell/amount.ts";
import { Why, type Refused } from "../shell/refused.tsx";
import { useStake } from "../shell/stake.tsx";
import { goToChain } from "./chain.ts";
import type { DepositTerms } from "./documents.ts";
import { failureOf, linkedAccountOf, useWallets, type Wallet } from "./wallets.ts";

type Props = { linked: readonly string[]; terms: DepositTerms };

/** Sends a deposit by a wallet of this browser, so that no address has to be copied. */
export function SendDeposit({ linked, terms }: Props) {
  const wallets = useWallets();
  const { typed, type, units } = useStake();
  const [busy, setBusy] = useState(false);
  const [sent, setSent] = useState<bigint | null>(null);
  const [refused, setRefused] = useState<Refused>(null);
  const send = async (wallet: Wallet, amount: bigint) => {
    setBusy(true);
    setSent(null);
    setRefused(null);
    try {
      await transfer(wallet, amount, { linked, terms });
      setSent(amount);
      type("");
    } catch (error) {
      setRefused({ message: failureOf(error) });
    } finally {
      setBusy(false);
    }
  };
  if (wallets.length === 0) return null;
  const wrong = units === null;
  return (
    <>
      <div className="fld">
        <label htmlFor="deposit-amount">Send from your wallet</label>
        <span className={`inp ${wrong ? "err" : ""}`}>
          <input
            id="deposit-amount"
            className="mono"
            inputMode="decimal"
            autoComplete="off"
            value={typed}
            aria-invalid={wrong}
            aria-describedby="deposit-hint"
            onChange={(event) => type(event.target.value)}
          />
          <span className="xs dim3">NORTH</span>
        </span>
        <span id="deposit-hint" className={`hint ${wrong ? "bad" : ""}`}>
          {wrong
            ? "Digits, such as 50,000, 50k or 0.5"
            : "Your wallet shows the transfer, and what the chain asks for it"}
        </span>
      </div>
      <div className="row wrapx">
        {wallets.map((wallet) => (
          <button
            key={wallet.uuid}
            type="button"
            className="btn money"
            disabled={busy || !units}
            onClick={() => units && void send(wallet, units)}
          >
            {busy ? "Waiting for the wallet" : `Send ${units ? whole(units) : ""} with ${wallet.name}`}
          </button>
        ))}
      </div>
      <p className="note" role="status">
        {sent !== null && `${exact(sent)} are on their way. They are shown below once a block has them.`}
      </p>
      <Why refused={refused} />
    </>
  );
}

/** Has the wallet transfer the token to the arena, from an account that is linked here; the chain's library is loaded for it. */
async function transfer(wallet: Wallet, amount: bigint, { linked, terms }: Props): Promise<void> {
  const account = await linkedAccountOf(wallet, linked);
  await goToChain(wallet, terms.chain);
  const { createClient, custom, erc20Abi } = await import("viem");
  const { writeContract } = await import("viem/actions");
  const client = createClient({ transport: custom(wallet.provider) });
  const [token, to] = [terms.token, terms.address] as [`0x${string}`, `0x${string}`];
  await writeContract(client, {
    account: account as `0x${string}`,
    chain: null,
    address: token,
    abi: erc20Abi,
    functionName: "transfer",
    args: [to, amount],
  });
}
