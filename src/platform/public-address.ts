const PRIVATE_V4 = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
] as const;

const numberOf = (address: string) => address.split(".").reduce((number, part) => number * 256 + Number(part), 0);

/** Whether an address is reached from everywhere (RFC 6890). Of IPv6 only 2000::/3 is, without what holds an IPv4 address or is for documents. */
export function isPublicAddress(address: string): boolean {
  if (address.includes(":"))
    return /^[23]/.test(address) && !/^(2002:|2001:(0{0,4}:|[01]?[0-9a-f]{0,2}:|0?db8:)|3fff:)/i.test(address);
  const number = numberOf(address);
  return !PRIVATE_V4.some(([network, bits]) => {
    const size = 2 ** (32 - bits);
    return Math.floor(number / size) === Math.floor(numberOf(network) / size);
  });
}
