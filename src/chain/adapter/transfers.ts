import type { Hex } from "viem";
import type { Heads, Transfer } from "../rules/deposits.ts";
import { rpcTo } from "./rpc.ts";

/** A transfer in a block. `blockHash` and `logIndex` tell it from every other; its transaction may come back in another block. */
export type MinedTransfer = Transfer & { height: number; blockHash: string; logIndex: number; txHash: string };

/** Reads a token's transfers from one endpoint. Hashes and addresses are in lower case. */
export type TransferReader = {
  /** The newest block and the tagged ones; a tag that the endpoint does not know is null. */
  heads(): Promise<Heads & { latestHash: string }>;
  /** The hash of the block at each height, in their order; null where the endpoint has none. */
  hashes(heights: readonly number[]): Promise<(string | null)[]>;
  /** The transfers to some addresses in a range of blocks, both ends included. */
  transfers(to: readonly string[], range: { from: number; to: number }): Promise<MinedTransfer[]>;
  /** The transfers by an address in a range of blocks, both ends included. */
  outgoing(from: string, range: { from: number; to: number }): Promise<MinedTransfer[]>;
  /** By which nonce of which account a mined transaction was made, and what it paid for gas; throws where the endpoint does not have it. */
  made(txHash: string): Promise<{ from: string; nonce: number; feeWei: bigint }>;
  /** What some addresses have together in a block. */
  balances(of: readonly string[], height: number): Promise<bigint>;
  /** How many transactions an account had made up to a block. */
  count(of: string, height: number): Promise<number>;
};

type Block = { number: Hex; hash: Hex };
type Log = {
  address: Hex;
  topics: Hex[];
  data: Hex;
  blockNumber: Hex;
  blockHash: Hex;
  transactionHash: Hex;
  logIndex: Hex;
  removed?: boolean;
};

/** keccak256("Transfer(address,address,uint256)") and keccak256("balanceOf(address)"), as ERC-20 has them. */
const TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef";
const BALANCE_OF = "0x70a08231";
const hexOf = (value: number) => `0x${value.toString(16)}`;
const topicOf = (address: string) => `0x${address.slice(2).padStart(64, "0")}`;
const addressIn = (topic: string | undefined) => `0x${(topic ?? "").slice(-40).toLowerCase()}`;

export function openTransferReader(rpcUrl: string, token: string): TransferReader {
  const rpc = rpcTo(rpcUrl);
  const block = (at: string) => rpc<Block | null>("eth_getBlockByNumber", [at, false]);
  /** Some endpoints answer null for a tag that they do not know, others an error. */
  const tagged = (tag: string) =>
    block(tag).then(
      (found) => (found ? Number(found.number) : null),
      () => null,
    );
  const logs = async (topics: unknown[], range: { from: number; to: number }) => {
    const filter = { address: token, topics, fromBlock: hexOf(range.from), toBlock: hexOf(range.to) };
    const found = await rpc<Log[]>("eth_getLogs", [filter]);
    return found.filter(({ removed }) => removed !== true).map(transferIn);
  };
  return {
    heads: async () => {
      // The newest is asked last: no other head is above it.
      const [safe, finalized] = await Promise.all([tagged("safe"), tagged("finalized")]);
      const latest = await block("latest");
      if (latest === null) throw new Error("the endpoint has no newest block");
      return { latest: Number(latest.number), latestHash: latest.hash.toLowerCase(), safe, finalized };
    },
    hashes: async (heights) => {
      const found = await Promise.all(heights.map((height) => block(hexOf(height))));
      return found.map((each) => each?.hash.toLowerCase() ?? null);
    },
    transfers: (to, range) => logs([TRANSFER, null, to.map(topicOf)], range),
    outgoing: (from, range) => logs([TRANSFER, topicOf(from)], range),
    made: async (txHash) => {
      const [made, receipt] = await Promise.all([
        rpc<{ from: Hex; nonce: Hex } | null>("eth_getTransactionByHash", [txHash]),
        rpc<{ gasUsed: Hex; effectiveGasPrice: Hex; l1Fee?: Hex } | null>("eth_getTransactionReceipt", [txHash]),
      ]);
      if (!made || !receipt) throw new Error(`the endpoint does not have the transaction ${txHash}`);
      const feeWei = BigInt(receipt.gasUsed) * BigInt(receipt.effectiveGasPrice) + BigInt(receipt.l1Fee ?? "0x0");
      return { from: made.from.toLowerCase(), nonce: Number(made.nonce), feeWei };
    },
    balances: async (of, height) => {
      const call = (address: string) => ({ to: token, data: `${BALANCE_OF}${topicOf(address).slice(2)}` });
      const found = await Promise.all(of.map((each) => rpc<Hex>("eth_call", [call(each), hexOf(height)])));
      // In a block before the token there is nothing to ask.
      return found.reduce((sum, balance) => sum + BigInt(balance === "0x" ? 0 : balance), 0n);
    },
    count: async (of, height) => Number(await rpc<Hex>("eth_getTransactionCount", [of, hexOf(height)])),
  };
}

const transferIn = (log: Log): MinedTransfer => ({
  token: log.address.toLowerCase(),
  from: addressIn(log.topics[1]),
  to: addressIn(log.topics[2]),
  amount: BigInt(log.data),
  height: Number(log.blockNumber),
  blockHash: log.blockHash.toLowerCase(),
  logIndex: Number(log.logIndex),
  txHash: log.transactionHash.toLowerCase(),
});
