import { builder } from "../../platform/graphql/builder.ts";
import type { Chain } from "../rules/chain.ts";

export const ChainRef = builder.objectRef<Chain>("Chain").implement({
  description:
    "The chain that the arena's money is on, as a wallet is told of it: wallet_switchEthereumChain, and wallet_addEthereumChain (EIP-3085) where the wallet does not know it.",
  access: "public",
  fields: (t) => ({
    chainId: t.exposeInt("chainId", { description: "Its number (EIP-155)." }),
    name: t.exposeString("name", { description: "How it is called, such as Base; at most 40 characters." }),
    rpcUrl: t.exposeString("rpcUrl", {
      nullable: true,
      description:
        "An endpoint that a wallet may use; null where the arena knows none that everybody may, and people add the chain by hand.",
    }),
  }),
});
