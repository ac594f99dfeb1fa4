import type { Hex } from "viem";
import type { Platform } from "../../platform/platform.ts";
import { StartError } from "../../platform/start-error.ts";
import type { LocalChain } from "../adapter/local-chain.ts";
import { rpcTo, type Rpc } from "../adapter/rpc.ts";
import { deployToken, isNorthToken } from "../adapter/token.ts";
import { DEVELOPMENT_ADDRESSES, differenceOf, type ChainIdentity } from "../rules/chain.ts";
import { rememberChain, rememberedChain } from "../store.ts";

type Opening = Pick<Platform, "db" | "clock">;

/** Who pays for the token's deployment on the local chain, and holds the whole supply there. */
const [LOCAL_DISTRIBUTOR] = DEVELOPMENT_ADDRESSES;

/** The local chain with the token on it, deployed once. Refuses a chain that is not the one that the database knows. */
export async function openLocalChain(opening: Opening, local: LocalChain): Promise<ChainIdentity> {
  const rpc = rpcTo(local.url);
  const remembered = await recall(opening);
  const standing = { chainId: await chainIdOf(rpc), genesisHash: await genesisOf(rpc) };
  if (remembered) refuseAnother(remembered, { ...remembered, ...standing });
  const tokenAddress = remembered?.tokenAddress;
  // Remembered only when the disk has it: a chain that lost its first second would be taken for another one.
  if (tokenAddress && isNorthToken(await rpc<string>("eth_getCode", [tokenAddress, "latest"])))
    return { ...standing, tokenAddress };
  const { address } = await deployToken(local.url, LOCAL_DISTRIBUTOR, LOCAL_DISTRIBUTOR);
  await local.saved();
  return remember(opening, { ...standing, tokenAddress: address.toLowerCase() });
}

/** The configured chain, after a look that it is the one that the settings and the database mean. */
export async function openRemoteChain(
  opening: Opening,
  rpcUrl: string,
  { id, tokenAddress }: { id: number; tokenAddress: string },
): Promise<ChainIdentity> {
  const rpc = rpcTo(rpcUrl);
  const chainId = await chainIdOf(rpc);
  if (chainId !== id)
    throw new StartError(
      `WRONG_CHAIN: BASE_RPC_URL leads to the chain ${chainId}, CHAIN_ID says ${id}. Correct the one that is wrong.`,
    );
  const found = { chainId, genesisHash: await genesisOf(rpc), tokenAddress };
  const remembered = await recall(opening);
  if (remembered) refuseAnother(remembered, found);
  if (!isNorthToken(await rpc<string>("eth_getCode", [tokenAddress, "latest"])))
    throw new StartError(
      `NO_TOKEN: at TOKEN_ADDRESS ${tokenAddress} of the chain ${chainId} stands no NORTH. Set the address that \`npm run deploy:token\` prints.`,
    );
  return remember(opening, found);
}

async function chainIdOf(rpc: Rpc): Promise<number> {
  return Number(await rpc<Hex>("eth_chainId"));
}

async function genesisOf(rpc: Rpc): Promise<string> {
  const { hash } = await rpc<{ hash: Hex }>("eth_getBlockByNumber", ["0x0", false]);
  return hash.toLowerCase();
}

async function recall({ db }: Opening): Promise<ChainIdentity | null> {
  const [row] = await db.query(rememberedChain, []);
  return row ? { chainId: row.chain_id, genesisHash: row.genesis_hash, tokenAddress: row.token_address } : null;
}

/** Remembers the first chain there was, and refuses another that a second node found at the same time. */
async function remember(opening: Opening, found: ChainIdentity): Promise<ChainIdentity> {
  await opening.db.query(rememberChain, [found.chainId, found.genesisHash, found.tokenAddress, opening.clock.now()]);
  const remembered = await recall(opening);
  if (remembered) refuseAnother(remembered, found);
  return found;
}

const SAID: Record<keyof ChainIdentity, string> = {
  chainId: "its id",
  genesisHash: "the hash of its first block",
  tokenAddress: "the token's address",
};

function refuseAnother(remembered: ChainIdentity, found: ChainIdentity): void {
  const difference = differenceOf(remembered, found);
  if (difference === null) return;
  throw new StartError(
    `ANOTHER_CHAIN: this database's money is on another chain: ${SAID[difference]} is ${found[difference]} and was ${remembered[difference]}. ` +
      `Bring that chain back (BASE_RPC_URL, CHAIN_ID, TOKEN_ADDRESS; the local one is the folder chain in DATA_DIR), or begin with a new database.`,
  );
}
