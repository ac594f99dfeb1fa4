import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";

/** An address with its checksum in the case of its letters (EIP-55). A chain library would cost the server 40 MB for this. */
export function checksumAddress(address: string): string {
  const digits = address.slice(2).toLowerCase();
  const hash = bytesToHex(keccak_256(utf8ToBytes(digits)));
  const cased = Array.from(digits, (digit, index) =>
    Number.parseInt(hash[index] ?? "0", 16) >= 8 ? digit.toUpperCase() : digit,
  );
  return `0x${cased.join("")}`;
}

/** The address, in lower case, of whoever has a private key (0x and 64 hexadecimal digits); null for what is no key. */
export function addressOfKey(key: string): string | null {
  const bytes = /^0x[0-9a-fA-F]{64}$/.test(key) ? hexToBytes(key.slice(2)) : null;
  if (!bytes || !secp256k1.utils.isValidSecretKey(bytes)) return null;
  // The last 20 bytes of the hash of the public key's two coordinates (yellow paper, appendix F).
  const point = secp256k1.getPublicKey(bytes, false).slice(1);
  return `0x${bytesToHex(keccak_256(point)).slice(-40)}`;
}
