import { lookup } from "node:dns/promises";
import { isPublicAddress } from "./public-address.ts";

export type HostFault = "UNREACHABLE" | "PRIVATE_ADDRESS";
export type FoundHost = { ok: true; address: string } | { ok: false; fault: HostFault };

/**
 * Where a host is now; what is found good is what must be used. All its addresses must be public, because whoever names a host
 * decides what its name means, unless private networks are as good. `family` 4 leaves IPv6 out.
 */
export async function findHost(host: string, isPrivateAllowed: boolean, family: 0 | 4 = 0): Promise<FoundHost> {
  const addresses = await lookup(host, { all: true, family }).catch(() => []);
  const [first] = addresses;
  if (!first) return { ok: false, fault: "UNREACHABLE" };
  if (!isPrivateAllowed && !addresses.every(({ address }) => isPublicAddress(address)))
    return { ok: false, fault: "PRIVATE_ADDRESS" };
  return { ok: true, address: first.address };
}
