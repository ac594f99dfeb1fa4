import { Copy } from "../shell/copy.tsx";
import { clockTime } from "../shell/ago.tsx";
import { exact, whole } from "../shell/amount.ts";
import { Moved } from "../shell/money.tsx";
import { chainNameOf } from "./chain.ts";
import type { Deposit as Row, DepositTerms, Holder } from "./documents.ts";
import { SendDeposit } from "./send-deposit.tsx";
import { Hex, Track } from "./track.tsx";

/** Where to send money to, a way to send it from here, and what is on its way or has come. */
export function Deposit({ holder, terms }: { holder: Holder; terms: DepositTerms | null }) {
  return (
    <section className="deposit">
      <div className="head">
        <h2>Deposit</h2>
        {terms && <span className="ct">NORTH on {chainNameOf(terms.chain)}</span>}
      </div>
      {terms ? (
        <Ways holder={holder} terms={terms} />
      ) : (
        <p className="dim sm pad">This arena takes no deposits at the moment.</p>
      )}
      <Deposits deposits={holder.deposits.nodes} creditTag={terms?.creditTag ?? ""} />
    </section>
  );
}

function Ways({ holder: { wallets }, terms }: { holder: Holder; terms: DepositTerms }) {
  return (
    <div className="form">
      <p className="dim sm">
        {wallets.length === 0
          ? "Link the wallet that you send from first: the sender says whose deposit it is."
          : "Send NORTH from a linked wallet: the sender says whose deposit it is. No ether, no other token."}
      </p>
      <div className="fld">
        <label htmlFor="deposit-address">Address</label>
        <span className="inp">
          <input id="deposit-address" className="mono" readOnly value={terms.address} />
          <Copy text={terms.address} what="Address" className="btn sm ghost" />
        </span>
      </div>
      {wallets.length > 0 && <SendDeposit linked={wallets.map(({ address }) => address)} terms={terms} />}
    </div>
  );
}

const STEPS = ["Seen", "Credited", "Final"];

/** What has to happen before a deposit is credited. */
function depthOf(creditTag: string): string {
  if (creditTag === "finalized") return "when its block is final";
  const behind = /^latest-(\d+)$/.exec(creditTag)?.[1];
  return behind ? `when ${behind} blocks are on top of it` : "when its block is safe";
}

function saysOf({ status, final }: Row, creditTag: string): string | null {
  if (status === "PENDING") return `Not yours yet: it is credited ${depthOf(creditTag)}.`;
  return status === "CREDITED" && !final ? "Yours to play with. It can be withdrawn when its block is final." : null;
}

const GONE: Partial<Record<Row["status"], [look: string, words: string]>> = {
  ORPHANED: ["out", "Its block vanished: nothing was credited"],
  REVERSED: ["bad", "Its block vanished: it was taken back"],
};

function Deposits({ deposits, creditTag }: { deposits: readonly Row[]; creditTag: string }) {
  return (
    <ul aria-label="Deposits" className="onway">
      {deposits.map((deposit) => (
        <OneDeposit key={deposit.id} deposit={deposit} says={saysOf(deposit, creditTag)} />
      ))}
    </ul>
  );
}

function OneDeposit({ deposit, says }: { deposit: Row; says: string | null }) {
  const { from, txHash, status, final, seenAt, movedAt } = deposit;
  const gone = GONE[status];
  const at = final ? 2 : status === "CREDITED" ? 1 : 0;
  const notes = [clockTime(seenAt), at > 0 ? clockTime(movedAt) : undefined];
  return (
    <li>
      <div className="between">
        <b>
          <Amount deposit={deposit} />
        </b>
        <span className="xs dim3">
          from <Hex text={from} />, tx <Hex text={txHash} />
        </span>
      </div>
      {gone ? (
        <span className={`tag ${gone[0]}`}>{gone[1]}</span>
      ) : (
        <Track steps={STEPS} at={at} done={final} notes={notes} />
      )}
      {says && (
        <p className="note" role="status">
          {says}
        </p>
      )}
    </li>
  );
}

/** Green is what is there, plain is what is on its way, struck is what is not coming. */
function Amount({ deposit: { amount, status } }: { deposit: Row }) {
  if (status === "CREDITED") return <Moved units={amount} incoming />;
  const [units, Shape] = [BigInt(amount), GONE[status] ? "s" : "span"] as const;
  return (
    <Shape className="num" title={exact(units)}>
      {GONE[status] ? "" : "+"}
      {whole(units)}
    </Shape>
  );
}
