import type { Address, Hex } from "viem";
import type { NonceHeads, Receipt } from "../rules/payments.ts";
import { GAS_LIMIT, type Fees } from "../rules/withdrawals.ts";
import { rpcTo, type Rpc } from "./rpc.ts";

/** The chain as one endpoint shows it now, for the account that pays. */
export type ChainView = {
  nonces: NonceHeads;
  finalHeight: number;
  baseFeeWei: bigint;
  /** What a new attempt should offer. */
  asked: Fees;
  tokens: bigint;
  gasWei: bigint;
};

/** What an attempt pays, to whom; addresses are in lower case. */
export type Payment = { to: string; amount: bigint };
/** On which chain, of which token, from which account. */
export type Payer = { chainId: number; tokenAddress: string; address: string };

const hexOf = (value: bigint | number) => `0x${value.toString(16)}`;
const word = (hex: string) => hex.replace(/^0x/, "").toLowerCase().padStart(64, "0");
/** keccak256("balanceOf(address)") and keccak256("Transfer(address,address,uint256)"), as ERC-20 has them. */
const BALANCE_OF = "0x70a08231";
const TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef";

type Block = { number: Hex; hash: Hex; baseFeePerGas?: Hex };

/** Looks at the chain: nothing that it answers is older than the final block that it names. */
export async function lookAt(rpcUrl: string, { address, tokenAddress }: Payer): Promise<ChainView> {
  const rpc = rpcTo(rpcUrl);
  // The final block is asked first: a receipt that is read later may be newer, never older.
  const [final, latest] = await Promise.all([
    rpc<Block>("eth_getBlockByNumber", ["finalized", false]),
    rpc<Block>("eth_getBlockByNumber", ["latest", false]),
  ]);
  // All at the same two blocks: a payment must not be missing in the balance and in the count of nonces.
  const [finalNonce, latestNonce, gas, tokens, priority] = await Promise.all([
    rpc<Hex>("eth_getTransactionCount", [address, final.number]),
    rpc<Hex>("eth_getTransactionCount", [address, latest.number]),
    rpc<Hex>("eth_getBalance", [address, latest.number]),
    rpc<Hex>("eth_call", [{ to: tokenAddress, data: `${BALANCE_OF}${word(address)}` }, latest.number]),
    rpc<Hex>("eth_maxPriorityFeePerGas"),
  ]);
  const [baseFeeWei, priorityFeeWei] = [BigInt(latest.baseFeePerGas ?? "0x0"), BigInt(priority)];
  return {
    nonces: { latest: Number(latestNonce), finalized: Number(finalNonce) },
    finalHeight: Number(final.number),
    baseFeeWei,
    // The base fee grows by an eighth a block at most: twice of it holds for five full blocks.
    asked: { maxFeeWei: 2n * baseFeeWei + priorityFeeWei, priorityFeeWei },
    tokens: BigInt(tokens),
    gasWei: BigInt(gas),
  };
}

type RawReceipt = {
  transactionHash: Hex;
  status: Hex;
  blockNumber: Hex;
  blockHash: Hex;
  gasUsed: Hex;
  effectiveGasPrice: Hex;
  /** What Base adds for L1. */
  l1Fee?: Hex;
  logs: { address: Hex; topics: Hex[]; data: Hex }[];
};

/** The receipts that the endpoint has of these transactions in blocks of its own chain. */
export async function receiptsOf(
  rpcUrl: string,
  payer: Payer,
  payment: Payment,
  txHashes: readonly string[],
): Promise<Receipt[]> {
  const rpc = rpcTo(rpcUrl);
  const found = await Promise.all(txHashes.map((hash) => rpc<RawReceipt | null>("eth_getTransactionReceipt", [hash])));
  const mined = found.filter((raw) => raw !== null);
  const checked = await Promise.all(mined.map((raw) => onChain(rpc, raw)));
  return checked.flatMap((raw) => (raw ? [receiptOf(raw, payer, payment)] : []));
}

/** A receipt whose block is the one that the chain has at its height now. */
async function onChain(rpc: Rpc, raw: RawReceipt): Promise<RawReceipt | null> {
  const block = await rpc<Block | null>("eth_getBlockByNumber", [raw.blockNumber, false]);
  return block?.hash === raw.blockHash ? raw : null;
}

function receiptOf(raw: RawReceipt, { address, tokenAddress }: Payer, { to, amount }: Payment): Receipt {
  const paid = raw.logs.some(
    ({ address: token, topics: [event, from, receiver], data }) =>
      token.toLowerCase() === tokenAddress &&
      event === TRANSFER &&
      word(from ?? "") === word(address) &&
      word(receiver ?? "") === word(to) &&
      BigInt(data) === amount,
  );
  return {
    txHash: raw.transactionHash.toLowerCase(),
    height: Number(raw.blockNumber),
    blockHash: raw.blockHash.toLowerCase(),
    paid: raw.status === "0x1" && paid,
    feeWei: BigInt(raw.gasUsed) * BigInt(raw.effectiveGasPrice) + BigInt(raw.l1Fee ?? "0x0"),
  };
}

/** What an endpoint made of signed bytes: it knows the transaction, or what it said against it. */
export type Broadcast = { known: true } | { known: false; said: string };

