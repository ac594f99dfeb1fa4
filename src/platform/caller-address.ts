import { BlockList, isIP } from "node:net";

/** Parts of an IPv6 address as numbers: eight of 16 bits. */
function groupsOf(address: string): number[] {
  const [head = "", tail] = address.split("::");
  const [left, right] = [partsOf(head), partsOf(tail ?? "")];
  return tail === undefined ? left : [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
}

/** The last part may be an IPv4 address, which is two groups. */
function partsOf(text: string): number[] {
  if (text === "") return [];
  return text.split(":").flatMap((part) => {
    if (!part.includes(".")) return [Number.parseInt(part, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = part.split(".").map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}

/** An address as it is compared: without port, brackets and zone, and IPv4 as such where IPv6 only holds it (RFC 4291, 2.5.5.2); null for what is none. */
function plainAddress(given: string): string | null {
  const bare = given.trim().replace(/^\[([^\]]*)\](?::\d+)?$/, "$1");
  const address = bare.replace(/^([\d.]+):\d+$/, "$1").replace(/%.*$/, "");
  if (isIP(address) !== 6) return isIP(address) === 4 ? address : null;
  const groups = groupsOf(address);
  if (groups.slice(0, 5).some((group) => group !== 0) || groups[5] !== 0xffff) return address;
  return groups
    .slice(6)
    .flatMap((group) => [group >> 8, group & 255])
    .join(".");
}

/** Networks such as 10.0.0.0/8, or single addresses; null where one is neither. A network of everybody is none to trust. */
export function parseNetworks(words: readonly string[]): BlockList | null {
  const list = new BlockList();
  for (const word of words) {
    const [address = "", prefix] = word.split("/");
    const bitsMax = isIP(address) === 4 ? 32 : 128;
    const bits = prefix === undefined ? bitsMax : Number(prefix);
    if (isIP(address) === 0 || !Number.isInteger(bits) || bits < 1 || bits > bitsMax) return null;
    list.addSubnet(address, bits, isIP(address) === 4 ? "ipv4" : "ipv6");
  }
  return list;
}

/**
 * Who asks, behind the proxies that are trusted: each of them has written down, to the right of what it was told, who
 * asked it. What stands left of the first address that is none of theirs, anybody may have written.
 */
export function callerAddress(connected: string, forwarded: string, trusted: BlockList): string {
  const hops = forwarded.split(",");
  let caller = plainAddress(connected);
  while (caller !== null && trusted.check(caller, isIP(caller) === 4 ? "ipv4" : "ipv6")) {
    const next = plainAddress(hops.pop() ?? "");
    if (next === null) break;
    caller = next;
  }
  return caller ?? "unknown";
}

/** What limits count an address as: of IPv6 one subscriber has a network of 64 bits at least, and as many addresses as he likes. */
export function countedAddress(address: string): string {
  if (isIP(address) !== 6) return address;
  const network = groupsOf(address).slice(0, 4);
  return `${network.map((group) => group.toString(16)).join(":")}::/64`;
}