/** Gives signed bytes to the chain, as often as needed. That it refuses proves nothing: it is asked whether it knows them. */
export async function broadcast(rpcUrl: string, { raw, txHash }: { raw: string; txHash: string }): Promise<Broadcast> {
  const rpc = rpcTo(rpcUrl);
  try {
    await rpc("eth_sendRawTransaction", [raw]);
    return { known: true };
  } catch (error) {
    const known = await rpc<object | null>("eth_getTransactionByHash", [txHash]).catch(() => null);
    return known ? { known: true } : { known: false, said: (error as Error).message };
  }
}

/** Signs with the hot wallet's key. */
export type Sign = (payment: Payment & { nonce: number; fees: Fees }) => Promise<{ txHash: string; raw: string }>;

/** Loads what signing takes, so that the signature itself, made while a lock is held, only computes. */
export async function openSign(key: string, { chainId, tokenAddress }: Payer): Promise<Sign> {
  const [{ encodeFunctionData, erc20Abi, keccak256 }, { privateKeyToAccount }] = await Promise.all([
    import("viem"),
    import("viem/accounts"),
  ]);
  const account = privateKeyToAccount(key as Hex);
  return async ({ to, amount, nonce, fees }) => {
    const raw = await account.signTransaction({
      type: "eip1559",
      chainId,
      nonce,
      to: tokenAddress as Address,
      data: encodeFunctionData({ abi: erc20Abi, functionName: "transfer", args: [to as Address, amount] }),
      gas: BigInt(GAS_LIMIT),
      maxFeePerGas: fees.maxFeeWei,
      maxPriorityFeePerGas: fees.priorityFeeWei,
    });
    return { txHash: keccak256(raw), raw };
  };
}

type NonceUse = { nonce: number; finalHeight: number };

/** The block up to `finalHeight` in which an account used a nonce. The endpoint must keep old state. */
export async function blockOfNonce(rpcUrl: string, address: string, { nonce, finalHeight }: NonceUse): Promise<number> {
  const rpc = rpcTo(rpcUrl);
  let [low, high] = [0, finalHeight];
  // The first block after which the account's count is above the nonce is the one that has it.
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const count = Number(await rpc<Hex>("eth_getTransactionCount", [address, hexOf(middle)]));
    if (count > nonce) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Which transaction used a nonce of an account in a block up to `finalHeight`; null where the endpoint cannot say. */
export async function userOfNonce(rpcUrl: string, address: string, use: NonceUse): Promise<string | null> {
  const rpc = rpcTo(rpcUrl);
  const { nonce } = use;
  const low = await blockOfNonce(rpcUrl, address, use);
  const block = await rpc<{ transactions: { hash: Hex; from: Hex; nonce: Hex }[] } | null>("eth_getBlockByNumber", [
    hexOf(low),
    true,
  ]);
  const found = block?.transactions.find(
    ({ from, nonce: used }) => from.toLowerCase() === address && Number(used) === nonce,
  );
  return found?.hash.toLowerCase() ?? null;
}

/** The account's present count of transactions, with which a wallet that is new to us begins. */
export const countAt = async (rpcUrl: string, address: string): Promise<number> =>
  Number(await rpcTo(rpcUrl)<Hex>("eth_getTransactionCount", [address, "latest"]));

/** What an account of the local chain has for gas. */
export const LOCAL_GAS_WEI = 10n ** 20n;

/** Gives an account of the local chain gas and tokens out of an unlocked distributor's supply, when it has too little. */
export async function fundLocally(
  rpcUrl: string,
  { address, tokenAddress }: Omit<Payer, "chainId">,
  { distributor, tokens, gasWei }: { distributor: string; tokens: bigint; gasWei: bigint },
): Promise<void> {
  const rpc = rpcTo(rpcUrl);
  if (BigInt(await rpc<Hex>("eth_getBalance", [address, "latest"])) < gasWei)
    await rpc("anvil_setBalance", [address, hexOf(gasWei)]);
  const has = BigInt(
    await rpc<Hex>("eth_call", [{ to: tokenAddress, data: `${BALANCE_OF}${word(address)}` }, "latest"]),
  );
  if (has < tokens) await transferLocally(rpc, { from: distributor, to: address, tokenAddress, tokens: tokens - has });
}

type LocalTransfer = { from: string; to: string; tokenAddress: string; tokens: bigint };

/** A transfer on the local chain by an account that it signs for. */
const transferLocally = (rpc: Rpc, { from, to, tokenAddress, tokens }: LocalTransfer) =>
  // keccak256("transfer(address,uint256)")
  rpc("eth_sendTransaction", [
    { from, to: tokenAddress, data: `0xa9059cbb${word(to)}${word(hexOf(tokens))}`, gas: hexOf(GAS_LIMIT) },
  ]);

/** On the local chain sends tokens out of the distributor's supply by an account that is used for nothing else. */
export async function fundFrom(
  rpcUrl: string,
  { distributor, by, to, tokenAddress, tokens }: Omit<LocalTransfer, "from"> & { distributor: string; by: string },
): Promise<void> {
  await fundLocally(rpcUrl, { address: by, tokenAddress }, { distributor, tokens, gasWei: LOCAL_GAS_WEI });
  const rpc = rpcTo(rpcUrl);
  await rpc("anvil_impersonateAccount", [by]);
  await transferLocally(rpc, { from: by, to, tokenAddress, tokens });
}
